"""Curves drawn from judged values: isotonic where there are many, logistic (Platt) where there are few.

A curve never falls, so that a higher score never means less confidence; each is drawn towards what was known before by
as much as it has few values of its own.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from math import exp, log

from hub.extraction.confidence.curves import Calibration, Curve, key_of
from hub.extraction.confidence.reliability import Told

# Fewer judged values than these say nothing, or not enough for steps of their own.
FEWEST, ENOUGH = 30, 300
# So many values of its own count as much as what was known before.
_WEIGHT = 60
# Steps with fewer values are joined with the next.
_SMALLEST_STEP = 25
_ROUNDS, _STEP = 100, 0.5
_HELD = (1.0, 0.05)
_GRID = tuple(step / 20 for step in range(21))
_EDGE = 1e-3


def curves_of(told: Iterable[Told], before: Calibration) -> Calibration:
    """Draw the curve of every engine that gave enough values; the others keep the one known before."""
    parts: dict[str, list[Told]] = {}
    for one in told:
        parts.setdefault(key_of(one.engine, one.path), []).append(one)
    curves = dict(before.curves)
    for key, values in sorted(parts.items()):
        curve = fit(values, before.curves.get(key) or before.curves.get(key.partition("/")[0]))
        if key and curve:
            curves[key] = curve
    return Calibration(curves)


def fit(told: Iterable[Told], before: Curve | None = None) -> Curve | None:
    """Draw the curve of one engine; None where too few values were judged."""
    seen = sorted(told, key=lambda one: one.score)
    count = sum(one.values for one in seen)
    if count < FEWEST:
        return None
    points = isotonic(seen) if count >= ENOUGH else platt(seen)
    return Curve(_drawn_to(Curve(points), before, count), count)


def isotonic(seen: Sequence[Told]) -> tuple[tuple[float, float], ...]:
    """Pool neighbours until no step is lower than the one before (PAV), and return the middle of each step."""
    steps: list[tuple[float, float, int]] = []
    for one in seen:
        step = one.score * one.values, float(one.right), one.values
        while steps and _joins(steps[-1], step):
            before = steps.pop()
            step = before[0] + step[0], before[1] + step[1], before[2] + step[2]
        steps.append(step)
    if len(steps) > 1 and steps[-1][2] < _SMALLEST_STEP:
        last, before = steps.pop(), steps.pop()
        steps.append((last[0] + before[0], last[1] + before[1], last[2] + before[2]))
    # One error and one success more than seen: no share is 0 or 1 by chance.
    return _rising((scores / values, (right + 1) / (values + 2)) for scores, right, values in steps)


def platt(seen: Sequence[Told]) -> tuple[tuple[float, float], ...]:
    """Fit a logistic curve to the score's log odds by Newton's method, with Platt's softened targets."""
    right = sum(one.right for one in seen)
    wrong = sum(one.values for one in seen) - right
    high, low = (right + 1) / (right + 2), 1 / (wrong + 2)
    slope, shift = 1.0, 0.0
    for _ in range(_ROUNDS):
        step = _newton(seen, (slope, shift), (high, low))
        slope, shift = slope - step[0], shift - step[1]
        if abs(step[0]) + abs(step[1]) < _EDGE:
            break
    if slope < 0:  # more score, more errors: the score says nothing, only the share does
        share = (right + 1) / (right + wrong + 2)
        return ((0.0, share), (1.0, share))
    return _rising((score, _share(slope * _odds(score) + shift)) for score in _GRID)


def _newton(seen: Sequence[Told], curve: tuple[float, float], targets: tuple[float, float]) -> tuple[float, float]:
    """Return by how much slope and shift are off, in one step.

    Both are held to the score as it is, a little, so that values of one score alone give a curve too.
    """
    first = [_HELD[0] * (curve[0] - 1), _HELD[1] * curve[1]]
    second = [_HELD[0], 0.0, _HELD[1]]
    for one in seen:
        odds = _odds(one.score)
        share = _share(curve[0] * odds + curve[1])
        off = one.values * share - one.right * targets[0] - (one.values - one.right) * targets[1]
        bend = one.values * share * (1 - share)
        first = [first[0] + off * odds, first[1] + off]
        second = [second[0] + bend * odds * odds, second[1] + bend * odds, second[2] + bend]
    whole = second[0] * second[2] - second[1] * second[1]
    slope = (second[2] * first[0] - second[1] * first[1]) / whole
    shift = (second[0] * first[1] - second[1] * first[0]) / whole
    return max(-_STEP, min(_STEP, slope)), max(-_STEP, min(_STEP, shift))


def _drawn_to(own: Curve, before: Curve | None, count: int) -> tuple[tuple[float, float], ...]:
    """Mix a curve with the one known before, by how many values it has of its own."""
    if before is None:
        return own.points
    weight = count / (count + _WEIGHT)
    scores = sorted({*_GRID, *(score for score, _ in own.points), *(score for score, _ in before.points)})
    return _rising((score, weight * own.at(score) + (1 - weight) * before.at(score)) for score in scores)


def _rising(points: Iterable[tuple[float, float]]) -> tuple[tuple[float, float], ...]:
    """Round points, one for each score, none lower than the one before."""
    kept: dict[float, float] = {}
    highest = 0.0
    for score, share in points:
        highest = max(highest, min(1.0, share))
        kept[round(score, 4)] = round(highest, 4)
    return tuple(kept.items())


def _joins(before: tuple[float, float, int], step: tuple[float, float, int]) -> bool:
    return before[1] / before[2] >= step[1] / step[2] or before[2] < _SMALLEST_STEP


def _odds(score: float) -> float:
    held = min(1 - _EDGE, max(_EDGE, score))
    return log(held / (1 - held))


def _share(odds: float) -> float:
    return 1 / (1 + exp(-max(-40.0, min(40.0, odds))))

"""Choosing among candidates: the best of each field, and of fields that must add up those that do."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import combinations, product

import msgspec

from hub.extraction.rules.candidates import Candidate, Places
from hub.extraction.schemas.fields import Schema, Sum

_TOLERANCE = 0.02
_FITS = 1.0
_AGAIN = 0.01
_TRIED = 5
_WEAK = 0.83
_ADDED_UP = 0.85

Offers = Mapping[str, list[Candidate]]


def choose(offers: Iterable[tuple[str, Candidate]], schema: Schema) -> dict[str, Candidate]:
    """Pick one candidate a path, sums first."""
    by_path: dict[str, list[Candidate]] = {}
    for path, candidate in offers:
        by_path.setdefault(path, []).append(candidate)
    ranked = {path: _ranked(candidates) for path, candidates in by_path.items()}
    chosen = _without_shared(ranked, list(ranked))
    for rule in schema.spec.sums:
        chosen |= _that_add_up(rule, ranked, chosen)
    return chosen


def _without_shared(ranked: Offers, order: list[str]) -> dict[str, Candidate]:
    """What a weak label announced, such as "No.", belongs to one field: the surest, else the schema's first."""
    chosen: dict[str, Candidate] = {}
    taken: dict[Places, str] = {}
    for path in sorted(order, key=lambda path: -ranked[path][0].score):
        free = [
            one
            for one in ranked[path]
            if one.places not in taken or one.score >= _WEAK or not isinstance(one.value, str)
        ]
        if free:
            chosen[path] = free[0]
            taken.setdefault(free[0].places, path)
    return chosen


def _ranked(candidates: list[Candidate]) -> list[Candidate]:
    """Merge equal values, each further place making them a little surer, best first."""
    merged: dict[object, Candidate] = {}
    places: dict[object, set[Places]] = {}
    for one in sorted(candidates, key=lambda candidate: -candidate.score):
        key = one.value.casefold() if isinstance(one.value, str) else one.value
        merged.setdefault(key, one)
        places.setdefault(key, set()).add(one.places)
    sure = [
        msgspec.structs.replace(one, score=min(0.99, one.score + _AGAIN * (len(places[key]) - 1)))
        for key, one in merged.items()
    ]
    return sorted(sure, key=lambda candidate: -candidate.score)


def _that_add_up(rule: Sum, ranked: Offers, chosen: Mapping[str, Candidate]) -> dict[str, Candidate]:
    """Return the choices under which a rule of single fields holds, the most trusted of them."""
    if any("[]" in path for path in (*rule.parts, *rule.equals)) or len(rule.equals) != 1:
        return {}
    paths = [*rule.parts, rule.equals[0]]
    if any(path not in ranked for path in paths):
        return {}
    best: tuple[float, dict[str, Candidate]] | None = None
    for combination in product(*(ranked[path][:_TRIED] for path in paths)):
        values = [_number(candidate) for candidate in combination]
        fits = abs(sum(values[:-1]) - values[-1]) <= _TOLERANCE
        score = sum(candidate.score for candidate in combination) + _FITS * fits
        if fits and (best is None or score > best[0]):
            best = score, dict(zip(paths, combination, strict=True))
    return best[1] if best else _with_added(rule, ranked, chosen)


def _with_added(rule: Sum, ranked: Offers, chosen: Mapping[str, Candidate]) -> dict[str, Candidate]:
    """Several taxes of one invoice make up its tax: add candidates of one part if then the rule holds."""
    total = _number(chosen[rule.equals[0]])
    for part in rule.parts:
        others = sum(_number(chosen[path]) for path in rule.parts if path != part)
        candidates = [one for one in ranked[part][: _TRIED + 2] if one.value]
        for size in range(2, len(candidates) + 1):
            for group in combinations(candidates, size):
                value = round(sum(_number(one) for one in group), 2)
                if abs(others + value - total) <= _TOLERANCE:
                    places = tuple(place for one in group for place in one.places)
                    return {part: Candidate(value, places, _ADDED_UP, "added up")}
    return {}


def _number(candidate: Candidate) -> float:
    return float(candidate.value) if isinstance(candidate.value, int | float) else float("nan")

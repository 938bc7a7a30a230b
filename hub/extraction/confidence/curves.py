"""Curves from an engine's score to a confidence, and the ones that are shipped."""

from __future__ import annotations

from bisect import bisect_right
from functools import cache
from pathlib import Path

import msgspec

_SHIPPED = Path(__file__).with_name("default.json")


class Curve(msgspec.Struct, frozen=True):
    """Corner points of score and confidence, both rising; straight between them, level beyond the first and last.

    `samples` says how many judged values it was drawn from.
    """

    points: tuple[tuple[float, float], ...] = ()
    samples: int = 0

    def at(self, score: float) -> float:
        """Return the confidence of a score; a curve without points leaves it as it is."""
        if not self.points:
            return min(1.0, max(0.0, score))
        place = bisect_right(self.points, score, key=lambda point: point[0])
        if place == 0:
            return self.points[0][1]
        if place == len(self.points):
            return self.points[-1][1]
        (left, low), (right, high) = self.points[place - 1], self.points[place]
        return low + (high - low) * (score - left) / (right - left)


class Calibration(msgspec.Struct, frozen=True):
    """The curve of each engine, by `key_of`; rows of tables and lists have one of their own."""

    curves: dict[str, Curve] = msgspec.field(default_factory=dict)

    def confidence(self, engine: str, path: str, score: float) -> float:
        """Return the share of values of this engine, kind of place and score that proved right."""
        curve = self.curves.get(key_of(engine, path)) or self.curves.get(engine, Curve())
        return curve.at(score)


def key_of(engine: str, path: str) -> str:
    """Return which curve is for the values of an engine at a path."""
    return f"{engine}/rows" if "[" in path else engine


@cache
def shipped() -> Calibration:
    """Return the curves drawn from the tuning half of the evaluation set."""
    return msgspec.json.decode(_SHIPPED.read_bytes(), type=Calibration)

"""How far confidence keeps its word: the reliability diagram, ECE, Brier score and expected errors."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import msgspec

BINS = 10


class Told(msgspec.Struct, frozen=True, kw_only=True):
    """Values of which the same was told: how many, and how many of them proved right; `score` is the engine's own."""

    confidence: float
    score: float
    engine: str
    path: str = ""
    right: int
    values: int = 1


class Bin(msgspec.Struct, frozen=True, kw_only=True):
    """Values whose confidence lies from `least` up to `most`: what was told on average, and what came true."""

    least: float
    most: float
    values: int
    confidence: float
    right: float


class Reliability(msgspec.Struct, frozen=True, kw_only=True):
    """Calibration of some values; expected and seen errors are of 1,000 fields; all zero where nothing was judged."""

    values: int = 0
    right: float = 0.0
    ece: float = 0.0
    brier: float = 0.0
    expected_errors: float = 0.0
    seen_errors: float = 0.0
    bins: tuple[Bin, ...] = ()


def reliability(told: Iterable[Told]) -> Reliability:
    """Measure calibration in ten bins of equal width."""
    told = list(told)
    if not told:
        return Reliability()
    bins = [_bin(number, part) for number, part in _parted(told).items()]
    count = sum(one.values for one in told)
    right = sum(one.right for one in told) / count
    return Reliability(
        values=count,
        right=round(right, 4),
        ece=round(sum(one.values * abs(one.confidence - one.right) for one in bins) / count, 4),
        brier=round(sum(_squared(one) for one in told) / count, 4),
        expected_errors=round(1000 * sum(one.values * (1 - one.confidence) for one in told) / count, 1),
        seen_errors=round(1000 * (1 - right), 1),
        bins=tuple(bins),
    )


def _parted(told: Sequence[Told]) -> dict[int, list[Told]]:
    parts: dict[int, list[Told]] = {}
    for one in sorted(told, key=lambda one: one.confidence):
        parts.setdefault(min(BINS - 1, int(one.confidence * BINS)), []).append(one)
    return parts


def _squared(told: Told) -> float:
    return told.right * (1 - told.confidence) ** 2 + (told.values - told.right) * told.confidence**2


def _bin(number: int, told: Sequence[Told]) -> Bin:
    count = sum(one.values for one in told)
    return Bin(
        least=number / BINS,
        most=(number + 1) / BINS,
        values=count,
        confidence=round(sum(one.values * one.confidence for one in told) / count, 4),
        right=round(sum(one.right for one in told) / count, 4),
    )

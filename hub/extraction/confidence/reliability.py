"""How far confidence keeps its word: the reliability diagram, ECE, Brier score and expected errors."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import msgspec

BINS = 10


class Told(msgspec.Struct, frozen=True):
    """A confidence that was told, and whether the value proved right; `score` is the engine's own."""

    confidence: float
    is_right: bool
    score: float = 0.0
    engine: str = ""


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
    count = len(told)
    right = sum(one.is_right for one in told) / count
    return Reliability(
        values=count,
        right=round(right, 4),
        ece=round(sum(one.values * abs(one.confidence - one.right) for one in bins) / count, 4),
        brier=round(sum((one.confidence - one.is_right) ** 2 for one in told) / count, 4),
        expected_errors=round(1000 * sum(1 - one.confidence for one in told) / count, 1),
        seen_errors=round(1000 * (1 - right), 1),
        bins=tuple(bins),
    )


def _parted(told: Sequence[Told]) -> dict[int, list[Told]]:
    parts: dict[int, list[Told]] = {}
    for one in sorted(told, key=lambda one: one.confidence):
        parts.setdefault(min(BINS - 1, int(one.confidence * BINS)), []).append(one)
    return parts


def _bin(number: int, told: Sequence[Told]) -> Bin:
    return Bin(
        least=number / BINS,
        most=(number + 1) / BINS,
        values=len(told),
        confidence=round(sum(one.confidence for one in told) / len(told), 4),
        right=round(sum(one.is_right for one in told) / len(told), 4),
    )

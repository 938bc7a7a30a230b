"""Bars drawn by the server as SVG, upright over time and lying for categories, each with its figures as a table."""

from __future__ import annotations

from collections.abc import Sequence
from math import ceil, floor, log10

import msgspec

from hub.text import say
from ui.charts import HEIGHT, WIDTH, line, part, svg, svg_text, table, title
from ui.pieces import div

LEFT, RIGHT, TOP, BOTTOM = 56, 8, 10, 26
LABELS = 190
THICK = 26
MOST_LABELS = 6


class Bar(msgspec.Struct, frozen=True):
    """One bar: what it stands for and how much it is."""

    label: str
    value: float


def upright(
    bars: Sequence[Bar], label: str, *, colour: str = "accent", size: tuple[int, int] = (WIDTH, HEIGHT)
) -> None:
    """Draw bars side by side over a scale, such as days."""
    width, height = size
    low, high = _scale(bars)
    wide = (width - LEFT - RIGHT) / max(len(bars), 1)

    def down(value: float) -> float:
        return TOP + (high - value) / (high - low) * (height - TOP - BOTTOM)

    with div("pd-svg").props("tabindex=0"), svg(width, height, label):
        for step in _steps(bars, low, high):
            line(LEFT, down(step), width - RIGHT, down(step), "pd-grid-line")
            svg_text(LEFT - 8, down(step) + 4, number_of(step), "end")
        for place, one in enumerate(bars):
            top, bottom = sorted((down(one.value), down(0)))
            tall = max(bottom - top, 0.0 if one.value == 0 else 1.0)
            with part(
                "rect", x=f"{LEFT + place * wide + wide * 0.12:.1f}", y=f"{bottom - tall:.1f}", rx="1.5",
                width=f"{wide * 0.76:.1f}", height=f"{tall:.1f}", fill=f"var(--{colour})",
            ):  # fmt: skip
                title(f"{one.label}: {number_of(one.value)}")
        for place in range(0, len(bars), max(1, ceil(len(bars) / MOST_LABELS))):
            svg_text(LEFT + (place + 0.5) * wide, height - 8, bars[place].label, "middle")


def lying(bars: Sequence[Bar], label: str) -> None:
    """Draw bars below each other, with room for the names of categories."""
    low, high = _scale(bars)
    height = len(bars) * THICK + TOP

    def across(value: float) -> float:
        return LABELS + (value - low) / (high - low) * (WIDTH - LABELS - 70)

    with div("pd-svg").props("tabindex=0"), svg(WIDTH, height, label):
        for place, one in enumerate(bars):
            y = TOP + place * THICK
            left, right = sorted((across(one.value), across(0)))
            svg_text(LABELS - 10, y + THICK * 0.62, _clipped(one.label) or say("charts.nothing"), "end")
            with part("rect", x=f"{left:.1f}", y=f"{y + 4:.1f}", rx="2", width=f"{max(right - left, 1):.1f}",
                      height=str(THICK - 8), fill="var(--accent)"):  # fmt: skip
                title(f"{one.label}: {number_of(one.value)}")
            svg_text(right + 8, y + THICK * 0.62, number_of(one.value), "start")


def figures(name: str, measure: str, bars: Sequence[Bar]) -> None:
    """Give the figures of a chart as a table, folded away."""
    table([name, measure], [[one.label or say("charts.nothing"), number_of(one.value)] for one in bars])


def number_of(value: float) -> str:
    """Write a number with as many digits as it needs."""
    if value == round(value):
        return f"{value:,.0f}"
    return f"{value:,.2f}" if abs(value) >= 0.01 else f"{value:.3g}"


def panel_of(bars: Sequence[Bar], name: str, measure: str, label: str, *, in_time: bool) -> None:
    """Draw bars in the way that suits them, with their table below."""
    (upright if in_time else lying)(bars, label)
    figures(name, measure, bars)


def _scale(bars: Sequence[Bar]) -> tuple[float, float]:
    """Return a round span that holds all values and nothing."""
    values = [one.value for one in bars] or [0.0]
    low, high = min(0.0, *values), max(0.0, *values)
    if low == high:
        return 0.0, 1.0
    step = _step(bars, high - low)
    return floor(low / step) * step, ceil(high / step) * step


def _steps(bars: Sequence[Bar], low: float, high: float) -> Sequence[float]:
    step = _step(bars, high - low)
    return [low + step * number for number in range(round((high - low) / step) + 1)]


def _step(bars: Sequence[Bar], span: float) -> float:
    """Return a step of 1, 2 or 5 times a power of ten that cuts a span into about four; whole for whole numbers."""
    rough = max(span / 4, 1.0) if all(one.value == round(one.value) for one in bars) else span / 4
    power = 10.0 ** floor(log10(rough))
    return power * next(one for one in (1, 2, 5, 10) if one * power >= rough * 0.999)


def _clipped(text: str) -> str:
    return text if len(text) <= 26 else f"{text[:25]}…"

"""Charts drawn by the server as SVG, each with its figures as a table for those who cannot see it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import msgspec
from nicegui import ui
from nicegui.element import Element

from hub.extraction.confidence.reliability import Bin
from hub.text import say
from ui.pieces import div, words
from ui.values import rows_table

WIDTH, HEIGHT = 720, 260
LEFT, RIGHT, TOP, BOTTOM = 44, 14, 12, 28
SIDE = 320
COLOURS = ("accent", "plum", "run", "wait", "ok", "bad")
DASHES = ("", "6 4", "2 3", "10 3 2 3", "1 4", "12 4")
STEPS = (0.0, 0.25, 0.5, 0.75, 1.0)


class Point(msgspec.Struct, frozen=True):
    """A share at a time, and of how many things it is the share."""

    at: date
    share: float
    of: int


def line_chart(series: dict[str, Sequence[Point]], label: str) -> None:
    """Draw shares over time, a line for each name; lines differ by dashes as well as by colour."""
    days = sorted({point.at for points in series.values() for point in points})
    if not days:
        return
    span = max((days[-1] - days[0]).days, 1)

    def across(at: date) -> float:
        lone = len(days) == 1
        return LEFT + (0.5 if lone else (at - days[0]).days / span) * (WIDTH - LEFT - RIGHT)

    _legend(list(series))
    with div("pd-svg").props("tabindex=0"), svg(WIDTH, HEIGHT, label):
        _shares(WIDTH)
        for index, (name, points) in enumerate(series.items()):
            places = [(across(point.at), _down(point.share), point) for point in points]
            colour, dash = COLOURS[index % len(COLOURS)], DASHES[index % len(DASHES)]
            path = " ".join(f"{x:.1f},{y:.1f}" for x, y, _ in places)
            part("polyline", points=path, fill="none", stroke=f"var(--{colour})", stroke_width="2.2",
                  stroke_dasharray=dash or "none")  # fmt: skip
            for x, y, point in places:
                with part("circle", cx=f"{x:.1f}", cy=f"{y:.1f}", r="3.6", fill=f"var(--{colour})"):
                    title(_told(name, point))
        for day in dict.fromkeys((days[0], days[len(days) // 2], days[-1])):
            svg_text(across(day), HEIGHT - 8, f"{day:%d %b}", "middle")
    rows = [[f"{point.at}", name, f"{point.share:.1%}", f"{point.of:,}"] for name, points in series.items()
            for point in points]  # fmt: skip
    table([say("charts.day"), say("charts.name"), say("charts.share"), say("charts.of")], rows)


def reliability(bins: Sequence[Bin], label: str) -> None:
    """Draw promised against true shares: points on the diagonal are honest, below it too sure."""
    most = max((one.values for one in bins), default=0) or 1

    def across(share: float) -> float:
        return LEFT + share * (SIDE - LEFT - RIGHT)

    def down(share: float) -> float:
        return TOP + (1 - share) * (SIDE - TOP - BOTTOM)

    with div("pd-svg pd-svg-square").props("tabindex=0"), svg(SIDE, SIDE, label):
        for step in STEPS:
            line(LEFT, down(step), SIDE - RIGHT, down(step), "pd-grid-line")
            svg_text(LEFT - 6, down(step) + 4, f"{step:.0%}", "end")
            svg_text(across(step), SIDE - 8, f"{step:.0%}", "middle")
        line(across(0), down(0), across(1), down(1), "pd-diagonal")
        for one in bins:
            radius = 3 + 9 * (one.values / most) ** 0.5
            with part("circle", cx=f"{across(one.confidence):.1f}", cy=f"{down(one.right):.1f}", r=f"{radius:.1f}",
                       fill="var(--accent)", fill_opacity="0.75"):  # fmt: skip
                title(say("charts.bin", promised=f"{one.confidence:.0%}", true=f"{one.right:.0%}", of=one.values))
    rows = [[f"{one.confidence:.1%}", f"{one.right:.1%}", f"{one.values:,}"] for one in bins]
    table([say("charts.promised"), say("charts.true"), say("charts.of")], rows)


def _told(name: str, point: Point) -> str:
    return say("charts.point", name=name, day=f"{point.at:%d %b %Y}", share=f"{point.share:.1%}", of=point.of)


def _shares(width: float) -> None:
    for step in STEPS:
        line(LEFT, _down(step), width - RIGHT, _down(step), "pd-grid-line")
        svg_text(LEFT - 8, _down(step) + 4, f"{step:.0%}", "end")


def _down(share: float) -> float:
    return TOP + (1 - share) * (HEIGHT - TOP - BOTTOM)


def svg(width: int, height: int, label: str) -> Element:
    """Begin a drawing of a size, with what it shows in words."""
    made = ui.element("svg").props("role=img")
    made.props["viewBox"] = f"0 0 {width} {height}"
    made.props["aria-label"] = label
    return made


def part(tag: str, **attributes: str) -> Element:
    """Draw a shape; underscores in names of attributes stand for dashes."""
    made = ui.element(tag)
    for name, value in attributes.items():
        made.props[name.replace("_", "-")] = value
    return made


def line(x1: float, y1: float, x2: float, y2: float, classes: str) -> None:
    """Draw a straight line."""
    part("line", x1=f"{x1:.1f}", y1=f"{y1:.1f}", x2=f"{x2:.1f}", y2=f"{y2:.1f}").classes(classes)


def svg_text(x: float, y: float, text: str, anchor: str) -> None:
    """Write a text at a place."""
    made = words(text, "pd-svg-text", "text")
    made.props["x"], made.props["y"], made.props["text-anchor"] = f"{x:.1f}", f"{y:.1f}", anchor


def title(text: str) -> None:
    """Say what a shape stands for, on hover and to screen readers."""
    words(text, tag="title")


def _legend(names: Sequence[str]) -> None:
    if len(names) < 2:
        return
    with div("pd-line pd-legends"):
        for index, name in enumerate(names):
            words(name, "pd-legend", "span").style(f"--key: var(--{COLOURS[index % len(COLOURS)]})")


def table(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Give the figures of a drawing as a table, folded away."""
    folded = ui.expansion(say("charts.table"), icon="table_rows").props("dense").style("width: 100%").mark("figures")
    with folded:
        rows_table(columns, rows)

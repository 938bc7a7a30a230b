"""Values of unknown shape, shown three ways: as a table, as a tree, as JSON; always as text."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import msgspec
from nicegui import ui

from hub.text import count, say
from ui.pieces import button, copy_button, div, words

MOST_ROWS = 100
MOST_SHOWN = 5000
MOST_LINES = 400
MOST_COLUMNS = 24
MOST_BRANCHES = 600
LONGEST = 20_000
_SIGNS = {"+ ": "pd-diff-in", "- ": "pd-diff-out"}
# What a browser is never given in one piece
LARGEST = 2_000_000


def value_box(value: Any, mark: str) -> None:
    """Show a value with a switch between the three ways."""
    if value is None or value in ({}, []):
        words(say("values.nothing"), "pd-muted")
        return
    ways = {"table": say("values.table"), "tree": say("values.tree"), "json": say("values.json")}
    box = div("pd-stack")

    def show(way: str) -> None:
        body.clear()
        with body:
            {"table": table_of, "tree": tree_of, "json": json_of}[way](value)

    with box:
        with div("pd-line"):
            switch = ui.toggle(ways, value="table", on_change=lambda event: show(event.value))
            switch.props(
                "dense no-caps unelevated padding='2px 12px' size=sm toggle-color=chosen toggle-text-color=chosen"
            ).mark(f"{mark}-as").props["data-testid"] = f"{mark}-as"
            copy_button(_written(value)[:LARGEST], f"{mark}-copy")
        body = div()
    show("table")


def table_of(value: Any) -> None:
    """Show a list of records as rows, a record as names and values, anything else as it is."""
    if isinstance(value, list) and value and all(isinstance(one, dict) for one in value):
        _grid(value)
    elif isinstance(value, dict):
        _pairs(value)
    else:
        cut(brief(value, LARGEST), "pd-pre")


def tree_of(value: Any) -> None:
    """Show a value as a tree that opens."""
    number = itertools.count()
    branches = list(itertools.islice(_branches(value, number), MOST_BRANCHES))
    ui.tree(branches, label_key="label").props("dense no-connectors").mark("tree").expand(
        [one["id"] for one in branches[:12]]
    )


def json_of(value: Any) -> None:
    """Show a value as JSON."""
    cut(_written(value), "pd-pre", "pre")


def cut(text: str, classes: str = "", tag: str = "div", *, most: int = LONGEST) -> None:
    """Show a text; of a long one the beginning, and a button that shows the rest."""
    if len(text) <= most:
        words(text, classes, tag)
        return
    shown = words(f"{text[:most]}…", classes, tag)

    def show_all() -> None:
        shown.text = text[:LARGEST]
        more.delete()
        if len(text) > LARGEST:
            words(say("values.largest", number=f"{LARGEST:,}"), "pd-muted pd-small")

    more = button(say("values.all", number=f"{len(text):,}"), "show-all", show_all, kind="quiet", icon="unfold_more")


def _written(value: Any) -> str:
    return msgspec.json.format(msgspec.json.encode(value), indent=2).decode()


def rows_table(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Draw a plain table of texts."""
    with div("pd-grid-table").props("tabindex=0"), div(tag="table"):
        with div(tag="thead"), div(tag="tr"):
            for column in columns:
                words(column, tag="th")
        with div(tag="tbody"):
            for cells in rows:
                with div(tag="tr"):
                    for cell in cells:
                        words(cell, tag="td")


def brief(value: Any, most: int = 120) -> str:
    """Write a value in one line."""
    if value is None:
        return "–"
    if isinstance(value, bool):
        return say("values.yes") if value else say("values.no")
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        value = int(value)
    text = value if isinstance(value, str) else msgspec.json.encode(value).decode()
    return text if len(text) <= most else f"{text[:most]}…"


def _grid(rows: Sequence[Mapping[str, Any]]) -> None:
    columns = list(dict.fromkeys(name for row in rows[:MOST_ROWS] for name in row))[:MOST_COLUMNS]
    box = div()

    def show(most: int) -> None:
        box.clear()
        with box:
            rows_table(columns, [[brief(row.get(name)) for name in columns] for row in rows[:most]])
            if len(rows) > most:
                more = count("values.more", len(rows) - most)
                button(more, "show-all", lambda: show(MOST_SHOWN), kind="quiet", icon="unfold_more")

    show(MOST_ROWS)


def _pairs(record: Mapping[str, Any]) -> None:
    with div("pd-grid-table").props("tabindex=0"), div(tag="table"), div(tag="tbody"):
        for name, value in itertools.islice(flat(record), MOST_ROWS):
            with div(tag="tr"):
                words(str(name), "pd-key", "td")
                with div(tag="td"):
                    if isinstance(value, str) and name.rpartition(".")[2] == "diff":
                        _difference(value)
                    else:
                        _cell(value)


def _difference(text: str) -> None:
    """Show what came and what went, line by line, each in its colour beside its sign."""
    lines = text.splitlines()
    if len(lines) > MOST_LINES:
        cut(text, "pd-pre", "pre")
        return
    with div("pd-diff"):
        for line in lines:
            words(line or " ", f"pd-diff-line {_SIGNS.get(line[:2], '')}")


def flat(record: Mapping[str, Any], before: str = "", depth: int = 0) -> Iterator[tuple[str, Any]]:
    """Open records within records, so that each value has a line of its own."""
    for name, value in record.items():
        if isinstance(value, dict) and value and depth < 4:
            yield from flat(value, f"{before}{name}.", depth + 1)
        else:
            yield f"{before}{name}", value


def _cell(value: Any) -> None:
    if isinstance(value, list) and value and all(isinstance(one, dict) for one in value):
        _grid(value)
    elif isinstance(value, (dict, list)) and value:
        cut(brief(value, LARGEST), "pd-mono", most=300)
    else:
        cut(brief(value, LARGEST), most=2000)


def _branches(value: Any, number: Iterator[int], depth: int = 0) -> Iterator[dict[str, Any]]:
    pairs = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else [("", value)]
    for name, inner in pairs:
        branch: dict[str, Any] = {"id": str(next(number))}
        if isinstance(inner, (dict, list)) and inner and depth < 12:
            branch["label"] = f"{name}  ({len(inner)})"
            branch["children"] = list(itertools.islice(_branches(inner, number, depth + 1), MOST_BRANCHES))
        else:
            branch["label"] = f"{name}: {brief(inner)}" if name != "" else brief(inner)
        yield branch

"""What stands below values while a step is filled in: what they give for the sample shown, and the row they make."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from nicegui import ui

from hub.recipes.rendering import Cell
from hub.runs.previews import FieldPreview, Preview
from hub.text import count, say
from ui.form.around import Path
from ui.form.plain import plain
from ui.pieces import div, round_button, words
from ui.visit import in_browser

FILTERS: Mapping[str, str] = {
    "money": 'money: "EUR"', "number": "number", "date": 'date: "%Y-%m-%d"', "default": 'default: "-"',
    "upcase": "upcase", "downcase": "downcase", "strip": "strip", "replace": 'replace: "a", "b"', "round": "round: 2",
    "times": "times: 2", "plus": "plus: 1", "truncate": "truncate: 80", "first": "first", "size": "size",
    "join": 'join: ", "', "map": 'map: "name"', "strip_html": "strip_html", "json": "json", "hash": "hash",
}  # fmt: skip
SHOWN = 4


class Line:
    """The line below one value."""

    def __init__(self, path: Path, title: str, target: int) -> None:
        self.path = path
        self._title = title
        self._target = target
        self._failing = 0

    def draw(self, show: Callable[[int], Awaitable[None]]) -> None:
        """Draw it, empty until something is known."""
        with div("pd-preview") as self._box:
            self._box.props["data-testid"] = f"preview-{self._target}"
            self._value = words("", "pd-preview-value").mark("preview")
            label = say("ahead.failing_show", title=self._title)
            with div("pd-preview-fails", "button").props("type=button") as self._fails:
                self._told = words("", tag="span")
            self._fails.props["aria-label"] = label
            self._fails.on("click", lambda: show(self._failing))
            self._fails.set_visibility(False)
            with div("pd-preview-acts"):
                insert = round_button("data_object", say("ahead.insert", title=self._title), "insert-field")
                insert.on_click(lambda: in_browser("find_field", self._target))
                with round_button("tune", say("ahead.filter", title=self._title), "filters"), ui.menu():
                    for name, text in FILTERS.items():
                        self._filter(name, text)
        self._warning = words("", "pd-preview-warning").props("role=status")
        self._warning.set_visibility(False)

    @property
    def alive(self) -> bool:
        """Whether it is still on the page."""
        return not self._box.is_deleted

    def show(self, preview: Preview, sample: int) -> None:
        """Show what the value gives for one sample, for how many it fails, and what does not fit."""
        path = self.path()
        mine = [one for one in preview.fields if one.path == path or one.path.startswith((f"{path}.", f"{path}["))]
        with_cells = [one for one in mine if one.cells]
        self._value.text = "   ".join(_told(one, path, sample) for one in with_cells[:SHOWN])
        self._value.classes(toggle=None, add="", remove="pd-bad")
        if any(_cell(one, sample).problem for one in with_cells):
            self._value.classes("pd-bad")
        worst = max(with_cells, key=lambda one: one.failing, default=None)
        fails = worst.failing if worst else 0
        self._fails.set_visibility(fails > 0)
        if worst is not None and fails:
            self._failing = next(number for number, cell in enumerate(worst.cells) if cell.problem)
            self._told.text = say("ahead.failing", number=fails, total=len(worst.cells))
        warning = next((one.warning for one in mine if one.warning), "")
        self._warning.text = warning
        self._warning.set_visibility(bool(warning))

    def _filter(self, name: str, text: str) -> None:
        made = ui.menu_item(say(f"filter.{name}"), lambda: in_browser("add_filter", self._target, text))
        made.props("role=menuitem").mark(f"filter-{name}").props["data-testid"] = f"filter-{name}"


class RowShown:
    """The row that a target would write for the sample shown."""

    def __init__(self, path: str) -> None:
        self._path = path

    def draw(self) -> None:
        """Draw the frame."""
        with div("pd-row-shown", "section").props(
            f'aria-label="{say("ahead.row")}" data-testid=row-preview'
        ) as self._box:
            words(say("ahead.row"), "pd-small pd-strong")
            self._said = words(say("ahead.row_text"), "pd-muted pd-small")
            self._table = div("pd-scroll-x")
        self._box.set_visibility(False)

    def show(self, preview: Preview, sample: int, place: Mapping[str, Any]) -> None:
        """Show the row's names and values."""
        columns = (place.get("with") or {}).get(self._path.removeprefix("with."))
        if not isinstance(columns, dict) or not columns or not preview.samples:
            self._box.set_visibility(False)
            return
        given = {one.path: _cell(one, sample) for one in preview.fields if one.cells}
        rows = preview.rows[sample] if sample < len(preview.rows) else None
        self._said.text = say("ahead.row_text") if rows is None else count("ahead.rows", rows)
        self._table.clear()
        with self._table, div("pd-table", "table"):
            with div("", "thead"), div("", "tr"):
                for name in columns:
                    words(name, tag="th").props("scope=col")
            with div("", "tbody"), div("", "tr"):
                for name, value in columns.items():
                    cell = given.get(f"{self._path}.{name}")
                    text = plain(value) if cell is None else cell.problem or _text(cell)
                    words(text[:120], "pd-bad" if cell and cell.problem else "", "td")
        self._box.set_visibility(True)


def _cell(field: FieldPreview, sample: int) -> Cell:
    return field.cells[sample] if sample < len(field.cells) else Cell()


def _told(field: FieldPreview, path: str, sample: int) -> str:
    cell = _cell(field, sample)
    inner = field.path[len(path) :].lstrip(".")
    said = cell.problem or _text(cell)
    return f"{inner}: {said}" if inner else said


def _text(cell: Cell) -> str:
    if cell.kind == "nothing" and not cell.text:
        return say("ahead.nothing")
    if cell.kind == "file" and isinstance(cell.value, dict) and cell.value.get("name"):
        return str(cell.value["name"])
    return f"“{cell.text}”" if cell.kind == "text" else cell.text

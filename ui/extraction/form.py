"""The values of an extraction as a form: each with how sure it is, what found it and what is wrong; mended in place."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any

import msgspec
from nicegui import events, ui
from nicegui.element import Element

from hub.extraction.learning.amend import Change
from hub.extraction.results import FieldResult
from hub.extraction.schemas.fields import FieldType, Format
from hub.text import count, say
from ui.extraction.fields import Fields, Grid
from ui.extraction.sureness import ICONS, engine_reason, engine_words, summary, sureness, tone_of
from ui.pieces import div, round_button, words

Changed = Callable[[Change], Awaitable[None]]

NUMBERS = frozenset({FieldType.INTEGER, FieldType.NUMBER, FieldType.MONEY})
LONG = 60
LONG_PLACE, LEAST_PARTS = 40, 3
_NOTHING = FieldResult()


class FieldForm:
    """Draws fields and tells of every change; without `changed` it only shows them."""

    def __init__(self, names: Fields, changed: Changed | None = None, *, rows: bool = True) -> None:
        self._names = names
        self._changed = changed
        self._rows = rows and changed is not None
        self._results: Mapping[str, FieldResult] = {}
        self._boxes: dict[str, Element] = {}
        self._shape: object = None
        self._body = div("pd-fields").mark("fields")

    def show(self, results: Mapping[str, FieldResult], only: Sequence[str] | None = None) -> None:
        """Show these values; `only` names the fields to draw. What did not change stays untouched."""
        wanted = {path: one for path, one in results.items() if only is None or path in only}
        grids = [one for one in self._names.grids(wanted) if only is None or one.rows]
        cells = [one.cell(row, column) for one in grids for row in range(one.rows) for column in one.columns]
        shown = {**wanted, **{path: wanted.get(path, _NOTHING) for path in cells}}
        before, self._results = self._results, shown
        shape = (sorted(shown), only)
        if shape == self._shape:
            for path, found in shown.items():
                if before.get(path) != found:
                    self._redraw(path)
            return
        self._shape = shape
        self._draw(grids)

    def _draw(self, grids: Sequence[Grid]) -> None:
        self._boxes.clear()
        self._body.clear()
        with self._body:
            for group in self._names.groups(self._results):
                with div("pd-field-group", "fieldset"):
                    if group.title:
                        words(group.title, "pd-group-title", "legend")
                    for path in group.paths:
                        self._box(path)
            for grid in grids:
                self._grid(grid)

    def _box(self, path: str) -> None:
        with div() as box:
            box.props["data-field"] = path
            box.mark(f"field {path}")
            self._boxes[path] = box
        self._redraw(path)

    def _redraw(self, path: str) -> None:
        """Draw one field again; its input stays the one that a person may be typing in."""
        box = self._boxes[path]
        found = self._results[path]
        is_cell = "[" in path
        box.classes(replace=f"{'pd-cell' if is_cell else 'pd-field'} pd-tone-{tone_of(found)}")
        kept = next((child for child in box.default_slot.children if child.tag == "pd-input"), None)
        for child in list(box.default_slot.children):
            if child is not kept:
                box.remove(child)
        with box:
            if is_cell:
                self._cell(path, found, kept)
            else:
                self._row(path, found, kept)

    def _row(self, path: str, found: FieldResult, kept: Element | None) -> None:
        field = self._names.field(path)
        with div("pd-field-title", "span"):
            words(self._names.short(path), tag="span")
            if field and field.required:
                words("*", "pd-required", "span").props["title"] = say("extraction.required")
        self._input(path, found, kept)
        with div("pd-field-marks"):
            _marks(found)
        stated = _stated(found)
        if stated:
            words(say("extraction.stated_at", place=_end(stated)), "pd-field-place").props["title"] = stated
        for problem in found.problems:
            with div("pd-field-problem"):
                ui.icon("error").props("aria-hidden=true")
                words(problem.message, tag="span")

    def _cell(self, path: str, found: FieldResult, kept: Element | None) -> None:
        self._input(path, found, kept)
        told = summary(found)
        self._boxes[path].props["title"] = told
        if tone_of(found) in {"wait", "bad"}:
            icon = ui.icon(ICONS[tone_of(found)]).classes("pd-cell-mark").props("role=img")
            icon.props["aria-label"] = told

    def _input(self, path: str, found: FieldResult, kept: Element | None) -> None:
        element = kept or _input(path)
        if kept is None:
            element.on("corrected", lambda event: self._given(path, event), js_handler="(e) => emit(e.detail.value)")
        element.props["content"] = self._content(path, found)
        element.update()

    def _content(self, path: str, found: FieldResult) -> dict[str, Any]:
        field = self._names.field(path)
        value = text_of(found.value, field.type if field else None)
        kind, options = "text", []
        if field and field.type is FieldType.ENUM:
            kind, options = "choice", [[one, one] for one in field.options]
        elif field and field.type is FieldType.BOOLEAN:
            kind, options = "choice", [["true", say("values.yes")], ["false", say("values.no")]]
        elif field and field.type in NUMBERS:
            kind = "number"
        elif "[" not in path and (len(value) > LONG or "\n" in value or (field and field.format is Format.ADDRESS)):
            kind = "long"
        if kind == "choice" and value and value not in {one for one, _ in options}:
            options.append([value, value])
        return {
            "kind": kind,
            "value": value,
            "label": f"{self._names.title(path)}, {summary(found)}",
            "options": options,
            "locked": self._changed is None,
            "hint": say("extraction.absent") if found.value is None and "[" not in path else "",
        }

    def _grid(self, grid: Grid) -> None:
        with div("pd-field-group", "section"):
            with div("pd-spread"):
                words(grid.title, "pd-group-title", "h3")
                words(count("extraction.rows", grid.rows), "pd-muted pd-small", "span")
            with div("pd-grid-table pd-cells"), div(tag="table").mark(f"grid {grid.path}"):
                with div(tag="thead"), div(tag="tr"):
                    words("#", tag="th")
                    for column in grid.columns:
                        name = self._names.short(f"{grid.path}[].{column}") if column else grid.title
                        words(name, tag="th").props("scope=col")
                    if self._rows:
                        words(say("extraction.row_actions"), "pd-sr", "th")
                with div(tag="tbody"):
                    for row in range(grid.rows):
                        self._grid_row(grid, row)
                    if self._rows:
                        self._new_row(grid)

    def _grid_row(self, grid: Grid, row: int) -> None:
        with div(tag="tr"):
            words(str(row + 1), "pd-muted pd-number", "td")
            for column in grid.columns:
                with div(tag="td"):
                    self._box(grid.cell(row, column))
            if self._rows:
                with div(tag="td"):
                    label = say("extraction.remove_row", row=row + 1)
                    removed = Change(path=f"{grid.path}[{row}]", kind="remove")
                    round_button("close", label, f"remove-{grid.path}-{row}", lambda: self._tell(removed))

    def _new_row(self, grid: Grid) -> None:
        """Draw an empty row at the end: a value typed there makes it one of the table."""
        path = f"{grid.path}[{grid.rows}]"
        with div("pd-new-row", "tr"):
            words("+", "pd-muted", "td")
            for column in grid.columns:
                with div(tag="td"), div("pd-cell"):
                    element = _input(f"{path}.{column}" if column else path)
                    name = self._names.short(f"{grid.path}[].{column}") if column else grid.title
                    label = say("extraction.new_row", column=name)
                    element.props["content"] = {
                        "kind": "text",
                        "value": "",
                        "label": label,
                        "hint": name,
                        "options": [],
                    }
                    element.on("corrected", lambda event, column=column: self._tell(Change(
                        path=path, kind="add", value={column: event.args} if column else event.args,
                    )), js_handler="(e) => emit(e.detail.value)")  # fmt: skip
            div(tag="td")

    async def _given(self, path: str, event: events.GenericEventArguments) -> None:
        await self._tell(Change(path=path, value=str(event.args) or None))
        # What was refused may be tried again
        if path in self._boxes:
            self._redraw(path)

    async def _tell(self, change: Change) -> None:
        if self._changed:
            await self._changed(change)


def _input(path: str) -> Element:
    element = ui.element("pd-input").mark(f"input {path}")
    element.props["data-testid"] = f"input-{path}"
    return element


def _marks(found: FieldResult) -> None:
    """Show how sure a value is, whether its place was verified, and what found it."""
    if found.engine is None:
        words(say("extraction.absent"), "pd-muted", "span")
        return
    with div("pd-line pd-tight"):
        if found.engine == "person":
            ui.icon(ICONS["accent"]).classes("pd-by-person").props("aria-hidden=true")
        else:
            sureness(found.confidence, tone_of(found))
        if found.evidence:
            verified = any(proof.verified for proof in found.evidence)
            icon = ui.icon("task_alt" if verified else "gpp_maybe").props("role=img")
            icon.classes("pd-verified" if verified else "pd-unverified")
            told = say("extraction.verified" if verified else "extraction.unverified")
            icon.props["title"] = icon.props["aria-label"] = told
    words(engine_words(found.engine), "pd-muted", "span").props["title"] = engine_reason(found.engine)


def _stated(found: FieldResult) -> str:
    """Return where a file states a value that stands at no place one could point at: an element, a cell, a header."""
    pointed = any(proof.box or proof.characters or proof.seconds for proof in found.evidence)
    return "" if pointed else next((proof.selector for proof in found.evidence if proof.selector), "")


def _end(place: str) -> str:
    """Return the end of a long path, which is what tells one place from another."""
    parts = place.split("/")
    return f"…/{'/'.join(parts[-2:])}" if len(place) > LONG_PLACE and len(parts) > LEAST_PARTS else place


def text_of(value: Any, kind: FieldType | None = None) -> str:
    """Write a value as a person would type it."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if kind is FieldType.MONEY and isinstance(value, int | float) and round(value, 2) == value:
        return f"{value:.2f}"
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    return value if isinstance(value, str) else msgspec.json.encode(value).decode()

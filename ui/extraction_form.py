"""The values of an extraction as a form: each with how sure it is, what found it and what is wrong; mended in place."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any

import msgspec
from nicegui import events, ui
from nicegui.element import Element

from hub.extraction.results import FieldResult
from hub.extraction.schemas.fields import FieldType, Format
from hub.text import count, say
from ui.extraction_fields import Fields, Grid
from ui.pieces import div, words
from ui.sureness import ICONS, engine_reason, engine_words, summary, tone_of

Corrected = Callable[[str, str], Awaitable[None]]

NUMBERS = frozenset({FieldType.INTEGER, FieldType.NUMBER, FieldType.MONEY})
LONG = 60
_BLANK = FieldResult()


class FieldForm:
    """Draws fields and takes corrections; without `corrected` it only shows them."""

    def __init__(self, fields: Fields, corrected: Corrected | None = None) -> None:
        self._names = fields
        self._corrected = corrected
        self._results: Mapping[str, FieldResult] = {}
        self._boxes: dict[str, Element] = {}
        self._shape: object = None
        self._body = div("pd-fields").mark("fields")

    def show(self, results: Mapping[str, FieldResult], only: Sequence[str] | None = None) -> None:
        """Show these values; `only` names the fields to draw. What did not change stays untouched."""
        shown = {path: one for path, one in results.items() if only is None or path in only}
        shape = (list(shown), only)
        before, self._results = self._results, shown
        if shape == self._shape:
            for path, found in shown.items():
                if before.get(path) != found:
                    self._redraw(path)
            return
        self._shape = shape
        self._boxes.clear()
        self._body.clear()
        with self._body:
            self._draw(only is None)

    def _draw(self, everything: bool) -> None:
        for group in self._names.groups(self._results):
            with div("pd-field-group", "fieldset"):
                if group.title:
                    words(group.title, "pd-group-title", "legend")
                for path in group.paths:
                    self._field(path)
        for grid in self._names.grids(self._results):
            if everything or grid.rows:
                self._grid(grid)

    def _field(self, path: str) -> None:
        with div("pd-field") as box:
            box.props["data-field"] = path
            box.mark(f"field {path}")
            self._boxes[path] = box
        self._redraw(path)

    def _redraw(self, path: str) -> None:
        """Draw one field again; its input stays the one that a person may be typing in."""
        box = self._boxes[path]
        found = self._results[path]
        box.classes(replace=f"{self._kind(path)} pd-tone-{tone_of(found)}")
        kept = next((child for child in box.default_slot.children if child.tag == "pd-input"), None)
        for child in list(box.default_slot.children):
            if child is not kept:
                box.remove(child)
        with box:
            if "[" in path:
                self._cell(path, found, kept)
            else:
                self._row(path, found, kept)

    def _kind(self, path: str) -> str:
        return "pd-cell" if "[" in path else "pd-field"

    def _row(self, path: str, found: FieldResult, kept: Element | None) -> None:
        field = self._names.field(path)
        with div("pd-field-title", "span"):
            words(self._names.short(path), tag="span")
            if field and field.required:
                words("*", "pd-required", "span").props["title"] = say("extraction.required")
        self._input(path, found, kept)
        marks(found)
        for problem in found.problems:
            with div("pd-field-problem"):
                ui.icon("error").props("aria-hidden=true")
                words(problem.message, tag="span")

    def _cell(self, path: str, found: FieldResult, kept: Element | None) -> None:
        self._input(path, found, kept)
        told = summary(found)
        box = self._boxes[path]
        box.props["title"] = told
        if tone_of(found) in {"wait", "bad"}:
            icon = ui.icon(ICONS[tone_of(found)]).classes("pd-cell-mark").props("role=img")
            icon.props["aria-label"] = told

    def _input(self, path: str, found: FieldResult, kept: Element | None) -> None:
        element = kept or ui.element("pd-input").mark(f"input {path}")
        if kept is None:
            element.props["data-testid"] = f"input-{path}"
            element.on("corrected", lambda event: self._taken(path, event), js_handler="(e) => emit(e.detail.value)")
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
        hint = "" if "[" in path else say("extraction.absent") if found.value is None else ""
        label = self._names.title(path)
        return {
            "kind": kind,
            "value": value,
            "label": f"{label}, {summary(found)}",
            "options": options,
            "locked": self._corrected is None,
            "hint": hint,
        }

    def _grid(self, grid: Grid) -> None:
        with div("pd-field-group", "section"):
            with div("pd-spread"):
                words(grid.title, "pd-group-title", "h3")
                words(count("extraction.rows", grid.rows), "pd-muted pd-small", "span")
            if not grid.rows:
                words(say("extraction.absent"), "pd-muted")
                return
            with div("pd-grid-table pd-cells"), div(tag="table"):
                with div(tag="thead"), div(tag="tr"):
                    words("#", tag="th")
                    for column in grid.columns:
                        name = self._names.short(f"{grid.path}[].{column}") if column else grid.title
                        words(name, tag="th").props("scope=col")
                with div(tag="tbody"):
                    for row in range(grid.rows):
                        with div(tag="tr"):
                            words(str(row + 1), "pd-muted pd-number", "td")
                            for column in grid.columns:
                                self._grid_cell(grid.cell(row, column))

    def _grid_cell(self, path: str) -> None:
        self._results = {path: _BLANK, **self._results} if path not in self._results else self._results
        with div(tag="td"), div("pd-cell") as box:
            box.props["data-field"] = path
            self._boxes[path] = box
        self._redraw(path)

    async def _taken(self, path: str, event: events.GenericEventArguments) -> None:
        if self._corrected:
            await self._corrected(path, str(event.args))


def marks(found: FieldResult) -> None:
    """Show what found a value, whether its place was verified and how sure it is."""
    with div("pd-field-marks"):
        if found.value is None and found.engine is None:
            words(say("extraction.absent"), "pd-muted pd-small", "span")
            return
        tone = tone_of(found)
        with div("pd-line pd-tight"):
            if found.engine != "person":
                with div(f"pd-sure pd-tone-{tone}", "span"):
                    ui.icon(ICONS[tone]).props("aria-hidden=true")
                    words(f"{found.confidence:.0%}", "pd-number", "span")
            if any(proof.verified for proof in found.evidence):
                icon = ui.icon("task_alt").classes("pd-verified").props("role=img")
                icon.props["title"] = icon.props["aria-label"] = say("extraction.verified")
        if found.engine:
            words(engine_words(found.engine), "pd-muted", "span").props["title"] = engine_reason(found.engine)


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

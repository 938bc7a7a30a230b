"""The fields of a schema as rows: opened to change one, moved, added and taken out by buttons."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from nicegui.element import Element

from hub.errors import Problem
from hub.extraction.schemas.fields import Field, Schema
from hub.text import say
from ui.pieces import button, div, pill, round_button, words
from ui.schemas.draft import INNER, Place, added, field_at, moved, path_at, place_of, with_field, without
from ui.schemas.field import FieldForm
from ui.visit import in_browser

Changed = Callable[[Schema], None]


class FieldRows:
    """Draws the fields and tells of every change; what a person types in is never drawn again meanwhile."""

    def __init__(self, changed: Changed, *, may: bool) -> None:
        self._changed = changed
        self._may = may
        self._schema: Schema | None = None
        self._problems: Sequence[Problem] = ()
        self._heads: dict[Place, Element] = {}
        self._shown: dict[Place, object] = {}
        self._opened: Place | None = None
        self._form: FieldForm | None = None
        self._body = div("pd-rows").mark("schema-fields").props("data-testid=schema-fields")

    def show(self, schema: Schema | None, problems: Sequence[Problem]) -> None:
        """Show the fields of a text that somebody has written."""
        self._schema, self._problems = schema, problems
        if schema is None or self._opened is None or not _has(schema, self._opened):
            self._opened = None
        self._draw()

    def keep(self, schema: Schema) -> None:
        """Go on from a schema that was changed elsewhere on the page; its fields are the same."""
        self._schema = schema

    def blame(self, problems: Sequence[Problem]) -> None:
        """Show what is wrong now, field by field."""
        self._problems = problems
        for place in self._heads:
            self._head(place)
        if self._form:
            self._form.blame(self._told(self._opened))

    def _draw(self) -> None:
        self._clear()
        if self._schema is None:
            return
        with self._body:
            for index, field in enumerate(self._schema.spec.fields):
                self._row((index,), field)
            self._adder(())

    def _clear(self) -> None:
        self._body.clear()
        self._heads.clear()
        self._shown.clear()
        self._form = None

    def _row(self, place: Place, field: Field) -> None:
        with div("pd-schema-row").style(f"--depth: {len(place) - 1}"):
            with div("pd-schema-line"):
                self._heads[place] = div("pd-grow")
                self._head(place)
                self._buttons(place)
            if place == self._opened:
                self._opened_form(place, field)
        if field.type in INNER:
            for index, inner in enumerate(field.fields):
                self._row((*place, index), inner)
            self._adder(place)

    def _head(self, place: Place) -> None:
        """Draw what is seen of a closed field; one that is the same stays, as it may be clicked right now."""
        assert self._schema is not None  # drawn with a schema  # noqa: S101
        field, box, path = field_at(self._schema, place), self._heads[place], path_at(self._schema, place)
        seen = (path, field.title, field.type, field.required, self._told(place))
        if self._shown.get(place) == seen:
            return
        self._shown[place] = seen
        box.clear()
        with box, div("pd-schema-head", "button").props("type=button") as head:
            head.mark(f"field {path}").props["data-testid"] = f"field {path}"
            head.props["aria-expanded"] = "true" if place == self._opened else "false"
            head.on("click", lambda: self._open(place))
            with div("pd-grow"):
                with div("pd-line pd-tight"):
                    words(field.title or field.name or say("schema.unnamed"), "pd-strong", "span")
                    pill(say(f"schemas.type_{field.type}"))
                    if field.required:
                        pill(say("schemas.required"))
                words(field.name, "pd-mono pd-muted")
                for problem in self._told(place):
                    words(problem.message, "pd-bad pd-small").props("role=alert")

    def _buttons(self, place: Place) -> None:
        assert self._schema is not None  # drawn with a schema  # noqa: S101
        if not self._may:
            return
        path = path_at(self._schema, place)
        with div("pd-line pd-tight pd-schema-buttons"):
            for icon, verb, act in (
                ("arrow_upward", "up", lambda: self._move(place, -1, "up", f"up {path}")),
                ("arrow_downward", "down", lambda: self._move(place, 1, "down", f"down {path}")),
                ("close", "remove", lambda: self._remove(place, f"remove {path}")),
            ):
                round_button(icon, say(f"schema.{verb}", field=path), f"{verb} {path}", act)

    def _adder(self, parent: Place) -> None:
        if not self._may or self._schema is None:
            return
        path = path_at(self._schema, parent) if parent else ""
        mark = f"add {path}".strip()
        with div("pd-schema-row pd-schema-add").style(f"--depth: {len(parent)}"):
            label = say("schema.add_inside", field=path) if parent else say("schema.add")
            button(label, mark, lambda: self._add(parent, mark), kind="quiet", icon="add")

    def _opened_form(self, place: Place, field: Field) -> None:
        nested = len(place) > 1 and self._schema is not None and field_at(self._schema, place[:-1]).type == "table"
        self._form = FieldForm(field, lambda made: self._given(place, made), may=self._may, nested=nested)
        self._form.draw()
        self._form.blame(self._told(place))

    def _told(self, place: Place | None) -> list[Problem]:
        return [one for one in self._problems if (found := place_of(one.path)) and found[0] == place]

    def _open(self, place: Place) -> None:
        self._opened = None if place == self._opened else place
        self._draw()
        if self._schema:
            head = f"field {path_at(self._schema, place)}"
            self._focus("attribute-name" if self._opened and self._may else head, head)

    def _given(self, place: Place, field: Field) -> None:
        assert self._schema is not None  # a field was changed in it  # noqa: S101
        before = field_at(self._schema, place)
        self._schema = with_field(self._schema, place, field)
        self._changed(self._schema)
        if before.type != field.type or before.of != field.of:
            self._draw()
            self._focus("attribute-type", "attribute-type")

    def _move(self, place: Place, step: int, verb: str, pressed: str) -> None:
        assert self._schema is not None  # drawn with a schema  # noqa: S101
        self._schema, target = moved(self._schema, place, step)
        self._opened = target if self._opened == place else None
        self._tell(f"{verb} {path_at(self._schema, target)}", pressed)

    def _remove(self, place: Place, pressed: str) -> None:
        assert self._schema is not None  # drawn with a schema  # noqa: S101
        self._schema, self._opened = without(self._schema, place), None
        self._tell("add", pressed)

    def _add(self, parent: Place, pressed: str) -> None:
        assert self._schema is not None  # drawn with a schema  # noqa: S101
        self._schema, self._opened = added(self._schema, parent)
        self._tell("attribute-name", pressed)

    def _tell(self, focus: str, pressed: str) -> None:
        """Say that the fields are others now, draw them, and leave the keyboard where it was."""
        assert self._schema is not None  # it was just changed  # noqa: S101
        self._clear()
        self._changed(self._schema)
        self._draw()
        self._focus(focus, pressed)

    def _focus(self, mark: str, pressed: str) -> None:
        """Move the keyboard, unless somebody has gone on meanwhile; what was pressed may be gone by now."""
        with self._body:
            in_browser("focus", mark, pressed)


def _has(schema: Schema, place: Place) -> bool:
    fields = schema.spec.fields
    for index in place:
        if index >= len(fields):
            return False
        fields = fields[index].fields
    return True

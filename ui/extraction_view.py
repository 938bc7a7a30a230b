"""A source beside the form of its values, as the extraction page and reviews show it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from nicegui import events, ui

from hub.extraction.results import Extraction, FieldResult
from hub.extraction.schemas.fields import Schema
from hub.extraction.views import ReadingView
from hub.text import say
from ui.document_view import DocumentView, marks_of
from ui.extraction_fields import Fields
from ui.extraction_form import FieldForm
from ui.pieces import card, div, note
from ui.visit import Visit


class ExtractionView:
    """Shows an extraction and follows what is corrected in it; `changed` is called with each new state."""

    def __init__(
        self, visit: Visit, found: Extraction, reading: ReadingView | None, schema: Schema | None, *, name: str
    ) -> None:
        self.found = found
        self.record = 0
        self.changed: list[Callable[[], None]] = []
        self._visit = visit
        self._reading = reading
        self._names = Fields(schema)
        self._name = name

    async def draw(self) -> None:
        """Draw the source and the form."""
        if len(self.found.parts) > 1:
            self._records()
        with div("pd-beside"):
            with div("pd-seen"):
                if self._reading is None:
                    with note("mute", "description", say("extraction.no_source")):
                        pass
                self._document = DocumentView(self._reading, name=self._name)
            with div("pd-stack"):
                self._problems = div("pd-stack")
                with card(say("extraction.fields")):
                    self._form = FieldForm(self._names)
        self.refresh()

    @property
    def fields(self) -> Mapping[str, FieldResult]:
        """The fields of the record that is looked at."""
        parts = self.found.parts
        return parts[self.record].fields if parts else self.found.fields

    def refresh(self) -> None:
        """Show the extraction as it is now."""
        self._document.show(list(marks_of(self.fields, self._names.title)))
        self._form.show(self.fields)
        self._say_problems()
        for tell in self.changed:
            tell()

    def _say_problems(self) -> None:
        """Say what is wrong with the record as a whole; what is wrong with a field stands at the field."""
        parts = self.found.parts
        problems = parts[self.record].problems if parts else self.found.problems
        at_fields = {(one.path, one.message) for field in self.fields.values() for one in field.problems}
        self._problems.clear()
        with self._problems:
            for one in problems:
                if (one.path, one.message) not in at_fields:
                    with note("wait", "rule", one.message, self._names.title(one.path) if one.path else ""):
                        pass

    def _records(self) -> None:
        """Let people go from one record of the source to another."""

        def choose(event: events.ValueChangeEventArguments[Any]) -> None:
            self.record = int(event.value)
            self.refresh()

        with ui.tabs(on_change=choose).mark("records").props("align=left no-caps dense mobile-arrows") as tabs:
            for number, part in enumerate(self.found.parts):
                ui.tab(str(number), part.title or say("extraction.record", number=number + 1)).mark(f"record-{number}")
        tabs.set_value("0")

"""The records under review: what is unsure first, beside the source; corrections wait until they are accepted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
from nicegui import events, ui

from hub.decisions import Change, Question
from hub.errors import HubError
from hub.extraction.learning.placing import Marked
from hub.extraction.readers.options import Options
from hub.extraction.results import FieldResult
from hub.extraction.views import ReadingView
from hub.text import count, say
from ui.extraction.document_view import AS_IT_IS, DocumentView, Place, marks_of, text_at
from ui.extraction.fields import Fields
from ui.extraction.form import FieldForm
from ui.extraction.page import schema_of
from ui.pieces import card, div, note, words
from ui.visit import Visit


class ReviewView:
    """One question's records; `changes` are what the person corrected so far."""

    def __init__(self, visit: Visit, question: Question) -> None:
        self._visit = visit
        self._question = question
        self._record = 0
        self._given: dict[tuple[int, str], Change] = {}
        self._may = question.may_answer
        self._names = Fields(None)
        self._reading: ReadingView | None = None

    @property
    def changes(self) -> list[Change]:
        """The corrections to send along with the answer."""
        return list(self._given.values())

    async def draw(self) -> None:
        """Draw source and form."""
        question = self._question
        if len(question.records) > 1:
            self._records()
        with div("pd-beside"):
            self._seen = div("pd-seen")
            with div("pd-stack"):
                self._notes = div("pd-stack")
                with card(say("review.unsure")) as unsure:
                    self._unsure = FieldForm(self._names, self._change if self._may else None, rows=False)
                    unsure.classes("pd-first-fields")
                self._rest_fold = ui.expansion(say("review.rest"), icon="checklist").props("dense").mark("rest")
                with self._rest_fold.style("width: 100%"), card():
                    self._rest = FieldForm(self._names, self._change if self._may else None, rows=False)
        await self._load()

    async def _load(self) -> None:
        """Fetch what belongs to the record that is looked at."""
        if not self._question.records:
            with self._notes, note("wait", "description", say("review.gone")):
                pass
            return
        record = self._question.records[self._record]
        document = next((one for one in self._question.documents if one.extraction == record.extraction), None)
        if document:
            self._names.learn(await schema_of(self._visit, document.schema.name))
        self._reading = await self._read(document.reading if document else None)
        self._seen.clear()
        with self._seen:
            if self._reading is None:
                with note("mute", "description", say("extraction.no_source")):
                    pass
            else:
                placed = self._placed if self._may else None
                told = await self._told(record.extraction)
                name = self._question.summary.subject
                self._document = DocumentView(self._reading, name=name, placed=placed, told=told)
        self._refresh()

    async def _told(self, extraction: str) -> Options:
        """Return how the document was to be read."""
        try:
            return (await self._visit.services.extractions.settings(self._visit.opened_by, extraction)).reading
        except HubError:
            return AS_IT_IS

    async def _read(self, reading: str | None) -> ReadingView | None:
        if reading is None:
            return None
        try:
            return await self._visit.services.readings.find(self._visit.opened_by, reading)
        except HubError:
            return None

    @property
    def _fields(self) -> Mapping[str, FieldResult]:
        """The record's fields with the corrections over them."""
        fields = dict(self._question.records[self._record].fields)
        for (record, path), change in self._given.items():
            if record == self._record:
                kept = fields.get(path, FieldResult())
                fields[path] = msgspec.structs.replace(
                    kept, value=change.value, engine="person", confidence=1.0, problems=()
                )
        return fields

    def _refresh(self) -> None:
        fields = self._fields
        first = self._doubtful(fields)
        if self._reading is not None:
            self._document.show(list(marks_of(fields, self._names)), self._record)
        self._unsure.show(fields, first)
        self._rest.show(fields, [path for path in fields if path not in first])
        self._say(self._question.records[self._record].problems, fields)

    def _doubtful(self, fields: Mapping[str, FieldResult]) -> Sequence[str]:
        """Return the fields to look at: those that are asked about, in the schema's order."""
        asked = {one.path for one in self._question.summary.reasons if one.record == self._record and one.path}
        tables = {path.partition("[")[0] for path in asked if "[" in path}
        named = [path for path in fields if path in asked or ("[" in path and path.partition("[")[0] in tables | asked)]
        return self._names.ordered(named or [path for path, one in fields.items() if one.value is not None])

    def _say(self, problems: Sequence[Any], fields: Mapping[str, FieldResult]) -> None:
        self._notes.clear()
        at_fields = {one.message for field in fields.values() for one in field.problems}
        with self._notes:
            for one in problems:
                if one.message not in at_fields and (self._record, one.path) not in self._given:
                    with note("wait", "rule", one.message):
                        pass
            if self._given:
                words(count("review.changed", len(self._given)), "pd-soft pd-small").props("role=status")

    async def _change(self, change: Any) -> None:
        self._keep(Change(path=change.path, value=change.value, record=self._record))

    def _keep(self, change: Change) -> None:
        before = self._question.records[self._record].fields.get(change.path)
        key = (self._record, change.path)
        if before is not None and change.value == before.value:
            self._given.pop(key, None)
        else:
            self._given[key] = change
        self._refresh()

    def _placed(self, place: Place) -> None:
        """Take the words at a place for the chosen field."""
        seen = text_at(self._reading, place) if self._reading else ""
        if not seen or not place.field:
            ui.notify(say("review.choose_field" if seen else "extraction.no_words"), position="bottom",
                      classes="pd-toast-bad")  # fmt: skip
            return
        marked = Marked(page=place.page, box=place.box, characters=place.characters)
        self._keep(Change(path=place.field, value=seen, record=self._record, place=marked))

    def _records(self) -> None:
        async def choose(event: events.ValueChangeEventArguments[Any]) -> None:
            self._record = int(event.value)
            await self._load()

        tabs = ui.tabs().mark("records").props("align=left no-caps dense mobile-arrows")
        with tabs.style("margin-bottom: 16px"):
            for one in self._question.records:
                ui.tab(str(one.number), one.title or say("extraction.record", number=one.number + 1))
        tabs.set_value("0")
        tabs.on_value_change(choose)

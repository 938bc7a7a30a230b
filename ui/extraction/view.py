"""A source beside the form of its values, as the extraction page shows it: mended in place, shown by drawing."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from nicegui import events, ui
from nicegui.element import Element

from hub.extraction import Choice
from hub.extraction.learning.amend import Change
from hub.extraction.learning.placing import Marked
from hub.extraction.results import Extraction, FieldResult
from hub.extraction.schemas.fields import Schema
from hub.extraction.views import ReadingView
from hub.members import Member, Verb
from hub.text import say
from ui.ask import answer_buttons, dialog
from ui.extraction.document_view import DocumentView, Place, marks_of, text_at
from ui.extraction.fields import Fields
from ui.extraction.form import FieldForm
from ui.pieces import card, div, note, words
from ui.visit import Visit, tell


class ExtractionView:
    """Shows an extraction and what becomes of it; `changed` are told after each change."""

    def __init__(
        self,
        visit: Visit,
        found: Extraction,
        reading: ReadingView | None,
        schema: Schema | None,
        *,
        name: str,
        settings: Choice,
    ) -> None:
        self.found = found
        self.settings = settings
        self.name = name
        self.names = Fields(schema)
        self.record = 0
        self.changed: list[Callable[[], Any]] = []
        self._visit = visit
        self._reading = reading
        self._may = visit.may(Verb.REVIEW)

    @property
    def fields(self) -> Mapping[str, FieldResult]:
        """The fields of the record that is looked at."""
        parts = self.found.parts
        return parts[self.record].fields if parts else self.found.fields

    def draw(self, below: Callable[[Element], object]) -> None:
        """Draw the source and the form, and whatever else belongs to it: in the box above it, and below."""
        if len(self.found.parts) > 1:
            self._records()
        with div("pd-beside"):
            with div("pd-seen"):
                if self._reading is None:
                    with note("mute", "description", say("extraction.no_source")):
                        pass
                else:
                    placed = self._placed if self._may else None
                    self._document = DocumentView(
                        self._reading, name=self.name, placed=placed, told=self.settings.reading
                    )
            with div("pd-stack"):
                above = div("pd-stack")
                self._problems = div("pd-stack")
                with card():
                    if self._may and self._reading:
                        key = "extraction.add_place" if self._reading.pages else "extraction.add_words"
                        words(say(key), "pd-muted pd-small")
                    self._form = FieldForm(self.names, self._change if self._may else None)
                below(above)
        self.refresh()

    def refresh(self) -> None:
        """Show the extraction as it is now."""
        if self._reading is not None:
            self._document.show(list(marks_of(self.fields, self.names)), self.record)
        self._form.show(self.fields)
        self._say_problems()
        for tell_of in self.changed:
            tell_of()

    async def take(self, made: Extraction) -> None:
        """Show what became of the extraction."""
        self.found = made
        self.refresh()

    async def _change(self, change: Change) -> None:
        await self._correct([change])

    async def _correct(self, changes: Sequence[Change]) -> None:
        own = [Change(path=one.path, value=one.value, record=self.record, kind=one.kind, place=one.place)
               for one in changes]  # fmt: skip

        async def correct(member: Member) -> None:
            await self.take(await self._visit.services.corrections.correct(member, self.found.id, own))

        if await self._visit.try_to(correct):
            tell(say("extraction.kept"))

    async def _placed(self, place: Place) -> None:
        """Take the words at a place as the value of the chosen field, or ask of which."""
        seen = text_at(self._reading, place) if self._reading else ""
        if not seen:
            ui.notify(say("extraction.no_words"), position="bottom", classes="pd-toast-bad")
            return
        if place.field in self.fields or self.names.field(place.field):
            await self._give(place.field, seen, place)
            return
        self._ask_field(seen, place)

    async def _give(self, path: str, seen: str, place: Place) -> None:
        marked = Marked(page=place.page, box=place.box, characters=place.characters)
        await self._correct([Change(path=path, value=seen, place=marked)])

    def _ask_field(self, seen: str, place: Place) -> None:
        titles = {path: self.names.title(path) for path in self.names.ordered(self.fields)}
        with dialog(say("extraction.which_field"), say("extraction.which_field_text", text=seen[:120])) as opened:
            chosen = ui.select(titles, label=say("extraction.field"), with_input=True).props("outlined")
            chosen.mark("place-field").props("data-testid=place-field").style("width: 100%")

            async def give() -> None:
                if chosen.value:
                    opened.close()
                    await self._give(chosen.value, seen, place)

            answer_buttons(opened, say("extraction.give"), give)

    def _say_problems(self) -> None:
        """Say what is wrong with the record as a whole; what is wrong with a field stands at the field."""
        parts = self.found.parts
        problems = parts[self.record].problems if parts else self.found.problems
        at_fields = {(one.path, one.message) for field in self.fields.values() for one in field.problems}
        self._problems.clear()
        with self._problems:
            for one in problems:
                if (one.path, one.message) not in at_fields:
                    with note("wait", "rule", one.message, self.names.title(one.path) if one.path else ""):
                        pass

    def _records(self) -> None:
        """Let people go from one record of the source to another."""

        def choose(event: events.ValueChangeEventArguments[Any]) -> None:
            self.record = int(event.value)
            self.refresh()

        tabs = ui.tabs().mark("records").props("align=left no-caps dense mobile-arrows")
        with tabs.style("margin-bottom: 16px"):
            for number, part in enumerate(self.found.parts):
                ui.tab(str(number), part.title or say("extraction.record", number=number + 1)).mark(f"record-{number}")
        tabs.set_value("0")
        tabs.on_value_change(choose)

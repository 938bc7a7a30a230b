"""What was read of a source, before anything is extracted: pages with all words, the text, tables; put right here."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from nicegui import ui

from hub.errors import HubError
from hub.extraction.correcting import Change
from hub.extraction.readers.options import Options
from hub.extraction.reading import Table
from hub.extraction.readings import Readings
from hub.extraction.views import ReadingView
from hub.members import Member, Verb
from hub.text import MESSAGES, count, say
from ui.ask import confirm
from ui.extraction.document_view import AS_IT_IS, DocumentView
from ui.frame import crumbs, page
from ui.pieces import button, card, div, heading, link_button, moment, note, pill, words
from ui.services import Services
from ui.values import rows_table
from ui.visit import Visit

TABS = ("text", "tables", "parts")
TURNS: tuple[Literal[0, 90, 180, 270], ...] = (0, 90, 180, 270)
MOST_TABLES = 20
MOST_ROWS = 200


def create(services: Services) -> None:
    """Serve the page at /readings/{reading}."""

    @page("/readings/{reading}", services, "extractions", say("reading.title"))
    async def reading_page(visit: Visit) -> None:
        found = await services.readings.find(visit.opened_by, visit.named("reading"))
        name = await _name(visit, found)
        crumbs((say("nav.extractions"), "/extractions"), (name, visit.path))
        with heading(name, say("reading.sub")):
            for told in _facts(found):
                pill(told)
            if found.file and visit.may(Verb.EXTRACT):
                link_button(say("extractions.try"), "/extractions/new", "extract", icon="document_scanner")
        with div("pd-beside"):
            with div("pd-seen"):
                DocumentView(found, name=name, words=True, told=_turned(visit.asked("rotate")))
            with div("pd-stack"):
                for problem in found.problems:
                    with note("wait", "warning", problem):
                        pass
                _side(visit, found)


def _turned(asked: str) -> Options:
    """Return how the page was turned before it was read, as the link that led here says."""
    return next((Options(rotate=turn) for turn in TURNS if str(turn) == asked), AS_IT_IS)


async def _name(visit: Visit, found: ReadingView) -> str:
    if found.file is None:
        return say("reading.title")
    try:
        return (await visit.services.files.describe(visit.opened_by, found.file)).name
    except HubError:
        return say("reading.title")


def _facts(found: ReadingView) -> list[str]:
    """Say what kind of thing was read."""
    key = f"language.{found.language}"
    told = [say(key) if key in MESSAGES else found.language] if found.language else []
    if found.pages:
        told.append(count("reading.pages", len(found.pages)))
    if any(one.scanned for one in found.pages):
        told.append(say("reading.scanned"))
    return [*told, count("reading.words", len(found.words))]


def _side(visit: Visit, found: ReadingView) -> None:
    offered = [name for name, there in zip(TABS, (True, found.tables, found.embedded), strict=True) if there]
    with ui.tabs().props("align=left no-caps dense narrow-indicator") as tabs:
        for name in offered:
            ui.tab(name, label=say(f"reading.{name}")).mark(f"tab-{name}").props(f"data-testid=tab-{name}")
    with ui.tab_panels(tabs, value="text", animated=False):
        with ui.tab_panel("text"):
            Text(visit, found).draw()
        if found.tables:
            with ui.tab_panel("tables"):
                _tables(found.tables)
        if found.embedded:
            with ui.tab_panel("parts"):
                _parts(found)


class Text:
    """The text as it is used, and the form to put it right."""

    def __init__(self, visit: Visit, found: ReadingView) -> None:
        self._visit = visit
        self._found = found

    def draw(self) -> None:
        """Draw the text of each page, or all of it."""
        found = self._found
        with div("pd-stack"):
            if found.corrected:
                with note("accent", "edit_note", say("reading.corrected")):
                    if self._visit.may(Verb.REVIEW):
                        button(say("reading.restore"), "restore", self._restore, kind="quiet", icon="undo")
                moment(found.corrected_at)
            if found.pages:
                for one in found.pages:
                    with card(say("document.page", page=one.number)):
                        self._piece(one.text, one.number)
            else:
                with card():
                    self._piece(found.text, None)

    def _piece(self, text: str, number: int | None) -> None:
        box = div("pd-stack")

        def show() -> None:
            box.clear()
            with box:
                words(text or say("reading.nothing"), "pd-reading")
                if self._visit.may(Verb.REVIEW):
                    button(say("reading.edit"), f"edit-{number or 'text'}", edit, kind="quiet", icon="edit")

        def edit() -> None:
            box.clear()
            with box:
                given = ui.textarea(value=text).props("outlined autogrow input-class=pd-mono").mark("text")
                given.props["aria-label"] = say("reading.text")
                given.props["data-testid"] = "reading-text"
                given.style("width: 100%")

                async def keep(member: Member) -> None:
                    change = Change(text=given.value, page=number)
                    await self._readings.correct(member, self._found.id, [change], self._found.revision)
                    ui.navigate.to(f"/readings/{self._found.id}")

                with div("pd-actions"):
                    button(say("frame.cancel"), "cancel-edit", show, kind="quiet")
                    button(say("connection.save"), "keep-text", self._visit.does(keep), kind="primary")

        show()

    @property
    def _readings(self) -> Readings:
        return self._visit.services.readings

    def _restore(self) -> None:
        async def restore(member: Member) -> None:
            await self._readings.restore(member, self._found.id)
            ui.navigate.to(f"/readings/{self._found.id}")

        confirm(self._visit, say("reading.restore"), say("reading.restore_text"), restore, grave=False)


def _tables(tables: Sequence[Table]) -> None:
    with div("pd-stack"):
        for number, table in enumerate(tables[:MOST_TABLES], 1):
            place = say("document.page", page=table.page) if table.page else table.selector or ""
            with card(f"{say('reading.table', number=number)} {place}", pad=False):
                rows = [[cell.text for cell in row] for row in table.rows[:MOST_ROWS]]
                head = rows.pop(0) if table.header and rows else ["" for _ in rows[0]] if rows else []
                rows_table(head, rows)


def _parts(found: ReadingView) -> None:
    with div("pd-stack"):
        for one in found.embedded:
            with card():
                words(one.name, "pd-strong pd-clip")
                words(f"{one.kind} · {one.media_type}", "pd-muted pd-small")
                if one.text:
                    words(one.text[:4000], "pd-reading")

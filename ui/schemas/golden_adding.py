"""Adding documents to a golden set: extractions of stored files whose records are right as they are."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from nicegui import ui

from hub.extraction.golden.service import Addition
from hub.extraction.history import ExtractionSummary, Selection
from hub.extraction.results import Extraction
from hub.members import Member
from hub.text import say
from ui.ask import answer_buttons, dialog
from ui.pieces import div, link_button, moment, pill, words
from ui.visit import Visit

Show = Callable[[Member], Awaitable[None]]
MOST = 50


async def add_from_extractions(visit: Visit, member: Member, schema: str, show: Show) -> None:
    """Ask which extractions are right; those that people said are right stand first."""
    found = (await visit.services.extractions.list(member, Selection(schema=schema, limit=MOST))).items
    offered = sorted((one for one in found if one.file_name), key=lambda one: one.verdict != "correct")
    chosen: dict[str, ui.checkbox] = {}
    with dialog(say("golden.add"), say("golden.add_text")) as opened:
        with div("pd-scroll pd-stack").style("min-width: min(560px, 80vw)"):
            if not offered:
                words(say("golden.no_extractions"), "pd-muted")
            for one in offered:
                chosen[one.id] = _row(one)
        said = ui.input(say("schema.note")).props("outlined dense").mark("golden-note").style("width: 100%")

        async def add(member: Member) -> None:
            for extraction, check in chosen.items():
                if check.value:
                    addition = Addition(extraction=extraction, note=said.value or "")
                    await visit.services.golden.add(member, schema, addition)
            opened.close()
            await show(member)

        answer_buttons(opened, say("golden.add_chosen"), visit.does(add))


async def add_extraction(visit: Visit, found: Extraction) -> None:
    """Add the document of an extraction whose values are right as they are now."""

    async def add(member: Member) -> None:
        await visit.services.golden.add(member, found.schema.name, Addition(extraction=found.id))

    await visit.try_to(add, done=say("golden.added", schema=found.schema.name))


def _row(one: ExtractionSummary) -> ui.checkbox:
    with div("pd-line"):
        check = ui.checkbox(one.file_name or one.id).mark(f"choose {one.id}").classes("pd-grow")
        check.props["data-testid"] = f"choose {one.file_name}"
        if one.verdict:
            pill(say(f"extractions.verdict_{one.verdict}"))
        moment(one.created_at)
        link_button(say("schema.look"), f"/extractions/{one.id}", f"look {one.id}", kind="quiet")
    return check

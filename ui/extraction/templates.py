"""Templates: a schema and settings under one name, for what people extract again and again."""

from __future__ import annotations

import re

from nicegui import ui

from hub.extraction.templates import NewTemplate, Template
from hub.members import Member, Verb
from hub.text import say
from ui.ask import answer_buttons, confirm, dialog
from ui.extraction.intake import Intake
from ui.frame import crumbs, page
from ui.pieces import button, card, div, empty, heading, link_button, moment, row, symbol, words
from ui.services import Services
from ui.visit import Visit, tell


def create(services: Services) -> None:
    """Serve the page at /templates."""

    @page("/templates", services, "extractions", say("templates.title"))
    async def templates_page(visit: Visit) -> None:
        crumbs((say("nav.extractions"), "/extractions"), (say("templates.title"), visit.path))
        found = await services.templates.list(visit.opened_by)
        with heading(say("templates.title"), say("templates.sub")):
            if visit.may(Verb.EXTRACT):
                link_button(say("extractions.try"), "/extractions/new", "new", kind="primary", icon="upload_file")
        with card(pad=False):
            if not found:
                empty("bookmark", say("templates.none"), say("templates.none_text"))
            for one in found:
                _row(visit, one)


def _row(visit: Visit, one: Template) -> None:
    async def remove(member: Member) -> None:
        await visit.services.templates.remove(member, one.id)
        ui.navigate.to("/templates")

    with row("taken", "", one.name, f"template {one.name}"):
        symbol("bookmark", "accent")
        with div("pd-grow"):
            words(one.title or one.name, "pd-strong pd-clip")
            words(f"{one.schema} · {say(f'extraction.engine_{one.settings.engine}')}", "pd-muted pd-small")
        moment(one.changed_at)
        if visit.may(Verb.EDIT_SCHEMAS):
            button(say("frame.delete"), f"delete {one.name}", lambda: confirm(
                visit, say("templates.delete"), say("templates.delete_text", name=one.title or one.name), remove,
            ), kind="quiet")  # fmt: skip


def keep_template(visit: Visit, intake: Intake) -> None:
    """Ask for a name and keep what was chosen under it."""
    with dialog(say("upload.keep_template"), say("templates.keep_text")) as opened:
        title = ui.input(say("templates.name")).props("outlined autofocus data-testid=template-name")
        title.mark("template-name").style("width: 100%")

        async def keep(member: Member) -> None:
            name = re.sub(r"[^a-z0-9]+", "-", title.value.lower()).strip("-")
            new = NewTemplate(name=name, title=title.value.strip(), schema=intake.schema, settings=intake.choice())
            await visit.services.templates.create(member, new)
            opened.close()
            tell(say("templates.kept"))

        answer_buttons(opened, say("upload.keep_template"), visit.does(keep))

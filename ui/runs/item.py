"""One item at an address of its own, as links to dead letters and test events lead to it."""

from __future__ import annotations

from nicegui import ui

from hub.ids import parse
from hub.members import Member, Verb
from hub.text import say
from ui.frame import crumbs, page
from ui.pieces import button, div, heading, link_button
from ui.runs.item_view import ItemView, document_of
from ui.services import Services
from ui.visit import Visit


def create(services: Services) -> None:
    """Serve the page at /items/{item}."""

    @page("/items/{item}", services, "runs", say("item.title"))
    async def item_page(visit: Visit) -> None:
        identity = visit.named("item")
        item = (await services.history.item(visit.opened_by, parse("itm", identity))).item
        crumbs((say("nav.runs"), "/runs"), (item.title or item.id, visit.path))
        with heading(item.title or say("item.title"), item.recipe_name):
            link_button(say("run.recipe"), f"/recipes/{item.recipe}", "to-recipe", kind="quiet", icon="account_tree")
            if item.run:
                link_button(say("item.run"), f"/runs/{item.run}", "to-run", icon="play_circle")
        await ItemView(visit, identity, await document_of(visit, item.recipe, item.version)).draw()
        if visit.may(Verb.RUN) and item.state == "dead":
            _note(visit, identity)


def _note(visit: Visit, identity: str) -> None:
    """Let people write down what they know about a dead letter."""
    with div("pd-card pd-pad pd-stack").style("margin-top: 22px"):
        said = ui.textarea(say("item.note")).props("outlined autogrow").mark("note")

        async def keep(member: Member) -> None:
            await visit.services.letters.note(member, parse("itm", identity), said.value)

        with div("pd-actions"):
            button(say("item.keep_note"), "keep-note", visit.does(keep, done=say("item.note_kept")))

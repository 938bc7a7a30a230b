"""One item at an address of its own, as links to dead letters and test events lead to it."""

from __future__ import annotations

from functools import partial

from nicegui import ui

from hub.ids import parse
from hub.members import Member, Verb
from hub.runs import ItemSummary
from hub.text import say
from ui.frame import crumbs, page
from ui.pieces import button, div, heading, link_button, words
from ui.runs.item_view import ItemView, document_of
from ui.runs.letter_actions import ask_owner, close_letters, reopen_letters
from ui.runs.listing import recipe_of
from ui.services import Services
from ui.visit import Visit


def create(services: Services) -> None:
    """Serve the page at /items/{item}."""

    @page("/items/{item}", services, "runs", say("item.title"))
    async def item_page(visit: Visit) -> None:
        identity = visit.named("item")
        item = (await services.history.item(visit.opened_by, parse("itm", identity))).item
        crumbs((say("nav.runs"), "/runs"), (item.title or item.id, visit.path))
        with heading(item.title or say("item.title"), recipe_of(item)):
            link_button(say("run.recipe"), f"/recipes/{item.recipe}", "to-recipe", kind="quiet", icon="account_tree")
            if item.run:
                link_button(say("item.run"), f"/runs/{item.run}", "to-run", icon="play_circle")
        await ItemView(visit, identity, await document_of(visit, item.recipe, item.version)).draw()
        if visit.may(Verb.RUN) and item.state == "dead":
            await _letter(visit, item)


async def _letter(visit: Visit, item: ItemSummary) -> None:
    """Let people say whose a dead letter is, what they know about it, and that it is done with."""
    people = {one.id: one for one in await visit.services.memberships.list(visit.opened_by)}
    owner = people.get(item.owner or "")
    with div("pd-card pd-pad pd-stack").style("margin-top: 22px"):
        with div("pd-line"):
            words(say("dead.column_owner"), "pd-muted pd-small", "span")
            words((owner.name or owner.email) if owner else say("dead.nobody"), "pd-strong", "span")
            button(say("dead.assign"), "assign", lambda: ask_owner(visit, [item.id], people), kind="quiet")
        said = ui.textarea(say("item.note"), value=item.note).props("outlined autogrow maxlength=2000").mark("note")
        said.props["data-testid"] = "note"

        async def keep(member: Member) -> None:
            await visit.services.letters.note(member, parse("itm", item.id), said.value)

        with div("pd-actions"):
            button(say("item.keep_note"), "keep-note", visit.does(keep, done=say("item.note_kept")))
            if item.closed_as:
                button(say("dead.reopen"), "reopen", lambda: reopen_letters(visit, [item.id]), kind="quiet")
                return
            resolve = partial(close_letters, visit, [item.id], "resolved")
            button(say("dead.resolve"), "resolve", resolve, kind="quiet")
            button(say("dead.ignore"), "ignore", partial(close_letters, visit, [item.id], "ignored"), kind="quiet")

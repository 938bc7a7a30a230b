"""The guide: a table of contents, a search, and its pages."""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import quote

from nicegui import app, ui

from hub.help import Found, GuidePage
from hub.help.guide import START
from hub.help.render import IMAGES
from hub.text import count, say
from ui.frame import crumbs, page
from ui.pieces import card, div, empty, heading, words
from ui.services import Services
from ui.visit import Visit, in_browser

CONNECTORS = "connectors/"


def create(services: Services) -> None:
    """Serve the pages at /help and /help/{name}, and their pictures."""
    app.add_static_files(IMAGES, services.guide.images, max_cache_age=3600)

    @page("/help", services, "help", say("nav.help"))
    async def help_page(visit: Visit) -> None:
        asked = visit.asked("q").strip()
        if asked:
            with heading(say("nav.help"), say("help.sub")):
                pass
        with div("pd-master"):
            await _contents(visit, START)
            with div("pd-stack"):
                _search(asked)
                if asked:
                    _results(await services.guide.search(visit.opened_by, asked), asked)
                else:
                    _article(await services.guide.show(visit.opened_by))

    @page("/help/{name:path}", services, "help", say("nav.help"))
    async def guide_page(visit: Visit) -> None:
        found = await services.guide.show(visit.opened_by, visit.named("name"))
        crumbs((say("nav.help"), "/help"), (found.title, visit.path))
        with div("pd-master"):
            await _contents(visit, found.name)
            with div("pd-stack"):
                _search("")
                _article(found)
        in_browser("reveal")


async def _contents(visit: Visit, current: str) -> None:
    pages = await visit.services.guide.list(visit.opened_by)
    with (
        card(pad=False, classes="pd-contents"),
        div("pd-nav pd-pad", "nav").props(f'aria-label="{say("help.contents")}"'),
    ):
        for one in pages:
            if not one.name.startswith(CONNECTORS) or one.name == f"{CONNECTORS}{START}":
                _entry(one, current)
        words(say("nav.connectors"), "pd-nav-group")
        for one in pages:
            if one.name.startswith(CONNECTORS) and one.name != f"{CONNECTORS}{START}":
                _entry(one, current)


def _entry(one: GuidePage, current: str) -> None:
    with ui.element("a").props(f"href=/help/{one.name}").mark(f"guide {one.name}") as link:
        if one.name == current:
            link.props("aria-current=page")
        words(one.title, tag="span")


def _search(asked: str) -> None:
    field = ui.input(label=say("help.search"), value=asked).props("outlined clearable type=search").mark("help-search")
    field.props["data-testid"] = "help-search"
    field.on("keydown.enter", lambda: ui.navigate.to(f"/help?q={quote(field.value or '')}"))
    field.style("width: 100%")


def _results(found: Sequence[Found], asked: str) -> None:
    words(count("help.found", len(found), words=asked), "pd-soft").props("role=status")
    with card(pad=False):
        if not found:
            empty("search_off", say("help.nothing"), say("help.nothing_text"))
        for one in found:
            target = f"/help/{one.page}{'#' + one.anchor if one.anchor else ''}"
            with div("pd-pad pd-stack").style("gap: 2px; border-top: 1px solid var(--line)"):
                title = one.title if one.section == one.title else f"{one.title}: {one.section}"
                ui.link(title, target).classes("pd-strong").mark(f"found {one.page}")
                words(one.words, "pd-soft pd-small")


def _article(found: GuidePage) -> None:
    """Show a page; its markup was made of Markdown by us, which lets nothing else through."""
    with card(classes="pd-guide"):
        ui.html(found.html, sanitize=False, tag="article").mark(f"article {found.name}")

"""The catalogue of connectors: what each service offers, and what every part asks for."""

from __future__ import annotations

from collections.abc import Sequence

from nicegui import ui
from nicegui.element import Element

from connectors.sdk import Category, Connector
from connectors.sdk.describe import FieldDescription
from connectors.sdk.registry import find_connector
from connectors.sdk.sheet import ConnectorSummary, PartSheet, Role, sheet_of, summary_of
from hub.errors import NotFoundError
from hub.help.render import rendered
from hub.members import Verb
from hub.recipes import BUILT_INS
from hub.text import count, say
from ui.connections.access import redirect_card
from ui.connections.health import health_lines
from ui.connections.listing import connection_state
from ui.frame import crumbs, page
from ui.pieces import card, div, heading, link_button, pill, symbol, words
from ui.recipes.palette import also_called, by_category
from ui.search import Search
from ui.services import Services
from ui.visit import Visit

TONES = {Role.TRIGGER: "accent", Role.LOOKUP: "run", Role.TARGET: "plum"}


def create(services: Services) -> None:
    """Serve the pages at /connectors and /connectors/{connector}."""

    @page("/connectors", services, "connectors", say("nav.connectors"))
    async def connectors_page(_visit: Visit) -> None:
        with heading(say("nav.connectors"), say("connectors.sub")):
            pass
        search = Search(say("connectors.search"), "connector-search")
        for category in Category:
            _group(category, search)
        _built_in(search)
        search.end()

    @page("/connectors/{connector}", services, "connectors", say("nav.connectors"))
    async def connector_page(visit: Visit) -> None:
        connector = find_connector(visit.named("connector"))
        if connector is None:
            raise NotFoundError(say("connection.no_connector"))
        sheet = sheet_of(connector)
        crumbs((say("nav.connectors"), "/connectors"), (connector.title, visit.path))
        with heading(connector.title, sheet.summary.text, icon=connector.icon, tone="accent"):
            if sheet.connection is not None and visit.may(Verb.EDIT_CONNECTIONS):
                link_button(
                    say("connections.add"), f"/connections/new/{connector.name}", "connect", kind="primary", icon="add"
                )
        with div("pd-stack-wide"):
            if sheet.connection is not None:
                with div("pd-two"):
                    setup_card(connector)
                    with div("pd-stack-wide"):
                        redirect_card(visit, connector)
                        await _connections(visit, connector)
            elif connector.setup:
                setup_card(connector)
            for part in sheet.parts:
                _part(part)


def setup_card(connector: Connector) -> None:
    """Tell what to do at the service to connect, and what the connector was tried against."""
    with card(say("connectors.setup"), classes="pd-guide"):
        if connector.setup:
            page_of = rendered(connector.setup, f"connectors/{connector.name}", set())
            reachable = page_of.replace("<pre>", '<pre tabindex="0">')  # long lines are scrolled by keys too
            ui.html(reachable, sanitize=False, tag="article").mark("setup")
        elif connector.connection is not None:
            words((connector.connection.__doc__ or "").partition("\n")[0], "pd-soft")
        if connector.tried:
            words(say("connectors.tried", what=connector.tried), "pd-muted pd-small")


async def _connections(visit: Visit, connector: Connector) -> None:
    """List the workspace's connections to a service with how each fares."""
    everything = await visit.services.connections.list(visit.opened_by)
    found = [one for one in everything if one.connector == connector.name]
    with card(say("connectors.health")):
        if not found:
            words(say("connectors.no_connections"), "pd-muted")
        for connection in found:
            with div("pd-stack").style("gap: 6px"):
                with div("pd-line"):
                    ui.link(connection.name, f"/connections/{connection.id}").mark(f"connection {connection.name}")
                    connection_state(connection)
                health_lines(connection.health)


def _group(category: Category, search: Search) -> None:
    """Draw the services of a category below its heading; nothing when it has none."""
    found = [connector for connector in by_category() if connector.category is category]
    if not found:
        return
    with div() as group:
        title = say(f"connectors.category_{category}")
        words(title, tag="h2").style("margin: 26px 0 14px")
        with div("pd-tiles"):
            for connector in found:
                about = summary_of(connector)
                said = " ".join(f"{part.title} {part.text} {part.uses}" for part in about.parts)
                meant = f"{title} {also_called(about.name)}"
                search.add(
                    f"{about.title} {about.name} {about.text} {said} {meant}",
                    _tile(about, required=not connector.connection_optional),
                    group,
                )


def _built_in(search: Search) -> None:
    """Draw the steps that are always there."""
    with div() as group:
        title = say("connectors.built_in")
        words(title, tag="h2").style("margin: 34px 0 14px")
        with div("pd-tiles"):
            for step in BUILT_INS.values():
                with div("pd-card pd-pad pd-line").style("flex-wrap: nowrap; align-items: flex-start") as tile:
                    search.add(f"{step.title} {step.text} {step.name} {title}", tile, group)
                    symbol(step.icon, "mute")
                    with div("pd-grow"):
                        words(step.title, "pd-strong")
                        words(step.text, "pd-soft pd-small")


def _tile(connector: ConnectorSummary, *, required: bool) -> Element:
    with ui.element("a").props(f"href=/connectors/{connector.name}").classes("pd-card pd-pad pd-stack") as link:
        link.mark(f"connector {connector.name}").style("color: inherit; text-decoration: none; gap: 10px")
        with div("pd-line").style("flex-wrap: nowrap"):
            symbol(connector.icon, "accent")
            with div("pd-grow"):
                words(connector.title, "pd-strong")
                words(connector.text, "pd-soft pd-small")
        with div("pd-line pd-tight"):
            for role in Role:
                number = sum(part.role is role for part in connector.parts)
                if number:
                    words(count(f"connectors.{role}", number), f"pd-pill pd-tone-{TONES[role]}", "span").style(
                        "background: var(--tone-soft); color: var(--tone)"
                    )
            if required:
                pill(say("connectors.connection"))
    return link


def _part(part: PartSheet) -> None:
    about = part.summary
    with card(pad=False):
        with div("pd-card-head"):
            with div("pd-line"):
                words(about.title, tag="h2")
                words(say(f"connectors.role_{about.role}"), f"pd-state pd-tone-{TONES[about.role]}", "span")
            with div("pd-line pd-tight"):
                for held, key in (
                    (about.previews, "previews"),
                    (about.reversible, "reversible"),
                    (about.carries_key, "carries_key"),
                ):
                    if held:
                        pill(say(f"connectors.{key}"))
        with div("pd-pad pd-stack"):
            words(about.text, "pd-soft")
            words(about.uses, "pd-mono pd-muted")
            if part.fields:
                _fields(part.fields)


def _fields(fields: Sequence[FieldDescription]) -> None:
    with div("pd-grid-table").props("tabindex=0"), div(tag="table"), div(tag="tbody"):
        for field in fields:
            with div(tag="tr"):
                with div("pd-key", "td"):
                    words(field.title)
                    words(field.name, "pd-mono pd-muted")
                words(
                    say("connectors.required") if field.required else say(f"form.kind_{field.kind}"), "pd-muted", "td"
                )
                words(field.hint, tag="td")

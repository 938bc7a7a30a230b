"""Connections: stored credentials, what they are for, whether they work, and who uses them."""

from __future__ import annotations

from itertools import groupby

from nicegui import ui
from nicegui.element import Element

from connectors.sdk import Connector
from connectors.sdk.registry import find_connector
from hub.connections import ConnectionSummary
from hub.members import Verb
from hub.text import say
from ui.ask import dialog
from ui.connections.health import calls_line
from ui.frame import page
from ui.pieces import button, card, div, empty, heading, link_button, moment, row, state, symbol, words
from ui.recipes.palette import also_called, by_category
from ui.search import Search
from ui.services import Services
from ui.visit import Visit

STATES = {"ok": "ok", "untested": "mute"}


def create(services: Services) -> None:
    """Serve the page at /connections."""

    @page("/connections", services, "connections", say("nav.connections"))
    async def connections_page(visit: Visit) -> None:
        found = await services.connections.list(visit.opened_by)
        allowed = "" if visit.may(Verb.EDIT_CONNECTIONS) else say("connections.right")
        with heading(say("nav.connections"), say("connections.sub")):
            button(
                say("connections.add"), "add-connection", choose_connector, kind="primary", icon="add", allowed=allowed
            )
        with card(pad=False):
            if not found:
                empty("cable", say("connections.none"), say("connections.none_text"), _see_connectors)
                return
            for connection in found:
                _row(connection)


def _see_connectors() -> None:
    link_button(say("home.see_connectors"), "/connectors", "see-connectors", icon="extension")


def _row(connection: ConnectionSummary) -> None:
    declared = find_connector(connection.connector)
    with row("data", f"/connections/{connection.id}", connection.name, f"connection {connection.name}"):
        symbol(declared.icon if declared else "cable", "accent")
        with div("pd-grow"):
            words(connection.name, "pd-strong pd-clip")
            words(declared.title if declared else connection.connector, "pd-muted pd-small")
        with div("pd-wide"):
            used = ", ".join(connection.used_by)
            words(
                say("connections.used_by", recipes=used) if used else say("connections.unused"),
                "pd-soft pd-small pd-clip",
            )
            if connection.health.calls:
                words(calls_line(connection.health), "pd-muted pd-small")
        with div():
            connection_state(connection)
        with div("pd-stay pd-wide"):
            moment(connection.tested_at)


def connection_state(connection: ConnectionSummary) -> None:
    """Show whether a connection worked when it was last tried, or that somebody must connect it."""
    if connection.state == "CredentialsError":
        state(connection.state, say("connections.state_again"))
    elif waits_for_access(connection):
        state("waiting", say("connections.state_waiting"))
    else:
        state(connection.state, say(f"connections.state_{connection.state}"))


def waits_for_access(connection: ConnectionSummary) -> bool:
    """Tell whether a person must still sign in at the service, for the first time or again."""
    access = connection.access
    return access is not None and access.by == "person" and access.granted_at is None


def choose_connector() -> None:
    """Ask which service to connect to."""
    with (
        dialog(say("connections.choose")),
    ):
        search = Search(say("connectors.search"), "choose-search", focused=True)
        taking = (connector for connector in by_category() if connector.connection is not None)
        with div("pd-palette-groups pd-narrow-groups"):
            for category, held in groupby(taking, key=lambda one: one.category):
                title = say(f"connectors.category_{category}")
                with div() as group:
                    words(title, "pd-palette-group", "h3")
                    with div("pd-tiles").style(
                        "grid-template-columns: repeat(auto-fill, minmax(190px, 1fr)); gap: 8px"
                    ):
                        for connector in held:
                            meant = f"{title} {also_called(connector.name)}"
                            search.add(f"{connector.title} {connector.name} {meant}", _choice(connector), group)
        search.end()


def _choice(connector: Connector) -> Element:
    with ui.element("a").props(f"href=/connections/new/{connector.name} data-testid=new-{connector.name}") as link:
        link.classes("pd-card pd-row pd-cols-icon").mark(f"new-{connector.name}")
        symbol(connector.icon, "accent")
        words(connector.title, "pd-strong")
    return link

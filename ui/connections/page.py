"""One connection: its form made from the connector's own struct, its test, where it is used."""

from __future__ import annotations

from nicegui import ui

from connectors.sdk import Connector, Settings
from connectors.sdk.describe import describe
from connectors.sdk.registry import find_connector
from connectors.sdk.sheet import summary_of
from hub.connections import ConnectionSummary
from hub.errors import InvalidError, NotFoundError
from hub.ids import parse
from hub.members import Member, Verb
from hub.text import say
from ui.connections.access import access_card, redirect_card
from ui.connections.connectors import setup_card
from ui.connections.health import health_lines
from ui.connections.listing import connection_state, waits_for_access
from ui.connections.uses import ask_to_remove, uses_card
from ui.form import Form
from ui.frame import crumbs, page
from ui.live import Live, after_load
from ui.pieces import button, card, div, heading, moment, note, words
from ui.services import Services
from ui.visit import Visit, tell


def create(services: Services) -> None:
    """Serve the pages at /connections/new/{connector} and /connections/{connection}."""

    @page("/connections/new/{connector}", services, "connections", say("connections.add"))
    async def new_connection_page(visit: Visit) -> None:
        visit.opened_by.authorize(Verb.EDIT_CONNECTIONS)
        connector, settings = _declared(visit.named("connector"))
        crumbs((say("nav.connections"), "/connections"), (connector.title, visit.path))
        sub = (settings.__doc__ or "").partition("\n")[0]
        with heading(say("connection.new", service=connector.title), sub, icon=connector.icon, tone="accent"):
            pass
        with div("pd-two"):
            with div("pd-stack-wide"):
                with card():
                    _new_form(visit, connector, settings)
                _offers(connector)
            with div("pd-stack-wide pd-first-narrow"):
                redirect_card(visit, connector)
                if connector.setup:
                    setup_card(connector)

    @page("/connections/{connection}", services, "connections", say("nav.connections"))
    async def connection_page(visit: Visit) -> None:
        found = await services.connections.show(visit.opened_by, parse("con", visit.named("connection")))
        connector, settings = _declared(found.connector)
        crumbs((say("nav.connections"), "/connections"), (found.name, visit.path))
        with heading(found.name, connector.title, icon=connector.icon, tone="accent"):
            if visit.may(Verb.EDIT_CONNECTIONS):
                remove = visit.does(lambda member: ask_to_remove(visit, member, found))
                button(say("connection.remove"), "remove", remove, kind="danger", icon="delete")
        with div("pd-two"):
            with div("pd-stack-wide"):
                with card(say("connection.settings")):
                    _edit_form(visit, found, settings)
                lacking = waits_for_access(found) or found.state not in {"ok", "untested"}
                if connector.setup and lacking and visit.may(Verb.EDIT_CONNECTIONS):
                    setup_card(connector)
            with div("pd-stack-wide pd-first-narrow"):
                access_card(visit, found)
                await _test(visit, found)
                await uses_card(visit, found)


def _offers(connector: Connector) -> None:
    """Tell what recipes can do over such a connection."""
    with card(say("connection.offers")), div("pd-tiles"):
        for part in summary_of(connector).parts:
            with div():
                words(part.title, "pd-strong")
                words(part.text, "pd-soft pd-small")


def _declared(name: str) -> tuple[Connector, type[Settings]]:
    connector = find_connector(name)
    if connector is None or connector.connection is None:
        raise NotFoundError(say("connection.no_connector"))
    return connector, connector.connection


def _new_form(visit: Visit, connector: Connector, settings: type[Settings]) -> None:
    name = (
        ui.input(say("connection.name"), value=connector.name)
        .props("outlined")
        .mark("connection-name")
        .style("width: 100%")
    )
    name.props["hint"] = say("connection.name_hint")
    name.props["data-testid"] = "connection-name"
    form = Form(describe(settings), {})
    form.draw()
    pace = ui.number(say("connection.pace"), min=0).props("outlined").mark("rate-limit").style("width: 100%")
    pace.props["hint"] = say("connection.pace_hint")

    async def add(member: Member) -> None:
        with _blaming(form):
            made = await visit.services.connections.add(
                member, name.value, connector.name, form.values(), pace.value or None
            )
            ui.navigate.to(_next(made))

    with div("pd-actions"):
        button(say("connection.save"), "save-connection", visit.does(add), kind="primary", icon="save")


def _edit_form(visit: Visit, found: ConnectionSummary, settings: type[Settings]) -> None:
    form = Form(describe(settings), found.settings, found.secrets_set)
    form.draw()
    if not visit.may(Verb.EDIT_CONNECTIONS):
        words(say("connections.right"), "pd-muted")
        return

    async def save(member: Member) -> None:
        with _blaming(form):
            identity = parse("con", found.id)
            held = await visit.services.connections.change(member, identity, form.values(), revision=found.revision)
            tell(say("connection.saved"))
            ui.navigate.to(_next(held))

    with div("pd-actions"):
        kind = "second" if waits_for_access(found) else "primary"
        button(say("connection.save"), "save-connection", visit.does(save), kind=kind, icon="save")


def _next(saved: ConnectionSummary) -> str:
    """Return where to go once it is saved: it is tested, unless a person must sign in at the service first."""
    return f"/connections/{saved.id}{'' if waits_for_access(saved) else '?test=1'}"


class _blaming:  # noqa: N801  # reads as a word in `with`
    """Puts the problems of a refused form at its fields, and lets the refusal go on to be told."""

    def __init__(self, form: Form) -> None:
        self._form = form

    def __enter__(self) -> None:
        self._form.blame(())

    def __exit__(self, _kind: object, error: BaseException | None, _trace: object) -> None:
        if isinstance(error, InvalidError):
            self._form.blame(error.errors)


async def _test(visit: Visit, found: ConnectionSummary) -> None:
    identity = parse("con", found.id)

    async def look() -> ConnectionSummary:
        return await visit.services.connections.show(await visit.member(), identity)

    with card(say("connection.test")):
        live = Live(look, _tested)
        await live.start()

        async def test(member: Member) -> None:
            waiting = ui.linear_progress(show_value=False).props("indeterminate rounded")
            try:
                await visit.services.connections.test(member, identity)
            finally:
                left = waiting.is_deleted  # whoever asked has closed the page; the answer is stored all the same
                if not left:
                    waiting.delete()
            if not left:
                await live.refresh()

        if visit.may(Verb.USE_CONNECTIONS) and not waits_for_access(found):
            button(say("connection.do_test"), "test-connection", visit.does(test), icon="network_check")
            if visit.asked("test"):
                after_load(visit.does(test))


def _tested(found: ConnectionSummary) -> None:
    with div("pd-stack"):
        with div("pd-line"):
            connection_state(found)
            if found.tested_at:
                moment(found.tested_at)
        if found.message and found.state not in {"ok", "untested"}:
            with note("bad", "error", say(f"connections.advice_{found.state}"), found.message):
                if found.state == "CredentialsError":
                    by_person = found.access is not None and found.access.by == "person"
                    words(say("connection.again_there" if by_person else "connection.again_here"), "pd-soft")
        elif found.message:
            words(found.message, "pd-soft")
        health_lines(found.health)

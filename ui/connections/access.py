"""Access that a connection's service grants: the way there, what was granted, and the page people come back to."""

from __future__ import annotations

from urllib.parse import urlsplit

from nicegui import ui

from connectors.sdk import Connector
from hub.connections import Access, ConnectionSummary, Returned
from hub.errors import HubError
from hub.ids import parse, show
from hub.members import Member, Verb
from hub.text import say
from ui.ask import confirm
from ui.frame import crumbs, page
from ui.live import after_load
from ui.pieces import button, card, copy_button, div, empty, heading, link_button, moment, note, state, words
from ui.services import Services
from ui.visit import COOKIE, Act, Visit, sentence_of


def create(services: Services) -> None:
    """Serve the page at /connections/granted, where services send people back to."""

    @page("/connections/granted", services, "connections", say("access.title"))
    async def granted_page(visit: Visit) -> None:
        crumbs((say("nav.connections"), "/connections"), (say("access.title"), visit.path))
        with heading(say("access.title")):
            pass
        returned = Returned(
            state=visit.asked("state"),
            code=visit.request.query_params.get("code", "")[:4000],
            error=visit.asked("error"),
            description=visit.asked("error_description"),
            told={name: value[:200] for name, value in visit.request.query_params.items()},
        )
        try:
            session = visit.request.cookies.get(COOKIE, "")
            connection = await services.grants.complete(await visit.member(), session, returned)
        except HubError as error:
            sentence = f"{sentence_of(error)} {say('access.try_again')}"
            empty("link_off", say("access.failed"), sentence, _to_connections)
            return
        words(say("access.working"), "pd-muted")
        link_button(say("access.to_connection"), f"/connections/{show('con', connection)}", "to-connection")
        after_load(lambda: ui.navigate.to(f"/connections/{show('con', connection)}?test=1&granted=1"))


def access_card(visit: Visit, found: ConnectionSummary) -> None:
    """Draw what the service granted, with the buttons that connect and disconnect; nothing when it grants nothing."""
    access = found.access
    if access is None:
        return
    with card(say("access.title")), div("pd-stack"):
        if access.by == "client":
            words(say("access.client"), "pd-soft")
        else:
            _state(access, refused=found.state == "CredentialsError")
            _ways(visit, found, access)
            _redirect(visit)
        _scopes(access)


def _state(access: Access, *, refused: bool) -> None:
    if access.granted_at is None:
        with div("pd-line"):
            state("failed" if refused else "waiting", say("connections.state_again" if refused else "access.none"))
        words(say("access.none_text"), "pd-soft")
        return
    with div("pd-line"):
        state("done", say("access.granted"))
        moment(access.granted_at)
    if access.expires_at:
        with div("pd-line"):
            words(say("access.expires"), "pd-soft")
            moment(access.expires_at)
            words(say("access.renewed"), "pd-soft")


def _ways(visit: Visit, found: ConnectionSummary, access: Access) -> None:
    if not visit.may(Verb.EDIT_CONNECTIONS):
        return
    identity = parse("con", found.id)

    async def connect(member: Member) -> None:
        session = visit.request.cookies.get(COOKIE, "")
        ui.navigate.to(await visit.services.grants.begin(member, identity, session))

    async def give_up(member: Member) -> None:
        await visit.services.grants.give_up(member, identity)
        ui.navigate.to(f"/connections/{found.id}")

    connected = access.granted_at is not None
    with div("pd-actions"):
        label = say("access.again" if connected else "access.connect")
        button(label, "connect", visit.does(connect), kind="second" if connected else "primary", icon="login")
        if connected:
            button(say("access.give_up"), "give-up", lambda: _ask(visit, found, give_up), icon="link_off")


def _ask(visit: Visit, found: ConnectionSummary, give_up: Act) -> None:
    confirm(visit, say("access.give_up"), say("access.give_up_text", name=found.name), give_up)


def _to_connections() -> None:
    link_button(say("access.to_connections"), "/connections", "to-connections")


def redirect_card(visit: Visit, connector: Connector) -> None:
    """Show the address that a service wants before it hands out a client id; nothing where nobody signs in there."""
    if connector.oauth_reader is None:
        return
    with card(say("connection.redirect")), div("pd-stack"):
        words(say("connection.redirect_text"), "pd-soft pd-small")
        _redirect(visit)


def _redirect(visit: Visit) -> None:
    address = visit.services.grants.redirect_url
    with div("pd-stack").style("gap: 8px"):
        words(say("access.redirect"), "pd-strong")
        with div("pd-line").style("flex-wrap: nowrap"):
            words(address, "pd-code").style("overflow-wrap: anywhere").mark("redirect-address")
            copy_button(address, "copy-redirect")
        words(say("access.redirect_hint"), "pd-soft pd-small")
        if _is_refused(address):
            words(say("connection.redirect_plain"), "pd-soft pd-small")


def _is_refused(address: str) -> bool:
    """Tell whether most services would refuse an address: sent in the clear, and not to the same machine."""
    found = urlsplit(address)
    return found.scheme != "https" and found.hostname not in {"localhost", "127.0.0.1", "::1"}


def _scopes(access: Access) -> None:
    if not access.scopes:
        return
    with div("pd-stack"):
        words(say("access.asked"), "pd-strong")
        for scope, reason in access.scopes.items():
            with div("pd-line"):
                words(scope, "pd-code")
                words(reason, "pd-soft")
    missing = [scope for scope in access.scopes if scope not in access.granted]
    if access.granted and missing:
        with note("warn", "warning", say("access.missing", scopes=", ".join(missing)), ""):
            pass

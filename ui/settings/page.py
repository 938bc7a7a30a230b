"""Settings: members and invitations, API keys, one's own account."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from nicegui import ui

from hub.accounts import Invitation, KeySummary, Link, MemberSummary, NewKey, SessionSummary
from hub.errors import InvalidError
from hub.ids import parse
from hub.members import Member, Role, Scope, Verb
from hub.text import say
from ui.ask import answer_buttons, confirm, dialog
from ui.frame import page
from ui.pieces import button, card, copy_button, div, empty, heading, moment, pill, row, state, words
from ui.services import Services
from ui.settings.chat import chat
from ui.settings.language_models import language_models
from ui.settings.privacy import privacy
from ui.settings.ways_in import ways_in_card
from ui.visit import COOKIE, Visit

TABS = ("members", "keys", "models", "privacy", "chat", "account")
LASTS = {"": None, "30": 30, "90": 90, "365": 365}


def create(services: Services) -> None:
    """Serve the page at /settings."""

    @page("/settings", services, "settings", say("nav.settings"))
    async def settings_page(visit: Visit) -> None:
        with heading(say("nav.settings"), say("settings.sub")):
            pass
        asked = visit.asked("tab")
        with ui.tabs().props("align=left no-caps dense narrow-indicator") as tabs:
            for name in TABS:
                ui.tab(name, label=say(f"settings.{name}")).mark(f"tab-{name}").props(f"data-testid=tab-{name}")
        with ui.tab_panels(tabs, value=asked if asked in TABS else "members", animated=False):
            with ui.tab_panel("members"):
                await _members(visit)
            with ui.tab_panel("keys"):
                await _keys(visit)
            with ui.tab_panel("models"):
                await language_models(visit)
            with ui.tab_panel("privacy"):
                await privacy(visit)
            with ui.tab_panel("chat"):
                await chat(visit)
            with ui.tab_panel("account"):
                await _account(visit)


async def _members(visit: Visit) -> None:
    people = await visit.services.memberships.list(visit.opened_by)
    may = visit.may(Verb.EDIT_MEMBERS)
    invited = await visit.services.memberships.invitations(visit.opened_by) if may else []
    with div("pd-stack-wide"):
        with div("pd-spread"):
            words(say("settings.members_text"), "pd-soft")
            allowed = "" if may else say("settings.members_right")
            button(
                say("settings.invite"),
                "invite",
                lambda: _invite(visit),
                kind="primary",
                icon="person_add",
                allowed=allowed,
            )
        with card(pad=False):
            for person in people:
                _person(visit, person, may=may)
        if invited:
            with card(say("settings.invited"), pad=False):
                for invitation in invited:
                    _invitation(visit, invitation)


def _person(visit: Visit, person: MemberSummary, *, may: bool) -> None:
    async def change(member: Member, role: str) -> None:
        await visit.services.memberships.change_role(member, parse("usr", person.id), role)

    def remove() -> None:
        async def act(member: Member) -> None:
            await visit.services.memberships.remove(member, parse("usr", person.id))
            ui.navigate.to("/settings")

        confirm(visit, say("settings.remove"), say("settings.remove_text", name=person.email), act)

    with row("people", "", "", ""):
        with div("pd-grow"):
            words(person.name or person.email, "pd-strong pd-clip")
            words(person.email, "pd-muted pd-small pd-clip")
        if may:
            roles = {role.name.lower(): say(f"role.{role.name.lower()}") for role in Role}
            picked = (
                ui.select(roles, value=person.role).props("outlined dense options-dense").mark(f"role {person.email}")
            )
            picked.props["aria-label"] = say("settings.role_of", name=person.email)
            picked.on_value_change(
                lambda event: visit.try_to(lambda member: change(member, event.value), done=say("settings.changed"))
            )
        else:
            pill(say(f"role.{person.role}"))
        with div("pd-wide"):
            moment(person.last_sign_in_at)
        if may:
            button(say("settings.remove"), f"remove {person.email}", remove, kind="quiet")


def _invitation(visit: Visit, invitation: Invitation) -> None:
    async def withdraw(member: Member) -> None:
        await visit.services.memberships.withdraw(member, parse("inv", invitation.id))
        ui.navigate.to("/settings")

    with row("people", "", "", ""):
        words(invitation.email, "pd-strong pd-clip")
        pill(say(f"role.{invitation.role}"))
        with div("pd-wide"):
            moment(invitation.expires_at)
        button(say("settings.withdraw"), f"withdraw {invitation.email}", visit.does(withdraw), kind="quiet")


def _invite(visit: Visit) -> None:
    with dialog(say("settings.invite"), say("settings.invite_text")) as opened:
        email = ui.input(say("gate.email")).props("outlined type=email").mark("invite-email").style("width: 100%")
        roles = {
            role.name.lower(): say(f"role.{role.name.lower()}_may") for role in Role if role <= visit.opened_by.role
        }
        role = ui.radio(roles, value="editor").mark("invite-role")

        async def invite(member: Member) -> None:
            link = await visit.services.memberships.invite(member, email.value.strip(), str(role.value))
            opened.close()
            _show_link(link)

        answer_buttons(opened, say("settings.do_invite"), visit.does(invite))


def _show_link(link: Link) -> None:
    """Show a link this once; by mail it has gone already."""
    text = say("settings.mailed") if link.mailed else say("settings.pass_on")
    with dialog(say("settings.invitation_made"), text, then="/settings"):
        _once(link.url)


def _once(secret: str) -> None:
    with div("pd-line").style("flex-wrap: nowrap"):
        words(secret, "pd-pre pd-grow").mark("once").props("data-testid=once")
        copy_button(secret, "copy-once")


async def _keys(visit: Visit) -> None:
    if not visit.may(Verb.EDIT_KEYS):
        with card(pad=False):
            empty("key_off", say("keys.right"), say("keys.right_text"))
        return
    keys = [one for one in await visit.services.keys.list(visit.opened_by) if one.revoked_at is None]
    with div("pd-stack-wide"):
        with div("pd-spread"):
            words(say("keys.text"), "pd-soft")
            button(say("keys.new"), "new-key", lambda: _new_key(visit), kind="primary", icon="key")
        with card(pad=False):
            if not keys:
                empty("key", say("keys.none"), say("keys.none_text"))
            for key in keys:
                _key(visit, key)


def _key(visit: Visit, key: KeySummary) -> None:
    def revoke() -> None:
        async def act(member: Member) -> None:
            await visit.services.keys.revoke(member, parse("key", key.id))
            ui.navigate.to("/settings?tab=keys")

        confirm(visit, say("keys.revoke"), say("keys.revoke_text", name=key.name), act)

    with row("people", "", "", ""):
        with div("pd-grow"):
            words(key.name, "pd-strong pd-clip")
            words(f"{key.prefix}… · {key.email}", "pd-mono pd-muted pd-clip")
        with div("pd-line pd-tight"):
            for scope in key.scopes:
                pill(scope)
            if key.test:
                pill(say("keys.test"))
        with div("pd-wide"):
            moment(key.last_used_at)
        button(say("keys.revoke"), f"revoke {key.name}", revoke, kind="quiet")


def _new_key(visit: Visit) -> None:
    with dialog(say("keys.new"), say("keys.new_text")) as opened:
        name = ui.input(say("keys.name")).props("outlined").mark("key-name").style("width: 100%")
        scope = ui.radio({one.value: say(f"keys.scope_{one}") for one in Scope}, value=Scope.RUN.value).mark(
            "key-scope"
        )
        test = ui.switch(say("keys.only_test")).mark("key-test")
        lasts = ui.select(
            {days: say(f"keys.lasts_{days or 'ever'}") for days in LASTS}, value="90", label=say("keys.lasts")
        )
        lasts.props("outlined dense").mark("key-lasts")

        async def make(member: Member) -> None:
            days = LASTS[str(lasts.value)]
            until = datetime.now(UTC) + timedelta(days=days) if days else None
            wanted = NewKey(name=name.value, scopes=(Scope(str(scope.value)),), test=bool(test.value), expires_at=until)
            made = await visit.services.keys.create(member, wanted)
            opened.close()
            with dialog(say("keys.made"), say("keys.made_text"), then="/settings?tab=keys"):
                _once(made.key)

        answer_buttons(opened, say("keys.make"), visit.does(make))


async def _account(visit: Visit) -> None:
    profile = await visit.profile()
    token = visit.request.cookies.get(COOKIE, "")
    here = await visit.services.accounts.session_pass(token)
    sessions = await visit.services.sessions.list(visit.opened_by, here.session)
    with div("pd-two"):
        with div("pd-stack-wide"):
            with card(say("account.sessions"), pad=False):
                for session in sessions:
                    _session(visit, session)
            await ways_in_card(visit)
        with card(say("account.password")):
            words(profile.email, "pd-soft")
            current = (
                ui.input(say("account.current"), password=True)
                .props("outlined autocomplete=current-password")
                .mark("current")
            )
            new = ui.input(say("account.new"), password=True).props("outlined autocomplete=new-password").mark("new")
            new.props["hint"] = say("gate.strong")

            async def change(member: Member) -> None:
                passed = await visit.services.accounts.session_pass(token)
                if passed.session is None:
                    raise InvalidError(say("account.no_session"))
                await visit.services.accounts.change_password(member, passed.session, current.value, new.value)
                current.value = new.value = ""

            with div("pd-actions"):
                button(
                    say("account.change"),
                    "change-password",
                    visit.does(change, done=say("account.changed")),
                    kind="primary",
                )


def browser_of(agent: str) -> str:
    """Name browser and system as people know them; what is neither stays as it is."""
    known = next((name for sign, name in _BROWSERS if sign in agent), "")
    system = next((name for sign, name in _SYSTEMS if sign in agent), "")
    if known and system:
        return say("account.browser", browser=known, system=system)
    return known or agent[:80] or say("account.unknown")


_BROWSERS = (("Firefox/", "Firefox"), ("Edg/", "Edge"), ("OPR/", "Opera"), ("Chrome/", "Chrome"), ("Safari/", "Safari"))
_SYSTEMS = (
    ("Android", "Android"),
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Windows", "Windows"),
    ("Mac OS", "macOS"),
    ("Linux", "Linux"),
)


def _session(visit: Visit, session: SessionSummary) -> None:
    async def end(member: Member) -> None:
        await visit.services.sessions.end(member, parse("ses", session.id))
        ui.navigate.to("/settings?tab=account")

    with row("pair", "", "", ""):
        with div("pd-grow"):
            words(browser_of(session.user_agent), "pd-clip").props["title"] = session.user_agent
            with div("pd-line"):
                words(session.address, "pd-muted pd-small", "span")
                moment(session.seen_at)
        if session.current:
            state("live", say("account.here"))
        else:
            button(say("account.end"), f"end {session.id}", visit.does(end), kind="quiet")

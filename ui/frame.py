"""The frame around every page: navigation, where one is, who one is, light or dark."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from hashlib import sha256
from pathlib import Path
from typing import Any

from nicegui import ui
from nicegui.element import Element

from hub.accounts import Profile
from hub.decisions import APPROVAL, REVIEW
from hub.errors import HubError, NotFoundError
from hub.members import Verb
from hub.outages import GONE
from hub.text import count, say
from ui.help.topics import topic_of
from ui.pieces import div, empty, link_button, pill, round_button, words
from ui.services import Services
from ui.visit import Visit, in_browser, outage_sentence

Build = Callable[[Visit], Awaitable[None]]

SECTIONS: Sequence[tuple[str, Sequence[tuple[str, str, str]]]] = (
    ("", (("home", "/", "space_dashboard"), ("recipes", "/recipes", "account_tree"), ("runs", "/runs", "play_circle"),
          ("reviews", "/reviews", "fact_check"), ("approvals", "/approvals", "approval"),
          ("dead_letters", "/dead-letters", "report"), ("triggers", "/triggers", "bolt"),
          ("deliveries", "/deliveries", "outbox"))),
    ("records", (("datasets", "/datasets", "table_chart"), ("extractions", "/extractions", "document_scanner"),
                 ("schemas", "/schemas", "schema"), ("quality", "/quality", "insights"))),
    ("services", (("connections", "/connections", "cable"), ("connectors", "/connectors", "extension"),
                  ("webhooks", "/webhooks", "webhook"))),
    ("workspace", (("settings", "/settings", "tune"), ("audit", "/audit", "history"))),
)  # fmt: skip
DARK = {"light": False, "dark": True, "system": None}
SCRIPTS = ("press", "patchdeck", "places", "document", "field", "drop", "grid", "fields", "parts", "search")
STYLES = ("patchdeck", "document", "forms", "parts")
STATIC = Path(__file__).parent / "static"
# A busy machine may take a while to build a page; before, it is better to wait than to read an error
BUILT_WITHIN = 60.0


def _address(file: str) -> str:
    """Return where the browser finds a file; another one after an upgrade, as it keeps what it has fetched."""
    return f"/ui-static/{file}?{sha256((STATIC / file).read_bytes()).hexdigest()[:12]}"


HEAD = "".join(
    [
        *(f'<script src="{_address(f"{name}.js")}"></script>' for name in SCRIPTS),
        *(f'<link rel="stylesheet" href="{_address(f"{name}.css")}">' for name in STYLES),
    ]
)


def page(path: str, services: Services, section: str, title: str) -> Callable[[Build], Build]:
    """Serve a page inside the frame; what its services refuse is shown in the page's place."""

    def register(build: Build) -> Build:
        @ui.page(path, title=f"{title} · Patchdeck", response_timeout=BUILT_WITHIN)
        async def framed() -> None:
            visit = Visit.of(services)
            try:
                async with _frame(visit, section, title):
                    await _fill(build, visit)
            except GONE as error:
                dress(visit.theme)
                _refused("cloud_off", say("frame.away"), outage_sentence(error))

        return build

    return register


async def _fill(build: Build, visit: Visit) -> None:
    """Build a page inside the frame; what services refuse is shown in its place."""
    try:
        await build(visit)
    except NotFoundError as error:
        _refused("search_off", say("frame.not_found"), error.message)
    except HubError as error:
        _refused("block", say("frame.refused"), error.message)


def crumbs(*trail: tuple[str, str]) -> None:
    """Say where this page lies: names and addresses from the section down to here."""
    ui.page_title(f"{trail[-1][0]} · Patchdeck")
    place = ui.context.client.elements.get(_TRAILS.get(ui.context.client.id, -1))
    if place is None:
        return
    place.clear()
    with place:
        for name, target in trail[:-1]:
            ui.link(name, target).mark(f"crumb {target}")
            words("/", tag="span").props("aria-hidden=true")
        words(trail[-1][0], "pd-last", "span").props("aria-current=page")


_TRAILS: dict[str, int] = {}


def dress(theme: str) -> ui.dark_mode:
    """Bring our looks into the page, light or dark as chosen."""
    ui.add_head_html(HEAD)
    return ui.dark_mode(DARK[theme])


def _refused(icon: str, title: str, sentence: str) -> None:
    with div("pd-card"):
        empty(icon, title, sentence, lambda: link_button(say("frame.home"), "/", "go-home", kind="primary"), tag="h1")


@asynccontextmanager
async def _frame(visit: Visit, section: str, title: str) -> AsyncIterator[None]:
    profile = await visit.profile()
    workspaces = await visit.services.workspaces.list(visit.opened_by)
    dark = dress(visit.theme)
    ui.link(say("frame.skip"), "#content").classes("pd-skip").mark("skip")
    with (
        ui.left_drawer(value=False, bordered=False, elevated=False, top_corner=True)
        .props("width=236 mini-width=61 breakpoint=1023 show-if-above")
        .classes("pd-drawer") as drawer,
        _navigation(visit, section, profile, await _waiting(visit)),
    ):
        _narrowing(drawer, narrow=visit.narrow)
    with ui.header(elevated=False).classes("pd-top"):
        menu = round_button("menu", say("frame.menu"), "menu", drawer.toggle)
        menu.classes("lt-md")
        trail = div("pd-crumbs", "nav").props(f'aria-label="{say("frame.where")}"')
        _help(visit)
        _theme(visit, dark)
        _person(profile, [(one.id, one.name, one.current) for one in workspaces])
    client = ui.context.client
    _TRAILS[client.id] = trail.id
    client.on_delete(lambda: _TRAILS.pop(client.id, None))
    crumbs((title, visit.path))
    with div("pd-main").props("id=content tabindex=-1"):
        yield


async def _waiting(visit: Visit) -> dict[str, int]:
    """Count what waits for people, by the place in the navigation where it waits."""
    decisions, member = visit.services.decisions, visit.opened_by
    return {"reviews": await decisions.count(member, REVIEW), "approvals": await decisions.count(member, APPROVAL)}


def _navigation(visit: Visit, section: str, profile: Profile, waiting: dict[str, int]) -> Element:
    """Draw where one can go and in which workspace one is; returns its foot."""
    with ui.element("a").props("href=/").classes("pd-brand").mark("brand"):
        ui.element("img").props('src=/ui-static/mark.svg alt=""')
        words("Patchdeck", tag="span")
    with div("pd-nav", "nav").props(f'aria-label="{say("frame.navigation")}"'):
        for group, entries in SECTIONS:
            if group:
                words(say(f"nav.{group}"), "pd-nav-group")
            for name, target, icon in entries:
                if name != "audit" or visit.may(Verb.SEE_AUDIT):
                    _entry((name, target, icon), waiting.get(name, 0), current=name == section)
    with div("pd-workspace pd-line") as foot:
        words(profile.workspace_name[:1].upper(), "pd-avatar").props("aria-hidden=true")
        with div("pd-grow"):
            words(profile.workspace_name, "pd-strong pd-clip")
            words(say(f"role.{profile.role}"), "pd-muted pd-small")
    return foot


def _narrowing(drawer: ui.left_drawer, *, narrow: bool) -> None:
    """Let the navigation be icons only, here and on the pages that are opened next."""
    shown = round_button("", "", "nav-narrow").classes("pd-narrowing")

    def turn(narrow: bool) -> None:
        drawer.props("mini" if narrow else "", remove="" if narrow else "mini")
        shown.props["icon"] = "chevron_right" if narrow else "chevron_left"
        shown.props["aria-label"] = shown.props["title"] = say("frame.widen" if narrow else "frame.narrow")
        shown.props["aria-expanded"] = "false" if narrow else "true"
        shown.update()

    def press() -> None:
        narrow = "mini" not in drawer.props
        turn(narrow)
        in_browser("navigation", "narrow" if narrow else "wide")

    shown.on_click(press)
    turn(narrow)


def _entry(entry: tuple[str, str, str], waiting: int, *, current: bool) -> None:
    name, target, icon = entry
    with ui.element("a").props(f"href={target} data-testid=nav-{name}").mark(f"nav-{name}") as link:
        link.props["title"] = say(f"nav.{name}")
        if current:
            link.props("aria-current=page")
        ui.icon(icon).props("aria-hidden=true")
        words(say(f"nav.{name}"), tag="span")
        if waiting:
            pill(f"{waiting:,}").props["aria-label"] = count("frame.waiting", waiting)


def _help(visit: Visit) -> None:
    """Lead to the part of the guide that tells of this page."""
    shown = round_button("help_outline", say("frame.help"), "help")
    shown.props["href"] = topic_of(visit.path, visit.asked("tab"))


def _theme(visit: Visit, dark: ui.dark_mode) -> None:
    icons = {"light": "light_mode", "dark": "dark_mode", "system": "contrast"}
    shown = round_button(icons[visit.theme], say("frame.theme"), "theme")

    def choose(name: str) -> None:
        dark.value = DARK[name]
        shown.props(f"icon={icons[name]}")
        in_browser("theme", name)

    with shown, ui.menu():
        for name, icon in icons.items():
            _item(icon, say(f"frame.theme_{name}"), f"theme-{name}", lambda *_, name=name: choose(name))


def _item(icon: str, label: str, mark: str, click: Callable[..., Any]) -> None:
    with ui.menu_item(on_click=click).mark(mark).props(f"data-testid={mark}"), div("pd-line"):
        ui.icon(icon, size="18px").classes("pd-muted").props("aria-hidden=true")
        words(label, tag="span")


def _person(profile: Profile, workspaces: Sequence[tuple[str, str, bool]]) -> None:
    name = profile.name or profile.email
    letters = "".join(word[0] for word in name.split()[:2]).upper()
    shown = ui.button(color=None).props("flat round").classes("pd-quiet pd-round").mark("person")
    shown.props["aria-label"] = say("frame.person", name=name)
    shown.props["data-testid"] = "person"
    with shown:
        words(letters, "pd-avatar")
        with ui.menu().props("anchor='bottom right' self='top right'"):
            with div("pd-pad"):
                words(name, "pd-strong")
                words(profile.email, "pd-muted pd-small")
            for identity, title, current in workspaces if len(workspaces) > 1 else ():
                _item(
                    "check" if current else "workspaces", title, f"workspace-{identity}",
                    lambda *_, identity=identity: in_browser("workspace", identity),
                )  # fmt: skip
            ui.separator()
            _item("person", say("frame.account"), "account", lambda: ui.navigate.to("/settings?tab=account"))
            _item("help", say("nav.help"), "guide", lambda: ui.navigate.to("/help"))
            _item("menu_book", say("frame.api"), "api-reference", lambda: ui.navigate.to("/api/docs", new_tab=True))
            _item("logout", say("frame.sign_out"), "sign-out", lambda: in_browser("leave"))

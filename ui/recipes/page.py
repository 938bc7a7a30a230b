"""One recipe: its steps, its editor, its versions, its runs, and all that can be done with it."""

from __future__ import annotations

from collections.abc import Callable

from nicegui import ui

from connectors.sdk import TriggerKind
from connectors.sdk.registry import find_trigger
from hub.ids import parse
from hub.members import Member, Verb
from hub.recipes import RecipeView, from_plain
from hub.runs import Filter, RunSummary
from hub.text import say
from ui.ask import answer_buttons, confirm, dialog
from ui.frame import crumbs, page
from ui.live import Live
from ui.pieces import (
    bones,
    button,
    card,
    copy_button,
    div,
    empty,
    head_row,
    heading,
    link_button,
    moment,
    note,
    pill,
    round_button,
    words,
)
from ui.recipes.editor import Editor
from ui.recipes.listing import icon_of, recipe_state
from ui.recipes.sample import ask_for_sample
from ui.recipes.steps import flow
from ui.recipes.versions import versions_tab
from ui.runs.listing import run_row, short_row
from ui.services import Services
from ui.trying.listening import listen
from ui.visit import Act, Visit, tell

TABS = ("steps", "editor", "versions", "runs")


def create(services: Services) -> None:
    """Serve the page at /recipes/{recipe}."""

    @page("/recipes/{recipe}", services, "recipes", say("nav.recipes"))
    async def recipe_page(visit: Visit) -> None:
        recipe = await services.recipes.show(visit.opened_by, visit.named("recipe"))
        name = recipe.title or recipe.name
        crumbs((say("nav.recipes"), "/recipes"), (name, visit.path))
        with heading(name, recipe.document["metadata"].get("note", ""), icon=icon_of(recipe), tone="accent"):
            _actions(visit, recipe)
        with div("pd-line").style("margin: -12px 0 18px"):
            recipe_state(recipe)
            if recipe.version is not None:
                pill(say("recipe.version", number=recipe.version))
            for label in recipe.labels:
                pill(label)
        await _tabs(visit, recipe)


def _actions(visit: Visit, recipe: RecipeView) -> None:
    canvas = link_button(say("canvas.link"), f"/recipes/{recipe.id}/canvas", "to-canvas", icon="schema")
    canvas.classes("pd-wide-only")
    runs, plans, edits = (visit.may(verb) for verb in (Verb.RUN, Verb.PLAN, Verb.EDIT_RECIPES))
    if plans:
        button(say("recipe.plan"), "plan", lambda: ask_for_sample(visit, recipe, plan=True), icon="fact_check")
    if runs and recipe.version is not None:
        button(say("recipe.run"), "run-now", lambda: ask_for_sample(visit, recipe, plan=False), icon="play_arrow")
    if edits and (recipe.changed or recipe.version is None):
        button(say("recipe.publish"), "publish", lambda: publish(visit, recipe.id), kind="primary", icon="publish")
    if edits:
        _menu(visit, recipe)


def _menu(visit: Visit, recipe: RecipeView) -> None:
    entries: list[tuple[str, str, str, Callable[[], object]]] = []
    if recipe.version is not None:
        live = recipe.state == "live"
        entries.append(("pause" if live else "play_arrow", say("recipe.pause" if live else "recipe.resume"), "switch",
                        lambda: _switch(visit, recipe)))  # fmt: skip
    if recipe.hook_url:
        entries.append(("autorenew", say("recipe.rotate"), "rotate", lambda: _rotate(visit, recipe)))
    to_past = f"/recipes/{recipe.id}/past"
    entries.append(("history", say("past.title"), "time-machine", lambda: ui.navigate.to(to_past)))
    entries.append(("content_copy", say("recipe.clone"), "clone", lambda: _clone(visit, recipe)))
    entries.append(("delete", say("recipe.delete"), "delete", lambda: _delete(visit, recipe)))
    with round_button("more_vert", say("recipe.more"), "more"), ui.menu():
        for icon, label, mark, act in entries:
            with ui.menu_item(on_click=act).mark(mark).props(f"data-testid={mark}"), div("pd-line"):
                ui.icon(icon, size="18px").classes("pd-muted").props("aria-hidden=true")
                words(label, tag="span")


def publish(visit: Visit, recipe: str, revision: int | None = None, then: Act | None = None) -> None:
    """Ask for a note and make the draft what runs; what comes then is the recipe's page, unless said otherwise."""
    with dialog(say("recipe.publish"), say("recipe.publish_text")) as opened:
        past = ui.link(say("past.link"), f"/recipes/{recipe}/past").mark("to-past").tooltip(say("past.link_text"))
        past.props["data-testid"] = "to-past"
        said = ui.input(say("recipe.note")).props("outlined").mark("publish-note").style("width: 100%")

        async def do(member: Member) -> None:
            made = await visit.services.recipes.publish(member, recipe, revision=revision, note=said.value.strip())
            opened.close()
            tell(say("recipe.published" if made.fresh else "recipe.unchanged", number=made.version))
            if then is None:
                ui.navigate.to(f"/recipes/{recipe}")
            else:
                await then(member)

        answer_buttons(opened, say("recipe.publish"), visit.does(do))


async def _switch(visit: Visit, recipe: RecipeView) -> None:
    async def turn(member: Member) -> None:
        recipes = visit.services.recipes
        await (recipes.pause if recipe.state == "live" else recipes.resume)(member, recipe.id)
        ui.navigate.to(f"/recipes/{recipe.id}")

    await visit.try_to(turn)


def _rotate(visit: Visit, recipe: RecipeView) -> None:
    async def rotate(member: Member) -> None:
        await visit.services.recipes.rotate_hook(member, recipe.id)
        ui.navigate.to(f"/recipes/{recipe.id}")

    confirm(visit, say("recipe.rotate"), say("recipe.rotate_text"), rotate)


def _clone(visit: Visit, recipe: RecipeView) -> None:
    with dialog(say("recipe.clone"), say("recipe.clone_text")) as opened:
        named = ui.input(say("recipe.name"), value=f"{recipe.name}-copy").props("outlined").mark("clone-name")

        async def clone(member: Member) -> None:
            made = await visit.services.recipes.clone(member, recipe.id, named.value.strip())
            ui.navigate.to(f"/recipes/{made.id}?tab=editor")

        answer_buttons(opened, say("recipe.clone"), visit.does(clone))


def _delete(visit: Visit, recipe: RecipeView) -> None:
    async def delete(member: Member) -> None:
        await visit.services.recipes.remove(member, recipe.id)
        ui.navigate.to("/recipes")

    sentence = say("recipe.delete_text", name=recipe.title or recipe.name)
    confirm(visit, say("recipe.delete"), sentence, delete)


async def _tabs(visit: Visit, recipe: RecipeView) -> None:
    """Draw the tabs; each is filled when it is opened."""
    asked = visit.asked("tab")
    first = asked if asked in TABS else "steps"
    filled: set[str] = set()
    with ui.tabs().props("align=left no-caps dense narrow-indicator") as tabs:
        for name in TABS:
            ui.tab(name, label=say(f"recipe.tab_{name}")).mark(f"tab-{name}").props(f"data-testid=tab-{name}")
    panels = {}
    with ui.tab_panels(tabs, value=first, animated=False, keep_alive=True):
        for name in TABS:
            with ui.tab_panel(name) as panel:
                panels[name] = panel

    async def fill(name: str) -> None:
        if name in filled:
            return
        filled.add(name)
        with panels[name]:
            waiting = bones()
            await _FILL[name](visit, recipe)
            waiting.delete()

    tabs.on_value_change(lambda event: fill(event.value))
    await fill(first)


async def _steps_tab(visit: Visit, recipe: RecipeView) -> None:
    with div("pd-two"):
        with div():
            flow(from_plain(recipe.document))
        with div("pd-stack-wide"):
            if recipe.problems:
                with note("bad", "error", say("recipe.broken"), recipe.problems[0].message):
                    link_button(say("recipe.mend"), f"/recipes/{recipe.id}?tab=editor", "mend")
            await _trigger(visit, recipe)
            await _recent(visit, recipe)


async def _trigger(visit: Visit, recipe: RecipeView) -> None:
    trigger = recipe.trigger
    runs = await visit.services.history.list(
        visit.opened_by, Filter(recipe=parse("rcp", recipe.id), kind="live", limit=1)
    )
    last = trigger.last_event_at or (runs.entries[0].started_at if runs.entries else None)
    with card(say("recipe.trigger")):
        if trigger.failures:
            with note("bad", "sensors_off", say("recipe.failing", number=trigger.failures), trigger.message):
                pass
        if recipe.hook_url:
            words(say("recipe.hook"), "pd-muted pd-small")
            with div("pd-line").style("flex-wrap: nowrap"):
                words(recipe.hook_url, "pd-mono pd-grow").mark("hook-url").props("data-testid=hook-url")
                copy_button(recipe.hook_url, "copy-hook")
        facts = (
            ("recipe.last_event", last),
            ("recipe.last_poll", trigger.last_poll_at),
            ("recipe.next_due", trigger.next_due_at),
        )
        for key, at in facts:
            if at is not None or key == "recipe.last_event":
                with div("pd-spread"):
                    words(say(key), "pd-muted pd-small")
                    moment(at, "pd-small")
        if trigger.duplicates:
            with div("pd-spread"):
                words(say("recipe.duplicates"), "pd-muted pd-small")
                words(f"{trigger.duplicates:,}", "pd-small pd-number")
        part = find_trigger(trigger.uses)
        listens = part is not None and part.kind in (TriggerKind.WEBHOOK, TriggerKind.POLL)
        if listens and visit.may(Verb.PLAN):
            _listen(visit, recipe)


def _listen(visit: Visit, recipe: RecipeView) -> None:
    """Offer to wait for one test event, and to plan with the one that came."""
    box, identity = div("pd-stack"), parse("rcp", recipe.id)

    async def heard(_: Member, item: str) -> None:
        async def plan(member: Member) -> None:
            made = await visit.services.runs.plan(member, identity, None, item=parse("itm", item))
            ui.navigate.to(f"/runs/{made.run.id}")

        box.clear()
        with box, note("ok", "check_circle", say("recipe.heard")):
            link_button(say("recipe.see_item"), f"/items/{item}", "see-item", kind="quiet")
            button(say("recipe.plan_with"), "plan-with", visit.does(plan), kind="primary", icon="fact_check")

    button(say("recipe.listen"), "listen", lambda: listen(visit, identity, heard), icon="hearing")


async def _recent(visit: Visit, recipe: RecipeView) -> None:
    async def look() -> list[RunSummary]:
        found = await visit.services.history.list(await visit.member(), Filter(recipe=parse("rcp", recipe.id), limit=6))
        return list(found.entries)

    with card(say("recipe.recent"), pad=False):
        await Live(look, _recent_rows, busy=_one_goes_on, rings=visit.rings).start()


def _one_goes_on(runs: list[RunSummary]) -> bool:
    return any(run.state == "running" for run in runs)


def _recent_rows(runs: list[RunSummary]) -> None:
    for run in runs:
        short_row(run)
    if not runs:
        empty("play_circle", say("recipe.no_runs"), say("recipe.no_runs_text"))


async def _editor_tab(visit: Visit, recipe: RecipeView) -> None:
    await Editor(visit, recipe, publish).draw()


async def _runs_tab(visit: Visit, recipe: RecipeView) -> None:
    wanted = Filter(recipe=parse("rcp", recipe.id), limit=30)
    found = await visit.services.history.list(visit.opened_by, wanted)
    with card(pad=False):
        if not found.entries:
            empty("play_circle", say("recipe.no_runs"), say("recipe.no_runs_text"))
            return
        head_row("runs", [say(f"runs.column_{name}") for name in ("state", "kind", "items", "took", "started")])
        for run in found.entries:
            run_row(run, recipe=False)
        if found.cursor:
            with div("pd-pad"):
                link_button(say("recipe.all_runs"), f"/runs?recipe={recipe.id}", "all-runs", kind="quiet")


_FILL = {"steps": _steps_tab, "editor": _editor_tab, "versions": versions_tab, "runs": _runs_tab}

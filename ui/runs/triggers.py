"""Triggers: how each fares, with what fails first, and asking, pausing or resuming one."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection, Sequence
from datetime import datetime

from nicegui import ui

from connectors.sdk import TriggerKind
from hub.ids import parse
from hub.members import Member, Verb
from hub.runs import TriggerHealth
from hub.text import count, say
from ui.frame import page
from ui.live import Live
from ui.pieces import (
    button,
    card,
    copy_button,
    div,
    duration,
    empty,
    head_row,
    heading,
    link_button,
    moment,
    older,
    pill,
    row,
    state,
    words,
)
from ui.runs.naming import trigger_title
from ui.services import Services
from ui.visit import Visit, tell

COLUMNS = ("health", "recipe", "last", "next", "waiting")
# What is later than this is told
LATE = 5.0
# Does something with the trigger of a recipe, then draws them all anew
Acting = Callable[[str, Awaitable[object]], Awaitable[None]]
PAGE = 30


def create(services: Services) -> None:
    """Serve the page at /triggers."""

    @page("/triggers", services, "triggers", say("nav.triggers"))
    async def triggers_page(visit: Visit) -> None:
        with heading(say("nav.triggers"), say("triggers.sub")):
            pass

        # What was paused or resumed here stays in its place, not on another page of the list, until this one is left
        order: list[str] = []
        acted: set[str] = set()

        async def look() -> Sequence[TriggerHealth]:
            found = _in_place(await services.triggers.list(await visit.member()), order, acted)
            order[:] = [one.recipe for one in found]
            return found

        async def acting(recipe: str, act: Awaitable[object]) -> None:
            # Before it is done: the list may be looked at as soon as it is
            acted.add(recipe)
            await act
            await live.refresh()

        live = Live(look, lambda found: _show(visit, found, acting), rings=visit.rings)
        await live.start()


def _in_place(found: Sequence[TriggerHealth], order: Sequence[str], acted: Collection[str]) -> Sequence[TriggerHealth]:
    """Return triggers with those that somebody acted on where they stood before."""
    stay = {one.recipe: one for one in found if one.recipe in acted and one.recipe in order}
    placed = [one for one in found if one.recipe not in stay]
    for recipe in sorted(stay, key=order.index):
        placed.insert(order.index(recipe), stay[recipe])
    return placed


def _part(visit: Visit, found: Sequence[TriggerHealth]) -> tuple[Sequence[TriggerHealth], str | None]:
    """Return the page that was asked for, and where the next one starts."""
    names = [one.recipe for one in found]
    cursor = visit.asked("cursor")
    start = names.index(cursor) + 1 if cursor in names else 0
    return found[start : start + PAGE], names[start + PAGE - 1] if start + PAGE < len(found) else None


def _show(visit: Visit, found: Sequence[TriggerHealth], acting: Acting) -> None:
    if not found:
        with card(pad=False):
            empty("bolt", say("triggers.none"), say("triggers.none_text"), lambda: link_button(
                say("nav.recipes"), "/recipes", "to-recipes", kind="primary"))  # fmt: skip
        return
    failing = sum(one.health == "failing" for one in found)
    with div("pd-line").style("margin-bottom: 14px"):
        words(count("triggers.number", len(found)), "pd-soft", "span")
        if failing:
            pill(count("triggers.failing", failing), alert=True)
    with card(pad=False):
        head_row("triggers", [*(say(f"triggers.column_{name}") for name in COLUMNS), ""])
        shown, cursor = _part(visit, found)
        for one in shown:
            _row(visit, one, acting)
        older(cursor, "/triggers")


def _row(visit: Visit, one: TriggerHealth, acting: Acting) -> None:
    name = one.title or one.recipe_name
    with row("triggers", f"/recipes/{one.recipe}", name, f"trigger {one.recipe_name}"):
        with div("pd-line pd-tight"):
            state(one.health, say(f"triggers.is_{one.health}"))
        with div("pd-grow"):
            words(name, "pd-strong")
            words(trigger_title(one.uses), "pd-muted pd-small")
            if one.message:
                words(one.message, "pd-bad pd-small")
            _connection(one)
        with div():
            _when("triggers.event", one.last_event_at)
            if one.last_poll_at:
                _when("triggers.poll", one.last_poll_at)
        with div():
            _next(one)
        with div("" if one.waiting else "pd-wide"):
            words(count("triggers.waiting", one.waiting), "pd-number pd-small")
            if one.oldest_waiting_at:
                _when("triggers.since", one.oldest_waiting_at)
        with div("pd-line pd-above pd-nowrap").style("justify-content: flex-end; gap: 0"):
            _actions(visit, one, acting)


def _connection(one: TriggerHealth) -> None:
    """Say how the credentials fare, with a link to mend them."""
    if one.connection is None:
        return
    with div("pd-line pd-tight pd-above"):
        label = say("triggers.connection", name=one.connection)
        if one.connection_id:
            mark = f"connection {one.recipe_name}"
            link = ui.link(label, f"/connections/{one.connection_id}").classes("pd-small").mark(mark)
            link.props["data-testid"] = mark
        else:
            words(label, "pd-muted pd-small", "span")
        if one.connection_state != "ok":
            state(one.connection_state or "failed", say("triggers.connection_gone") if not one.connection_id else "")
    if one.connection_message:
        words(one.connection_message, "pd-bad pd-small")


def _next(one: TriggerHealth) -> None:
    if one.state == "paused":
        words(say("triggers.resting"), "pd-muted pd-small")
    elif one.next_poll_at is not None:
        _when("triggers.due", one.next_poll_at)
        if one.late_seconds > LATE:
            words(say("triggers.late", time=duration(one.late_seconds * 1000)), "pd-bad pd-small")
    else:
        words(say("triggers.told"), "pd-muted pd-small")
    if one.watched:
        words(say("triggers.watched"), "pd-muted pd-small")


def _when(key: str, at: datetime | None) -> None:
    with div("pd-line pd-tight"):
        words(say(key), "pd-muted pd-small", "span")
        moment(at)


def _actions(visit: Visit, one: TriggerHealth, acting: Acting) -> None:
    recipe = parse("rcp", one.recipe)

    async def ask(member: Member) -> None:
        found = await visit.services.triggers.poll(member, recipe)
        tell(found.message or say("triggers.polled"))

    async def poll(member: Member) -> None:
        await acting("", ask(member))

    async def pause(member: Member) -> None:
        await acting(one.recipe, visit.services.recipes.pause(member, recipe))

    async def resume(member: Member) -> None:
        await acting(one.recipe, visit.services.recipes.resume(member, recipe))

    if one.hook_url:
        copy_button(one.hook_url, f"copy-hook {one.recipe_name}")
    if one.kind == TriggerKind.POLL and one.state == "live" and visit.may(Verb.RUN):
        button(say("triggers.ask"), f"poll {one.recipe_name}", visit.does(poll), kind="quiet", icon="sync")
    if visit.may(Verb.EDIT_RECIPES):
        paused = one.state == "paused"
        label, act = (say("recipe.resume"), resume) if paused else (say("recipe.pause"), pause)
        icon, mark = ("play_arrow", "resume") if paused else ("pause", "pause")
        done = say(f"triggers.{mark}d_done")
        button(label, f"{mark} {one.recipe_name}", visit.does(act, done=done), kind="quiet", icon=icon)

"""One outbound webhook: its state, its secret, and the log of what was sent and answered."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any, get_args

from nicegui import ui

from hub.ids import parse
from hub.members import Member
from hub.subscriptions import Message, MessageDetail, MessagePage, Replay, Subscription, SubscriptionChange
from hub.subscriptions.structs import MESSAGE, MessageState
from hub.text import count, say
from ui.ask import answer_buttons, confirm, dialog
from ui.frame import crumbs, page
from ui.live import Live
from ui.pieces import button, card, div, empty, heading, moment, note, older, pill, round_button, row, state, words
from ui.services import Services
from ui.values import json_of
from ui.visit import Visit, tell
from ui.webhooks.kinds import KindBoxes
from ui.webhooks.listing import show_secret, webhook_state

PAGE = 50
STATES = get_args(MessageState)
DAYS = (1, 2, 3)


def create(services: Services) -> None:
    """Serve the page at /webhooks/{webhook}."""

    @page("/webhooks/{webhook}", services, "webhooks", say("nav.webhooks"))
    async def webhook_page(visit: Visit) -> None:
        found = await services.subscriptions.show(visit.opened_by, visit.named("webhook"))
        name = found.description or found.url
        crumbs((say("nav.webhooks"), "/webhooks"), (name, visit.path))
        with heading(name, found.url, icon="webhook", tone="accent"):
            _actions(visit, found)
        with div("pd-stack-wide"):
            _condition(visit, found)
            _facts(found)
            await _log(visit, found)


def _actions(visit: Visit, found: Subscription) -> None:
    button(say("webhooks.test"), "test-webhook", visit.does(lambda member: _test(visit, member, found)), icon="send")
    with round_button("more_vert", say("recipe.more"), "more"), ui.menu():
        _choice(say("webhooks.change"), "change-webhook", lambda: _change(visit, found))
        _choice(say("webhooks.rotate"), "rotate", lambda: _rotate(visit, found))
        _choice(say("webhooks.replay"), "replay", lambda: _replay(visit, found))
        if found.state == "active":
            _choice(say("webhooks.pause"), "pause", visit.does(lambda member: _set(visit, member, found, active=False)))
        ui.separator()
        _choice(say("webhooks.remove"), "remove", lambda: _remove(visit, found))


def _choice(label: str, mark: str, click: Callable[..., Any]) -> None:
    ui.menu_item(label, click).mark(mark).props(f"data-testid={mark}")


def _condition(visit: Visit, found: Subscription) -> None:
    """Say why nothing is sent, with the way back; or that the receiver has been failing for a while."""
    if found.state != "active":
        tone, title = ("bad", "disabled") if found.state == "disabled" else ("wait", "paused")
        sentence = found.reason or say("webhooks.paused_text")
        with note(tone, "block" if tone == "bad" else "pause_circle", say(f"webhooks.{title}_title"), sentence):
            resume = visit.does(lambda member: _set(visit, member, found, active=True))
            button(say("webhooks.resume"), "resume", resume, kind="primary")
    elif found.failing_since:
        with note("wait", "warning", say("webhooks.failing"), say("webhooks.failing_text")):
            moment(found.failing_since)


def _facts(found: Subscription) -> None:
    with card():
        with div("pd-line"):
            webhook_state(found)
            for kind in found.kinds:
                pill(kind)
        with div("pd-line"):
            words(say("webhooks.values_on" if found.with_values else "webhooks.values_off"), "pd-soft pd-small", "span")
            if found.previous_secret_until and found.previous_secret_until > datetime.now(UTC):
                words(say("webhooks.two_secrets"), "pd-soft pd-small", "span")
                moment(found.previous_secret_until)


async def _log(visit: Visit, found: Subscription) -> None:
    asked, cursor = visit.asked("state"), visit.asked("cursor")
    chosen: MessageState | None = next((one for one in STATES if one == asked), None)
    before = parse(MESSAGE, cursor) if cursor else None

    async def look() -> MessagePage:
        member = await visit.member()
        return await visit.services.messages.list(member, found.id, state=chosen, before=before, limit=PAGE)

    with div("pd-spread"):
        words(say("webhooks.log"), tag="h2")
        ways = {"": say("webhooks.all"), **{one: say(f"webhooks.message_{one}") for one in STATES}}
        ui.select(
            ways, value=chosen or "", label=say("webhooks.show"),
            on_change=lambda event: ui.navigate.to(f"{visit.path}?state={event.value}" if event.value else visit.path),
        ).props("outlined dense options-dense").mark("message-state").style("min-width: 150px")  # fmt: skip
    with card(pad=False):
        live = Live(look, lambda seen: _messages(visit, found, seen), busy=_busy, rings=visit.rings)
        await live.start()


def _busy(seen: MessagePage) -> bool:
    return any(one.state == "waiting" for one in seen.items)


def _messages(visit: Visit, found: Subscription, seen: MessagePage) -> None:
    if not seen.items:
        empty("outbox", say("webhooks.no_messages"), say("webhooks.no_messages_text"))
    for one in seen.items:
        _message(visit, found, one)
    chosen = visit.asked("state")
    older(seen.next_cursor, f"{visit.path}?state={chosen}" if chosen else visit.path)


def _message(visit: Visit, found: Subscription, one: Message) -> None:
    async def look(member: Member) -> None:
        _detail(visit, found, await visit.services.messages.show(member, found.id, one.id))

    with row("message", "", "", ""):
        state(one.state, say(f"webhooks.message_{one.state}"))
        with div("pd-grow"):
            words(one.type, "pd-strong pd-clip")
            words(one.problem or one.subject, "pd-muted pd-small pd-clip")
        words(_tries(one), "pd-soft pd-small pd-wide")
        with div("pd-stay pd-wide"):
            moment(one.at)
        button(say("webhooks.look"), f"look {one.id}", visit.does(look), kind="quiet")


def _tries(one: Message) -> str:
    tries = count("webhooks.tries", one.tries)
    return say("webhooks.answered", tries=tries, status=one.status) if one.status else tries


def _detail(visit: Visit, found: Subscription, detail: MessageDetail) -> None:
    """Show what is sent and what each try was answered, with the way to send it again."""
    with dialog(detail.message.type, detail.message.id) as opened:
        words(say("webhooks.sent_body"), tag="h3")
        json_of(detail.payload)
        words(say("webhooks.attempts"), tag="h3")
        if not detail.attempts:
            words(say("webhooks.no_attempts"), "pd-muted")
        for one in detail.attempts:
            with div("pd-stack").style("gap: 4px; border-top: 1px solid var(--line); padding-top: 8px"):
                with div("pd-line"):
                    taken = one.status is not None and 200 <= one.status < 300
                    state("ok" if taken else "failed", str(one.status or say("webhooks.no_answer")))
                    words(say("webhooks.took", number=one.number, took=one.took_ms), "pd-small pd-soft", "span")
                    moment(one.at)
                if one.problem:
                    words(one.problem, "pd-bad pd-small")
                if one.answer:
                    words(one.answer, "pd-pre", "pre")

        async def resend(member: Member) -> None:
            await visit.services.messages.resend(member, found.id, detail.message.id)
            opened.close()
            tell(say("webhooks.resent"))

        if found.state == "active":
            answer_buttons(opened, say("webhooks.resend"), visit.does(resend))


async def _test(visit: Visit, member: Member, found: Subscription) -> None:
    _detail(visit, found, await visit.services.messages.test(member, found.id))


async def _set(visit: Visit, member: Member, found: Subscription, *, active: bool) -> None:
    await visit.services.subscriptions.change(member, found.id, SubscriptionChange(active=active))
    ui.navigate.to(visit.path)


def _change(visit: Visit, found: Subscription) -> None:
    with dialog(say("webhooks.change")) as opened:
        url = ui.input(say("webhooks.url"), value=found.url).props("outlined type=url").mark("webhook-url")
        about = ui.input(say("webhooks.description"), value=found.description).props("outlined").mark("webhook-about")
        for field in (url, about):
            field.style("width: 100%")
        boxes = KindBoxes(found.kinds)
        values = ui.switch(say("webhooks.with_values"), value=found.with_values).mark("webhook-values")

        async def save(member: Member) -> None:
            change = SubscriptionChange(
                url=url.value.strip(), kinds=boxes.chosen(), description=about.value, with_values=bool(values.value)
            )
            await visit.services.subscriptions.change(member, found.id, change, revision=found.revision)
            ui.navigate.to(visit.path)

        answer_buttons(opened, say("connection.save"), visit.does(save))


def _rotate(visit: Visit, found: Subscription) -> None:
    async def rotate(member: Member) -> None:
        show_secret((await visit.services.subscriptions.rotate(member, found.id)).secret, visit.path)

    confirm(visit, say("webhooks.rotate"), say("webhooks.rotate_text"), rotate, grave=False)


def _replay(visit: Visit, found: Subscription) -> None:
    with dialog(say("webhooks.replay"), say("webhooks.replay_text")) as opened:
        days = ui.radio({one: count("webhooks.days", one) for one in DAYS}, value=1).mark("replay-days")

        async def replay(member: Member) -> None:
            since = datetime.now(UTC) - timedelta(days=int(days.value or 1))
            done = await visit.services.messages.replay(member, found.id, Replay(since=since))
            opened.close()
            tell(say("webhooks.replayed", again=done.again, missed=done.missed))

        answer_buttons(opened, say("webhooks.replay"), visit.does(replay))


def _remove(visit: Visit, found: Subscription) -> None:
    async def remove(member: Member) -> None:
        await visit.services.subscriptions.remove(member, found.id)
        ui.navigate.to("/webhooks")

    confirm(visit, say("webhooks.remove"), say("webhooks.remove_text", url=found.url), remove)

"""Replays of many items: how far one is, what became of its items, and taking back what has not started."""

from __future__ import annotations

import msgspec

from hub.ids import parse
from hub.members import Member, Verb
from hub.runs import Filter, ItemSummary, ReplayView
from hub.text import count, say
from ui.ask import confirm
from ui.frame import crumbs, page
from ui.live import Live
from ui.pieces import (
    button,
    card,
    div,
    empty,
    exact,
    head_row,
    heading,
    link_button,
    moment,
    note,
    older,
    row,
    state,
    words,
)
from ui.runs.listing import recipe_of
from ui.services import Services
from ui.visit import Visit

MOST = 100
PAGE = 30
TONES = (("delivered", "ok"), ("filtered", "mute"), ("taken_back", "mute"), ("dead", "bad"), ("cancelled", "mute"))
OPEN = ("waiting", "running", "waiting_until", "waiting_for")


class Shown(msgspec.Struct, frozen=True):
    """A replay and its items as they are now."""

    replay: ReplayView
    items: list[ItemSummary]
    more: bool


def create(services: Services) -> None:
    """Serve the pages at /replays and /replays/{replay}."""

    @page("/replays", services, "runs", say("replay.earlier"))
    async def replays_page(visit: Visit) -> None:
        crumbs((say("nav.runs"), "/runs"), (say("replay.earlier"), visit.path))
        cursor = visit.asked("cursor")
        before = parse("rpl", cursor) if cursor else None
        found = await services.replays.list(visit.opened_by, before=before, limit=PAGE)
        with heading(say("replay.earlier"), say("replay.earlier_sub")):
            pass
        with card(pad=False):
            if not found.entries:
                empty("replay", say("replay.none"), say("replay.none_text"))
                return
            head_row("short", [say(f"replay.column_{name}") for name in ("state", "items", "when")])
            for one in found.entries:
                _row(one)
            older(found.cursor, "/replays")

    @page("/replays/{replay}", services, "runs", say("replay.one"))
    async def replay_page(visit: Visit) -> None:
        replay = await services.replays.show(visit.opened_by, parse("rpl", visit.named("replay")))
        trail = (say("nav.runs"), "/runs"), (say("replay.earlier"), "/replays")
        crumbs(*trail, (exact(replay.made_at), visit.path))
        await _Replay(visit, replay).draw()


class _Replay:
    """A replay that is looked at; it is followed until every item has ended."""

    def __init__(self, visit: Visit, replay: ReplayView) -> None:
        self._visit = visit
        self._id = parse("rpl", replay.id)

    async def draw(self) -> None:
        await Live(self._look, self._show, busy=lambda shown: is_busy(shown.replay), rings=self._visit.rings).start()

    async def _look(self) -> Shown:
        member, services = await self._visit.member(), self._visit.services
        replay = await services.replays.show(member, self._id)
        found = await services.history.items(member, Filter(replay=self._id, limit=MOST))
        return Shown(replay, list(found.entries), found.cursor is not None)

    def _show(self, shown: Shown) -> None:
        replay = shown.replay
        sub = say("replay.by", name=replay.made_by_name) if replay.made_by_name else ""
        with heading(count("replay.heading", replay.items), sub):
            if replay.states.get("waiting") and self._visit.may(Verb.RUN):
                button(say("replay.take_back"), "take-back", self._take_back, icon="undo")
            link_button(say("replay.runs"), f"/runs?replay={replay.id}", "to-runs", kind="quiet", icon="play_circle")
        with div("pd-card pd-pad pd-stack").style("margin-bottom: 22px"):
            self._progress(replay)
        if replay.passed_over:
            with div("pd-stack").style("margin-bottom: 22px"):
                for one in replay.passed_over:
                    with note("wait", "info", count("replay.not", one.items), one.reason):
                        pass
        with card(pad=False):
            for item in shown.items:
                _item(item)
            if shown.more:
                words(say("run.more_items", number=MOST), "pd-pad pd-muted")

    def _progress(self, replay: ReplayView) -> None:
        with div("pd-line"):
            state("running" if is_busy(replay) else "done").props("data-testid=replay-state")
            words(say("replay.progress", ended=f"{replay.ended:,}", items=f"{replay.items:,}"), "pd-strong", "span")
            moment(replay.made_at)
            words(say("replay.newest" if replay.newest else "replay.same"), "pd-muted pd-small", "span")
            if replay.from_start:
                words(say("replay.start"), "pd-muted pd-small", "span")
        with div("pd-meter").props("aria-hidden=true"):
            for name, tone in TONES:
                share = replay.states.get(name, 0) / max(replay.items, 1) * 100
                div(f"pd-tone-{tone}").style(f"width: {share:.1f}%")
        with div("pd-line").style("gap: 4px 20px"):
            for name, number in sorted(replay.states.items()):
                with div("pd-line pd-tight").props(f"data-testid=replayed-{name}"):
                    words(f"{number:,}", "pd-strong pd-number", "span")
                    words(say(f"replay.state_{name}"), "pd-soft pd-small", "span")

    def _take_back(self) -> None:
        async def take_back(member: Member) -> None:
            await self._visit.services.replays.take_back(member, self._id)

        title, done = say("replay.take_back"), say("replay.taken_back")
        confirm(self._visit, title, say("replay.take_back_text"), take_back, done=done, grave=False)


def is_busy(replay: ReplayView) -> bool:
    """Tell whether items of a replay wait to be worked on or are worked on."""
    return any(replay.states.get(name) for name in ("waiting", "running"))


def _row(replay: ReplayView) -> None:
    label = count("replay.heading", replay.items)
    with row("short", f"/replays/{replay.id}", label, f"replay {replay.id}"):
        state("running" if is_busy(replay) else "done")
        with div("pd-grow"):
            words(label, "pd-strong pd-clip")
            parts = [f"{number:,} {say(f'replay.state_{name}')}" for name, number in sorted(replay.states.items())]
            words(" · ".join(parts), "pd-muted pd-small pd-clip")
        with div("pd-stay"):
            words(replay.made_by_name or "", "pd-soft pd-small")
            moment(replay.made_at)


def _item(item: ItemSummary) -> None:
    with row("short", f"/items/{item.id}", item.title or item.id, f"item {item.id}"):
        state(item.state)
        with div("pd-grow"):
            words(item.title or item.id, "pd-strong pd-clip")
            words(item.reason or recipe_of(item), "pd-muted pd-small pd-clip")
        with div("pd-stay"):
            moment(item.ended_at or item.accepted_at)

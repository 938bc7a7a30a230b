"""Dead letters: items that failed for good, why, whose they are, and the ways to be done with them."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence

from nicegui import ui

from hub.accounts import MemberSummary
from hub.ids import parse, show
from hub.members import Member, Verb
from hub.runs import Cause, Filter, ItemSummary, Replay, ReplayChoice
from hub.text import count, say
from ui.frame import page
from ui.pieces import (
    button,
    card,
    div,
    empty,
    head_row,
    heading,
    link_button,
    moment,
    older,
    pill,
    row,
    words,
)
from ui.runs.filter_bar import FilterBar, recipe_choices
from ui.runs.letter_actions import ask_owner, close_letters, reopen_letters
from ui.runs.listing import recipe_of
from ui.runs.picking import Picked, act
from ui.runs.replaying import ask_replay
from ui.services import Services
from ui.visit import Visit

PAGE = 30
CAUSES = 6
CLOSED = ("resolved", "ignored", "all")


def create(services: Services) -> None:
    """Serve the page at /dead-letters."""

    @page("/dead-letters", services, "dead_letters", say("nav.dead_letters"))
    async def dead_letters_page(visit: Visit) -> None:
        recipes, _ = await recipe_choices(visit)
        people = {one.id: one for one in await services.memberships.list(visit.opened_by)}
        choices = {
            "recipe": recipes,
            "owner": {"me": say("dead.mine"), **{one.id: one.name or one.email for one in people.values()}},
            "closed": {name: say(f"dead.closed_{name}") for name in CLOSED},
        }
        bar = FilterBar(visit, "/dead-letters", "dead", choices, kept=("cause",))
        with heading(say("nav.dead_letters"), say("dead.sub")):
            link_button(say("replay.earlier"), "/replays", "to-replays", kind="quiet", icon="history")
        bar.draw()
        if not bar.asked and not visit.asked("cursor"):
            _causes(visit, await services.letters.causes(visit.opened_by))
        found = await services.history.items(visit.opened_by, _wanted(visit, bar))
        _Letters(visit, bar, people).draw(list(found.entries), found.cursor)


class _Letters:
    """The list and what can be done with the chosen ones."""

    def __init__(self, visit: Visit, bar: FilterBar, people: Mapping[str, MemberSummary]) -> None:
        self._visit = visit
        self._bar = bar
        self._people = people

    def draw(self, items: Sequence[ItemSummary], cursor: str | None) -> None:
        with card(pad=False):
            if not items:
                key = "dead.no_match" if self._bar.asked else "dead.none"
                empty("mark_email_read", say(key), say(f"{key}_text"))
                return
            picked = Picked([one.id for one in items], self._offer) if self._visit.may(Verb.RUN) else None
            if picked:
                picked.bar()
            head_row("dead", [say(f"dead.column_{name}") for name in ("item", "reason", "owner", "when")] + [""])
            for item in items:
                self._row(item, picked)
            older(cursor, self._bar.address())

    def _offer(self, picked: Picked) -> None:
        chosen = picked.chosen
        if not chosen:
            if self._bar.asked.get("closed") is None:
                label = say("replay.matching" if self._bar.asked else "dead.replay_every")
                act(label, "replay-all", lambda: ask_replay(self._visit, _matching(self._visit, self._bar)), "replay")
            return
        visit = self._visit
        act(say("replay.chosen"), "replay-chosen", lambda: ask_replay(visit, ReplayChoice(items=chosen)), "replay")
        act(say("dead.assign"), "assign", lambda: ask_owner(visit, chosen, self._people), "person_add")
        if self._bar.asked.get("closed") in {"resolved", "ignored"}:
            act(say("dead.reopen"), "reopen", lambda: reopen_letters(visit, chosen), "unarchive")
        else:
            act(say("dead.resolve"), "resolve", lambda: close_letters(visit, chosen, "resolved"), "task_alt")
            act(say("dead.ignore"), "ignore", lambda: close_letters(visit, chosen, "ignored"), "do_not_disturb_on")

    def _row(self, item: ItemSummary, picked: Picked | None) -> None:
        with row("dead", f"/items/{item.id}", item.title or item.id, f"dead {item.id}"):
            with div("pd-line pd-tight pd-nowrap"):
                if picked:
                    picked.box(item.id, item.title or item.id)
                with div("pd-grow"):
                    words(item.title or item.id, "pd-strong pd-clip")
                    words(recipe_of(item), "pd-muted pd-small pd-clip")
            with div("pd-grow"):
                words(item.reason or "", "pd-bad")
                if item.step:
                    words(say("item.stopped_at", step=item.step), "pd-muted pd-small")
                if item.note:
                    words(item.note, "pd-soft pd-small pd-clip").props(f'aria-label="{say("item.note")}"')
                if item.closed_as:
                    words(say(f"dead.was_{item.closed_as}", reason=item.closed_reason), "pd-soft pd-small")
            self._owner(item)
            moment(item.ended_at or item.accepted_at)
            with div("pd-above"):
                if self._visit.may(Verb.RUN) and not item.closed_as:
                    button(say("item.replay"), f"replay {item.id}", self._replays(item.id), kind="quiet", icon="replay")

    def _owner(self, item: ItemSummary) -> None:
        person = self._people.get(item.owner or "")
        words(
            (person.name or person.email) if person else "–", f"pd-soft pd-small pd-clip {'' if person else 'pd-wide'}"
        )

    def _replays(self, item: str) -> Callable[..., Awaitable[None]]:
        async def replay(member: Member) -> None:
            await self._visit.services.runs.replay(member, parse("itm", item), Replay())
            ui.navigate.reload()

        return self._visit.does(replay)


def _causes(visit: Visit, causes: Sequence[Cause]) -> None:
    """Show what many failed of, each with the way to replay them together."""
    many = [one for one in causes if one.items > 1][:CAUSES]
    if not many:
        return
    with div("pd-card", "section").style("margin-bottom: 22px"):
        with div("pd-card-head"), div():
            words(say("dead.causes"), tag="h2")
            words(say("dead.causes_text"), "pd-muted pd-small")
        for cause in many:
            _cause(visit, cause)


def _cause(visit: Visit, cause: Cause) -> None:
    label = count("dead.alike", cause.items)
    with row("cause", f"/dead-letters?cause={cause.id}", label, f"cause {cause.id}"):
        pill(f"{cause.items:,}")
        with div("pd-grow"):
            words(cause.reason, "pd-bad pd-clip")
            place = f"{recipe_of(cause)} · {cause.step}" if cause.step else recipe_of(cause)
            words(place, "pd-muted pd-small pd-clip")
        moment(cause.newest_at)
        with div("pd-above"):
            if visit.may(Verb.RUN) and cause.replayable:
                choice = ReplayChoice(all=True, cause=cause.id)
                button(
                    say("dead.replay_cause"), f"replay-cause {cause.id}", lambda: ask_replay(visit, choice),
                    kind="quiet", icon="replay",
                )  # fmt: skip


def _wanted(visit: Visit, bar: FilterBar) -> Filter:
    asked, cursor = bar.asked, visit.asked("cursor")
    owner = _owner_of(visit, asked.get("owner", ""))
    return Filter(
        letters=asked.get("closed", "open") if asked.get("closed") in {None, *CLOSED} else "open",
        recipe=parse("rcp", asked["recipe"]) if "recipe" in asked else None,
        owner=parse("usr", owner) if owner else None,
        cause=asked.get("cause"),
        text=asked.get("q", ""),
        before=parse("itm", cursor) if cursor else None,
        limit=PAGE,
    )


def _owner_of(visit: Visit, owner: str) -> str:
    user = visit.opened_by.user
    return show("usr", user) if owner == "me" and user is not None else owner


def _matching(visit: Visit, bar: FilterBar) -> ReplayChoice:
    asked = bar.asked
    return ReplayChoice(
        all=True,
        recipe=asked.get("recipe"),
        owner=_owner_of(visit, asked.get("owner", "")) or None,
        cause=asked.get("cause"),
        text=asked.get("q", ""),
    )

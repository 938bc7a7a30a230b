"""The time machine: the draft tried on past items, what it would have written beside what was written."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
from nicegui import ui

from hub.ids import parse
from hub.members import Member, Verb
from hub.recipes import RecipeView
from hub.runs.past import ComparedItem, Comparison, Wanted
from hub.runs.past.compared import Change, Counts, Record
from hub.runs.past.views import PREFIX
from hub.text import count, say
from ui.frame import crumbs, page
from ui.live import Live
from ui.pieces import button, card, div, empty, heading, link_button, moment, note, pill, row, state, words
from ui.runs.naming import target_title
from ui.services import Services
from ui.values import brief
from ui.visit import Visit

ITEMS = (50, 200, 500, 1000)
DAYS = (1, 7, 30)
PAGE = 25
# Rows of one item on the page; the others are counted
MOST_RECORDS = 20
_TONES = {"same": "mute", "added": "ok", "missing": "bad", "changed": "wait"}


class Shown(msgspec.Struct, frozen=True):
    """A comparison with one page of its items, as the page follows them."""

    comparison: Comparison | None
    items: Sequence[ComparedItem] = ()
    cursor: str | None = None


def create(services: Services) -> None:
    """Serve the page at /recipes/{recipe}/past."""

    @page("/recipes/{recipe}/past", services, "recipes", say("past.title"))
    async def past_page(visit: Visit) -> None:
        recipe = await services.recipes.show(visit.opened_by, visit.named("recipe"))
        name = recipe.title or recipe.name
        crumbs((say("nav.recipes"), "/recipes"), (name, f"/recipes/{recipe.id}"), (say("past.title"), visit.path))
        with heading(say("past.title"), say("past.sub"), icon="history", tone="plum"):
            pass
        kept = await services.time_machine.list(visit.opened_by, parse("rcp", recipe.id))
        asked = visit.asked("comparison")
        chosen = next((one.id for one in kept if one.id == asked), kept[0].id if kept else None)
        with div("pd-stack").style("gap: 18px"):
            _begin(visit, recipe)
            await _Following(visit, recipe, chosen).draw()
            _earlier(recipe, [one for one in kept if one.id != chosen])


def _begin(visit: Visit, recipe: RecipeView) -> None:
    """Draw how many items the draft is to be tried on."""
    if recipe.problems:
        with note("bad", "error", say("past.problems"), say("past.problems_text")):
            link_button(say("past.problems"), f"/recipes/{recipe.id}?tab=editor", "mend", icon="edit")
        return
    if not visit.may(Verb.PLAN):
        return
    with card(), div("pd-line"):
        items = ui.select({number: f"{number:,}" for number in ITEMS}, value=200, label=say("past.items"))
        days = ui.select({day: count("past.days_value", day) for day in DAYS}, value=30, label=say("past.days"))
        for field, mark in ((items, "past-items"), (days, "past-days")):
            field.props(f"outlined dense data-testid={mark}").style("min-width: 170px").mark(mark)

        async def start(member: Member) -> None:
            wanted = Wanted(items=int(items.value), days=int(days.value))
            made = await visit.services.time_machine.start(member, parse("rcp", recipe.id), wanted)
            ui.navigate.to(f"/recipes/{recipe.id}/past?comparison={made.id}")

        button(say("past.start"), "start-comparison", visit.does(start), kind="primary", icon="history")


class _Following:
    """The comparison that is looked at: how far it is, its sums, and its items."""

    def __init__(self, visit: Visit, recipe: RecipeView, chosen: str | None) -> None:
        self._visit = visit
        self._recipe = parse("rcp", recipe.id)
        self._chosen = parse(PREFIX, chosen) if chosen else None
        self._everything = visit.asked("all") == "1"
        self._cursor = visit.asked("cursor") or None

    async def draw(self) -> None:
        """Draw it, and follow it while it works."""
        live = Live(self._look, self._show, busy=lambda one: _running(one.comparison), classes="pd-stack")
        await live.start()

    async def _look(self) -> Shown:
        if self._chosen is None:
            return Shown(None)
        machine, member = self._visit.services.time_machine, await self._visit.member()
        comparison = await machine.show(member, self._recipe, self._chosen)
        page_ = await machine.items(
            member, self._recipe, self._chosen, differing=not self._everything, limit=PAGE, cursor=self._cursor
        )
        return Shown(comparison, page_.items, page_.cursor)

    def _show(self, shown: Shown) -> None:
        comparison = shown.comparison
        if comparison is None:
            with card(pad=False):
                empty("history", say("past.none"), say("past.none_text"))
            return
        with card():
            self._sums(comparison)
        if comparison.state != "running" and not shown.items and not self._everything and self._cursor is None:
            with card(pad=False):
                empty("verified", say("past.nothing_differs"), say("past.nothing_differs_text"))
        for item in shown.items:
            _item(item)
        if shown.cursor:
            link_button(say("past.older"), self._place(comparison, cursor=shown.cursor), "older", icon="expand_more")

    def _sums(self, comparison: Comparison) -> None:
        with div("pd-line"):
            state(comparison.state)
            words(say("past.progress", compared=comparison.compared, total=comparison.total), "pd-strong", "span")
            moment(comparison.started_at)
            if comparison.state == "running" and self._visit.may(Verb.PLAN):
                stop = self._visit.does(self._stop, done=say("past.stopped"))
                button(say("past.cancel"), "stop-comparison", stop, kind="quiet", icon="stop")
        if comparison.state == "running":
            share = comparison.compared / max(comparison.total, 1)
            ui.linear_progress(share, show_value=False).props(f'aria-label="{say("past.title")}"')
        if comparison.message:
            words(comparison.message, "pd-soft")
        with div("pd-line").mark("past-sums"):
            pill(count("past.differing", comparison.differing), alert=comparison.differing > 0)
            if comparison.outcomes:
                pill(count("past.outcomes", comparison.outcomes), alert=True)
            for name in Counts.__struct_fields__:
                pill(say(f"past.{name}", number=f"{getattr(comparison.counts, name):,}"))
        only = ui.checkbox(say("past.only_differing"), value=not self._everything).mark("only-differing")
        only.props("data-testid=only-differing")
        only.on_value_change(lambda: ui.navigate.to(self._place(comparison, everything=not self._everything)))

    def _place(self, comparison: Comparison, *, everything: bool | None = None, cursor: str = "") -> str:
        every = self._everything if everything is None else everything
        more = f"{'&all=1' if every else ''}{f'&cursor={cursor}' if cursor else ''}"
        return f"/recipes/{comparison.recipe}/past?comparison={comparison.id}{more}"

    async def _stop(self, member: Member) -> None:
        if self._chosen is not None:
            await self._visit.services.time_machine.cancel(member, self._recipe, self._chosen)


def _running(comparison: Comparison | None) -> bool:
    return comparison is not None and comparison.state == "running"


def _item(item: ComparedItem) -> None:
    """Draw one item: how it would end, and every row that differs."""
    with card() as body:
        body.mark(f"compared-{item.item}")
        with div("pd-line"):
            ui.link(item.title or item.item, f"/items/{item.item}").classes("pd-strong").mark(f"item {item.item}")
            state(item.state_now)
            moment(item.accepted_at)
            words(say("past.version", number=item.version), "pd-muted pd-small", "span")
            for key, number in (("past.taken", item.taken), ("past.anew", item.anew)):
                if number:
                    words(count(key, number), "pd-muted pd-small", "span")
        if item.state_now != item.state_then:
            then, now = say(f"state.{item.state_then}"), say(f"state.{item.state_now}")
            words(f"{say('past.was', then=then.lower(), now=now.lower())} {item.reason}".strip(), "pd-soft")
        if item.unknown:
            words(say("past.unknown", steps=", ".join(item.unknown)), "pd-soft")
        if not item.records:
            words(say("past.no_writes"), "pd-muted")
        for record in item.records[:MOST_RECORDS]:
            _record(record)
        total = sum(getattr(item.counts, name) for name in Counts.__struct_fields__)
        if total > (shown := min(len(item.records), MOST_RECORDS)):
            words(count("past.more", total - shown), "pd-muted")


def _record(record: Record) -> None:
    with div("pd-stack").style("gap: 3px").mark(f"record-{record.kind}"):
        with div("pd-line"):
            words(say(f"past.kind.{record.kind}"), f"pd-state pd-tone-{_TONES[record.kind]}", "span")
            if record.label:
                words(record.label, "pd-mono pd-strong", "span").style("overflow-wrap: anywhere")
            words(
                say("past.by_step", target=target_title(record.target), step=record.step), "pd-muted pd-small", "span"
            )
        if record.kind == "changed":
            for change in record.fields:
                _change(change)
        else:
            shown = record.before if record.kind == "missing" else record.after
            words(brief(shown, 400), f"pd-mono pd-small {'pd-old' if record.kind == 'missing' else ''}").style(
                "overflow-wrap: anywhere"
            )


def _change(change: Change) -> None:
    with div("pd-line").style("align-items: baseline"):
        words(change.path, "pd-mono pd-small pd-muted", "span")
        if change.before is not None:
            words(brief(change.before, 300), "pd-mono pd-old", "span").style("overflow-wrap: anywhere")
        words("→", "pd-muted", "span").props("aria-hidden=true")
        if change.after is not None:
            words(brief(change.after, 300), "pd-mono pd-new", "span").style("overflow-wrap: anywhere")


def _earlier(recipe: RecipeView, kept: Sequence[Comparison]) -> None:
    if not kept:
        return
    with card(say("past.earlier"), pad=False):
        for one in kept:
            line = say("past.earlier_line", compared=one.compared, differing=one.differing)
            with row("pair", f"/recipes/{recipe.id}/past?comparison={one.id}", line, f"earlier-{one.id}"):
                words(line)
                moment(one.started_at)

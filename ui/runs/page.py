"""One run, live: its items, each with its way through the steps; a plan with its writes; the ledger."""

from __future__ import annotations

from uuid import UUID

import msgspec
from nicegui import ui
from nicegui.element import Element

from hub.ids import parse
from hub.members import Member, Verb
from hub.runs import Delivery, Filter, ItemSummary, ReplayChoice, RunSummary, StepUse
from hub.text import count, say
from ui.ask import confirm
from ui.frame import crumbs, page
from ui.live import Live
from ui.pieces import bones, button, card, div, duration, empty, exact, heading, link_button, moment, note, pill, words
from ui.pieces import state as state_of
from ui.runs.deliveries import delivery_rows, planned_writes
from ui.runs.item_view import ItemView, document_of
from ui.runs.listing import recipe_of, run_state
from ui.runs.replaying import ask_replay
from ui.runs.step_use import step_table
from ui.services import Services
from ui.visit import Visit

MOST = 100


class Shown(msgspec.Struct, frozen=True):
    """A run and its items as they are now."""

    run: RunSummary
    items: list[ItemSummary]
    more: bool


def create(services: Services) -> None:
    """Serve the page at /runs/{run}."""

    @page("/runs/{run}", services, "runs", say("nav.runs"))
    async def run_page(visit: Visit) -> None:
        run = await services.history.show(visit.opened_by, parse("run", visit.named("run")))
        crumbs((say("nav.runs"), "/runs"), (f"{recipe_of(run)} · {exact(run.started_at)}", visit.path))
        await RunView(visit, run).draw()


class RunView:
    """A run that is looked at, and which of its items."""

    def __init__(self, visit: Visit, run: RunSummary) -> None:
        self._visit = visit
        self._first = run
        self._id: UUID = parse("run", run.id)
        self._item = visit.asked("item")
        self._rows: dict[str, Element] = {}

    async def draw(self) -> None:
        """Draw the run and follow it."""
        running = self._visit.rings
        await Live(self._look_run, self._head, busy=lambda run: run.state == "running", rings=running).start()
        if self._first.kind == "plan":
            await self._plan()
            return
        await self._tabs()

    async def _look_run(self) -> RunSummary:
        return await self._visit.services.history.show(await self._visit.member(), self._id)

    async def _look(self) -> Shown:
        member, history = await self._visit.member(), self._visit.services.history
        found = await history.items(member, Filter(run=self._id, limit=MOST))
        return Shown(await history.show(member, self._id), list(found.entries), found.cursor is not None)

    def _head(self, run: RunSummary) -> None:
        sub = f"{say(f'runs.kind_{run.kind}')} · {say('recipe.version', number=run.version)}"
        with heading(recipe_of(run), sub):
            self._actions(run)
        with div("pd-card pd-pad pd-stack").style("margin-bottom: 22px"):
            with div("pd-line"):
                run_state(run).props("data-testid=run-state")
                moment(run.started_at)
                if run.took_ms is not None:
                    words(say("run.took", time=duration(run.took_ms)), "pd-muted pd-small", "span")
                if run.plan_of:
                    ui.link(say(f"run.of_{run.kind}"), f"/runs/{run.plan_of}").mark("plan-of")
            _meter(run)
            if run.message:
                words(run.message, "pd-soft")

    def _actions(self, run: RunSummary) -> None:
        link_button(say("run.recipe"), f"/recipes/{run.recipe}", "to-recipe", kind="quiet", icon="account_tree")
        may_run = self._visit.may(Verb.RUN)
        if run.state == "running" and may_run:
            button(say("run.cancel"), "cancel-run", self._cancel, kind="danger", icon="stop")
        if run.counts.dead and run.kind == "live" and may_run:
            button(count("run.retry", run.counts.dead), "retry-run", self._retry, icon="replay")
        if run.state == "done" and run.kind in {"live", "apply"} and run.counts.delivered:
            allowed = "" if self._visit.may(Verb.UNDO) else say("run.undo_right")
            button(say("run.undo"), "undo-run", self._undo, kind="danger", icon="undo", allowed=allowed)

    def _cancel(self) -> None:
        async def cancel(member: Member) -> None:
            await self._visit.services.runs.cancel(member, self._id)

        title = say("run.cancel")
        confirm(self._visit, title, say("run.cancel_text"), cancel, done=say("run.cancelled"))

    def _retry(self) -> None:
        ask_replay(self._visit, ReplayChoice(runs=[self._first.id]), narrows=True)

    def _undo(self) -> None:
        async def undo(member: Member) -> None:
            made = await self._visit.services.runs.undo(member, self._id)
            ui.navigate.to(f"/runs/{made.id}")

        confirm(self._visit, say("run.undo"), say("run.undo_text"), undo)

    async def _plan(self) -> None:
        planned = await self._visit.services.history.planned(self._visit.opened_by, self._id)
        with div("pd-stack-wide"):
            if planned.item.item.state == "dead":
                with note("bad", "error", say("plan.failed"), planned.item.item.reason or ""):
                    pass
            await Live(self._ledger, self._planned, busy=_applies, rings=self._visit.rings).start()
            words(say("plan.way"), tag="h2")
            document = await document_of(self._visit, self._first.recipe, self._first.version)
            await ItemView(self._visit, planned.item.item.id, document, planned=True).draw()

    def _planned(self, writes: list[Delivery]) -> None:
        waiting = [one for one in writes if one.state == "planned"]
        with div("pd-card", "section"):
            with div("pd-card-head"):
                with div():
                    words(count("plan.writes", len(writes)), tag="h2")
                    words(say("plan.promise" if waiting else "plan.over"), "pd-muted pd-small")
                if waiting:
                    allowed = "" if self._visit.may(Verb.RUN) else say("plan.right")
                    button(
                        say("plan.apply"), "apply-plan", self._apply, kind="primary", icon="done_all", allowed=allowed
                    )
            with div("pd-divide"):
                planned_writes(writes)

    def _apply(self) -> None:
        async def apply(member: Member) -> None:
            made = await self._visit.services.runs.apply(member, self._id)
            ui.navigate.to(f"/runs/{made.id}")

        confirm(self._visit, say("plan.apply"), say("plan.apply_text"), apply, grave=False)

    async def _use(self) -> list[StepUse]:
        return list(await self._visit.services.history.use(await self._visit.member(), self._id))

    async def _ledger(self) -> list[Delivery]:
        return list(await self._visit.services.history.deliveries(await self._visit.member(), self._id))

    async def _tabs(self) -> None:
        names = ("items", "ledger", "steps") if self._first.kind == "live" else ("ledger",)
        with ui.tabs().props("align=left no-caps dense narrow-indicator") as tabs:
            for name in names:
                ui.tab(name, label=say(f"run.tab_{name}")).mark(f"tab-{name}").props(f"data-testid=tab-{name}")
        with ui.tab_panels(tabs, value=names[0], animated=False, keep_alive=True):
            if "items" in names:
                with ui.tab_panel("items"):
                    await self._items()
            with ui.tab_panel("ledger"), card(pad=False):
                await Live(self._ledger, delivery_rows, busy=_applies, rings=self._visit.rings).start()
            if "steps" in names:
                with ui.tab_panel("steps"), card(pad=False):
                    await Live(self._use, step_table, rings=self._visit.rings).start()

    async def _items(self) -> None:
        """Draw the list of items beside the one that is looked at; a run of one item needs no list."""
        shown = await self._look()
        first = self._item or _worst(shown.items)
        document = await document_of(self._visit, self._first.recipe, self._first.version)
        if not first:
            with card(pad=False):
                empty("inbox", say("run.no_items"), say("run.no_items_text"))
            return
        if shown.run.counts.total <= 1:
            await ItemView(self._visit, first, document).draw()
            return
        with div("pd-stack-wide"):
            with div("pd-card").style("max-height: 300px; overflow: auto"):
                await Live(self._look, self._list, busy=lambda now: now.run.state == "running").start()
            detail = div()

        async def look_at(item: str) -> None:
            self._mark(item)
            detail.clear()
            with detail:
                waiting = bones()
                await ItemView(self._visit, item, document).draw()
                waiting.delete()

        self._look_at = look_at
        await look_at(first)

    def _mark(self, item: str) -> None:
        """Show in the list which item is looked at."""
        for row in (self._rows.get(self._item), self._rows.get(item)):
            if row is not None:
                row.classes(remove="pd-chosen")
        self._item = item
        if item in self._rows:
            self._rows[item].classes("pd-chosen")

    def _list(self, shown: Shown) -> None:
        self._rows = {}
        for item in shown.items:
            with div("pd-row pd-cols-short pd-row-link").style("cursor: pointer; min-height: 44px") as box:
                box.props(f"role=button tabindex=0 data-testid=item-{item.id}").mark(f"item {item.id}")
                self._rows[item.id] = box
                box.classes("pd-chosen" if item.id == self._item else "")
                box.on("click", lambda *_, item=item: self._look_at(item.id))
                box.on("keydown.enter", lambda *_, item=item: self._look_at(item.id))
                state_of(item.state)
                with div("pd-grow"):
                    words(item.title or item.id, "pd-item-title")
                    if item.reason:
                        words(item.reason, "pd-muted pd-small pd-clip")
                with div("pd-stay"):
                    if item.tries > 1:
                        pill(count("item.try", item.tries))
                    moment(item.accepted_at)
        if shown.more:
            words(say("run.more_items", number=MOST), "pd-pad pd-muted")


def _counted(run: RunSummary, name: str) -> str:
    if name == "delivered" and run.kind == "plan":
        return say("run.count_planned")
    return say("run.count_one" if name == "total" and run.counts.total == 1 else f"run.count_{name}")


def _worst(items: list[ItemSummary]) -> str:
    dead = next((item.id for item in items if item.state == "dead"), "")
    return dead or (items[0].id if items else "")


def _applies(writes: list[Delivery]) -> bool:
    return any(one.state in {"pending", "accepted", "applying", "planned"} for one in writes) or not writes


def _meter(run: RunSummary) -> None:
    """Draw how the items share out."""
    counts, total = run.counts, max(run.counts.total, 1)
    with div("pd-meter").props("aria-hidden=true"):
        for name, tone in (("delivered", "ok"), ("filtered", "mute"), ("waiting", "wait"), ("dead", "bad")):
            div(f"pd-tone-{tone}").style(f"width: {getattr(counts, name) / total * 100:.1f}%")
    with div("pd-line").style("gap: 4px 20px"):
        for name in ("total", "delivered", "filtered", "waiting", "dead", "cancelled"):
            number = getattr(counts, name)
            if number or name in {"total", "delivered"}:
                with div("pd-line pd-tight").props(f"data-testid=count-{name}"):
                    words(f"{number:,}", "pd-strong pd-number", "span")
                    words(_counted(run, name), "pd-soft pd-small", "span")

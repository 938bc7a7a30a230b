"""Runs: the list with its filters, replaying what was chosen, and the rows that other pages show too."""

from __future__ import annotations

from nicegui.element import Element

from hub.ids import parse
from hub.members import Verb
from hub.runs import Cause, Counts, Filter, ItemSummary, Page, ReplayChoice, RunSummary
from hub.text import count, say
from ui.frame import page
from ui.live import Live
from ui.pieces import card, div, duration, empty, head_row, heading, link_button, moment, older, row, state, words
from ui.runs.filter_bar import FilterBar, periods, recipe_choices, since
from ui.runs.picking import Picked, act
from ui.runs.replaying import ask_replay
from ui.services import Services
from ui.visit import Visit

STATES = ("running", "done", "dead", "waiting", "cancelled")
KINDS = ("live", "plan", "apply", "undo")
PAGE = 30


def create(services: Services) -> None:
    """Serve the page at /runs."""

    @page("/runs", services, "runs", say("nav.runs"))
    async def runs_page(visit: Visit) -> None:
        recipes, triggers = await recipe_choices(visit)
        choices = {
            "recipe": recipes,
            "state": {name: say(f"runs.state_{name}") for name in STATES},
            "trigger": triggers,
            "kind": {name: say(f"runs.kind_{name}") for name in KINDS},
            "since": periods(),
        }
        bar = FilterBar(visit, "/runs", "runs", choices, kept=("replay",))
        with heading(say("nav.runs"), say("runs.sub")):
            link_button(say("replay.earlier"), "/replays", "to-replays", kind="quiet", icon="history")
        bar.draw()
        await _Runs(visit, bar).draw()


class _Runs:
    """The list: it follows what happens as long as its first page is shown and nothing is chosen."""

    def __init__(self, visit: Visit, bar: FilterBar) -> None:
        self._visit = visit
        self._bar = bar
        self._picked: Picked | None = None
        self._seen = Page([], None)

    async def draw(self) -> None:
        if self._visit.asked("cursor"):
            self._show(await self._look())
            return
        live = Live(self._look, self._show, busy=_runs_on, rings=self._visit.rings)
        await live.start()

    async def _look(self) -> Page:
        if self._picked is not None and self._picked.chosen:
            return self._seen
        self._seen = await self._visit.services.history.list(
            await self._visit.member(), _wanted(self._visit, self._bar)
        )
        return self._seen

    def _show(self, found: Page) -> None:
        with card(pad=False):
            if not found.entries:
                self._nothing()
                return
            if self._visit.may(Verb.RUN):
                self._picked = Picked([one.id for one in found.entries if one.kind == "live"], self._offer)
                self._picked.bar()
            head_row("runs", [say(f"runs.column_{name}") for name in ("state", "recipe", "items", "took", "started")])
            for run in found.entries:
                run_row(run, picked=self._picked)
            older(found.cursor, self._bar.address())

    def _offer(self, picked: Picked) -> None:
        """Offer to replay the chosen runs, or without any all that match."""
        if picked.chosen:
            chosen = ReplayChoice(runs=picked.chosen)
            act(say("replay.chosen"), "replay-chosen", lambda: ask_replay(self._visit, chosen, narrows=True), "replay")
        elif matching := _matching(self._bar):
            act(say("replay.matching"), "replay-all", lambda: ask_replay(self._visit, matching, narrows=True), "replay")

    def _nothing(self) -> None:
        if self._bar.asked or self._visit.asked("cursor"):
            empty("filter_alt_off", say("runs.no_match"), say("runs.no_match_text"), lambda: link_button(
                say("runs.clear"), "/runs", "clear-filters-empty"))  # fmt: skip
            return
        empty("play_circle", say("runs.none"), say("runs.none_text"), lambda: link_button(
            say("nav.recipes"), "/recipes", "to-recipes", kind="primary"))  # fmt: skip


def run_row(run: RunSummary, *, recipe: bool = True, picked: Picked | None = None) -> None:
    """Draw a run in a list."""
    label = say("runs.row", recipe=recipe_of(run), state=say(f"state.{run.state}"))
    with row("runs", f"/runs/{run.id}", label, f"run {run.id}"):
        with div("pd-line pd-tight pd-state-cell"):
            if picked is not None and run.kind == "live":
                picked.box(run.id, label)
            run_state(run)
        with div("pd-grow"):
            words(recipe_of(run) if recipe else say(f"runs.kind_{run.kind}"), "pd-strong pd-clip")
            words(_version(run) if recipe else say("recipe.version", number=run.version), "pd-muted pd-small")
        with div("pd-wide"):
            counts_line(run.counts)
        words(duration(run.took_ms), "pd-soft pd-number pd-wide")
        with div("pd-stay"):
            moment(run.started_at)


def short_row(run: RunSummary) -> None:
    """Draw a run where there is little room."""
    with row("short", f"/runs/{run.id}", say("runs.row", recipe=recipe_of(run), state=run.state), f"run {run.id}"):
        run_state(run)
        with div("pd-grow"):
            words(recipe_of(run), "pd-strong pd-clip")
            counts_line(run.counts)
        with div("pd-stay"):
            moment(run.started_at)


def recipe_of(one: RunSummary | ItemSummary | Cause) -> str:
    """Return what the recipe of something is called, as in the list of recipes."""
    return one.recipe_title or one.recipe_name


def run_state(run: RunSummary) -> Element:
    """Show a run's state; one with dead letters does not look well."""
    if run.state == "done" and run.counts.dead:
        return state("dead", count("runs.dead", run.counts.dead))
    if run.state == "done" and run.kind == "plan":
        return state("planned")
    return state(run.state)


def counts_line(counts: Counts) -> None:
    """Say in a line how the items of a run fared."""
    parts = [count("runs.items", counts.total)]
    parts += [_ended(name, getattr(counts, name)) for name in _ENDS if getattr(counts, name)]
    words(" · ".join(parts), "pd-soft pd-small pd-clip")


def _ended(name: str, number: int) -> str:
    return f"{number:,} {say('run.count_one_dead' if name == 'dead' and number == 1 else f'run.count_{name}')}"


_ENDS = ("delivered", "filtered", "waiting", "dead", "cancelled")


def _version(run: RunSummary) -> str:
    return f"{say(f'runs.kind_{run.kind}')} · {say('recipe.version', number=run.version)}"


def _wanted(visit: Visit, bar: FilterBar) -> Filter:
    asked = bar.asked
    return Filter(
        recipe=parse("rcp", asked["recipe"]) if "recipe" in asked else None,
        trigger=asked.get("trigger"),
        state=asked.get("state"),
        kind=asked.get("kind"),
        since=since(asked.get("since", "")),
        text=asked.get("q", ""),
        replay=parse("rpl", asked["replay"]) if "replay" in asked else None,
        before=parse("run", visit.asked("cursor")) if visit.asked("cursor") else None,
        limit=PAGE,
    )


def _matching(bar: FilterBar) -> ReplayChoice | None:
    """Return what is to be replayed when all that match are; None where nothing is narrowed, or plans are shown."""
    asked = bar.asked
    if not asked or "replay" in asked or asked.get("kind", "live") != "live":
        return None
    return ReplayChoice(
        all=True,
        recipe=asked.get("recipe"),
        trigger=asked.get("trigger"),
        since=since(asked.get("since", "")),
        run_state=asked.get("state"),
        run_text=asked.get("q", ""),
    )


def _runs_on(found: Page) -> bool:
    return any(run.state == "running" for run in found.entries)

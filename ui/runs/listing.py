"""Runs: the list with its filters, and the rows that other pages show too."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from urllib.parse import urlencode

from nicegui import ui

from hub.errors import InvalidError
from hub.ids import parse
from hub.runs import Counts, Filter, RunSummary
from hub.text import count, say
from ui.frame import page
from ui.pieces import card, div, duration, empty, head_row, heading, link_button, moment, older, row, state, words
from ui.services import Services
from ui.visit import Visit

STATES = ("running", "done", "cancelled")
KINDS = ("live", "plan", "apply", "undo")
PERIODS = {"hour": timedelta(hours=1), "day": timedelta(days=1), "week": timedelta(days=7), "month": timedelta(days=30)}


def create(services: Services) -> None:
    """Serve the page at /runs."""

    @page("/runs", services, "runs", say("nav.runs"))
    async def runs_page(visit: Visit) -> None:
        with heading(say("nav.runs"), say("runs.sub")):
            pass
        await _filters(visit)
        found = await services.history.list(visit.opened_by, _wanted(visit))
        with card(pad=False):
            if not found.entries:
                _nothing(visit)
                return
            head_row("runs", [say(f"runs.column_{name}") for name in ("state", "recipe", "items", "took", "started")])
            for run in found.entries:
                run_row(run)
            older(found.cursor, f"/runs?{urlencode(_asked(visit))}")


def run_row(run: RunSummary, *, recipe: bool = True) -> None:
    """Draw a run in a list."""
    label = say("runs.row", recipe=run.recipe_name, state=say(f"state.{run.state}"))
    with row("runs", f"/runs/{run.id}", label, f"run {run.id}"):
        run_state(run)
        with div("pd-grow"):
            words(run.recipe_name if recipe else say(f"runs.kind_{run.kind}"), "pd-strong pd-clip")
            words(_version(run) if recipe else say("recipe.version", number=run.version), "pd-muted pd-small")
        with div("pd-wide"):
            counts_line(run.counts)
        words(duration(run.took_ms), "pd-soft pd-number pd-wide")
        with div("pd-stay"):
            moment(run.started_at)


def short_row(run: RunSummary) -> None:
    """Draw a run where there is little room."""
    with row("short", f"/runs/{run.id}", say("runs.row", recipe=run.recipe_name, state=run.state), f"run {run.id}"):
        run_state(run)
        with div("pd-grow"):
            words(run.recipe_name, "pd-strong pd-clip")
            counts_line(run.counts)
        with div("pd-stay"):
            moment(run.started_at)


def run_state(run: RunSummary) -> ui.element:
    """Show a run's state; one with dead letters does not look well."""
    if run.state == "done" and run.counts.dead:
        return state("dead", count("runs.dead", run.counts.dead))
    if run.state == "done" and run.kind == "plan":
        return state("planned")
    return state(run.state)


def counts_line(counts: Counts) -> None:
    """Say in a line how the items of a run fared."""
    parts = [count("runs.items", counts.total)]
    parts += [f"{getattr(counts, name):,} {say(f'run.count_{name}')}" for name in _ENDS if getattr(counts, name)]
    words(" · ".join(parts), "pd-soft pd-small pd-clip")


_ENDS = ("delivered", "filtered", "waiting", "dead", "cancelled")


def _version(run: RunSummary) -> str:
    return f"{say(f'runs.kind_{run.kind}')} · {say('recipe.version', number=run.version)}"


def _asked(visit: Visit) -> dict[str, str]:
    return {name: visit.asked(name) for name in ("recipe", "state", "kind", "since") if visit.asked(name)}


def _wanted(visit: Visit) -> Filter:
    asked = _asked(visit)
    return Filter(
        recipe=parse("rcp", asked["recipe"]) if "recipe" in asked else None,
        state=asked.get("state"),
        kind=asked.get("kind"),
        since=_since(asked.get("since", "")),
        before=parse("run", visit.asked("cursor")) if visit.asked("cursor") else None,
        limit=40,
    )


def _since(text: str) -> datetime | None:
    if not text or text in PERIODS:
        return datetime.now(UTC) - PERIODS[text] if text else None
    try:
        return datetime.fromisoformat(text).replace(tzinfo=UTC)
    except ValueError as error:
        raise InvalidError(say("runs.bad_date")) from error


async def _filters(visit: Visit) -> None:
    """Draw the filters; choosing one loads the page with it, so that the address can be shared."""
    recipes = (await visit.services.recipes.list(visit.opened_by, limit=200)).items
    choices = {
        "recipe": {one.id: one.title or one.name for one in recipes},
        "state": {name: say(f"state.{name}") for name in STATES},
        "kind": {name: say(f"runs.kind_{name}") for name in KINDS},
        "since": {name: say(f"runs.since_{name}") for name in PERIODS},
    }
    with div("pd-line").style("margin-bottom: 16px"):
        for name, options in choices.items():
            _filter(visit, name, options)
        if _asked(visit):
            link_button(say("runs.clear"), "/runs", "clear-filters", kind="quiet", icon="close")


def _filter(visit: Visit, name: str, options: dict[str, str]) -> None:
    def choose(value: str) -> None:
        asked = {**_asked(visit), name: value}
        ui.navigate.to(f"/runs?{urlencode({key: one for key, one in asked.items() if one})}")

    chosen = visit.asked(name)
    shown = {"": say(f"runs.any_{name}"), **options}
    if chosen and chosen not in shown:
        shown[chosen] = chosen
    picked = ui.select(
        shown, value=chosen, label=say(f"runs.filter_{name}"), on_change=lambda event: choose(event.value)
    )
    picked.props("outlined dense options-dense").style("min-width: 148px").mark(f"filter-{name}")


def _nothing(visit: Visit) -> None:
    if _asked(visit) or visit.asked("cursor"):
        empty("filter_alt_off", say("runs.no_match"), say("runs.no_match_text"), lambda: link_button(
            say("runs.clear"), "/runs", "clear-filters-empty"))  # fmt: skip
        return
    empty("play_circle", say("runs.none"), say("runs.none_text"), lambda: link_button(
        say("nav.recipes"), "/recipes", "to-recipes", kind="primary"))  # fmt: skip

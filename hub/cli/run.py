"""Runs: list, watch, retry, replay, cancel, apply, undo."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator
from http.client import HTTPException
from typing import Any

import click

from hub.cli import output
from hub.cli.remote import Hub
from hub.cli.replay import WHEN, plain, replay

RUN_COLUMNS = ("id", "recipe_name", "version", "kind", "state", "counts", "started_at", "took_ms")
ITEM_COLUMNS = ("id", "state", "title", "step", "reason", "tries")
STEP_COLUMNS = ("step", "path", "attempt", "state", "took_ms", "message", "output")
WRITE_COLUMNS = ("target", "state", "repeated", "reference", "message")
ENDED = {"done", "cancelled"}
LOOK_EVERY = 0.5
STATES = ("running", "done", "cancelled", "dead", "waiting")


@click.group(help="Runs: watch, retry, replay, undo.")
def group() -> None:
    """Hold the verbs."""


group.add_command(replay)


@group.command("list")
@click.option("--recipe", help="Only the runs of this recipe, by name or id.")
@click.option("--state", type=click.Choice(STATES), help="Only runs in this state, or with items that are.")
@click.option("--kind", type=click.Choice(["live", "plan", "apply", "undo"]), help="Only runs of this kind.")
@click.option("--trigger", help="Only runs of recipes with this trigger, like webhook.received.")
@click.option("--since", type=WHEN, help="Only runs that started then or later, in UTC.")
@click.option("--until", type=WHEN, help="Only runs that started before then, in UTC.")
@click.option("--text", help="Only runs with this in a recipe's name, or in an item's title, key or reason.")
@click.option("--limit", type=click.IntRange(1, 500), default=50, show_default=True, help="How many at most.")
@output.option
def list_runs(limit: int, text: str | None, **filters: Any) -> None:
    """List runs, the newest first."""
    page = Hub().get("runs", limit=limit, q=text, **{name: plain(value) for name, value in filters.items()})
    shown = page["items"]
    if output.chosen() == "table":
        shown = [{**run, "counts": _counted(run["counts"])} for run in shown]
    output.show(shown, RUN_COLUMNS)


@group.command("show")
@click.argument("run")
@click.option("--items", "with_items", is_flag=True, help="List its items.")
@click.option("--writes", "with_writes", is_flag=True, help="List its part of the ledger.")
@output.option
def show_run(run: str, with_items: bool, with_writes: bool) -> None:
    """Show a run, its items or what it wrote; an item's id shows the item with all its steps."""
    hub = Hub()
    if run.startswith("itm_"):
        _show_item(hub.get(f"items/{run}"))
    elif with_items:
        output.show(hub.list(f"runs/{run}/items"), ITEM_COLUMNS)
    elif with_writes:
        output.show(hub.list(f"runs/{run}/deliveries"), WRITE_COLUMNS)
    else:
        output.show(hub.get(f"runs/{run}"))


@group.command("watch")
@click.argument("run")
@output.option
def watch_run(run: str) -> None:
    """Follow a run until it ends; exit code 1 when one of its items died."""
    hub, told = Hub(), ""
    for _ in _moments(hub):
        found = hub.get(f"runs/{run}")
        line = _line(found)
        if line != told:
            output.say(line)
            told = line
        if found["state"] in ENDED:
            output.show(found)
            raise SystemExit(1 if found["counts"]["dead"] else 0)


@group.command("retry")
@click.argument("run")
@output.option
def retry_run(run: str) -> None:
    """Replay a run's dead items from the step that failed."""
    output.show(Hub().post(f"runs/{run}/retry"))


@group.command("cancel")
@click.argument("run")
@output.option
def cancel_run(run: str) -> None:
    """Stop a run; what was delivered stays."""
    output.show(Hub().post(f"runs/{run}/cancel"))


@group.command("apply")
@click.argument("plan")
@output.option
def apply_plan(plan: str) -> None:
    """Perform exactly the writes of a plan."""
    _follow(Hub().post(f"runs/{plan}/apply"))


@group.command("undo")
@click.argument("run")
@output.option
def undo_run(run: str) -> None:
    """Take back what a run wrote, where it is still as written."""
    _follow(Hub().post(f"runs/{run}/undo"))


def _moments(hub: Hub) -> Iterator[None]:
    """Yield whenever runs may have changed: as the hub's stream tells, by the clock while there is no stream."""
    while True:
        # What refuses the stream refuses the run as well, and says so there.
        with contextlib.suppress(click.ClickException, OSError, HTTPException):
            yield from hub.pulse("events", kind="run.")
        yield
        time.sleep(LOOK_EVERY)


def _follow(started: Any) -> None:
    """Wait for a run that performs stored writes and show how it ended."""
    hub = Hub()
    found = started
    while found["state"] not in ENDED:
        time.sleep(LOOK_EVERY)
        found = hub.get(f"runs/{found['id']}")
    output.show(found)
    if found["counts"]["dead"]:
        output.say(found["message"] or "Some writes were not made; `patchdeck run show --writes` names them.")
        raise SystemExit(1)


def _show_item(found: Any) -> None:
    """Show an item; people see it above its steps, programs all of it."""
    if output.chosen() != "table":
        output.show(found)
        return
    output.show(found["item"], ITEM_COLUMNS)
    output.show(found["attempts"], STEP_COLUMNS)


def _line(run: Any) -> str:
    counts = run["counts"]
    return f"{run['id']} {run['state']}: {_counted(counts) or 'working'} of {counts['total']}"


def _counted(counts: Any) -> str:
    """Say how many items are in each state that has any."""
    return ", ".join(f"{number} {name}" for name, number in counts.items() if number and name != "total")

"""Replay: one item with its own choices, or many that are named or match."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from typing import Any

import click

from hub.cli import output
from hub.cli.remote import Hub

WHEN = click.DateTime(["%Y-%m-%d", "%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S"])
ENDED = ("dead", "delivered", "filtered", "cancelled")
LOOK_EVERY = 0.5


@click.command("replay")
@click.argument("items", nargs=-1)
@click.option("--run", "runs", multiple=True, help="The items of this run; may be given again.")
@click.option("--all", "all_matching", is_flag=True, help="All items that match the filters below.")
@click.option("--state", "states", multiple=True, type=click.Choice(ENDED), help="Items that are so; dead unless said.")
@click.option("--recipe", help="Only items of this recipe, by name or id.")
@click.option("--trigger", help="Only items of recipes with this trigger, like webhook.received.")
@click.option("--since", type=WHEN, help="Only items accepted then or later, in UTC.")
@click.option("--until", type=WHEN, help="Only items accepted before then, in UTC.")
@click.option("--text", help="Only items with this in title, key, subject or reason.")
@click.option("--cause", help="Only dead letters that failed alike; GET /dead-letters/causes names them.")
@click.option("--step", help="For one item: start from this step instead of the one that failed.")
@click.option("--from-start", is_flag=True, help="Start from the first step; what was sent is not sent again.")
@click.option("--newest", is_flag=True, help="On the newest version of the recipe.")
@click.option("--again", is_flag=True, help="For one item: send again what was sent; it may then be there twice.")
@click.option("--dry-run", is_flag=True, help="Only tell how many items would go.")
@click.option("--yes", is_flag=True, help="Do not ask before many items go.")
@output.option
def replay(items: tuple[str, ...], step: str | None, again: bool, dry_run: bool, yes: bool, **choice: Any) -> None:
    """Start ended items again: one by its id, several, those of runs, or with --all whatever matches.

    What was sent before is recognised and not sent twice. Exit code 1 when an item died again.
    """
    many = len(items) != 1 or choice["runs"] or choice["all_matching"] or dry_run or choice["from_start"]
    if many and (step or again):
        raise click.UsageError("--step and --again are for one item at a time.")
    if many:
        _many(_body(items, choice), dry_run=dry_run, yes=yes)
        return
    if again:
        click.confirm("What was sent before will be sent a second time. Go on?", abort=True, err=True)
    output.show(Hub().post(f"items/{items[0]}/replay", {"step": step, "newest": choice["newest"], "again": again}))


def plain(value: Any) -> Any:
    """Return an option as the API takes it: times in UTC."""
    return value.replace(tzinfo=UTC).isoformat() if isinstance(value, datetime) else value


def _body(items: tuple[str, ...], choice: dict[str, Any]) -> dict[str, Any]:
    named = {name: plain(value) for name, value in choice.items() if value}
    if named.get("recipe"):
        named["recipe"] = Hub().get(f"recipes/{named['recipe']}")["id"]
    return {"items": items, "all": bool(named.pop("all_matching", False)), **named}


def _many(body: dict[str, Any], *, dry_run: bool, yes: bool) -> None:
    hub = Hub()
    preview = hub.post("items/replay/preview", body)
    for one in preview["passed_over"]:
        output.say(f"{one['items']} not: {one['reason']}")
    if preview["more"]:
        output.say(f"More match than one replay takes: the oldest {preview['items']} go, then call this again.")
    if dry_run:
        output.show(preview)
        return
    known = f", {preview['sent']} of them with writes that are not made again" if preview["sent"] else ""
    output.say(f"{preview['items']} items go again{known}.")
    if preview["items"] and not yes:
        click.confirm("Go on?", abort=True, err=True)
    _follow(hub, hub.post("items/replay", body))


def _follow(hub: Hub, started: Any) -> None:
    """Wait until every item of a replay has ended or waits for something, and show how they fare."""
    found, told = started, ""
    while _busy(found):
        line = f"{found['ended']} of {found['items']}"
        if line != told:
            output.say(line)
            told = line
        time.sleep(LOOK_EVERY)
        found = hub.get(f"replays/{found['id']}")
    output.show(found)
    if found["states"].get("dead"):
        raise SystemExit(1)


def _busy(found: Any) -> bool:
    return any(found["states"].get(state) for state in ("waiting", "running"))

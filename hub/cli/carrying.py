"""Carrying recipes over: imports of other tools' exports, and drafts compared with the past; verbs of `recipe`."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

import click

from hub.cli import output
from hub.cli.given import identity, read
from hub.cli.remote import Hub

FINDING_COLUMNS = ("kind", "place", "did", "why", "instead")
RECIPE_COLUMNS = ("name", "title", "parts", "whole", "partly", "lost", "problems")
DIFFERENCE_COLUMNS = ("item", "kind", "step", "target", "row", "field", "before", "after")
LOOK_EVERY = 0.5


@click.command("import")
@click.argument("file", metavar="FILE")
@click.option("--dry-run", is_flag=True, help="Only show what would be made.")
@output.option
def import_file(file: str, dry_run: bool) -> None:
    """Make drafts of an export of n8n, Zapier or Node-RED; - reads stdin.

    What did not translate is listed with its place, what it did, why, and what to do instead. Nothing is published.
    """
    content = read(file)
    kind = "application/zip" if content[:2] == b"PK" else "application/json"
    query = {"dry_run": "true"} if dry_run else {}
    made = Hub().post("recipes/import", content, headers={"content-type": kind}, **query)
    if output.chosen() != "table":
        output.show(made)
        return
    output.show([_line(recipe) for recipe in made["recipes"]], RECIPE_COLUMNS)
    for recipe in made["recipes"]:
        if recipe["findings"]:
            output.say(f"{recipe['name']}: what is to be known")
            output.show(recipe["findings"], FINDING_COLUMNS)
    output.say("Nothing was stored." if dry_run else "These are drafts: mend their problems, then publish them.")


@click.command("compare-past")
@click.argument("name")
@click.option("--items", type=click.IntRange(1, 1000), default=200, show_default=True, help="How many, newest first.")
@click.option("--days", type=click.IntRange(1, 30), default=30, show_default=True, help="How far back.")
@click.option("--all", "everything", is_flag=True, help="Show items that are the same as well.")
@output.option
def compare_past(name: str, items: int, days: int, everything: bool) -> None:
    """Run the draft dry against past items, and show where it would have written something else.

    Nothing is written, no cursor is moved, no dedupe key is used up.
    """
    hub = Hub()
    started = hub.post(f"recipes/{identity(hub, name)}/comparisons", {"items": items, "days": days})
    place = f"recipes/{started['recipe']}/comparisons/{started['id']}"
    ended = _ended(hub, place)
    query = {} if everything else {"differing": "true"}
    compared = hub.list(f"{place}/items", **query)
    if output.chosen() != "table":
        output.show({**ended, "items": compared})
        return
    lines = [
        _difference(one, record, change) for one in compared for record in one["records"] for change in _changes(record)
    ]
    output.show([line for line in lines if everything or line["kind"] != "same"], DIFFERENCE_COLUMNS)
    counts = ended["counts"]
    output.say(
        f"{ended['compared']} items: {ended['differing']} differ. Rows: {counts['same']} the same, "
        f"{counts['added']} added, {counts['missing']} missing, {counts['changed']} changed."
    )
    if ended["state"] != "done":
        raise SystemExit(1)


def _line(recipe: Mapping[str, Any]) -> dict[str, Any]:
    return {**recipe, **recipe["tally"], "problems": len(recipe["problems"])}


def _ended(hub: Hub, place: str) -> Mapping[str, Any]:
    """Wait for the end, telling how far it is."""
    told = -1
    while True:
        found: Mapping[str, Any] = hub.get(place)
        if found["state"] != "running":
            if found["message"]:
                output.say(found["message"])
            return found
        if found["compared"] != told:
            told = found["compared"]
            output.say(f"{told} of {found['total']} items")
        time.sleep(LOOK_EVERY)


def _changes(record: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    return record["fields"] or [{"path": "", "before": record["before"], "after": record["after"]}]


def _difference(item: Mapping[str, Any], record: Mapping[str, Any], change: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "item": item["title"] or item["item"],
        "kind": record["kind"],
        "step": record["step"],
        "target": record["target"],
        "row": record["label"],
        "field": change["path"],
        "before": change["before"],
        "after": change["after"],
    }


VERBS = (import_file, compare_past)

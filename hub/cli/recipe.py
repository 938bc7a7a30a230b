"""Recipes: check, apply, publish, plan, run."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import click
import msgspec

from hub.cli import output
from hub.cli.carrying import VERBS as CARRYING
from hub.cli.given import Content, Document, content_of, identity, part, read
from hub.cli.remote import Hub, RefusedError
from hub.cli.trying import VERBS
from hub.errors import InvalidError, Problem

LIST_COLUMNS = ("name", "title", "state", "version", "changed", "hook_url")
DIFFERENCE_COLUMNS = ("path", "kind", "before", "after")
CHANGE_COLUMNS = ("step", "target", "kind", "reference", "before", "after")
ITEM_COLUMNS = ("id", "recipe_name", "version", "state", "step", "reason", "run")
ENDED = {"delivered", "filtered", "dead", "cancelled"}

Files = click.option(
    "-f", "--file", "files", multiple=True, required=True, metavar="FILE", help="A recipe document; - for stdin."
)


class Checked(msgspec.Struct, frozen=True):
    """What is wrong with one file."""

    file: str
    valid: bool
    problems: Sequence[Problem]


@click.group(help="Recipes: check, publish, plan, run.")
def group() -> None:
    """Hold the verbs."""


@group.command("list")
@click.option("--search", default=None, help="Part of a name, title or label.")
@output.option
def list_recipes(search: str | None) -> None:
    """List the recipes."""
    output.show(Hub().list("recipes", q=search), LIST_COLUMNS)


@group.command("show")
@click.argument("name")
@output.option
def show_recipe(name: str) -> None:
    """Show a recipe: its state, its address and its document."""
    output.show(Hub().get(f"recipes/{part(name)}"))


@group.command("validate")
@click.argument("files", nargs=-1, required=True, metavar="FILE...")
@output.option
def validate_files(files: tuple[str, ...]) -> None:
    """Check recipe documents; needs no hub, so that names of connections are not looked up."""
    checked = [_check(file) for file in files]
    if output.chosen() == "table":
        for one in checked:
            output.say(f"{one.file}: {'valid' if one.valid else 'not valid'}")
        if problems := [problem for one in checked for problem in one.problems]:
            output.show(problems, ("path", "message"))
    else:
        output.show(checked[0] if len(checked) == 1 else checked)
    if not all(one.valid for one in checked):
        raise SystemExit(1)


@group.command("apply")
@Files
@click.option("--publish", is_flag=True, help="Publish as well.")
@click.option("--dry-run", is_flag=True, help="Only tell what would change.")
@output.option
def apply_files(files: tuple[str, ...], publish: bool, dry_run: bool) -> None:
    """Make recipes be as files say, and tell what was different; the same again changes nothing."""
    hub = Hub()
    _show_applied([_apply(hub, file, publish=publish, dry_run=dry_run) for file in files])


@group.command("export")
@click.argument("name")
@click.option("--version", type=int, help="A published version instead of the draft.")
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), help="Write to a file.")
@output.document_option
def export_recipe(name: str, version: int | None, out: Path | None, form: str) -> None:
    """Write a recipe as stable YAML."""
    text = Hub().download(f"recipes/{part(name)}/export", version=version).decode()
    written = output.document(text, form)
    if out is None:
        click.echo(written)
    else:
        out.write_text(f"{written}\n", encoding="utf-8")


@group.command("diff")
@click.argument("name", required=False)
@click.option("-f", "--file", "files", multiple=True, metavar="FILE", help="Compare a document with the hub's draft.")
@click.option("--from", "before", type=int, help="A version; left out: the draft.")
@click.option("--to", "after", type=int, help="A version; left out: the draft.")
@output.option
def diff_recipe(name: str | None, files: tuple[str, ...], before: int | None, after: int | None) -> None:
    """Compare two versions of a recipe, step by step, or files with what the hub has."""
    if bool(name) == bool(files):
        raise click.UsageError("Give either a recipe's name or -f FILE.")
    hub = Hub()
    if files:
        _show_applied([_apply(hub, file, publish=False, dry_run=True) for file in files])
        return
    query = {"from": before, "to": after}
    output.show(hub.get(f"recipes/{part(str(name))}/compare", **query)["items"], DIFFERENCE_COLUMNS)


@group.command("publish")
@click.argument("name")
@click.option("--note", default="", help="What this version is about.")
@output.option
def publish_recipe(name: str, note: str) -> None:
    """Make the draft the version that runs; when it already is, nothing happens."""
    done = Hub().post(f"recipes/{part(name)}/publish", {"note": note})
    output.say(f"{name}: version {done['version']} {'is published' if done['fresh'] else 'was published already'}.")
    output.show(done, ("version", "fresh"))


@group.command("pause")
@click.argument("name")
@output.option
def pause_recipe(name: str) -> None:
    """Keep taking items but work on none."""
    output.show(Hub().post(f"recipes/{part(name)}/pause"), ("name", "state", "version"))


@group.command("resume")
@click.argument("name")
@output.option
def resume_recipe(name: str) -> None:
    """Work on what has come meanwhile, and go on."""
    output.show(Hub().post(f"recipes/{part(name)}/resume"), ("name", "state", "version"))


@group.command("delete")
@click.argument("name")
@output.option
def delete_recipe(name: str) -> None:
    """Delete a recipe; what it did stays readable, what waits is cancelled."""
    Hub().delete(f"recipes/{part(name)}")
    output.done(name, "deleted")


@group.command("plan")
@click.argument("name")
@Content
@Document
@click.option("--item", help="Plan with a stored item.")
@click.option("--published", is_flag=True, help="Plan the published version instead of the draft.")
@output.option
def plan_recipe(name: str, content: str | None, document: str | None, item: str | None, published: bool) -> None:
    """Show every write a recipe would make; lookups are asked for real, nothing is written.

    With nothing given it is planned with what the trigger would read now, or with the newest item.
    """
    hub = Hub()
    body = {"content": content_of(hub, content, document), "item": item, "draft": not published}
    _show_plan(hub.post(f"recipes/{identity(hub, name)}/plan", body))


@group.command("run")
@click.argument("name")
@Content
@Document
@click.option("--wait", is_flag=True, help="Wait until the item has ended; exits with 1 when it is dead.")
@output.option
def run_recipe(name: str, content: str | None, document: str | None, wait: bool) -> None:
    """Give a published recipe one item now; with nothing given its trigger is asked at once."""
    hub = Hub()
    title = Path(document).name if document else ""
    body = {"content": content_of(hub, content, document), "title": title}
    started = hub.post(f"recipes/{identity(hub, name)}/runs", body)
    if not wait or started["item"] is None:
        output.show(started)
        return
    ended = _ended(hub, str(started["item"]))
    output.show(ended if output.chosen() != "table" else ended["item"], ITEM_COLUMNS)
    if ended["item"]["state"] == "dead":
        raise SystemExit(1)


def _check(file: str) -> Checked:
    from hub.recipes import parse, validate

    try:
        problems = validate(parse(read(file)))
    except InvalidError as error:
        problems = list(error.errors)
    return Checked(file, not problems, problems)


def _apply(hub: Hub, file: str, *, publish: bool, dry_run: bool) -> Any:
    options = [option for option, chosen in (("publish=true", publish), ("dry_run=true", dry_run)) if chosen]
    try:
        return hub.post(f"recipes/apply?{'&'.join(options)}", read(file), headers={"content-type": "application/yaml"})
    except RefusedError as error:
        raise RefusedError(error.status, f"{file}: {error.message}") from error


def _show_applied(applied: Sequence[Any]) -> None:
    if output.chosen() != "table":
        output.show(applied[0] if len(applied) == 1 else applied)
        return
    for one in applied:
        published = f", version {one['version']} is published" if one["published"] else ""
        output.say(f"{one['name']}: {one['change']}{published}")
    differences = [difference for one in applied if one["change"] == "changed" for difference in one["differences"]]
    if differences:
        output.show(differences, DIFFERENCE_COLUMNS)


def _show_plan(plan: Mapping[str, Any]) -> None:
    """Show what would change, line by line; JSON carries the whole plan."""
    if output.chosen() != "table":
        output.show(plan)
        return
    changes = [
        {"step": write["step"], "target": write["target"], **change}
        for write in plan["writes"]
        for change in write["changes"]
    ]
    output.show(changes, CHANGE_COLUMNS)
    item, run = plan["item"]["item"], plan["run"]["id"]
    output.say(f"The item would be {item['state']}{': ' + item['reason'].rstrip('.') if item['reason'] else ''}.")
    waits = [attempt for attempt in plan["item"]["attempts"] if attempt["state"] == "waiting_for"]
    for attempt in waits:
        output.say(f"{attempt['step']}: {attempt['message']}")
    if changes and not waits:
        output.say(f"`patchdeck run apply {run}` performs exactly this within 24 hours.")


def _ended(hub: Hub, item: str) -> Mapping[str, Any]:
    """Look again, less and less often, until an item has ended."""
    pause = 0.1
    while True:
        found: Mapping[str, Any] = hub.get(f"items/{item}")
        if found["item"]["state"] in ENDED:
            return found
        time.sleep(pause)
        pause = min(pause * 1.5, 3.0)


for verb in (*VERBS, *CARRYING):
    group.add_command(verb)

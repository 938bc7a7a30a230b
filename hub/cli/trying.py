"""Trying recipes out: test events, samples, single steps, pinned outputs; verbs of `recipe`."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

import click

from hub.cli import output
from hub.cli.given import Content, Document, content_of, identity, json_of, part
from hub.cli.remote import Hub
from hub.errors import HubError

SAMPLE_COLUMNS = ("id", "origin", "state", "version", "title", "accepted_at")
TRY_COLUMNS = ("step", "state", "took_ms", "tokens", "message", "output")
CHANGE_COLUMNS = ("kind", "reference", "before", "after")
PIN_COLUMNS = ("step", "at", "value")
LOOK_EVERY = 2.0


@click.command("test")
@click.argument("name")
@click.option("--wait", is_flag=True, help="Wait until an event has come; exits with 1 when none did.")
@output.option
def test_recipe(name: str, wait: bool) -> None:
    """Listen for one event: at the test address of a webhook, or the next new item of a polled trigger.

    The event is kept as a sample; nothing runs, and no cursor is moved.
    """
    hub = Hub()
    view = hub.get(f"recipes/{part(name)}")
    place = f"recipes/{view['id']}/listenings"
    listening = hub.post(place)
    address = view["test_hook_url"] if listening["test_path"] else None
    if wait:
        output.say(f"Send one event to {address}." if address else "Waiting for the next new item.")
        listening = _heard(hub, f"{place}/{listening['id']}")
    output.show({**listening, "test_hook_url": address})
    if wait and listening["state"] != "heard":
        raise SystemExit(1)


@click.command("try")
@click.argument("name")
@click.option("--step", required=True, help="The step to try.")
@click.option("--item", help="A sample or an item of this recipe; left out: the newest.")
@Content
@Document
@click.option("--up-to", is_flag=True, help="Do all steps before it anew as well.")
@click.option("--element", type=click.IntRange(min=0), help="Only this element of the list that the step loops over.")
@output.option
def try_step(  # noqa: PLR0913, PLR0917  # one argument an option
    name: str, step: str, item: str | None, content: str | None, document: str | None, up_to: bool, element: int | None
) -> None:
    """Try one step of the draft; lookups are asked for real, writes are only shown. Exits with 1 when it failed."""
    hub = Hub()
    body = {"step": step, "item": item, "content": content_of(hub, content, document)}
    made = hub.post(f"recipes/{identity(hub, name)}/tries", {**body, "up_to": up_to, "element": element})
    last = made["steps"][-1]
    if output.chosen() != "table":
        output.show(made)
    else:
        output.show(made["steps"], TRY_COLUMNS)
        if last["changes"]:
            output.show(last["changes"], CHANGE_COLUMNS)
    if last["state"] == "failed":
        raise SystemExit(1)


@click.command("samples")
@click.argument("name")
@click.option("--read", "read_now", is_flag=True, help="Read the newest items of the trigger first; no cursor moves.")
@Content
@Document
@output.option
def samples_of_recipe(name: str, read_now: bool, content: str | None, document: str | None) -> None:
    """List what a recipe can be tried with; --content and --document keep one more."""
    hub = Hub()
    place = f"recipes/{identity(hub, name)}/samples"
    given = content_of(hub, content, document)
    if given is not None:
        hub.post(place, {"content": given, "title": document or content})
    elif read_now:
        hub.post(place)
    output.show(hub.get(place)["items"], SAMPLE_COLUMNS)


@click.command("pin")
@click.argument("name")
@click.option("--step", help="The step whose output is pinned; left out: the pins are listed.")
@click.option("--value", metavar="FILE", help="A JSON file with the output; - for stdin. Left out: what its try gave.")
@output.option
def pin_output(name: str, step: str | None, value: str | None) -> None:
    """Pin an output that tries take in the place of a step's own; live runs never look at it."""
    hub = Hub()
    place = f"recipes/{identity(hub, name)}"
    if step is not None:
        pinned = json_of(value) if value is not None else _tried(hub, place, step)
        hub.put(f"{place}/pins/{part(step)}", {"value": pinned})
    output.show(hub.get(f"{place}/pins")["items"], PIN_COLUMNS)


@click.command("unpin")
@click.argument("name")
@click.option("--step", required=True, help="The step whose pin is taken away.")
@output.option
def unpin_output(name: str, step: str) -> None:
    """Take a pin away; tries do the step again."""
    hub = Hub()
    hub.delete(f"recipes/{identity(hub, name)}/pins/{part(step)}")
    output.done(step, "no longer pinned")


VERBS = (test_recipe, try_step, samples_of_recipe, pin_output, unpin_output)


def _heard(hub: Hub, place: str) -> Mapping[str, Any]:
    """Look again and again until an event has come or listening is over; Ctrl+C stops it."""
    found: Mapping[str, Any] = hub.get(place)
    try:
        while found["state"] == "listening":
            time.sleep(LOOK_EVERY)
            found = hub.get(place)
    except KeyboardInterrupt:
        hub.delete(place)
        raise
    return found


def _tried(hub: Hub, place: str, step: str) -> Any:
    """Return what the latest try of a step gave."""
    found = [one for one in hub.get(f"{place}/tries")["items"] if one["step"] == step and one["element"] is None]
    if not found or found[-1]["state"] != "done":
        raise HubError(f"The step {step} has no output of a try to pin. Try it first, or give --value.")
    return found[-1]["output"]

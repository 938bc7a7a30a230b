"""The services that can be talked to: list them, look at one, start a new one, try a trigger."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import click
import msgspec

from connectors.sdk import Connector, ConnectorError
from connectors.sdk.describe import FieldDescription
from connectors.sdk.registry import find_connector, registry
from connectors.sdk.sheet import sheet_of, summary_of
from hub.cli import output
from hub.cli.remote import Hub
from hub.config import client_settings
from hub.text import count, say

LIST_COLUMNS = ("name", "title", "offers", "text")


@click.group(help="The services that can be talked to.")
def group() -> None:
    """Hold the verbs."""


@group.command("list")
@output.option
def list_connectors() -> None:
    """List all connectors and what they offer; with PATCHDECK_API_KEY set also how the hub's connections fare."""
    found = [msgspec.to_builtins(summary_of(connector)) for connector in registry().values()]
    if (health := _health()) is not None:
        found = [one | {"connections": health.get(one["name"], [])} for one in found]
    if output.chosen() != "table":
        output.show(found)
        return
    if health is None:
        output.say(say("connector.no_key"))
    columns = LIST_COLUMNS if health is None else (*LIST_COLUMNS, "health")
    output.show([one | {"offers": _offers(one), "health": _told(one.get("connections", []))} for one in found], columns)


@group.command("show")
@click.argument("name")
@output.option
def show_connector(name: str) -> None:
    """Show a connector with every setting; NAME may also be a part, such as http.send."""
    sheet = sheet_of(_connector(name.partition(".")[0]))
    parts = [part for part in sheet.parts if name in {sheet.summary.name, part.summary.uses}]
    if not parts:
        raise click.ClickException(
            f"There is no {name}. `patchdeck connector show {sheet.summary.name}` lists the parts."
        )
    if output.chosen() != "table":
        output.show(sheet if name == sheet.summary.name else parts[0])
        return
    output.say(f"{sheet.summary.title}: {sheet.summary.text}")
    if sheet.connection and name == sheet.summary.name:
        _show_fields("connection", sheet.connection)
    for part in parts:
        _show_fields(f"{part.summary.uses} ({part.summary.role}): {part.summary.text}", part.fields)


@group.command("new")
@click.argument("name")
@click.option("--into", type=click.Path(file_okay=False, path_type=Path), default=Path(), help="The source tree.")
def new_connector(name: str, into: Path) -> None:
    """Write a connector with a trigger and a target, and their recorded exchanges; it passes `make check`."""
    from hub.cli.scaffold import write_connector

    for path in write_connector(name, into):
        output.say(f"wrote {path}")


@group.command("try")
@click.argument("name", metavar="NAME.TRIGGER")
@click.option("--set", "settings", multiple=True, metavar="KEY=VALUE", help="A setting; the value may be YAML.")
@click.option("--connection", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="A YAML or JSON file.")
@click.option("--cursor", help="Where to read from; left out: from the start.")
@click.option("--limit", default=20, show_default=True, help="How many items to show at most.")
@click.option("--record", type=click.Path(dir_okay=False, path_type=Path), help="Save the exchange for the tests.")
@output.option
def try_part(
    name: str, settings: tuple[str, ...], connection: Path | None, cursor: str | None, limit: int, record: Path | None
) -> None:
    """Run a trigger or lookup once and print what comes of it; nothing is kept and no cursor moves."""
    from hub.cli.trial import Trial

    trial = Trial.of(name, _values(settings), _file(connection), recorded=record is not None)
    try:
        found = asyncio.run(trial.run(cursor, limit))
    except ConnectorError as error:
        raise click.ClickException(f"{type(error).__name__}: {error.message}") from error
    if record is not None:
        trial.save(record)
        output.say(f"wrote {record}")
    output.show(found)


def _connector(name: str) -> Connector:
    found = find_connector(name)
    if found is None:
        raise click.ClickException(f"There is no connector {name!r}. There are {', '.join(registry())}.")
    return found


def _health() -> dict[str, list[dict[str, Any]]] | None:
    """Return the hub's connections by connector, None when no hub is given."""
    _, key = client_settings()
    if key is None:
        return None
    found: dict[str, list[dict[str, Any]]] = {}
    for one in Hub().list("connections"):
        found.setdefault(one["connector"], []).append(
            {name: one[name] for name in ("name", "state", "message", "access", "health")}
        )
    return found


def _offers(summary: dict[str, Any]) -> str:
    return ", ".join(part["uses"] for part in summary["parts"])


def _told(connections: list[dict[str, Any]]) -> str:
    return ", ".join(_fares(one) for one in sorted(connections, key=lambda one: bool(one["state"] == "ok")))


def _fares(connection: dict[str, Any]) -> str:
    """Say how a connection fares: its state, and of the calls of a day how many failed."""
    health, access = connection["health"], connection.get("access") or {}
    state = connection["state"]
    if state == "CredentialsError":
        state = "again"
    elif access.get("by") == "person" and access.get("granted_at") is None:
        state = "waiting"
    told = f"{connection['name']}: {say(f'connections.state_{state}').lower()}"
    if not health["calls"]:
        return told
    calls = count("connector.calls", health["calls"])
    return f"{told} ({health['failures']} of {calls} failed)" if health["failures"] else f"{told} ({calls})"


def _show_fields(title: str, fields: Any) -> None:
    click.echo(f"\n{title}")
    output.show([row for field in fields for row in _rows(field, "")], ("setting", "kind", "default", "title", "hint"))


def _rows(field: FieldDescription, prefix: str) -> list[dict[str, Any]]:
    kind = " | ".join(field.choices) if field.choices else str(field.kind)
    default = "required" if field.required else field.default if field.default not in ("", [], {}) else ""
    row = {"setting": prefix + field.name, "kind": kind, "default": default, "title": field.title, "hint": field.hint}
    if not field.fields:
        return [row]
    return [{**row, "default": ""}, *(inner for one in field.fields for inner in _rows(one, f"{prefix}{field.name}."))]


def _values(pairs: tuple[str, ...]) -> dict[str, Any]:
    """Read KEY=VALUE pairs; dots in a key lead into groups."""
    import yaml

    values: dict[str, Any] = {}
    for pair in pairs:
        key, equals, text = pair.partition("=")
        if not equals or not key:
            raise click.UsageError(f"Write --set KEY=VALUE; {pair!r} has no =.")
        *groups, last = key.split(".")
        place = values
        for one in groups:
            place = place.setdefault(one, {})
        try:
            place[last] = yaml.safe_load(text) if text.strip() else ""
        except yaml.YAMLError as error:
            raise click.UsageError(f"The value of {key} is not YAML; quote it.") from error
    return values


def _file(path: Path | None) -> dict[str, Any] | None:
    import yaml

    if path is None:
        return None
    try:
        read = yaml.safe_load(path.read_text())
    except (OSError, yaml.YAMLError) as error:
        raise click.UsageError(f"{path} cannot be read.") from error
    if not isinstance(read, dict):
        raise click.UsageError(f"{path} holds no settings.")
    return read

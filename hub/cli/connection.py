"""Connections: list, add, test, remove; secrets come from a prompt or a file, never from arguments."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import click
import msgspec

from connectors.sdk import fields_of, has_secret
from connectors.sdk.registry import find_connector
from hub.cli import output
from hub.cli.remote import Hub

COLUMNS = ("id", "name", "connector", "state", "message", "used_by")


@click.group(help="Stored credentials.")
def group() -> None:
    """Hold the verbs."""


@group.command("list")
@output.option
def list_connections() -> None:
    """List the connections by name."""
    output.show(Hub().list("connections"), COLUMNS)


@group.command("add")
@click.argument("name")
@click.option("--connector", required=True, help="Which service, such as postgres.")
@click.option("--set", "pairs", multiple=True, metavar="NAME=VALUE", help="A setting that is no secret.")
@click.option(
    "--secret-file", "files", multiple=True, metavar="NAME=FILE", help="Read a secret from a file; - is stdin."
)
@click.option("--rate-limit", type=float, help="Requests a second at most.")
@output.option
def add_connection(
    name: str, connector: str, pairs: tuple[str, ...], files: tuple[str, ...], rate_limit: float | None
) -> None:
    """Store a connection; secrets that no file gives are asked for."""
    declared = find_connector(connector)
    if declared is None or declared.connection is None:
        raise click.UsageError(f"There is no connector {connector!r} that takes a connection.")
    settings: dict[str, Any] = dict(_pair(pair) for pair in pairs)
    hints = {field.name: field.type for field in msgspec.structs.fields(declared.connection)}
    hidden = {field: shown.title for field, shown in fields_of(declared.connection).items() if has_secret(hints[field])}
    if wrong := sorted(hidden.keys() & settings.keys()):
        raise click.UsageError(f"{wrong[0]} is a secret: leave it out to be asked, or use --secret-file.")
    secrets = dict(map(_pair, files))
    if wrong := sorted(secrets.keys() - hidden.keys()):
        raise click.UsageError(f"{wrong[0]} is no secret of {declared.title}: write --set {wrong[0]}=VALUE.")
    settings |= {field: _read(path) for field, path in secrets.items()}
    required = {field.name for field in msgspec.structs.fields(declared.connection) if field.required}
    for field, title in hidden.items():
        if field not in settings and field in required:
            settings[field] = click.prompt(title, hide_input=True, err=True)
    body = {"name": name, "connector": connector, "settings": settings, "rate_limit": rate_limit}
    output.show(Hub().post("connections", body))


@group.command("test")
@click.argument("name")
@output.option
def test_connection(name: str) -> None:
    """Ask the service whether the credentials work; exit code 1 when they do not."""
    hub = Hub()
    tested = hub.post(f"connections/{_find(hub, name)}/test")
    output.show(tested)
    if tested["state"] != "ok":
        raise SystemExit(1)


@group.command("remove")
@click.argument("name")
@output.option
def remove_connection(name: str) -> None:
    """Remove a connection that no published recipe uses."""
    hub = Hub()
    hub.delete(f"connections/{_find(hub, name)}")
    output.done(name, "removed")


def _find(hub: Hub, name: str) -> str:
    found = [one for one in hub.list("connections") if name in (one["id"], one["name"])]
    if not found:
        raise click.ClickException(f"There is no connection named {name!r}.")
    return str(found[0]["id"])


def _pair(text: str) -> tuple[str, str]:
    name, sign, value = text.partition("=")
    if not sign:
        raise click.UsageError(f"Write NAME=VALUE in place of {text!r}.")
    return name, value


def _read(path: str) -> str:
    text: str = sys.stdin.read() if path == "-" else Path(path).read_text(encoding="utf-8")
    return text.rstrip("\r\n")

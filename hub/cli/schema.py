"""`patchdeck schema`: extraction schemas, the starters and those of a hub."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any

import click
import msgspec

from hub.cli import output
from hub.cli.extract import load_schema
from hub.extraction.schemas.compare import compare_schemas
from hub.extraction.schemas.document import dump_schema, import_schema
from hub.extraction.schemas.json_schema import to_json_schema
from hub.extraction.schemas.starter import starter, starter_names

COLUMNS = ("name", "title", "version", "starter")


@click.group()
def group() -> None:
    """Extraction schemas; without a hub, the starters."""


@group.command("list")
@output.option
def list_schemas() -> None:
    """List the schemas."""
    output.show(_listed(), COLUMNS)


@group.command()
@click.argument("name")
@output.option
def show(name: str) -> None:
    """Show a schema; NAME may be a file."""
    schema = load_schema(name)
    if output.chosen() == "table":
        click.echo(dump_schema(schema).rstrip("\n"))
    else:
        output.show(schema)


@group.command("import")
@click.argument("file", metavar="FILE")
@output.option
def store(file: str) -> None:
    """Store a schema in the hub, from ours or a JSON Schema; FILE may be - for stdin."""
    from hub.cli.remote import Hub

    imported = import_schema(_text(file))
    for loss in imported.losses:
        output.say(f"{loss.path}: {loss.message}")
    schema = imported.schema
    output.show(Hub().put(f"schemas/{schema.name}", msgspec.to_builtins(schema)), COLUMNS)


@group.command()
@click.argument("name")
@click.option("--json-schema", "as_json_schema", is_flag=True, help="As JSON Schema, for other programs.")
@output.document_option
def export(name: str, as_json_schema: bool, form: str) -> None:
    """Print a schema as YAML, always written in the same way."""
    schema = load_schema(name)
    if as_json_schema:
        click.echo(msgspec.json.format(msgspec.json.encode(to_json_schema(schema)), indent=2))
    else:
        click.echo(output.document(dump_schema(schema), form))


@group.command()
@click.argument("before")
@click.argument("after")
@output.option
def diff(before: str, after: str) -> None:
    """Show what differs between two schemas, each a name or a file."""
    output.show(compare_schemas(_plain(before), _plain(after)), ("path", "kind", "before", "after"))


@group.command()
@click.argument("files", nargs=-1, required=True, metavar="FILE...")
@click.option("--name", default="suggested", show_default=True, help="What the schema is called.")
@output.option
def suggest(files: tuple[str, ...], name: str) -> None:
    """Suggest a schema from documents of one kind; nothing needs to run and nothing is stored."""
    from hub.extraction.readers import Readers
    from hub.extraction.schemas.document import build_schema
    from hub.extraction.schemas.suggest import Samples, Suggestion
    from hub.extraction.schemas.suggestions import SUGGEST, checked
    from hub.jail import Jail

    with Jail(1) as jail:
        readers = Readers(jail)
        readings = tuple(readers.read_now(_bytes(file), Path(file).name) for file in files)
        found = checked(jail.run_now(SUGGEST, Samples(readings, name), Suggestion))
    for field in found.fields:
        output.say(
            f"{field.path}: {field.type}, in {field.documents} of {found.documents}: {', '.join(field.samples[:2])}"
        )
    if output.chosen() == "table":
        click.echo(dump_schema(build_schema(found.document)).rstrip("\n"))
    else:
        output.show(found.document)


def _plain(name: str) -> dict[str, Any]:
    plain: dict[str, Any] = msgspec.json.decode(msgspec.json.encode(load_schema(name)))
    return plain


def _listed() -> list[dict[str, Any]]:
    if os.environ.get("PATCHDECK_URL") and os.environ.get("PATCHDECK_API_KEY"):
        from hub.cli.remote import Hub

        return Hub().list("schemas")
    return [
        {"name": name, "title": starter(name).metadata.title, "version": 1, "starter": True} for name in starter_names()
    ]


def _text(file: str) -> str:
    if file == "-":
        return sys.stdin.read()
    try:
        return Path(file).read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise click.ClickException(f"{file} cannot be read: {error}.") from error


def _bytes(file: str) -> bytes:
    try:
        return Path(file).read_bytes()
    except OSError as error:
        raise click.ClickException(f"{file} cannot be read: {error.strerror}.") from error

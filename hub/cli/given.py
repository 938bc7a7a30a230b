"""What commands on recipes are given: names, files, the content of an item."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any
from urllib.parse import quote

import click
import msgspec

from hub.cli.remote import Hub
from hub.errors import HubError

_BYTES = "application/octet-stream"

Content = click.option("--content", metavar="FILE", help="A JSON file with the item's content; - for stdin.")
Document = click.option("--document", metavar="FILE", help="A document to send along; steps know it as trigger.file.")


def part(reference: str) -> str:
    """Return an id or a name as one part of a path."""
    return quote(reference, safe="")


def identity(hub: Hub, name: str) -> str:
    """Return the id of a recipe."""
    return str(hub.get(f"recipes/{part(name)}")["id"])


def read(file: str) -> bytes:
    """Read a file, or stdin as `-`."""
    try:
        return sys.stdin.buffer.read() if file == "-" else Path(file).read_bytes()
    except OSError as error:
        raise HubError(f"{file} cannot be read: {error.strerror}.") from error


def json_of(file: str | None) -> Any:
    """Read a JSON file; None when none is given."""
    try:
        return None if file is None else msgspec.json.decode(read(file))
    except msgspec.DecodeError as error:
        raise HubError(f"{file} is not JSON: {error}.") from error


def content_of(hub: Hub, file: str | None, document: str | None) -> Any:
    """Return an item's content: what a JSON file says, and an uploaded document as `file`."""
    content = json_of(file)
    if document is None:
        return content
    if content is not None and not isinstance(content, dict):
        raise click.UsageError("Beside --document, --content must be a map of names and values.")
    kept = hub.post("files", read(document), headers={"content-type": _BYTES}, name=Path(document).name)
    return {
        **(content or {}),
        "file": {"file": kept["id"], **{name: kept[name] for name in ("name", "media_type", "size")}},
    }

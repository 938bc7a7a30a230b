"""A new connector from a pattern: a module that works, and the recorded exchanges that prove it."""

from __future__ import annotations

import keyword
import re
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import click

_NAME = re.compile(r"[a-z][a-z0-9_]{1,30}")

_MODULE = '''"""TITLE: records in, records out."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from typing import Annotated, Any

from yarl import URL

from connectors.sdk import Connector, Context, Effect, Item, Receipt, Record, Secret, Settings, field
from connectors.sdk.network.urls import require_address


class Connection(Settings):
    """An access token that may read and write records."""

    address: Annotated[str, field("Address", hint="Where the service answers.", example="https://api.example.com")]
    token: Annotated[Secret, field("Access token", hint="Create one in the service's settings.")]

    def __post_init__(self) -> None:
        require_address(self.address)


class Table(Settings):
    """Which records to read or write."""

    table: Annotated[str, field("Table", example="invoices")]


class Row(Table):
    """Which table to write to, and what."""

    fields: Annotated[
        dict[str, Any], field("Fields", example={"number": "{{ read.number }}"}, templated=True, record=True)
    ]


connector = Connector("NAME", "TITLE", icon="extension", connection=Connection)


@connector.hosts
def hosts(connection: Connection) -> Sequence[str]:
    """Name the only host that sees the token."""
    return [URL(connection.address).host or ""]


@connector.check
async def check(connection: Connection, context: Context[Connection, Any]) -> None:
    """Ask who the token belongs to."""
    await context.http.get(f"{connection.address}/me", headers=_headers(connection))


@connector.trigger("New record")
async def new_record(context: Context[Connection, Table], cursor: str | None) -> AsyncIterator[Item]:
    """Start a run for each record added since the last look."""
    # At or after the cursor: records of the same moment are read again and recognised by their key
    since = {"since": cursor} if cursor else {}
    answer = await context.http.get(_place(context), headers=_headers(context.connection), params=since)
    for row in answer.json()["records"]:
        yield Item(key=row["id"], title=row["id"], content=row["fields"], cursor=row["created"])


@connector.target("Create a record", effect=Effect.CREATE, carries_key=True, concurrency=4)
async def create_record(context: Context[Connection, Row], record: Record) -> Receipt:
    """Add one record under an Idempotency-Key."""
    headers = {**_headers(context.connection), "Idempotency-Key": record.key}
    answer = await context.http.post(_place(context), headers=headers, json={"fields": record.values})
    return Receipt(reference=answer.json()["id"])


def _place(context: Context[Connection, Any]) -> str:
    return f"{context.connection.address}/tables/{context.settings.table}/records"


def _headers(connection: Connection) -> dict[str, str]:
    return {"Authorization": f"Bearer {connection.token.reveal()}"}
'''

_TRIGGER = """{
  "source": "written from documentation",
  "speaks": "http",
  "settings": {"table": "invoices"},
  "connection": {"address": "{base}", "token": "t0ken-t0ken"},
  "exchanges": [
    {
      "request": {"path": "/tables/invoices/records", "headers": {"Authorization": "Bearer t0ken-t0ken"}},
      "response": {
        "json": {"records": [{"id": "rec1", "created": "2026-01-02T03:04:05Z", "fields": {"number": "INV-17"}}]}
      }
    },
    {
      "request": {"path": "/tables/invoices/records", "query": {"since": "2026-01-02T03:04:05Z"}},
      "response": {
        "json": {"records": [{"id": "rec1", "created": "2026-01-02T03:04:05Z", "fields": {"number": "INV-17"}}]}
      }
    }
  ],
  "items": [{"key": "rec1", "content": {"number": "INV-17"}}],
  "malformed": "<html>Sign in</html>"
}
"""

_TARGET = """{
  "source": "written from documentation",
  "speaks": "http",
  "settings": {"table": "invoices", "fields": {"number": "INV-17"}},
  "connection": {"address": "{base}", "token": "t0ken-t0ken"},
  "exchanges": [
    {
      "request": {
        "method": "POST",
        "path": "/tables/invoices/records",
        "headers": {"Authorization": "Bearer t0ken-t0ken", "Idempotency-Key": "KEY-1"},
        "json": {"fields": {"number": "INV-17"}}
      },
      "response": {"status": 201, "json": {"id": "rec2"}}
    }
  ],
  "record": {"number": "INV-17"},
  "receipt": {"reference": "rec2"},
  "malformed": "<html>Sign in</html>"
}
"""


def write_connector(name: str, tree: Path) -> Sequence[Path]:
    """Write module, recordings and docs page of a new connector, and return what was written."""
    if not _NAME.fullmatch(name) or keyword.iskeyword(name) or name == "sdk":
        raise click.UsageError("Name it in small letters, digits and _, beginning with a letter, such as acme_crm.")
    if not (tree / "connectors" / "sdk").is_dir():
        raise click.ClickException("Run this in a clone of the source, or name it with --into.")
    module = tree / "connectors" / f"{name}.py"
    if module.exists() or module.with_suffix("").exists():
        raise click.ClickException(f"There is a connector {name} already.")
    title = name.replace("_", " ").title()
    recordings = tree / "tests" / "connectors" / name
    written = {
        module: _MODULE.replace("NAME", name).replace("TITLE", title),
        recordings / "new_record.json": _TRIGGER,
        recordings / "create_record.json": _TARGET,
    }
    for path, content in written.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content)
    if (tree / "scripts" / "docs.py").exists():
        subprocess.run([sys.executable, "-m", "scripts.docs"], cwd=tree, check=True)
        written[tree / "docs" / "connectors" / f"{name}.md"] = ""
    return list(written)

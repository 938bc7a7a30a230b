"""What a user fills in to follow records of a table, to find them, and to write them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Annotated, Any

from connectors.sdk import Context, Settings, field
from connectors.sdk.cursors.following import Following
from connectors.sdk.records.entries import Limit, Mode, require_key, require_limit
from connectors.servicenow.connection import Connection
from connectors.servicenow.records import Records

TABLES = ("incident", "sc_request", "sc_req_item", "sc_task", "change_request", "problem", "kb_knowledge", "cmdb_ci")
_TABLE = re.compile(r"[a-z][a-z0-9_]{0,79}")


async def tables(context: Context[Connection, Any]) -> Sequence[str]:  # noqa: ARG001  # few users may list tables
    """Return the tables that people ask for most; any other is named by hand."""
    return TABLES


Table = Annotated[str, field("Table", hint="Its name, not its label; yours begin with u_ or x_.", choices=tables)]


class Which(Settings):
    """Which table."""

    table: Table = "incident"

    def __post_init__(self) -> None:
        """Refuse what can be no table."""
        if not _TABLE.fullmatch(self.table):
            raise ValueError("Give the name of the table, such as incident.")


async def fields(context: Context[Connection, Which]) -> Sequence[str]:
    """Return the fields of a table, as its newest record shows them."""
    found = await Records(context).latest()
    return sorted(found.values) if found else []


class Follow(Following):
    """Which table to follow."""

    table: Table = "incident"

    def __post_init__(self) -> None:
        """Refuse what can be no table, and an interval that cannot be."""
        super().__post_init__()
        Which(table=self.table)


class Find(Which):
    """Which records to read."""

    where: Annotated[
        dict[str, Any],
        field(
            "Where",
            hint="The values that fields must have.",
            example={"number": "{{ read.number }}"},
            templated=True,
            choices=fields,
        ),
    ]
    limit: Limit = 100

    def __post_init__(self) -> None:
        """Refuse a limit out of bounds."""
        super().__post_init__()
        require_limit(self.limit)


class Write(Which):
    """Which record to write, how, and what."""

    columns: Annotated[
        dict[str, Any],
        field(
            "Fields",
            example={"short_description": "{{ read.subject }}", "urgency": "2"},
            templated=True,
            record=True,
            choices=fields,
        ),
    ]
    mode: Mode = "insert"
    key: Annotated[
        str,
        field("Key field", hint="It says which record it is, such as correlation_id or number.", choices=fields),
    ] = ""

    def __post_init__(self) -> None:
        """Refuse a mode that lacks its key."""
        super().__post_init__()
        require_key(self.mode, self.key, self.columns)

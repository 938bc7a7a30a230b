"""What a user fills in to follow tickets of Zendesk, to find them, and to write them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any, Literal

import msgspec

from connectors.sdk import Choice, Context, Settings, field
from connectors.sdk.cursors.following import Following
from connectors.sdk.records.entries import Limit, Mode, require_key, require_limit
from connectors.zendesk.connection import Connection, call
from connectors.zendesk.tickets import WRITABLE


class _Field(msgspec.Struct):
    id: int
    title: str = ""
    type: str = ""


class _Fields(msgspec.Struct):
    ticket_fields: list[_Field]


_BUILT_IN = frozenset(
    {"subject", "description", "status", "tickettype", "priority", "group", "assignee", "custom_status"}
)


async def fields(context: Context[Connection, Any]) -> Sequence[Choice]:
    """Return the fields of tickets: those that all have, and your own."""
    found = (await call(context, "GET", "ticket_fields", {"params": {"page[size]": "100"}})).read(_Fields)
    own = [Choice(f"field_{one.id}", one.title) for one in found.ticket_fields if one.type not in _BUILT_IN]
    return [*(Choice(name) for name in WRITABLE), *own]


class Follow(Following):
    """Which tickets to follow: all that the agent may see."""


class Find(Settings):
    """Which tickets to read."""

    where: Annotated[
        dict[str, Any],
        field(
            "Where",
            hint="The values that fields must have, as Zendesk's search knows them.",
            example={"status": "open", "requester": "{{ read.email }}"},
            templated=True,
            choices=fields,
        ),
    ]
    limit: Limit = 100

    def __post_init__(self) -> None:
        """Refuse a limit out of bounds."""
        require_limit(self.limit)


class Write(Settings):
    """Which ticket to write, how, and what."""

    columns: Annotated[
        dict[str, Any],
        field(
            "Fields",
            example={"subject": "{{ read.subject }}", "description": "{{ read.text }}"},
            templated=True,
            record=True,
            choices=fields,
        ),
    ]
    mode: Mode = "insert"
    key: Annotated[
        Literal["", "external_id", "id"],
        field("Key field", hint="It says which ticket it is: a number or name of yours, or Zendesk's number."),
    ] = ""

    def __post_init__(self) -> None:
        """Refuse a mode that lacks its key."""
        require_key(self.mode, self.key, self.columns)
        if self.key == "id" and self.mode != "update":
            raise ValueError("Zendesk gives tickets their id; by id they can only be updated.")

"""What a user fills in to follow records of Pipedrive, to find them, and to write them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any, Literal

from connectors.pipedrive.connection import Connection
from connectors.pipedrive.fields import fields_of
from connectors.sdk import Choice, Context, Settings, field
from connectors.sdk.cursors.following import Following
from connectors.sdk.records.entries import Limit, Mode, require_key, require_limit

Kind = Annotated[Literal["persons", "organizations", "deals"], field("Records")]


class Which(Settings):
    """Which kind of records."""

    object: Kind = "persons"


async def fields(context: Context[Connection, Which]) -> Sequence[Choice]:
    """Return the fields of a kind of records."""
    found = await fields_of(context, context.settings.object)
    return [Choice(one.code, one.name) for one in found.values()]


class Follow(Following):
    """Which records to follow."""

    object: Kind = "persons"


class Find(Which):
    """Which records to read."""

    where: Annotated[
        dict[str, Any],
        field(
            "Where",
            hint="The values that fields must have.",
            example={"email": "{{ read.email }}"},
            templated=True,
            choices=fields,
        ),
    ]
    limit: Limit = 100

    def __post_init__(self) -> None:
        """Refuse a limit out of bounds."""
        require_limit(self.limit)


class Write(Which):
    """Which record to write, how, and what."""

    columns: Annotated[
        dict[str, Any],
        field(
            "Fields",
            example={"email": "{{ read.email }}", "name": "{{ read.name }}"},
            templated=True,
            record=True,
            choices=fields,
        ),
    ]
    mode: Mode = "insert"
    key: Annotated[
        str,
        field(
            "Key field",
            hint="It says which one it is, such as the e-mail address of a person.",
            choices=fields,
        ),
    ] = ""

    def __post_init__(self) -> None:
        """Refuse a mode that lacks its key."""
        require_key(self.mode, self.key, self.columns)

"""What a user fills in to follow contacts and invoices of Xero, to find them, and to write contacts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any, Literal

from connectors.sdk import Context, Settings, field
from connectors.sdk.cursors.following import Following
from connectors.sdk.records.entries import Limit, Mode, require_key, require_limit
from connectors.xero.connection import Connection, organisations
from connectors.xero.records import WRITABLE

Kind = Annotated[Literal["Contacts", "Invoices"], field("Records")]
_ONLY = "Empty: the only one that the connection opens."
# A trigger's stands in its recipe; that of a step may come from the event
Organisation = Annotated[str, field("Organisation", hint=_ONLY, choices=organisations, templated=True)]


async def fields(context: Context[Connection, Any]) -> Sequence[str]:  # noqa: ARG001  # all contacts have these
    """Return the fields of contacts that can be written."""
    return WRITABLE


class Follow(Following):
    """Which records to follow."""

    object: Kind = "Contacts"
    organisation: Annotated[str, field("Organisation", hint=_ONLY, choices=organisations)] = ""


class Find(Settings):
    """Which records to read."""

    object: Kind = "Contacts"
    organisation: Organisation = ""
    where: Annotated[
        dict[str, Any],
        field(
            "Where",
            hint="The texts that fields must have.",
            example={"EmailAddress": "{{ read.email }}"},
            templated=True,
        ),
    ]
    limit: Limit = 100

    def __post_init__(self) -> None:
        """Refuse a limit out of bounds."""
        require_limit(self.limit)


class Write(Settings):
    """Which contact to write, how, and what."""

    organisation: Organisation = ""
    columns: Annotated[
        dict[str, Any],
        field(
            "Fields",
            example={"Name": "{{ read.customer }}", "EmailAddress": "{{ read.email }}"},
            templated=True,
            record=True,
            choices=fields,
        ),
    ]
    mode: Mode = "insert"
    key: Annotated[
        Literal["Name", "ContactNumber", "AccountNumber", "EmailAddress"],
        field("Key field", hint="It says which contact it is. Xero keeps names and contact numbers unique."),
    ] = "Name"

    def __post_init__(self) -> None:
        """Refuse a key that has no value."""
        require_key(self.mode, self.key, self.columns)

"""What a user fills in to follow objects of HubSpot, to find them, and to write them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Annotated, Any

import msgspec

from connectors.hubspot.connection import Connection, call
from connectors.sdk import Choice, Context, Settings, field
from connectors.sdk.cursors.following import Following
from connectors.sdk.records.entries import Limit, Mode, require_key, require_limit

OBJECTS = ("contacts", "companies", "deals", "tickets", "products", "line_items", "quotes")
_TYPE = re.compile(r"[A-Za-z0-9_-]{1,100}")


async def objects(context: Context[Connection, Any]) -> Sequence[str]:  # noqa: ARG001  # all accounts have these
    """Return the types of objects that every account has; your own are named by hand."""
    return OBJECTS


Kind = Annotated[
    str, field("Object", hint="A type of objects, or the name of one that you have made.", choices=objects)
]


class _Property(msgspec.Struct):
    name: str
    label: str = ""


class _Properties(msgspec.Struct):
    results: list[_Property]


class Which(Settings):
    """Which type of objects."""

    object: Kind = "contacts"

    def __post_init__(self) -> None:
        """Refuse what can be no type."""
        if not _TYPE.fullmatch(self.object):
            raise ValueError("Choose the object from the list, or give the name of your own.")


async def properties(context: Context[Connection, Which]) -> Sequence[Choice]:
    """Return the properties of a type of objects."""
    found = (await call(context, "GET", f"properties/{context.settings.object}")).read(_Properties)
    return [Choice(one.name, one.label) for one in found.results]


Names = Annotated[
    tuple[str, ...],
    field("Properties", hint="Which ones to read; empty: the few that HubSpot gives by itself.", choices=properties),
]


class Follow(Following):
    """Which objects to follow."""

    object: Kind = "contacts"
    properties: Names = ()

    def __post_init__(self) -> None:
        """Refuse what can be no type, and an interval that cannot be."""
        super().__post_init__()
        Which(object=self.object)


class Find(Which):
    """Which objects to read."""

    where: Annotated[
        dict[str, Any],
        field(
            "Where",
            hint="The values that properties must have.",
            example={"email": "{{ read.email }}"},
            templated=True,
            choices=properties,
        ),
    ]
    properties: Names = ()
    limit: Limit = 100

    def __post_init__(self) -> None:
        """Refuse a limit out of bounds."""
        super().__post_init__()
        require_limit(self.limit)


class Write(Which):
    """Which object to write, how, and what."""

    columns: Annotated[
        dict[str, Any],
        field(
            "Properties",
            example={"email": "{{ read.email }}", "lastname": "{{ read.name }}"},
            templated=True,
            record=True,
            choices=properties,
        ),
    ]
    mode: Mode = "insert"
    key: Annotated[
        str,
        field(
            "Key property",
            hint="It says which one it is: the e-mail address of a contact, or a property whose values are unique.",
            choices=properties,
        ),
    ] = ""

    def __post_init__(self) -> None:
        """Refuse a mode that lacks its key."""
        super().__post_init__()
        require_key(self.mode, self.key, self.columns)

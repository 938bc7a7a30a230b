"""What a user fills in to follow records of Salesforce, to find them, and to write them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any

import msgspec

from connectors.salesforce.calls import call
from connectors.salesforce.connection import Connection
from connectors.salesforce.fields import Field, fields_of
from connectors.salesforce.soql import NAME, PATH, names_in, require_condition, require_query
from connectors.sdk import Choice, Context, Settings, field
from connectors.sdk.cursors.following import Following
from connectors.sdk.records.entries import Limit, Mode, require_key, require_limit

_MOST_OPTIONS = 5


class _Object(msgspec.Struct, kw_only=True, rename="camel"):
    name: str
    label: str = ""
    queryable: bool = False
    createable: bool = False
    updateable: bool = False
    deprecated_and_hidden: bool = False


class _Objects(msgspec.Struct):
    sobjects: list[_Object]


async def readable(context: Context[Connection, Any]) -> Sequence[Choice]:
    """Return the objects that the user may read, the organisation's own among them."""
    return [Choice(one.name, one.label) for one in await _objects(context) if one.queryable]


async def writable(context: Context[Connection, Any]) -> Sequence[Choice]:
    """Return the objects that the user may write."""
    return [Choice(one.name, one.label) for one in await _objects(context) if one.createable or one.updateable]


class Which(Settings):
    """Which object."""

    object: Annotated[
        str,
        field("Object", hint="Its API name; the names of your own end with __c.", example="Contact", choices=readable),
    ] = "Contact"

    def __post_init__(self) -> None:
        """Refuse what can be no object."""
        if not NAME.fullmatch(self.object):
            raise ValueError("Give the API name of the object, such as Contact or Invoice__c.")


async def all_fields(context: Context[Connection, Which]) -> Sequence[Choice]:
    """Return the fields of an object."""
    return [Choice(one.name, _told(one)) for one in (await fields_of(context, context.settings.object)).values()]


async def written_fields(context: Context[Connection, Which]) -> Sequence[Choice]:
    """Return the fields that the user may set, those that a new record needs first."""
    found = (await fields_of(context, context.settings.object)).values()
    settable = [one for one in found if one.createable or one.updateable]
    return [Choice(one.name, _told(one)) for one in sorted(settable, key=lambda one: not one.required)]


async def keys(context: Context[Connection, Which]) -> Sequence[Choice]:
    """Return the fields that may say which record it is, external ids first."""
    found = (await fields_of(context, context.settings.object)).values()
    usable = [one for one in found if one.filterable and (one.external_id or one.id_lookup or one.createable)]
    ordered = sorted(usable, key=lambda one: (not one.external_id, not one.id_lookup))
    return [Choice(one.name, f"{_told(one)}{', external id' if one.external_id else ''}") for one in ordered]


Names = Annotated[
    tuple[str, ...],
    field("Fields", hint="Which ones to read; empty: all that the user may see.", choices=all_fields),
]


def _require_names(names: Sequence[str]) -> None:
    """Raise ValueError for what can be no field."""
    wrong = next((name for name in names if not PATH.fullmatch(name)), None)
    if wrong is not None:
        raise ValueError(f"{wrong[:100]!r} can be no field of Salesforce.")


class Follow(Following):
    """Which records to follow."""

    object: Annotated[
        str,
        field("Object", hint="Its API name; the names of your own end with __c.", example="Contact", choices=readable),
    ] = "Contact"
    condition: Annotated[
        str,
        field("Only where", hint="A condition of SOQL, as after WHERE.", example="StageName = 'Closed Won'"),
    ] = ""
    fields: Names = ()

    def __post_init__(self) -> None:
        """Refuse what can be no object, and what would be more than a condition."""
        super().__post_init__()
        Which(object=self.object)
        _require_names(self.fields)
        if self.condition:
            require_condition(self.condition)


class Told(Which):
    """Which of the records that Salesforce tells of start a run."""

    fields: Names = ()

    def __post_init__(self) -> None:
        """Refuse what can be no object, and what can be no field."""
        super().__post_init__()
        _require_names(self.fields)


class Find(Which):
    """Which records to read."""

    where: Annotated[
        dict[str, Any],
        field(
            "Where",
            hint="The values that fields must have.",
            example={"Email": "{{ read.email }}"},
            templated=True,
            choices=all_fields,
        ),
    ]
    fields: Names = ()
    limit: Limit = 100

    def __post_init__(self) -> None:
        """Refuse a limit out of bounds."""
        super().__post_init__()
        _require_names(self.fields)
        require_limit(self.limit)


class Query(Settings):
    """What to ask."""

    soql: Annotated[
        str,
        field(
            "SOQL",
            hint="One query that reads; values stand in it as :names.",
            example="SELECT Id, Amount FROM Opportunity WHERE Account.Name = :name",
            multiline=True,
        ),
    ]
    params: Annotated[
        dict[str, Any],
        field(
            "Values",
            hint="One for each :name. A text such as 2026-11-22 or 2026-11-22T08:00:00Z is taken for a date or a time.",
            templated=True,
        ),
    ] = {}
    limit: Limit = 1000

    def __post_init__(self) -> None:
        """Refuse what does more than read, names without a value, and a limit out of bounds."""
        require_query(self.soql)
        require_limit(self.limit)
        absent = sorted(set(names_in(self.soql)) - set(self.params))
        if absent:
            raise ValueError(f"Values has nothing for :{', :'.join(absent)}.")


class Write(Which):
    """Which record to write, how, and what."""

    object: Annotated[
        str,
        field("Object", hint="Its API name; the names of your own end with __c.", example="Contact", choices=writable),
    ] = "Contact"
    columns: Annotated[
        dict[str, Any],
        field(
            "Fields",
            example={"Email": "{{ read.email }}", "LastName": "{{ read.name }}"},
            templated=True,
            record=True,
            choices=written_fields,
        ),
    ]
    mode: Mode = "insert"
    key: Annotated[
        str,
        field(
            "Key field",
            hint="It says which record it is. Safest is an external id: then Salesforce itself writes no record twice.",
            choices=keys,
        ),
    ] = ""

    def __post_init__(self) -> None:
        """Refuse a mode that lacks its key."""
        super().__post_init__()
        require_key(self.mode, self.key, self.columns)


async def _objects(context: Context[Connection, Any]) -> list[_Object]:
    found = (await call(context, "GET", "sobjects")).read(_Objects).sobjects
    return [one for one in found if not one.deprecated_and_hidden]


def _told(one: Field) -> str:
    """Say in a few words what a field is and takes."""
    options = [option.value for option in one.picklist_values if option.active]
    several = "" if len(options) <= _MOST_OPTIONS else ", ..."
    listed = f": {', '.join(options[:_MOST_OPTIONS])}{several}" if options else ""
    return f"{one.label or one.name}, {one.type}{', required' if one.required else ''}{listed}"

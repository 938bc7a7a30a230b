"""What a user fills in to read records of a table, to write them, and to hear of new ones."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any, Literal

import msgspec

from connectors.airtable.connection import Connection, call
from connectors.airtable.formulas import names_in
from connectors.sdk import Choice, Context, Settings, SettingsError, Shape, field
from connectors.sdk.intervals import interval

MOST_RECORDS = 10_000


class _Named(msgspec.Struct, kw_only=True):
    id: str
    name: str
    type: str = ""


class _Bases(msgspec.Struct, kw_only=True):
    bases: list[_Named]
    offset: str | None = None


class _Table(msgspec.Struct, kw_only=True):
    id: str
    name: str
    fields: list[_Named] = []
    views: list[_Named] = []


class _Tables(msgspec.Struct, kw_only=True):
    tables: list[_Table]


async def bases(context: Context[Connection, Any]) -> Sequence[Choice]:
    """Return the bases that the token may use."""
    found: list[Choice] = []
    offset: str | None = ""
    while offset is not None and len(found) < MOST_RECORDS:
        params = [("offset", offset)] if offset else []
        page = (await call(context, "GET", "meta/bases", params=params)).read(_Bases)
        found += [Choice(one.id, one.name) for one in page.bases]
        offset = page.offset or None
    return found


class Base(Settings):
    """Which base."""

    base: Annotated[str, field("Base", hint="Its id begins with app.", example="appXyz", choices=bases)]

    def __post_init__(self) -> None:
        """Refuse what can be no id."""
        if not self.base.startswith("app") or not self.base.isalnum():
            raise ValueError("The id of a base begins with app; choose it from the list.")


async def tables(context: Context[Connection, Base]) -> Sequence[Choice]:
    """Return the tables of the base."""
    return [Choice(one.name, one.id) for one in (await _tables(context)).tables]


class Table(Base):
    """Which table of a base."""

    table: Annotated[str, field("Table", hint="Its name or its id.", example="Invoices", choices=tables)]

    def __post_init__(self) -> None:
        """Refuse a table without a name."""
        super().__post_init__()
        if not self.table.strip():
            raise ValueError("Name the table.")


async def fields(context: Context[Connection, Table]) -> Sequence[Choice]:
    """Return the fields of the table, each with its type."""
    return [Choice(one.name, one.type) for one in (await _table(context)).fields]


async def moments(context: Context[Connection, Table]) -> Sequence[Choice]:
    """Return the fields that tell when a record was changed."""
    return [Choice(one.name) for one in (await _table(context)).fields if one.type == "lastModifiedTime"]


async def views(context: Context[Connection, Table]) -> Sequence[Choice]:
    """Return the views of the table."""
    return [Choice(one.name, one.type) for one in (await _table(context)).views]


class New(Table):
    """Which table to follow."""

    view: Annotated[str, field("View", hint="Only what this view shows; empty: all.", advanced=True, choices=views)] = (
        ""
    )
    existing: Annotated[
        Literal["read", "skip"], field("Records already there", hint="What to do with them when the recipe starts.")
    ] = "read"
    every: Annotated[str, field("Ask every", hint="How often to look.", advanced=True, shape=Shape.DURATION)] = "5m"

    def __post_init__(self) -> None:
        """Refuse an interval that cannot be."""
        super().__post_init__()
        interval(self.every)


class Changed(New):
    """Which table to follow, and which field tells that a record has changed."""

    changed: Annotated[
        str,
        field(
            "Changed at",
            hint="A field of the type Last modified time.",
            example="Last modified",
            choices=moments,
        ),
    ]


class Find(Table):
    """Which records to read."""

    formula: Annotated[
        str,
        field("Formula", hint="As in Airtable, with values as :names; empty: all.", example="{Number} = :number"),
    ] = ""
    params: Annotated[dict[str, Any], field("Values", hint="One for each :name.", templated=True)] = {}
    sort: Annotated[
        tuple[str, ...], field("Sort", hint="Field names; -name begins with the highest.", example=["-Due"])
    ] = ()
    only: Annotated[tuple[str, ...], field("Fields", hint="Only these; empty: all.", advanced=True)] = ()
    view: Annotated[str, field("View", hint="Only what this view shows; empty: all.", advanced=True, choices=views)] = (
        ""
    )
    limit: Annotated[int, field("Most records", hint="More than this is an error.", advanced=True)] = 1000

    def __post_init__(self) -> None:
        """Refuse limits out of bounds and names without a value."""
        super().__post_init__()
        if not 0 < self.limit <= MOST_RECORDS:
            raise ValueError(f"The most records can be 1 to {MOST_RECORDS}.")
        absent = sorted(set(names_in(self.formula)) - set(self.params))
        if absent:
            raise ValueError(f"Values has nothing for :{', :'.join(absent)}.")


class Records(Table):
    """Which table to write to, how, and what."""

    columns: Annotated[
        dict[str, Any],
        field("Fields", example={"Number": "{{ read.number }}"}, templated=True, record=True, choices=fields),
    ]
    mode: Annotated[
        Literal["insert", "upsert", "update"],
        field("Mode", hint="insert adds, update changes what is there, upsert does either."),
    ] = "insert"
    key: Annotated[
        tuple[str, ...],
        field(
            "Key fields",
            hint="They say which record it is; three at most.",
            choices=fields,
            when={"mode": ("upsert", "update")},
        ),
    ] = ()
    typecast: Annotated[
        bool,
        field("Convert values", hint="Airtable makes text into numbers, dates and new options.", advanced=True),
    ] = False
    rows: Annotated[
        Any,
        field(
            "Rows",
            hint="A list: one record is written for each, read as row.",
            templated=True,
            advanced=True,
            shape=Shape.LIST,
        ),
    ] = None

    def __post_init__(self) -> None:
        """Refuse a mode that lacks its key."""
        super().__post_init__()
        if self.mode != "insert" and not 0 < len(self.key) <= 3:
            raise ValueError(f"The mode {self.mode} needs one to three key fields; the mode insert does without.")
        absent = [name for name in self.key if name not in self.columns]
        if absent and self.columns:
            raise ValueError(f"The key field {', '.join(absent)} is not among the fields.")


async def _tables(context: Context[Connection, Any]) -> _Tables:
    return (await call(context, "GET", f"meta/bases/{context.settings.base}/tables")).read(_Tables)


async def _table(context: Context[Connection, Table]) -> _Table:
    wanted = context.settings.table
    found = next((one for one in (await _tables(context)).tables if wanted in {one.id, one.name}), None)
    if found is None:
        raise SettingsError(f"The base has no table {wanted}.")
    return found

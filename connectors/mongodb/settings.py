"""What a user fills in to read documents, to write them, and to hear of new ones."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated, Any, Literal

from connectors.mongodb.conditions import condition, names_in
from connectors.mongodb.connection import require_database
from connectors.mongodb.offers import collections, databases, fields
from connectors.mongodb.values import Kind
from connectors.sdk import Settings, SettingsError, Shape, field
from connectors.sdk.intervals import interval
from connectors.sdk.records.rows import WriteMode

MOST_DOCUMENTS = 10_000
MOST_SECONDS = 300.0


class Place(Settings):
    """Which collection, and of which database."""

    collection: Annotated[str, field("Collection", example="invoices", choices=collections)]
    database: Annotated[str, field("Database", hint="Empty: the connection's.", advanced=True, choices=databases)] = ""

    def __post_init__(self) -> None:
        """Refuse names that neither a database nor a collection can have."""
        if self.database:
            require_database(self.database)
        if not self.collection or "$" in self.collection or "\0" in self.collection:
            raise ValueError(f"{self.collection[:70]!r} is not a name that a collection can have.")
        if self.collection.startswith("system."):
            raise ValueError("Collections that begin with system. belong to the server.")


class Documents(Place):
    """Which collection to write, how, and what."""

    columns: Annotated[
        dict[str, Any],
        field("Fields", example={"number": "{{ read.number }}"}, templated=True, record=True, choices=fields),
    ]
    mode: Annotated[
        WriteMode, field("Mode", hint="insert adds, update changes the fields of what is there, upsert does either.")
    ] = WriteMode.INSERT
    key: Annotated[
        tuple[str, ...],
        field("Key fields", hint="They say which document it is.", choices=fields, when={"mode": ("upsert", "update")}),
    ] = ()
    unique_index: Annotated[
        bool,
        field(
            "Unique index for the key",
            hint="Made when it is missing, so that no second document can have the same key.",
            advanced=True,
            when={"mode": ("upsert", "update")},
        ),
    ] = False
    types: Annotated[
        dict[str, Kind],
        field("Types", hint="Of fields that JSON has no type for.", example={"customer": "id"}, advanced=True),
    ] = {}
    rows: Annotated[
        Any,
        field(
            "Rows",
            hint="A list: one document is written for each, read as row.",
            templated=True,
            advanced=True,
            shape=Shape.LIST,
        ),
    ] = None

    def __post_init__(self) -> None:
        """Refuse names no field can have, and a mode that lacks its key."""
        super().__post_init__()
        _require_fields((*self.columns, *self.key))
        if self.mode is not WriteMode.INSERT and not self.key:
            raise ValueError(
                f"The mode {self.mode} needs key fields, which say what document it is; the mode insert does without."
            )
        absent = [name for name in self.key if name not in self.columns]
        if absent and self.columns:
            raise ValueError(f"The key field {', '.join(absent)} is not among the fields.")


class Find(Place):
    """Which documents to read."""

    filter: Annotated[
        dict[str, Any],
        field(
            "Filter",
            hint="As MongoDB writes it, with values as :names.",
            example={"number": ":number", "total": {"$gte": ":least"}},
        ),
    ] = {}
    params: Annotated[dict[str, Any], field("Values", hint="One for each :name.", templated=True)] = {}
    sort: Annotated[
        tuple[str, ...], field("Sort", hint="Field names; -name begins with the highest.", example=["-created"])
    ] = ()
    only: Annotated[tuple[str, ...], field("Fields", hint="Only these; empty: all.", advanced=True)] = ()
    limit: Annotated[int, field("Most documents", hint="More than this is an error.", advanced=True)] = 1000
    timeout: Annotated[float, field("Most seconds", advanced=True)] = 30.0

    def __post_init__(self) -> None:
        """Refuse limits out of bounds, operators that run code, and names without a value."""
        super().__post_init__()
        _require_fields((*self.only, *(name.removeprefix("-") for name in self.sort)))
        if not 0 < self.limit <= MOST_DOCUMENTS:
            raise ValueError(f"The most documents can be 1 to {MOST_DOCUMENTS}.")
        if not 0 < self.timeout <= MOST_SECONDS:
            raise ValueError(f"The most seconds can be up to {MOST_SECONDS:.0f}.")
        absent = sorted(names_in(self.filter) - set(self.params))
        if absent:
            raise ValueError(f"Values has nothing for :{', :'.join(absent)}.")
        try:
            condition(self.filter, dict.fromkeys(self.params))
        except SettingsError as error:
            raise ValueError(error.message) from error


class New(Place):
    """Which collection to follow, and what orders its documents."""

    order: Annotated[
        str, field("Ordered by", hint="A field that only grows, such as _id or a time of creation.", choices=fields)
    ] = "_id"
    existing: Annotated[
        Literal["read", "skip"], field("Documents already there", hint="What to do with them when the recipe starts.")
    ] = "read"
    look_back: Annotated[
        float,
        field("Look back", hint="Seconds, or steps of a number: for what arrives late.", advanced=True),
    ] = 60.0
    every: Annotated[str, field("Ask every", hint="How often to look.", advanced=True, shape=Shape.DURATION)] = "5m"

    def __post_init__(self) -> None:
        """Refuse a field or an interval that cannot be."""
        super().__post_init__()
        _require_fields((self.order,))
        interval(self.every)
        if not 0 <= self.look_back <= 86_400:
            raise ValueError("Looking back can be 0 to 86400.")


class Changed(New):
    """Which collection to follow, and which field tells that a document has changed."""

    order: Annotated[
        str, field("Changed at", hint="A field that grows with each change, such as updated_at.", choices=fields)
    ] = "updated_at"


def _require_fields(names: Iterable[str]) -> None:
    for name in names:
        if not name or name.startswith("$") or "\0" in name or len(name) > 200 or ".." in f".{name}.":
            raise ValueError(f"{name[:70]!r} is not a name that a field can have.")

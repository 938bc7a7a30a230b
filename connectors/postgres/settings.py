"""What a user fills in to read from or write to a database."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Annotated, Any

from connectors.postgres.offers import columns, tables
from connectors.postgres.table import ColumnType
from connectors.postgres.words import quoted, quoted_table, with_parameters
from connectors.sdk import Settings, SettingsError, Shape, field

MOST_ROWS = 10_000
MOST_SECONDS = 300.0


class Mode(StrEnum):
    """What happens to a row that is already there."""

    INSERT = "insert"
    UPSERT = "upsert"
    UPDATE = "update"


class Rows(Settings):
    """Which table to write, how, and what."""

    table: Annotated[str, field("Table", hint="Name, or schema.name.", example="invoices", choices=tables)]
    columns: Annotated[
        dict[str, Any],
        field("Columns", example={"number": "{{ read.number }}"}, templated=True, record=True, choices=columns),
    ]
    mode: Annotated[Mode, field("Mode", hint="insert adds, update changes what is there, upsert does either.")] = (
        Mode.INSERT
    )
    key: Annotated[
        tuple[str, ...],
        field("Key columns", hint="They say which row it is.", choices=columns, when={"mode": ("upsert", "update")}),
    ] = ()
    rows: Annotated[
        Any,
        field(
            "Rows",
            hint="A list: one row is written for each, read as row.",
            templated=True,
            advanced=True,
            shape=Shape.LIST,
        ),
    ] = None
    create_table: Annotated[
        bool | dict[str, ColumnType],
        field("Create the table", hint="When it is missing: with types from the values, or as listed.", advanced=True),
    ] = False

    def __post_init__(self) -> None:
        """Refuse names no table can have, and a mode that lacks its key."""
        try:
            quoted_table(self.table)
            for name in (*self.columns, *self.key):
                quoted(name)
        except SettingsError as error:
            raise ValueError(error.message) from error
        if self.mode is not Mode.INSERT and not self.key:
            raise ValueError(
                f"The mode {self.mode} needs key columns, which say what row it is; the mode insert does without."
            )
        absent = [name for name in self.key if name not in self.columns]
        if absent and self.columns:
            raise ValueError(f"The key column {', '.join(absent)} is not among the columns.")

    @property
    def types(self) -> Mapping[str, ColumnType]:
        """The column types that were told, by name."""
        return self.create_table if isinstance(self.create_table, dict) else {}


class Query(Settings):
    """What to ask the database."""

    sql: Annotated[
        str,
        field(
            "SQL",
            hint="Write values as :names.",
            example="select name from customers where id = :id",
            multiline=True,
        ),
    ]
    params: Annotated[dict[str, Any], field("Values", hint="One for each :name.", templated=True)] = {}
    limit: Annotated[int, field("Most rows", hint="More than this is an error.", advanced=True)] = 1000
    timeout: Annotated[float, field("Most seconds", advanced=True)] = 30.0

    def __post_init__(self) -> None:
        """Refuse limits out of bounds and names without a value."""
        if not 0 < self.limit <= MOST_ROWS:
            raise ValueError(f"The most rows can be 1 to {MOST_ROWS}.")
        if not 0 < self.timeout <= MOST_SECONDS:
            raise ValueError(f"The most seconds can be up to {MOST_SECONDS:.0f}.")
        try:
            names = with_parameters(self.sql).names
        except SettingsError as error:
            raise ValueError(error.message) from error
        absent = [name for name in names if name not in self.params]
        if absent:
            raise ValueError(f"params has no value for :{', :'.join(absent)}.")

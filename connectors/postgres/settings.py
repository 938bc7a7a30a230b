"""What a user fills in to read from or write to a database."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

from connectors.postgres.offers import all_columns, columns, tables
from connectors.postgres.words import quoted, quoted_table, with_parameters
from connectors.sdk import Settings, SettingsError, field
from connectors.sdk.records.rows import RowList, WriteMode, require_rows
from connectors.sdk.records.sql import ColumnType, require_query
from connectors.sdk.records.sql_settings import Asking, CreateTable, Following, Writing


class Rows(Settings):
    """Which table to write, how, and what."""

    table: Annotated[str, field("Table", hint="Name, or schema.name.", example="invoices", choices=tables)]
    columns: Annotated[
        dict[str, Any],
        field("Columns", example={"number": "{{ read.number }}"}, templated=True, record=True, choices=columns),
    ]
    mode: Writing = WriteMode.INSERT
    key: Annotated[
        tuple[str, ...],
        field("Key columns", hint="They say which row it is.", choices=columns, when={"mode": ("upsert", "update")}),
    ] = ()
    rows: RowList = None
    create_table: CreateTable = False

    def __post_init__(self) -> None:
        """Refuse names no table can have, and a mode that lacks its key."""
        try:
            quoted_table(self.table)
            for name in (*self.columns, *self.key):
                quoted(name)
        except SettingsError as error:
            raise ValueError(error.message) from error
        require_rows(self.mode, self.key, self.columns)

    @property
    def types(self) -> Mapping[str, ColumnType]:
        """The column types that were told, by name."""
        return self.create_table if isinstance(self.create_table, dict) else {}


class Query(Asking):
    """What to ask the database."""

    def __post_init__(self) -> None:
        """Refuse limits out of bounds and names without a value."""
        try:
            names = with_parameters(self.sql).names
        except SettingsError as error:
            raise ValueError(error.message) from error
        require_query(names, self.params, self.limit, self.timeout)


class New(Following):
    """Which table to follow, and what orders its rows."""

    table: Annotated[str, field("Table", hint="Name, or schema.name.", example="invoices", choices=tables)]
    order: Annotated[
        str,
        field(
            "Ordered by",
            hint="A column that only grows, such as id or a time of creation.",
            example="id",
            choices=all_columns,
        ),
    ]
    key: Annotated[
        tuple[str, ...],
        field("Key columns", hint="They say which row it is; empty: the primary key.", choices=all_columns),
    ] = ()
    channel: Annotated[
        str,
        field("Channel", hint="One that the database notifies when there is news: then it is looked at at once."),
    ] = ""

    def __post_init__(self) -> None:
        """Refuse names no table can have."""
        super().__post_init__()
        try:
            quoted_table(self.table)
            for name in (self.order, *self.key, *([self.channel] if self.channel else [])):
                quoted(name)
        except SettingsError as error:
            raise ValueError(error.message) from error


class Changed(New):
    """Which table to follow, and which column tells that a row has changed."""

    order: Annotated[
        str,
        field(
            "Changed at",
            hint="A column that grows with each change, such as updated_at.",
            example="updated_at",
            choices=all_columns,
        ),
    ]

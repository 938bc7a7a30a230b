"""What targets that write rows have in common: modes of writing, key columns, and many rows for one record."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import Annotated, Any

from connectors.sdk.settings import Shape, field

RowList = Annotated[
    Any,
    field(
        "Rows",
        hint="A list: one row is written for each, read as row.",
        templated=True,
        advanced=True,
        shape=Shape.LIST,
    ),
]


class WriteMode(StrEnum):
    """What happens to a row that is already there."""

    INSERT = "insert"
    UPSERT = "upsert"
    UPDATE = "update"


def require_rows(mode: WriteMode, key: Sequence[str], columns: Mapping[str, Any]) -> None:
    """Raise ValueError when a mode lacks its key, or a key its column."""
    if mode is not WriteMode.INSERT and not key:
        raise ValueError(f"The mode {mode} needs key columns, which say what row it is; the mode insert does without.")
    require_key_columns(key, columns)


def require_key_columns(key: Sequence[str], columns: Mapping[str, Any]) -> None:
    """Raise ValueError when a key is not among the columns, where any are named."""
    absent = [name for name in key if name not in columns]
    if absent and columns:
        raise ValueError(f"The key column {', '.join(absent)} is not among the columns.")

"""What a dataset looks like: its columns as they are met, and the key by which a row is known again."""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any
from uuid import UUID

import msgspec

from connectors.sdk import SettingsError
from hub.database import Row, execute, fetch_one, struct_from_jsonb, to_jsonb
from hub.ids import new_id

MOST_COLUMNS = 500


class Column(msgspec.Struct, frozen=True):
    """One column and the kind of values it was first met with: text, number, boolean, date or json."""

    name: str
    type: str = "text"


class Dataset(msgspec.Struct, frozen=True, kw_only=True):
    """A dataset as the hub itself works with it."""

    id: UUID
    name: str
    title: str
    key: tuple[str, ...]
    columns: tuple[Column, ...]

    @classmethod
    def of(cls, row: Row) -> Dataset:
        """Make it from its row."""
        return cls(
            id=row["id"],
            name=row["name"],
            title=row["title"],
            key=tuple(row["key_columns"]),
            columns=tuple(struct_from_jsonb(row["columns"], list[Column])),
        )


async def find(workspace: UUID, name: str) -> Dataset | None:
    """Return the dataset of a name, case aside."""
    row = await fetch_one(f"{SELECT} and lower(name) = lower($2)", workspace, name)
    return Dataset.of(row) if row else None


async def lock(workspace: UUID, name: str) -> Dataset | None:
    """Return the dataset and let nobody else write it before this transaction ends.

    Revisions of a dataset are numbered under this lock, so that they become visible in their order.
    """
    row = await fetch_one(f"{SELECT} and lower(name) = lower($2) for no key update", workspace, name)
    return Dataset.of(row) if row else None


async def add(workspace: UUID, name: str, key: Sequence[str], title: str = "") -> Dataset | None:
    """Make a dataset, locked as its maker's; None when there is one of that name, made at this moment or before."""
    row = await fetch_one(
        "insert into datasets (id, workspace, name, title, key_columns) values ($1, $2, $3, $4, $5)"
        " on conflict (workspace, lower(name)) where deleted_at is null do nothing"
        " returning id, name, title, key_columns, columns",
        new_id(), workspace, name, title, list(key),
    )  # fmt: skip
    return Dataset.of(row) if row else None


async def make(workspace: UUID, name: str, key: Sequence[str]) -> Dataset:
    """Return a locked dataset of that name, made here or by somebody else at this moment."""
    made = await add(workspace, name, key) or await lock(workspace, name)
    if made is None:
        raise SettingsError(f"The dataset {name} was deleted at this moment.")
    return made


async def grow(dataset: Dataset, rows: Iterable[Mapping[str, Any]]) -> Dataset:
    """Add the columns that rows bring along."""
    known = {column.name for column in dataset.columns}
    met: dict[str, str] = {}
    for row in rows:
        for name, value in row.items():
            if name not in known and (met.get(name) is None):
                met[name] = _kind(value) or ""
    if not met:
        return dataset
    columns = (*dataset.columns, *(Column(name, kind or "text") for name, kind in met.items()))
    if len(columns) > MOST_COLUMNS:
        raise SettingsError(f"A dataset has at most {MOST_COLUMNS} columns; {dataset.name} would have {len(columns)}.")
    return await keep_columns(dataset, columns)


async def keep_columns(dataset: Dataset, columns: Sequence[Column]) -> Dataset:
    """Store which columns a dataset has."""
    await execute("update datasets set columns = $2 where id = $1", dataset.id, to_jsonb(list(columns)))
    return msgspec.structs.replace(dataset, columns=tuple(columns))


def require_key(dataset: Dataset, key: Sequence[str]) -> None:
    """Refuse to write by other columns than those the dataset knows its rows by."""
    if key and set(key) != set(dataset.key):
        known = f"by {', '.join(dataset.key)}" if dataset.key else "by no column"
        raise SettingsError(f"The dataset {dataset.name} knows its rows {known}, not by {', '.join(key)}.")


def key_of(dataset: Dataset, row: Mapping[str, Any]) -> str | None:
    """Return the text by which a row is known again; 17, 17.0 and "17" are the same."""
    return msgspec.json.encode([as_text(row[name]) for name in dataset.key]).decode() if dataset.key else None


def as_text(value: Any) -> str:
    """Write a value as it would be compared."""
    match value:
        case str():
            return value
        case bool():
            return "true" if value else "false"
        case float() if value.is_integer():
            return str(int(value))
        case int() | float() | Decimal():
            return str(value)
        case _:
            return to_jsonb(value)


def _kind(value: Any) -> str | None:
    match value:
        case None:
            return None
        case bool():
            return "boolean"
        case int() | float() | Decimal():
            return "number"
        case dict() | list() | tuple():
            return "json"
        case str() if _is_date(value):
            return "date"
        case _:
            return "text"


def _is_date(text: str) -> bool:
    try:
        return len(text) == 10 and bool(datetime.date.fromisoformat(text))
    except ValueError:
        return False


SELECT = "select id, name, title, key_columns, columns from datasets where workspace = $1 and deleted_at is null"

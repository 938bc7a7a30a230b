"""Paths of a record, `supplier.name`, `lines[2].amount`, `skills[0]`: which field they mean, and how rows move."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, TypeVar

import msgspec

from hub.extraction.schemas.fields import Field, FieldType, Schema, leaves

T = TypeVar("T")

_PATH = re.compile(r"(?P<root>[^\[\]]+)(?:\[(?P<row>\d{1,5})\](?:\.(?P<column>[^\[\].]+))?)?")


class Target(msgspec.Struct, frozen=True):
    """What a path means: a single field, a row of a table or list, or a cell."""

    path: str
    root: str
    field: Field
    row: int | None = None
    column: Field | None = None

    @property
    def of(self) -> Field:
        """The field whose values stand there."""
        if self.column:
            return self.column
        return msgspec.structs.replace(self.field, type=self.field.of) if self.is_list else self.field

    @property
    def is_list(self) -> bool:
        """Whether the rows are single values."""
        return self.field.type is FieldType.LIST

    @property
    def is_row(self) -> bool:
        """Whether it is a whole row of a table."""
        return self.field.type is FieldType.TABLE and self.row is not None and self.column is None


def target(schema: Schema, path: str) -> Target | None:
    """Return what a path means in a schema, None when it means nothing."""
    parts = _PATH.fullmatch(path)
    field = next((leaf.field for leaf in leaves(schema.spec.fields) if parts and leaf.path == parts["root"]), None)
    if parts is None or field is None:
        return None
    is_many = field.type in {FieldType.TABLE, FieldType.LIST}
    if is_many != (parts["row"] is not None):
        return None
    row = int(parts["row"]) if is_many else None
    if parts["column"] is None:
        return Target(path, parts["root"], field, row)
    column = next((one for one in field.fields if one.name == parts["column"]), None)
    return Target(path, parts["root"], field, row, column) if column else None


def rows_of(record: Mapping[str, Any], root: str) -> list[Any]:
    """Return the list in a record that a root names."""
    held = holder(record, root)[root.rpartition(".")[2]]
    rows: list[Any] = held
    return rows


def holder(record: Mapping[str, Any], root: str) -> dict[str, Any]:
    """Return the object in a record whose last name a root ends with."""
    held: Any = record
    for name in root.split(".")[:-1]:
        held = held[name]
    found: dict[str, Any] = held
    return found


def moved(cells: Mapping[str, T], root: str, at: int, by: int) -> dict[str, T]:
    """Number the rows of a table from one on anew; those of the row that goes are left out."""
    found: dict[str, T] = {}
    for path, value in cells.items():
        parts = _PATH.fullmatch(path)
        if parts is None or parts["root"] != root or parts["row"] is None or int(parts["row"]) < at:
            found[path] = value
        elif by > 0 or int(parts["row"]) > at:
            rest = f".{parts['column']}" if parts["column"] else ""
            found[f"{root}[{int(parts['row']) + by}]{rest}"] = value
    return found

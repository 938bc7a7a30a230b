"""Schemas: which fields to extract, of what type, and what must hold between them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from enum import StrEnum
from typing import Literal

import msgspec


class FieldType(StrEnum):
    """What a field holds; `object` has fields of its own, `table` is a list of rows of fields."""

    STRING = "string"
    INTEGER = "integer"
    NUMBER = "number"
    MONEY = "money"
    BOOLEAN = "boolean"
    DATE = "date"
    DATETIME = "datetime"
    ENUM = "enum"
    LIST = "list"
    OBJECT = "object"
    TABLE = "table"


class Format(StrEnum):
    """What a string looks like, where that is known; it tells the local engine what to look for."""

    TEXT = "text"
    NAME = "name"
    IDENTIFIER = "identifier"
    ADDRESS = "address"
    IBAN = "iban"
    TAX_ID = "tax_id"
    CURRENCY = "currency"
    EMAIL = "email"
    PHONE = "phone"
    URL = "url"
    TIME = "time"
    MONTH = "month"
    LANGUAGE = "language"


SCALARS = frozenset(FieldType) - {FieldType.LIST, FieldType.OBJECT, FieldType.TABLE}


class Field(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True):
    """One field: `hint` is said to a language model, `help` to people, `labels` are what documents call it."""

    name: str
    type: FieldType = FieldType.STRING
    title: str = ""
    required: bool = False
    format: Format | None = None
    pattern: str | None = None
    minimum: float | str | None = None
    maximum: float | str | None = None
    options: tuple[str, ...] = ()
    of: FieldType = FieldType.STRING
    fields: tuple[Field, ...] = ()
    labels: tuple[str, ...] = ()
    examples: tuple[str | float | bool, ...] = ()
    hint: str = ""
    help: str = ""


class Sum(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Money fields that add up: `parts` (`lines[].amount` is a column) to any one of `equals`."""

    parts: tuple[str, ...]
    equals: tuple[str, ...]


class Order(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Two dates or numbers of which one may not come before the other."""

    first: str
    then: str


class Metadata(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True):
    """What people know the schema by."""

    name: str
    title: str = ""
    description: str = ""
    labels: tuple[str, ...] = ()


class Spec(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True):
    """The fields and what must hold between them."""

    fields: tuple[Field, ...]
    sums: tuple[Sum, ...] = ()
    orders: tuple[Order, ...] = ()


class Schema(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A schema document, as it is written in YAML or JSON."""

    metadata: Metadata
    spec: Spec
    apiVersion: Literal["patchdeck/v1"] = "patchdeck/v1"  # noqa: N815 - the document's spelling
    kind: Literal["Schema"] = "Schema"

    @property
    def name(self) -> str:
        """The name in its metadata."""
        return self.metadata.name


class Leaf(msgspec.Struct, frozen=True):
    """A field that holds a value itself, with the fields it lies in, outermost first."""

    path: str
    field: Field
    parents: tuple[Field, ...] = ()


def leaves(fields: Sequence[Field], parents: tuple[Field, ...] = ()) -> Iterator[Leaf]:
    """Walk all fields that hold values; objects are opened (`supplier.name`), tables and lists are not."""
    for field in fields:
        if field.type is FieldType.OBJECT:
            yield from leaves(field.fields, (*parents, field))
        else:
            yield Leaf(".".join([*(parent.name for parent in parents), field.name]), field, parents)


def empty_record(fields: Sequence[Field]) -> dict[str, object]:
    """Return a record in which nothing was found: null, or an empty list."""
    record: dict[str, object] = {}
    for field in fields:
        if field.type is FieldType.OBJECT:
            record[field.name] = empty_record(field.fields)
        else:
            record[field.name] = [] if field.type in {FieldType.LIST, FieldType.TABLE} else None
    return record

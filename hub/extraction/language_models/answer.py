"""An answer held to its schema: decoded, checked, and walked value by value."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import msgspec

from hub.extraction.schemas.fields import Field, FieldType

_NO_OBJECT = "The language model answered with something that is no JSON object."


class NotValidError(ValueError):
    """The answer is no JSON object or does not follow the schema; the sentence says where."""


class Given(msgspec.Struct, frozen=True):
    """One value of an answer; `table` is the path of the table and `row` the number of the row it stands in."""

    path: str
    field: Field
    value: object
    table: str = ""
    row: int = 0


def decoded(raw: str, fields: Sequence[Field]) -> Mapping[str, Any]:
    """Read a JSON object that follows the schema, also from a code fence; NotValidError when it is none.

    A field that is left out counts as null, a number or a boolean as its text: models say both and mean it.
    """
    found = object_of(raw)
    wrong = next(_mistakes(fields, found, ""), None)
    if wrong:
        raise NotValidError(f"The language model's answer does not follow the schema: {wrong}.")
    return found


def object_of(raw: str) -> Mapping[str, Any]:
    """Read a JSON object, also from a code fence; NotValidError when there is none."""
    text = raw.strip().removeprefix("```json").removeprefix("```").removesuffix("```").strip()
    try:
        found = json.loads(text, parse_constant=_refuse)
    except (ValueError, RecursionError) as error:
        raise NotValidError(_NO_OBJECT) from error
    if not isinstance(found, dict):
        raise NotValidError(_NO_OBJECT)
    return found


def values_of(fields: Sequence[Field], given: Mapping[str, Any], prefix: str = "") -> Iterator[Given]:
    """Walk the values of an answer in the order of the schema."""
    for field in fields:
        value, path = given.get(field.name), f"{prefix}{field.name}"
        if field.type is FieldType.OBJECT:
            yield from values_of(field.fields, value or {}, f"{path}.")
        elif field.type is FieldType.TABLE:
            for index, row in enumerate(value or []):
                for column in field.fields:
                    yield Given(f"{path}[{index}].{column.name}", column, row.get(column.name), path, index)
        elif field.type is FieldType.LIST:
            for index, entry in enumerate(value or []):
                yield Given(f"{path}[{index}]", field, entry, path, index)
        else:
            yield Given(path, field, value)


def _mistakes(fields: Sequence[Field], given: Mapping[str, Any], path: str) -> Iterator[str]:
    known = {field.name: field for field in fields}
    for name, value in given.items():
        where = f"{path}{name}"
        if name not in known:
            yield f"it has a field {where[:80]!r} that nobody asked for"
        elif value is not None:
            yield from _wrong(known[name], value, where)


def _wrong(field: Field, value: Any, path: str) -> Iterator[str]:
    if field.type is FieldType.OBJECT:
        if isinstance(value, dict):
            yield from _mistakes(field.fields, value, f"{path}.")
        else:
            yield f"{path} is no object"
    elif field.type in {FieldType.TABLE, FieldType.LIST}:
        if not isinstance(value, list):
            yield f"{path} is no list"
            return
        for index, entry in enumerate(value):
            yield from _entry_wrong(field, entry, f"{path}[{index}]")
    elif isinstance(value, dict | list):
        yield f"{path} is no single value"


def _entry_wrong(field: Field, entry: Any, path: str) -> Iterator[str]:
    if field.type is FieldType.LIST:
        if isinstance(entry, dict | list):
            yield f"{path} is no single value"
    elif isinstance(entry, dict):
        yield from _mistakes(field.fields, entry, f"{path}.")
    else:
        yield f"{path} is no row"


def _refuse(name: str) -> object:
    raise ValueError(f"{name} is no JSON.")

"""BSON values as JSON and back: identifiers, times and exact numbers keep what they are."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from connectors.sdk import SettingsError
from connectors.sdk.records.plain import number, plain

_ID = re.compile(r"[0-9a-fA-F]{24}")
_DEEPEST = 100


class Kind(StrEnum):
    """What a text or number of a record is kept as."""

    ID = "id"
    TIME = "time"
    DECIMAL = "decimal"
    INTEGER = "integer"
    NUMBER = "number"
    TEXT = "text"


# MongoDB's own notation for what JSON has no form for
_NOTATION = {"$oid": Kind.ID, "$date": Kind.TIME, "$numberDecimal": Kind.DECIMAL, "$numberLong": Kind.INTEGER}


def as_json(value: Any) -> Any:
    """Return a value of a document as JSON can carry it."""
    from bson import Binary, Decimal128

    match value:
        case Decimal128():
            return number(value.to_decimal())
        case Binary() | bytes():
            return bytes(value).hex()
        case Mapping():
            return {str(name): as_json(inner) for name, inner in value.items()}
        case list() | tuple():
            return [as_json(inner) for inner in value]
        case _:
            return plain(value)


def as_kept(value: Any, kind: Kind | None = None) -> Any:
    """Return a record's value as a document keeps it; `{"$oid": ...}` and the like are MongoDB's own notation."""
    if kind is not None and value is not None:
        return [_typed(inner, kind) for inner in value] if isinstance(value, (list, tuple)) else _typed(value, kind)
    return _kept(value, 0)


def matching_id(value: Any) -> Any:
    """Return the condition for an _id that came as text: the identifier, or the text itself."""
    if isinstance(value, str) and _ID.fullmatch(value):
        from bson import ObjectId

        return {"$in": [ObjectId(value), value]}
    return {"$eq": value}


def encoded(value: Any) -> str:
    """Write a value so that it can be read again with its type."""
    from bson import json_util

    return json_util.dumps({"v": value}, json_options=json_util.CANONICAL_JSON_OPTIONS)


def state(document: Any) -> str:
    """Write a document so that two are equal when they hold the same, in whatever order."""
    from bson import json_util

    return json_util.dumps(document, json_options=json_util.CANONICAL_JSON_OPTIONS, sort_keys=True)


def decoded(text: str) -> Any:
    """Read what `encoded` wrote."""
    from bson import json_util

    options = json_util.CANONICAL_JSON_OPTIONS.with_options(tz_aware=True, tzinfo=UTC)
    return json_util.loads(text, json_options=options)["v"]


def _kept(value: Any, depth: int) -> Any:
    if depth > _DEEPEST:
        raise SettingsError(f"A document may be {_DEEPEST} levels deep at most.")
    if isinstance(value, Mapping):
        if len(value) == 1 and (kind := _NOTATION.get(next(iter(value)))) is not None:
            [inner] = value.values()
            return None if inner is None else _typed(inner, kind)
        if any(str(name).startswith("$") for name in value):
            raise SettingsError("A name in a document may not begin with $.")
        return {str(name): _kept(inner, depth + 1) for name, inner in value.items()}
    if isinstance(value, (list, tuple)):
        return [_kept(inner, depth + 1) for inner in value]
    return value


def _typed(value: Any, kind: Kind) -> Any:
    from decimal import Decimal, InvalidOperation

    from bson import Decimal128, ObjectId
    from bson.errors import InvalidId

    try:
        match kind:
            case Kind.ID:
                return ObjectId(str(value))
            case Kind.TIME:
                moment = datetime.fromisoformat(str(value))
                return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
            case Kind.DECIMAL:
                return Decimal128(Decimal(str(value)))
            case Kind.INTEGER:
                return _whole(value)
            case Kind.NUMBER:
                return float(value)
            case Kind.TEXT:
                return str(as_json(value))
    except (ValueError, TypeError, InvalidOperation, InvalidId) as error:
        raise SettingsError(f"{str(value)[:100]!r} cannot be read as {kind}.") from error


def _whole(value: Any) -> int:
    from decimal import Decimal

    exact = Decimal(str(value))
    if exact != int(exact):
        raise ValueError
    return int(exact)

"""Ask a database: one statement, read only, with limits on rows and time."""

from __future__ import annotations

import datetime
import uuid
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any

import msgspec

from connectors.postgres.settings import Query
from connectors.postgres.words import with_parameters
from connectors.sdk import SettingsError
from connectors.sdk.records.plain import plain

if TYPE_CHECKING:
    import asyncpg


_JSON: msgspec.json.Decoder[Any] = msgspec.json.Decoder(float_hook=Decimal)


async def ask(held: asyncpg.Connection, settings: Query) -> list[dict[str, Any]]:
    """Run the query in a transaction that can write nothing and return its rows as plain values."""
    import asyncpg

    statement = with_parameters(settings.sql)
    try:
        async with held.transaction(readonly=True):
            await held.execute(f"set local statement_timeout = {int(settings.timeout * 1000)}")
            prepared = await held.prepare(statement.sql)
            values = _arguments(statement.names, settings.params, prepared.get_parameters())
            cursor = await prepared.cursor(*values)
            rows = await cursor.fetch(settings.limit + 1)
            kinds = [attribute.type.name for attribute in prepared.get_attributes()]
    except asyncpg.QueryCanceledError as error:
        raise SettingsError(f"The query took longer than {settings.timeout:g} seconds.") from error
    except asyncpg.ReadOnlySQLTransactionError as error:
        raise SettingsError("A lookup only reads; use postgres.write_rows to write.") from error
    if len(rows) > settings.limit:
        raise SettingsError(f"The query found more than {settings.limit} rows; ask for fewer or raise its limit.")
    return [{name: _shown(value, kind) for (name, value), kind in zip(row.items(), kinds, strict=True)} for row in rows]


def _arguments(names: Sequence[str], params: Mapping[str, Any], types: Sequence[asyncpg.Type]) -> list[Any]:
    missing = [name for name in names if name not in params]
    if missing:
        raise SettingsError(f"params has no value for :{', :'.join(missing)}.")
    return [_typed(name, params[name], kind.name) for name, kind in zip(names, types, strict=True)]


def _typed(name: str, value: Any, kind: str) -> Any:
    if value is None:
        return None
    if kind.endswith("[]"):
        items = value if isinstance(value, (list, tuple)) else [value]
        return [_typed(name, item, kind.removesuffix("[]")) for item in items]
    try:
        return _READERS.get(kind, _same)(value)
    except (ValueError, TypeError, InvalidOperation) as error:
        raise SettingsError(f"The value of :{name} cannot be read as {kind}: {str(value)[:100]}.") from error


def _same(value: Any) -> Any:
    return value


def _text(value: Any) -> str:
    return value if isinstance(value, str) else msgspec.json.encode(value).decode()


def _whole(value: Any) -> int:
    number = Decimal(str(value))
    if number != int(number):
        raise ValueError
    return int(number)


def _truth(value: Any) -> bool:
    if isinstance(value, bool):
        return value
    return {"true": True, "t": True, "1": True, "false": False, "f": False, "0": False}[str(value).lower()]


_READERS: dict[str, Callable[[Any], Any]] = {
    **dict.fromkeys(("int2", "int4", "int8", "oid"), _whole),
    **dict.fromkeys(("float4", "float8"), float),
    **dict.fromkeys(("text", "varchar", "bpchar", "name", "json", "jsonb", "xml", "citext"), _text),
    "numeric": lambda value: Decimal(str(value)),
    "bool": _truth,
    "date": lambda value: datetime.date.fromisoformat(str(value)[:10]),
    "time": lambda value: datetime.time.fromisoformat(str(value)),
    "timestamp": lambda value: datetime.datetime.fromisoformat(str(value)).replace(tzinfo=None),
    "timestamptz": lambda value: _aware(datetime.datetime.fromisoformat(str(value))),
    "uuid": lambda value: uuid.UUID(str(value)),
}


def _aware(moment: datetime.datetime) -> datetime.datetime:
    return moment if moment.tzinfo else moment.replace(tzinfo=datetime.UTC)


def _shown(value: Any, kind: str) -> Any:
    """Return a value as JSON: what the database keeps as JSON is opened, no digit of it lost."""
    if kind.endswith("[]") and isinstance(value, list):
        return [_shown(item, kind.removesuffix("[]")) for item in value]
    if kind in {"json", "jsonb"} and isinstance(value, str):
        return opened(value)
    return plain(_fields(value))


def _fields(value: Any) -> Any:
    """Return a row inside a row by its names."""
    if isinstance(value, list):
        return [_fields(item) for item in value]
    return {name: _fields(inner) for name, inner in value.items()} if hasattr(value, "items") else value


def opened(text: str) -> Any:
    """Read JSON that the server wrote, numbers to the last digit."""
    return plain(_JSON.decode(text))

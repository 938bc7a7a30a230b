"""Rows into a table of BigQuery's, and rows out of it as they are added."""

from __future__ import annotations

import re
import time
from collections.abc import AsyncIterator, Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Annotated, Any, Literal

import msgspec

from connectors.google._bigquery_query import BIGQUERY, Column, Place, Question, Schema, answered
from connectors.google._calls import ask
from connectors.google._connection import Connection
from connectors.sdk import (
    Change,
    ChangeKind,
    Choice,
    Context,
    Item,
    Receipt,
    Record,
    Rejected,
    SettingsError,
    TemporaryError,
    field,
)
from connectors.sdk.cursors.since import Since
from connectors.sdk.files.arrivals import Every
from connectors.sdk.intervals import interval
from connectors.sdk.records.rows import RowList

ROWS_A_REQUEST = 500
# How long BigQuery recognises a row that is sent again, in seconds: it promises a minute at best
RECOGNISED = 50.0
MOST_AT_ONCE = 10_000
_NAME = re.compile(r"[\w-]{1,1024}")
_TABLE = re.compile(r"([\w-]+)\.([\w-]+)")
_MOMENTS: Mapping[str, Callable[[datetime], Any]] = {
    "TIMESTAMP": lambda moment: moment,
    "DATETIME": lambda moment: moment.replace(tzinfo=None),
    "DATE": datetime.date,
}


class _Reference(msgspec.Struct, frozen=True, rename="camel"):
    dataset_id: str = ""
    table_id: str = ""


class _Named(msgspec.Struct, frozen=True, rename="camel"):
    dataset_reference: _Reference = msgspec.field(default_factory=_Reference)
    table_reference: _Reference = msgspec.field(default_factory=_Reference)


class _Datasets(msgspec.Struct, frozen=True):
    datasets: Sequence[_Named] = ()


class _Tables(msgspec.Struct, frozen=True):
    tables: Sequence[_Named] = ()


class _Table(msgspec.Struct, frozen=True):
    schema: Schema = msgspec.field(default_factory=Schema)


class _Error(msgspec.Struct, frozen=True):
    reason: str = ""
    location: str = ""
    message: str = ""


class _Refused(msgspec.Struct, frozen=True):
    index: int = 0
    errors: Sequence[_Error] = ()


class _Inserted(msgspec.Struct, frozen=True, rename="camel"):
    insert_errors: Sequence[_Refused] = ()


async def tables(context: Context[Connection, Place]) -> Sequence[Choice]:
    """Return the tables of a project, each with its dataset."""
    project = context.settings.project
    sets = await ask(context, BIGQUERY, "datasets.list", _Datasets, projectId=project, maxResults=100)
    found: list[Choice] = []
    for one in sets.datasets:
        name = one.dataset_reference.dataset_id
        held = await ask(context, BIGQUERY, "tables.list", _Tables, projectId=project, datasetId=name, maxResults=1000)
        found += [Choice(f"{name}.{table.table_reference.table_id}") for table in held.tables]
    return found


class InTable(Place):
    """Which table's columns are asked for."""

    table: Annotated[str, field("Table", hint="dataset.table", example="sales.invoices")]


async def columns(context: Context[Connection, InTable]) -> Sequence[Choice]:
    """Return the columns of a table with their types."""
    found = await _columns(context, context.settings.project, context.settings.table)
    return [Choice(column.name, column.type.lower()) for column in found]


class Table(Place):
    """A table in a project."""

    table: Annotated[
        str, field("Table", hint="Its dataset, a point, its name.", example="sales.invoices", choices=tables)
    ]

    def __post_init__(self) -> None:
        if not _TABLE.fullmatch(self.table) or not _NAME.fullmatch(self.project):
            raise ValueError("Name the project by its id, and the table with its dataset, such as sales.invoices.")


class Rows(Table):
    """Which table to write, and what."""

    columns: Annotated[
        dict[str, Any],
        field("Columns", example={"number": "{{ read.number }}"}, templated=True, record=True, choices=columns),
    ]
    rows: RowList = None


class Watched(Table):
    """Which rows to watch for."""

    column: Annotated[
        str,
        field(
            "By", hint="A column of dates or times that says when a row was added.", example="created", choices=columns
        ),
    ]
    key: Annotated[str, field("Key", hint="The column that says which row it is.", example="id", choices=columns)]
    existing: Annotated[
        Literal["read", "skip"], field("Rows already there", hint="What to do with them when the recipe starts.")
    ] = "read"
    most_gigabytes: Annotated[
        float, field("Most gigabytes", hint="A look that would read more is not made.", advanced=True)
    ] = 10.0
    every: Every = "15m"

    def __post_init__(self) -> None:
        super().__post_init__()
        interval(self.every)
        if not all(re.fullmatch(r"\w{1,300}", name) for name in (self.column, self.key)):
            raise ValueError("Name the columns as the table does: letters, digits and _.")


async def insert(context: Context[Connection, Rows], records: Sequence[Record]) -> list[Receipt | Rejected]:
    """Stream rows into the table, each under an id by which BigQuery knows it again for a minute."""
    settings = context.settings
    await context.remember(str(time.time()))
    dataset, _, table = settings.table.partition(".")
    lines = [(number, place, row) for number, record in enumerate(records) for place, row in enumerate(record.rows)]
    refused: dict[int, list[str]] = {}
    for start in range(0, len(lines), ROWS_A_REQUEST):
        part = lines[start : start + ROWS_A_REQUEST]
        rows = [{"insertId": f"{records[number].key}-{place}", "json": _json(row)} for number, place, row in part]
        answer = await ask(
            context,
            BIGQUERY,
            "tabledata.insertAll",
            _Inserted,
            projectId=settings.project,
            datasetId=dataset,
            tableId=table,
            body={"rows": rows, "skipInvalidRows": True, "ignoreUnknownValues": False},
        )
        for one in (error for error in answer.insert_errors if 0 <= error.index < len(part)):
            refused.setdefault(part[one.index][0], []).append(_words(one))
    return [_outcome(settings, record, refused.get(number, [])) for number, record in enumerate(records)]


async def changes(context: Context[Connection, Rows], records: Sequence[Record]) -> list[list[Change]]:
    """Return the rows that would be added, once their columns were compared with the table's."""
    settings = context.settings
    known = {column.name.casefold(): column for column in await _columns(context, settings.project, settings.table)}
    given = {name for record in records for row in record.rows for name in row}
    missing = [name for name in sorted(given) if name.casefold() not in known]
    if missing:
        raise _unknown(settings.table, missing, known.values())
    return [
        [Change(kind=ChangeKind.ADD, reference=settings.table, after=dict(row)) for row in one.rows] for one in records
    ]


def recognised(token: str | None) -> None:
    """Raise SettingsError when a write was begun so long ago that sending it again could write it twice."""
    if token is not None and time.time() - float(token) > RECOGNISED:
        raise SettingsError(
            "BigQuery recognises a row that is sent again for a minute only, and that is over. Look at the table: if"
            " the row is not there, replay the item and say that it may be sent again."
        )


async def rows_since(context: Context[Connection, Watched], cursor: str | None) -> AsyncIterator[Item]:
    """Yield the rows that were added since, the oldest first."""
    settings, since = context.settings, Since.load(cursor)
    by, key = await _meant(context, settings)
    begins = cursor is None and settings.existing == "skip"
    read = news = 0
    async for rows in answered(context, _question(settings, by, since.start, newest=begins)):
        fresh = [row for row in rows if since.is_new(str(row.get(key)), _moment(row.get(by.name)))]
        read, news = read + len(rows), news + len(fresh)
        for number, row in enumerate([] if begins else fresh, 1):
            yield _item(str(row.get(key)), by, row, since.dump() if number == len(fresh) else None)
    if cursor is None or since.dump() != cursor:
        yield Item(content=None, cursor=since.dump())
    if read >= MOST_AT_ONCE and not news:
        raise SettingsError(
            f"More than {MOST_AT_ONCE:,} rows of {settings.table} have nearly the same {by.name}, so those behind them"
            " cannot be reached. Choose a column that tells them apart, such as one with the time of day."
        )


async def _meant(context: Context[Connection, Watched], settings: Watched) -> tuple[Column, str]:
    """Return the column that says when, and the name of the one that says which."""
    known = {column.name.casefold(): column for column in await _columns(context, settings.project, settings.table)}
    missing = [name for name in (settings.column, settings.key) if name.casefold() not in known]
    if missing:
        raise _unknown(settings.table, missing, known.values())
    by = known[settings.column.casefold()]
    if by.type not in _MOMENTS:
        raise SettingsError(f"The column {by.name} holds no dates or times, so it does not say when a row was added.")
    return by, known[settings.key.casefold()].name


def _question(settings: Watched, by: Column, start: datetime | None, *, newest: bool) -> Question:
    """Ask for what lies at or after a moment, written as the column's own type, so that partitions are heeded."""
    where, params = f"`{by.name}` is not null", dict[str, Any]()
    if start is not None:
        where, params = f"`{by.name}` >= @since", {"since": _MOMENTS[by.type](start.astimezone(UTC))}
    order = f"order by `{by.name}`{' desc' if newest else ''} limit {MOST_AT_ONCE}"
    return Question(
        project=settings.project,
        sql=f"select * from `{settings.project}.{settings.table}` where {where} {order}",  # noqa: S608  # checked names
        params=params,
        limit=MOST_AT_ONCE,
        most_gigabytes=settings.most_gigabytes,
    )


def _item(key: str, by: Column, row: dict[str, Any], cursor: str | None) -> Item:
    return Item(key=f"{key[:400]}|{row[by.name]}", title=key[:100], content=row, cursor=cursor, subject=key[:400])


def _moment(value: Any) -> datetime:
    try:
        moment = datetime.fromisoformat(str(value))
    except ValueError as error:
        raise TemporaryError("BigQuery answered with a time that cannot be read.") from error
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _unknown(table: str, names: Sequence[str], known: Iterable[Column]) -> SettingsError:
    has = ", ".join(column.name for column in known)[:300]
    return SettingsError(f"The table {table} has no column {', '.join(names)}. It has: {has}.")


async def _columns(context: Context[Connection, Any], project: str, table: str) -> Sequence[Column]:
    dataset, _, name = table.partition(".")
    found = await ask(
        context, BIGQUERY, "tables.get", _Table, projectId=project, datasetId=dataset, tableId=name, fields="schema"
    )
    return found.schema.fields


def _json(row: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in row.items() if value is not None}


def _words(refused: _Refused) -> str:
    said = next(iter(refused.errors), _Error())
    return f"{said.location + ': ' if said.location else ''}{said.message or said.reason or 'it gave no reason'}"


def _outcome(settings: Rows, record: Record, refused: Sequence[str]) -> Receipt | Rejected:
    if not refused:
        return Receipt(reference=settings.table, output={"rows": len(record.rows)})
    partly = (
        f" {len(record.rows) - len(refused)} other rows of it were written." if len(refused) < len(record.rows) else ""
    )
    return Rejected(message=f"BigQuery refuses the row: {refused[0].rstrip('.')[:300]}.{partly}")

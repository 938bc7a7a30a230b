"""Airtable: records out of a table and into one."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from datetime import datetime
from typing import Any

from connectors.airtable.connection import Connection, Entry, call, listed, place
from connectors.airtable.formulas import filled, named, not_before
from connectors.airtable.settings import Changed, Find, New, Records
from connectors.airtable.write import Line, differs, lines_of, outcomes, reference, standing, take_back, write
from connectors.sdk import (
    Category,
    Change,
    ChangeKind,
    Connector,
    Context,
    Effect,
    Item,
    Receipt,
    Record,
    Rejected,
    SettingsError,
    TemporaryError,
)
from connectors.sdk.cursors.since import Since
from connectors.sdk.network.urls import host_of

connector = Connector(
    "airtable",
    "Airtable",
    icon="table_view",
    connection=Connection,
    tried="a local peer after Airtable's documented requests and answers, which pyairtable also speaks to",
    category=Category.TABLES,
)


@connector.hosts
def hosts(connection: Connection) -> Sequence[str]:
    """Name the service's one host."""
    return [host_of(connection.address)]


@connector.check
async def check(connection: Connection, context: Context[Any, Any]) -> None:  # noqa: ARG001  # the context has it too
    """Ask who the token belongs to."""
    await call(context, "GET", "meta/whoami")


@connector.trigger("New record", every=300.0)
async def new_record(context: Context[Connection, New], cursor: str | None) -> AsyncIterator[Item]:
    """Start a run for each record that is added to a table.

    Gives `id`, `created` and `fields`; fields that are empty are not there.
    """
    async for item in _records(context, cursor, ""):
        yield item


@connector.trigger("New or changed record", every=300.0)
async def changed_record(context: Context[Connection, Changed], cursor: str | None) -> AsyncIterator[Item]:
    """Start a run for each record that is added or changed, as a field of the type Last modified time tells.

    Gives `id`, `created` and `fields`; fields that are empty are not there.
    """
    async for item in _records(context, cursor, context.settings.changed):
        yield item


@connector.lookup("Find records")
async def query(context: Context[Connection, Find]) -> dict[str, Any]:
    """Read records with a formula; values are written as :names and stay values.

    Gives `records`, their `count` and the `first`.
    """
    settings = context.settings
    asked: dict[str, Any] = _view(settings.view)
    if settings.formula:
        asked["filterByFormula"] = filled(settings.formula, settings.params)
    if settings.only:
        asked["fields"] = list(settings.only)
    if settings.sort:
        asked["sort"] = [
            {"field": name.removeprefix("-"), "direction": "desc" if name.startswith("-") else "asc"}
            for name in settings.sort
        ]
    found: list[dict[str, Any]] = []
    async for page in listed(context, place(settings.base, settings.table), asked):
        found += [_shown(entry) for entry in page]
        if len(found) > settings.limit:
            raise SettingsError(f"More than {settings.limit} records were found; ask for fewer or raise the limit.")
    return {"records": found, "count": len(found), "first": found[0] if found else None}


@connector.target("Write records", effect=Effect.CHANGE)
async def write_records(context: Context[Connection, Records], records: Sequence[Record]) -> list[Receipt | Rejected]:
    """Add records to a table, or change them by key fields, ten a request.

    Gives the `ids`, and how many were `added` and `changed`.
    """
    lines = lines_of(context.settings, records)
    if context.settings.mode != "insert":
        await standing(context, lines)
    await write(context, lines)
    return outcomes(context.settings, records, lines)


@write_records.preview
async def preview(context: Context[Connection, Records], records: Sequence[Record]) -> list[list[Change]]:
    """Compare the fields with those of the records that have the keys."""
    settings = context.settings
    lines = lines_of(settings, records)
    if settings.mode != "insert":
        await standing(context, lines)
    shown: list[list[Change]] = [[] for _ in records]
    for line in lines:
        if line.refused:
            raise SettingsError(line.refused)
        if line.before is None or differs(line.before, line.row):
            shown[line.record].append(_change(settings, line))
    return shown


@write_records.find
async def find(context: Context[Connection, Records], record: Record, token: str | None) -> Receipt | None:  # noqa: ARG001
    """Look for the records by their keys and compare what was to be written."""
    settings = context.settings
    if not settings.key:
        raise SettingsError("Without key fields nobody can tell whether the record was written; look and decide.")
    lines = lines_of(settings, [record])
    await standing(context, lines)
    if any(line.before is None or differs(line.before, line.row) for line in lines):
        if settings.mode == "insert" and any(line.before is not None or line.refused for line in lines):
            raise SettingsError(
                "There are records with the key, but not as they were to be written, so nobody can tell what of this "
                "was added; look and decide."
            )
        return None
    named_by = reference(settings, lines[0]) if len(lines) == 1 else settings.table
    return Receipt(reference=named_by, output={"ids": [line.before.id for line in lines if line.before]})


@write_records.undo
async def undo(context: Context[Connection, Records], receipt: Receipt) -> Receipt:
    """Put the fields back, or delete what was added, where nobody has changed it since."""
    await take_back(context, receipt)
    return Receipt(reference=receipt.reference)


async def _records(context: Context[Connection, Any], cursor: str | None, field: str) -> AsyncIterator[Item]:
    """Yield records by the time at which they were made, or by a field; only the latter come in order."""
    settings: New = context.settings
    since = Since.load(cursor)
    asked: dict[str, Any] = _view(settings.view)
    if field:
        asked["sort"] = [{"field": field, "direction": "asc"}]
    if since.start is not None:
        asked["filterByFormula"] = not_before(named(field) if field else "CREATED_TIME()", since.start)
    skip = cursor is None and settings.existing == "skip"
    kept, waiting = cursor, list[Item]()
    async for page in listed(context, place(settings.base, settings.table), asked):
        for entry in page:
            moment = _moment(entry, field)
            if moment is not None and since.is_new(entry.id, moment) and not skip:
                key = f"{entry.id} {moment.isoformat()}" if field else entry.id
                waiting.append(Item(key=key, title=_title(entry), content=_shown(entry)))
        # The last one waits, so that it can carry the cursor
        for item in waiting[:-1]:
            yield item
        waiting = waiting[-1:]
        if field and waiting:
            kept = since.dump()
            yield Item(key=waiting[0].key, title=waiting[0].title, content=waiting[0].content, cursor=kept)
            waiting = []
    following = since.dump()
    for item in waiting:
        kept = following
        yield Item(key=item.key, title=item.title, content=item.content, cursor=following)
    if following != kept and (kept is not None or skip):
        yield Item(content=None, cursor=following)


def _moment(entry: Entry, field: str) -> datetime | None:
    text = entry.fields.get(field) if field else entry.createdTime
    if not text and field:
        return None
    try:
        return datetime.fromisoformat(str(text))
    except ValueError as error:
        what = f"The field {field} of a record holds no time." if field else "Airtable sent a record without a time."
        raise (SettingsError(what) if field else TemporaryError(what)) from error


def _shown(entry: Entry) -> dict[str, Any]:
    return {"id": entry.id, "created": entry.createdTime, "fields": entry.fields}


def _title(entry: Entry) -> str:
    return next((str(value)[:100] for value in entry.fields.values() if isinstance(value, (str, int))), entry.id)


def _view(view: str) -> dict[str, Any]:
    return {"view": view} if view else {}


def _change(settings: Records, line: Line) -> Change:
    before = None if line.before is None else {name: line.before.fields.get(name) for name in line.row}
    kind = ChangeKind.ADD if before is None else ChangeKind.CHANGE
    named_by = reference(settings, line) if settings.key else None
    return Change(kind=kind, reference=named_by, before=before, after=dict(line.row))

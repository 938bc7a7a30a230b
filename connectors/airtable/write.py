"""Records into a table, ten a request; one that is refused does not hold up the others."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from connectors.airtable.connection import Connection, Entry, RecordRefusedError, Written, call, listed, place
from connectors.airtable.formulas import as_text, has_key
from connectors.airtable.settings import Records
from connectors.sdk import ConnectorError, Context, Receipt, Record, Rejected, SettingsError, TemporaryError

A_REQUEST = 10


class Line(msgspec.Struct, kw_only=True):
    """One row to write, the record it belongs to, and how it stood before and stands after."""

    record: int
    row: Mapping[str, Any]
    key: tuple[str, ...] = ()
    before: Entry | None = None
    after: Entry | None = None
    refused: str = ""
    failed: Rejected | None = None


def lines_of(settings: Records, records: Sequence[Record]) -> list[Line]:
    """Return a line for each row; one without its key is refused at once."""
    lines = []
    for number, record in enumerate(records):
        for row in record.rows:
            key = tuple(as_text(row.get(name)) for name in settings.key)
            line = Line(record=number, row=row, key=key)
            if settings.mode != "insert" and not all(key):
                line.refused = f"The key field {', '.join(settings.key)} is empty."
            lines.append(line)
    return lines


async def standing(context: Context[Connection, Records], lines: Sequence[Line]) -> None:
    """Look up the records that have the keys."""
    settings = context.settings
    sound = [line for line in lines if not line.refused]
    for start in range(0, len(sound), A_REQUEST):
        part = sound[start : start + A_REQUEST]
        found: dict[tuple[str, ...], list[Entry]] = {}
        formula = has_key(settings.key, [line.row for line in part])
        async for page in listed(context, place(settings.base, settings.table), {"filterByFormula": formula}):
            for entry in page:
                key = tuple(as_text(entry.fields.get(name)) for name in settings.key)
                found.setdefault(key, []).append(entry)
        for line in part:
            _note(settings, line, found.get(line.key, []))


async def write(context: Context[Connection, Records], lines: Sequence[Line]) -> None:
    """Write the lines that are sound, those of one key one after another, and note what was refused.

    When Airtable fails as a whole after some are written, those it failed at are told so, and the rest is not tried.
    """
    rounds = _rounds(context.settings, lines)
    parts = [each[start : start + A_REQUEST] for each in rounds for start in range(0, len(each), A_REQUEST)]
    for number, part in enumerate(parts):
        try:
            await _settle(context, part)
        except ConnectorError as error:
            if not any(line.after for line in lines):
                raise
            _fail(part, _rejected(error))
            for untried in parts[number + 1 :]:
                _fail(untried, msgspec.structs.replace(_rejected(error), uncertain=False))
            return


def outcomes(settings: Records, records: Sequence[Record], lines: Sequence[Line]) -> list[Receipt | Rejected]:
    """Return what became of each record."""
    of_record: dict[int, list[Line]] = {number: [] for number in range(len(records))}
    for line in lines:
        of_record[line.record].append(line)
    return [_outcome(settings, of_record[number]) for number in range(len(records))]


def differs(entry: Entry, row: Mapping[str, Any]) -> bool:
    """Tell whether writing would change a record; what is empty is not there."""
    return any(_told(entry.fields.get(name)) != _told(value) for name, value in row.items())


def reference(settings: Records, line: Line) -> str:
    """Name a record by its key, or by its id."""
    if settings.key:
        return ", ".join(f"{name} {value}" for name, value in zip(settings.key, line.key, strict=True))
    return line.after.id if line.after is not None else settings.table


async def take_back(context: Context[Connection, Records], receipt: Receipt) -> None:
    """Undo one delivery; raises before anything is undone when a record is no longer as it was written."""
    settings = context.settings
    if not isinstance(receipt.after, list) or not isinstance(receipt.before, list):
        raise SettingsError("How the records were before is not known, so this cannot be undone.")
    path = place(settings.base, settings.table)
    for after in receipt.after:
        found = await call(context, "GET", f"{path}/{after['id']}")
        if differs(found.read(Entry), after["fields"]):
            raise SettingsError(
                f"{receipt.reference or settings.table} has changed since it was written, so it stays as it is."
            )
    for before, after in zip(receipt.before, receipt.after, strict=True):
        if before is None:
            await call(context, "DELETE", f"{path}/{after['id']}")
        else:
            await call(context, "PATCH", f"{path}/{after['id']}", {"fields": before})


def _note(settings: Records, line: Line, found: Sequence[Entry]) -> None:
    if len(found) > 1:
        line.refused = f"{len(found)} records have {reference(settings, line)}; a key must be unique."
    elif found:
        line.before = found[0]
    elif settings.mode == "update":
        line.refused = f"The table {settings.table} has no record with {reference(settings, line)} to update."


def _fail(lines: Sequence[Line], failed: Rejected) -> None:
    for line in lines:
        line.failed = None if line.after or line.refused else failed


def _rejected(error: ConnectorError) -> Rejected:
    passing = error if isinstance(error, TemporaryError) else TemporaryError(error.message)
    return Rejected(
        message=error.message, kind=error.word, retry_after=passing.retry_after, uncertain=passing.uncertain
    )


def _rounds(settings: Records, lines: Sequence[Line]) -> list[list[Line]]:
    rounds: list[list[Line]] = []
    nth: dict[tuple[str, ...], int] = {}
    for line in lines:
        if line.refused:
            continue
        number = 0 if settings.mode == "insert" else nth.get(line.key, 0)
        nth[line.key] = number + 1
        if number == len(rounds):
            rounds.append([])
        rounds[number].append(line)
    return rounds


async def _settle(context: Context[Connection, Records], lines: Sequence[Line]) -> None:
    """Write lines in one request; when it is refused, halve them until the bad ones stand alone."""
    try:
        written = await _write_together(context, lines)
    except RecordRefusedError as error:
        if len(lines) == 1:
            lines[0].refused = error.message
            return
        middle = len(lines) // 2
        await _settle(context, lines[:middle])
        await _settle(context, lines[middle:])
        return
    for line, entry in zip(lines, written.records, strict=True):
        line.after = entry
        if entry.id in written.createdRecords:
            line.before = None


async def _write_together(context: Context[Connection, Records], lines: Sequence[Line]) -> Written:
    settings = context.settings
    path = place(settings.base, settings.table)
    body: dict[str, Any] = {"records": [{"fields": dict(line.row)} for line in lines]}
    if settings.typecast:
        body["typecast"] = True
    if settings.mode == "upsert":
        body["performUpsert"] = {"fieldsToMergeOn": list(settings.key)}
    if settings.mode == "update":
        body["records"] = [{"id": line.before.id, "fields": dict(line.row)} for line in lines if line.before]
    answer = await call(context, "POST" if settings.mode == "insert" else "PATCH", path, body)
    try:
        written = answer.read(Written)
    except TemporaryError as error:
        raise TemporaryError(error.message, uncertain=True) from error
    if len(written.records) != len(lines):
        raise TemporaryError("Airtable did not say what became of each record.", uncertain=True)
    return written


def _outcome(settings: Records, lines: Sequence[Line]) -> Receipt | Rejected:
    written = sum(line.after is not None for line in lines)
    also = f" {written} of its {len(lines)} rows were written." if written else ""
    refused = next((line.refused for line in lines if line.refused), "")
    if refused:
        return Rejected(message=refused + also)
    failed = [line.failed for line in lines if line.failed is not None]
    if failed:
        # What is half there must be looked for before it is written again
        uncertain = written > 0 or any(one.uncertain for one in failed)
        return msgspec.structs.replace(failed[0], message=failed[0].message + also, uncertain=uncertain)
    entries = [line.after for line in lines if line.after is not None]
    added = sum(line.before is None for line in lines)
    return Receipt(
        reference=reference(settings, lines[0]) if len(lines) == 1 else settings.table,
        output={"ids": [entry.id for entry in entries], "added": added, "changed": len(lines) - added},
        before=[_old(line) for line in lines],
        after=[{"id": line.after.id, "fields": dict(line.row)} for line in lines if line.after is not None],
    )


def _old(line: Line) -> dict[str, Any] | None:
    """Return what stood in the fields that were written; None takes a value away again."""
    return None if line.before is None else {name: line.before.fields.get(name) for name in line.row}


def _told(value: Any) -> Any:
    if value in (None, "", False, []):
        return None
    if isinstance(value, (int, float, str)):
        return as_text(value)
    return [_told(one) for one in value] if isinstance(value, list) else value

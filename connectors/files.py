"""Files: rows into CSV, JSON Lines and XLSX files in a directory of the hub's machine."""

from __future__ import annotations

import asyncio
import hashlib
import re
from collections.abc import Mapping, Sequence
from typing import Annotated, Any

import msgspec

from connectors.sdk import (
    Change,
    ChangeKind,
    Connector,
    Context,
    Effect,
    NoSettings,
    Receipt,
    Record,
    Rejected,
    Settings,
    SettingsError,
    TemporaryError,
    field,
)
from connectors.sdk.datasets import DatasetQuery, DatasetTarget
from connectors.sdk.records.rows import RowList, WriteMode
from connectors.sdk.records.sheets import MOST_XLSX_ROWS, csv_columns, csv_header, csv_lines, json_lines, xlsx

LONGEST_NAME = 150
HEAD = 64 * 1024
_UNSAFE = re.compile(r"[\x00-\x1f\x7f/\\:*?\"<>|]+")

connector = Connector("files", "Files", icon="description")


class Place(Settings):
    """Which file's columns are asked for."""

    directory: Annotated[str, field("Directory")]
    file: Annotated[str, field("File")]


async def directories(context: Context[NoSettings, Any]) -> Sequence[str]:
    """Return the directories that the operator allows."""
    return await context.folder.directories()


async def columns_of(context: Context[NoSettings, Place]) -> Sequence[str]:
    """Return the names in the first line of a CSV file, or of the workbook of this name, when there is one."""
    place = context.settings
    stem = _segment(place.file)
    if await context.folder.size(place.directory, f"{stem}.csv"):
        return csv_columns(await context.folder.part(place.directory, f"{stem}.csv", 0, HEAD))[0]
    return await context.datasets.columns(_book(place.directory, f"{stem}.xlsx"))


class Rows(Settings):
    """Which file to write, and what."""

    directory: Annotated[
        str,
        field(
            "Directory",
            hint="Below one of the directories that the operator allows.",
            example="/srv/outbox",
            choices=directories,
        ),
    ]
    file: Annotated[str, field("File", hint="Its name; letters that lead elsewhere are replaced.", templated=True)]
    columns: Annotated[
        dict[str, Any],
        field("Columns", example={"number": "{{ read.number }}"}, templated=True, record=True, choices=columns_of),
    ]
    rows: RowList = None
    order: Annotated[
        tuple[str, ...], field("Order of columns", hint="Those that are not named come after.", advanced=True)
    ] = ()

    def __post_init__(self) -> None:
        """Refuse a directory that leads elsewhere."""
        if not self.directory.strip() or "\0" in self.directory or ".." in self.directory.split("/"):
            raise ValueError("Name a directory, without '..'.")
        if not self.file.strip():
            raise ValueError("Name the file.")


class Intent(msgspec.Struct, frozen=True):
    """What was about to be appended: decides after a crash whether it was."""

    file: str
    before: int
    length: int
    digest: str


class Lines(msgspec.Struct, frozen=True):
    """Where the lines of one record begin in the file, and what they are."""

    start: int
    text: str


class Layout(msgspec.Struct, frozen=True):
    """How lines are written into a file, and what has to stand before the first of them."""

    opening: str
    columns: Sequence[str] = ()
    separator: str = ","

    def lines(self, rows: Sequence[Mapping[str, Any]]) -> str:
        """Write rows."""
        return csv_lines(self.columns, rows, self.separator) if self.columns else json_lines(rows)


@connector.target("Append to a CSV file", effect=Effect.CREATE)
async def append_csv(context: Context[NoSettings, Rows], records: Sequence[Record]) -> list[Receipt]:
    """Add rows at the end of a CSV file; a new one gets a first line of names."""
    return await _append(context, records, _name(context.settings, ".csv"))


@connector.target("Append to a JSON Lines file", effect=Effect.CREATE)
async def append_jsonl(context: Context[NoSettings, Rows], records: Sequence[Record]) -> list[Receipt]:
    """Add rows at the end of a file, each as one line of JSON."""
    return await _append(context, records, _name(context.settings, ".jsonl"))


@connector.target("Write an XLSX file", effect=Effect.CREATE, atomic=True)
async def write_xlsx(context: Context[NoSettings, Rows], records: Sequence[Record]) -> Sequence[Receipt | Rejected]:
    """Add rows to a spreadsheet of one sheet, which is always whole: readers see the old or the new one."""
    name = _name(context.settings, ".xlsx")
    async with context.datasets.together():
        outcome = await context.datasets.write(_stored(context.settings, name), records)
        await _render(context, name)
    return [
        _receipt(name, len(record.rows), result.before, result.after) if isinstance(result, Receipt) else result
        for record, result in zip(records, outcome, strict=True)
    ]


@append_csv.preview
async def preview_csv(context: Context[NoSettings, Rows], records: Sequence[Record]) -> list[list[Change]]:
    """List the rows to add."""
    name = _name(context.settings, ".csv")
    await _layout(context, name, _all_rows(records))
    return _added(name, records)


@append_jsonl.preview
async def preview_jsonl(context: Context[NoSettings, Rows], records: Sequence[Record]) -> list[list[Change]]:
    """List the rows to add."""
    return _added(_name(context.settings, ".jsonl"), records)


@write_xlsx.preview
async def preview_xlsx(context: Context[NoSettings, Rows], records: Sequence[Record]) -> list[list[Change]]:
    """List the rows to add."""
    return _added(_name(context.settings, ".xlsx"), records)


@append_csv.find
@append_jsonl.find
async def find_lines(context: Context[NoSettings, Rows], record: Record, token: str | None) -> Receipt | None:
    """Look whether what was about to be appended is in the file; a torn end is cut off."""
    if token is None:
        return None
    intent, directory = msgspec.json.decode(token, type=Intent), context.settings.directory
    async with context.folder.hold(directory, intent.file):
        size = await context.folder.size(directory, intent.file)
        if size <= intent.before:
            return None
        content = await context.folder.part(directory, intent.file, intent.before, intent.length)
        if hashlib.sha256(content).hexdigest() == intent.digest:
            return _receipt(intent.file, len(record.rows))
        if len(content) == intent.length or content.endswith(b"\n"):
            raise SettingsError(f"{intent.file} was changed meanwhile; look whether these rows are in it, and decide.")
        await context.folder.truncate(directory, intent.file, intent.before)
    return None


@write_xlsx.find
async def find_rows(context: Context[NoSettings, Rows], record: Record, _: str | None) -> Receipt | None:
    """Look whether the rows are among those that the file is written from."""
    name = _name(context.settings, ".xlsx")
    found = await context.datasets.find(_stored(context.settings, name), record)
    return _receipt(name, len(record.rows), found.before, found.after) if found else None


@append_csv.undo
@append_jsonl.undo
async def undo_lines(context: Context[NoSettings, Rows], receipt: Receipt) -> Receipt:
    """Take the lines out of the file, where they still are as they were written."""
    if receipt.after is None or receipt.reference is None:
        raise SettingsError("Where the rows stand is not known, so this cannot be undone.")
    directory, name = context.settings.directory, receipt.reference
    lines = msgspec.convert(receipt.after, Lines)
    text = lines.text.encode()
    async with context.folder.hold(directory, name):
        size = await context.folder.size(directory, name)
        if lines.start + len(text) == size and await context.folder.part(directory, name, lines.start, size) == text:
            await context.folder.truncate(directory, name, lines.start)
        else:
            content = await context.folder.read(directory, name)
            await context.folder.replace(directory, name, _without(content, text, lines.start, name))
    return Receipt(reference=name)


@write_xlsx.undo
async def undo_rows(context: Context[NoSettings, Rows], receipt: Receipt) -> Receipt:
    """Take the rows out of the workbook."""
    name = receipt.reference or _name(context.settings, ".xlsx")
    async with context.datasets.together():
        await context.datasets.undo(_stored(context.settings, name), receipt)
        await _render(context, name)
    return Receipt(reference=name)


async def _append(context: Context[NoSettings, Rows], records: Sequence[Record], name: str) -> list[Receipt]:
    folder, directory = context.folder, context.settings.directory
    async with folder.hold(directory, name):
        size = await folder.size(directory, name)
        layout = await _layout(context, name, _all_rows(records))
        texts = [layout.lines(record.rows) for record in records]
        content = (layout.opening + "".join(texts)).encode()
        intent = Intent(name, size, len(content), hashlib.sha256(content).hexdigest())
        await context.remember(msgspec.json.encode(intent).decode())
        await _write(context, intent, content)
    receipts: list[Receipt] = []
    place = size + len(layout.opening.encode())
    for record, text in zip(records, texts, strict=True):
        receipts.append(_receipt(name, len(record.rows), after=Lines(place, text)))
        place += len(text.encode())
    return receipts


async def _layout(context: Context[NoSettings, Rows], name: str, rows: Sequence[Mapping[str, Any]]) -> Layout:
    """Follow the first line of a CSV that is there; a file that ends in the middle of a line gets its end first."""
    directory, is_csv = context.settings.directory, name.endswith(".csv")
    size = await context.folder.size(directory, name)
    if not size:
        columns = _columns(context.settings, rows) if is_csv else []
        return Layout(csv_header(columns) if is_csv else "", columns)
    whole = await context.folder.part(directory, name, size - 1, 1) == b"\n"
    if not is_csv:
        return Layout("" if whole else "\n")
    columns, separator = csv_columns(await context.folder.part(directory, name, 0, HEAD))
    missing = [column for column in _columns(context.settings, rows) if column not in columns]
    if missing:
        raise SettingsError(f"{name} has no column {', '.join(missing)}. Its first line has: {', '.join(columns)}.")
    return Layout("" if whole else "\r\n", columns, separator)


async def _write(context: Context[NoSettings, Rows], intent: Intent, content: bytes) -> None:
    """Append; what a full disk let through is taken back, so that it is known that nothing was written."""
    directory = context.settings.directory
    try:
        await context.folder.append(directory, intent.file, content)
    except TemporaryError:
        if await context.folder.size(directory, intent.file) > intent.before:
            await context.folder.truncate(directory, intent.file, intent.before)
        raise


async def _render(context: Context[NoSettings, Rows], name: str) -> None:
    """Write the workbook from all rows that are kept for it."""
    settings, dataset = context.settings, _stored(context.settings, name).dataset
    rows = await context.datasets.query(DatasetQuery(dataset=dataset, where={}, limit=MOST_XLSX_ROWS + 1))
    columns = await context.datasets.columns(dataset)
    if len(rows) > MOST_XLSX_ROWS:
        raise SettingsError(f"A sheet holds at most {MOST_XLSX_ROWS:,} rows; write to another file.")
    content = await asyncio.to_thread(xlsx, _in_order(settings, columns), rows, name.removesuffix(".xlsx"))
    await context.folder.replace(settings.directory, name, content)


def _stored(settings: Rows, name: str) -> DatasetTarget:
    """Where the rows of a workbook are kept: a dataset that people do not see."""
    return DatasetTarget(dataset=_book(settings.directory, name), mode=WriteMode.INSERT)


def _book(directory: str, name: str) -> str:
    return f"file:{directory.rstrip('/')}/{name}"


def _segment(file: str) -> str:
    return _UNSAFE.sub("-", file.removesuffix(".csv").removesuffix(".xlsx").removesuffix(".jsonl")).strip(" .-")


def _name(settings: Rows, ending: str) -> str:
    """Make one safe segment of a name, whatever was filled in."""
    name = _UNSAFE.sub("-", settings.file).strip(" .-")
    stem = name[: -len(ending)] if name.lower().endswith(ending) else name
    if not stem.strip(" .-"):
        raise SettingsError(f"The file's name is empty: {settings.file[:50]!r}.")
    return stem.encode()[:LONGEST_NAME].decode("utf-8", "ignore") + ending


def _columns(settings: Rows, rows: Sequence[Mapping[str, Any]]) -> list[str]:
    """Return the columns of rows in their order."""
    return _in_order(settings, list(dict.fromkeys(name for row in rows for name in row)))


def _in_order(settings: Rows, columns: Sequence[str]) -> list[str]:
    """Put the columns that were named first, in the order in which they were."""
    first = [name for name in settings.order if name in columns]
    return [*first, *(name for name in columns if name not in first)]


def _all_rows(records: Sequence[Record]) -> list[Mapping[str, Any]]:
    return [row for record in records for row in record.rows]


def _added(name: str, records: Sequence[Record]) -> list[list[Change]]:
    return [[Change(kind=ChangeKind.ADD, reference=name, after=dict(row)) for row in record.rows] for record in records]


def _receipt(name: str, rows: int, before: Any = None, after: Any = None) -> Receipt:
    return Receipt(reference=name, output={"file": name, "rows": rows}, before=before, after=after)


def _without(content: bytes, text: bytes, start: int, name: str) -> bytes:
    """Cut lines out: where they were written, or further up when lines before them were taken out since."""
    place = content.rfind(text, 0, start + len(text))
    if not text or place < 0 or (place and content[place - 1 : place] != b"\n"):
        raise SettingsError(f"The rows in {name} have changed since they were written, so they stay as they are.")
    return content[:place] + content[place + len(text) :]

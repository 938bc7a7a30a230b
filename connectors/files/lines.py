"""Lines at the end of a file: found after a crash, and taken out again."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from connectors.files.settings import HEAD, Rows, columns_in
from connectors.sdk import Context, NoSettings, Receipt, Record, SettingsError, TemporaryError
from connectors.sdk.records.sheets import csv_columns, csv_header, csv_lines, json_lines


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


async def append(context: Context[NoSettings, Rows], records: Sequence[Record], name: str) -> list[Receipt]:
    """Add the lines of all records in one piece, which is noted before."""
    folder, directory = context.folder, context.settings.directory
    async with folder.hold(directory, name):
        size = await folder.size(directory, name)
        layout = await layout_of(context, name, all_rows(records))
        texts = [layout.lines(record.rows) for record in records]
        content = (layout.opening + "".join(texts)).encode()
        intent = Intent(name, size, len(content), hashlib.sha256(content).hexdigest())
        await context.remember(msgspec.json.encode(intent).decode())
        await _write(context, intent, content)
    receipts: list[Receipt] = []
    place = size + len(layout.opening.encode())
    for record, text in zip(records, texts, strict=True):
        receipts.append(receipt_of(name, len(record.rows), after=Lines(place, text)))
        place += len(text.encode())
    return receipts


async def appended(context: Context[NoSettings, Rows], record: Record, token: str) -> Receipt | None:
    """Look whether what was about to be appended is in the file; a torn end is cut off."""
    intent, directory = msgspec.json.decode(token, type=Intent), context.settings.directory
    async with context.folder.hold(directory, intent.file):
        size = await context.folder.size(directory, intent.file)
        if size <= intent.before:
            return None
        content = await context.folder.part(directory, intent.file, intent.before, intent.length)
        if hashlib.sha256(content).hexdigest() == intent.digest:
            return receipt_of(intent.file, len(record.rows))
        if len(content) == intent.length or content.endswith(b"\n"):
            raise SettingsError(f"{intent.file} was changed meanwhile; look whether these rows are in it, and decide.")
        await context.folder.truncate(directory, intent.file, intent.before)
    return None


async def take_out(context: Context[NoSettings, Rows], receipt: Receipt) -> Receipt:
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


async def layout_of(context: Context[NoSettings, Rows], name: str, rows: Sequence[Mapping[str, Any]]) -> Layout:
    """Follow the first line of a CSV that is there; a file that ends in the middle of a line gets its end first."""
    directory, is_csv = context.settings.directory, name.endswith(".csv")
    size = await context.folder.size(directory, name)
    if not size:
        columns = columns_in(context.settings, rows) if is_csv else []
        return Layout(csv_header(columns) if is_csv else "", columns)
    whole = await context.folder.part(directory, name, size - 1, 1) == b"\n"
    if not is_csv:
        return Layout("" if whole else "\n")
    columns, separator = csv_columns(await context.folder.part(directory, name, 0, HEAD))
    missing = [column for column in columns_in(context.settings, rows) if column not in columns]
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


def receipt_of(name: str, rows: int, before: Any = None, after: Any = None) -> Receipt:
    """Return the proof that rows were written to a file."""
    return Receipt(reference=name, output={"file": name, "rows": rows}, before=before, after=after)


def all_rows(records: Sequence[Record]) -> list[Mapping[str, Any]]:
    """Return the rows of all records, in their order."""
    return [row for record in records for row in record.rows]


def _without(content: bytes, text: bytes, start: int, name: str) -> bytes:
    """Cut lines out: where they were written, or further up when lines before them were taken out since."""
    place = content.rfind(text, 0, start + len(text))
    if not text or place < 0 or (place and content[place - 1 : place] != b"\n"):
        raise SettingsError(f"The rows in {name} have changed since they were written, so they stay as they are.")
    return content[:place] + content[place + len(text) :]

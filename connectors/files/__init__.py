"""Files: rows into CSV, JSON Lines and XLSX files in a directory of the hub's machine."""

from __future__ import annotations

from collections.abc import Sequence

from connectors.files import lines, workbook
from connectors.files.lines import all_rows
from connectors.files.settings import Rows, name_of
from connectors.sdk import Change, ChangeKind, Connector, Context, Effect, NoSettings, Receipt, Record, Rejected

connector = Connector("files", "Files", icon="description")


@connector.target("Append to a CSV file", effect=Effect.CREATE)
async def append_csv(context: Context[NoSettings, Rows], records: Sequence[Record]) -> list[Receipt]:
    """Add rows at the end of a CSV file; a new one gets a first line of names."""
    return await lines.append(context, records, name_of(context.settings, ".csv"))


@connector.target("Append to a JSON Lines file", effect=Effect.CREATE)
async def append_jsonl(context: Context[NoSettings, Rows], records: Sequence[Record]) -> list[Receipt]:
    """Add rows at the end of a file, each as one line of JSON."""
    return await lines.append(context, records, name_of(context.settings, ".jsonl"))


@connector.target("Write an XLSX file", effect=Effect.CREATE, atomic=True)
async def write_xlsx(context: Context[NoSettings, Rows], records: Sequence[Record]) -> Sequence[Receipt | Rejected]:
    """Add rows to a spreadsheet of one sheet, which is always whole: readers see the old or the new one."""
    return await workbook.write(context, records)


@append_csv.preview
async def preview_csv(context: Context[NoSettings, Rows], records: Sequence[Record]) -> list[list[Change]]:
    """List the rows to add."""
    name = name_of(context.settings, ".csv")
    await lines.layout_of(context, name, all_rows(records))
    return _added(name, records)


@append_jsonl.preview
async def preview_jsonl(context: Context[NoSettings, Rows], records: Sequence[Record]) -> list[list[Change]]:
    """List the rows to add."""
    return _added(name_of(context.settings, ".jsonl"), records)


@write_xlsx.preview
async def preview_xlsx(context: Context[NoSettings, Rows], records: Sequence[Record]) -> list[list[Change]]:
    """List the rows to add."""
    return _added(name_of(context.settings, ".xlsx"), records)


@append_csv.find
@append_jsonl.find
async def find_lines(context: Context[NoSettings, Rows], record: Record, token: str | None) -> Receipt | None:
    """Look whether what was about to be appended is in the file; a torn end is cut off."""
    return None if token is None else await lines.appended(context, record, token)


@write_xlsx.find
async def find_rows(context: Context[NoSettings, Rows], record: Record, _: str | None) -> Receipt | None:
    """Look whether the rows are among those that the file is written from."""
    return await workbook.written(context, record)


@append_csv.undo
@append_jsonl.undo
async def undo_lines(context: Context[NoSettings, Rows], receipt: Receipt) -> Receipt:
    """Take the lines out of the file, where they still are as they were written."""
    return await lines.take_out(context, receipt)


@write_xlsx.undo
async def undo_rows(context: Context[NoSettings, Rows], receipt: Receipt) -> Receipt:
    """Take the rows out of the workbook."""
    return await workbook.take_out(context, receipt)


def _added(name: str, records: Sequence[Record]) -> list[list[Change]]:
    return [[Change(kind=ChangeKind.ADD, reference=name, after=dict(row)) for row in record.rows] for record in records]

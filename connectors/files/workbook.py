"""Workbooks of one sheet, written anew from rows that are kept for them."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from connectors.files.lines import receipt_of
from connectors.files.settings import Rows, book, in_order, name_of
from connectors.sdk import Context, NoSettings, Receipt, Record, Rejected, SettingsError
from connectors.sdk.datasets import DatasetQuery, DatasetTarget
from connectors.sdk.records.rows import WriteMode
from connectors.sdk.records.sheets import MOST_XLSX_ROWS, xlsx


async def write(context: Context[NoSettings, Rows], records: Sequence[Record]) -> Sequence[Receipt | Rejected]:
    """Keep the rows and write the workbook with them, both or neither."""
    name = name_of(context.settings, ".xlsx")
    async with context.datasets.together():
        outcome = await context.datasets.write(_stored(context.settings, name), records)
        await _render(context, name)
    return [
        receipt_of(name, len(record.rows), result.before, result.after) if isinstance(result, Receipt) else result
        for record, result in zip(records, outcome, strict=True)
    ]


async def written(context: Context[NoSettings, Rows], record: Record) -> Receipt | None:
    """Look whether the rows are among those that the file is written from."""
    name = name_of(context.settings, ".xlsx")
    found = await context.datasets.find(_stored(context.settings, name), record)
    return receipt_of(name, len(record.rows), found.before, found.after) if found else None


async def take_out(context: Context[NoSettings, Rows], receipt: Receipt) -> Receipt:
    """Take the rows out of the workbook."""
    name = receipt.reference or name_of(context.settings, ".xlsx")
    async with context.datasets.together():
        await context.datasets.undo(_stored(context.settings, name), receipt)
        await _render(context, name)
    return Receipt(reference=name)


async def _render(context: Context[NoSettings, Rows], name: str) -> None:
    """Write the workbook from all rows that are kept for it."""
    settings, dataset = context.settings, _stored(context.settings, name).dataset
    rows = await context.datasets.query(DatasetQuery(dataset=dataset, where={}, limit=MOST_XLSX_ROWS + 1))
    columns = await context.datasets.columns(dataset)
    if len(rows) > MOST_XLSX_ROWS:
        raise SettingsError(f"A sheet holds at most {MOST_XLSX_ROWS:,} rows; write to another file.")
    content = await asyncio.to_thread(xlsx, in_order(settings, columns), rows, name.removesuffix(".xlsx"))
    await context.folder.replace(settings.directory, name, content)


def _stored(settings: Rows, name: str) -> DatasetTarget:
    """Where the rows of a workbook are kept: a dataset that people do not see."""
    return DatasetTarget(dataset=book(settings.directory, name), mode=WriteMode.INSERT)

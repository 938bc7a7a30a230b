"""Rows into a tab: one request reads what is there, one writes everything or nothing and leaves a mark."""

from __future__ import annotations

import secrets
import time
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from connectors.google._calls import send
from connectors.google._connection import Connection
from connectors.google._sheets_cells import cell
from connectors.google._sheets_plan import Line, Rows, planned, receipt
from connectors.google._sheets_tab import MARK, PATIENCE, SHEETS, Tab, head_of, whole
from connectors.sdk import Context, Receipt, Record, Rejected
from connectors.sdk.network.http import Options

# How many marks a tab keeps: each says that one write, of up to 1,000 records, was done
MARKS = 100


class Token(msgspec.Struct, frozen=True):
    """What decides after a crash: the mark that the write leaves, and the records it left out."""

    mark: str
    rejected: Sequence[str] = ()


async def write(context: Context[Connection, Rows], records: Sequence[Record]) -> list[Receipt | Rejected]:
    """Write all records with two requests and return what became of each."""
    settings = context.settings
    tab, fresh = await tab_of(context, records)
    lines, refused = planned(tab, settings, records)
    outcome: list[Receipt | Rejected] = [
        Rejected(message=refused[number]) if number in refused else receipt(settings, record, lines, number)
        for number, record in enumerate(records)
    ]
    requests = written(tab, settings, lines, fresh)
    if requests:
        mark = f"{time.time_ns():016x}{secrets.token_hex(4)}"
        rejected = [records[number].key for number in refused]
        await context.remember(msgspec.json.encode(Token(mark, rejected)).decode())
        await change(context, settings.id, [*requests, *_marked(tab, mark)])
    return outcome


async def tab_of(context: Context[Connection, Rows], records: Sequence[Record]) -> tuple[Tab, bool]:
    """Return the tab to write, and whether its columns are yet to be named because there are none."""
    settings = context.settings
    tab = await (head_of if settings.mode == "append" else whole)(context, settings)
    names = list(dict.fromkeys(name for record in records for row in record.rows for name in row))
    if any(tab.columns):
        tab.require([*names, *settings.key])
        return tab, False
    return msgspec.structs.replace(tab, columns=names), True


def written(tab: Tab, settings: Rows, lines: Sequence[Line], fresh: bool) -> list[dict[str, Any]]:
    """Return the requests that write the lines; what is as it should be already is left alone."""
    typed = settings.values == "typed"
    fields = "userEnteredValue,userEnteredFormat.numberFormat" if typed else "userEnteredValue"
    requests = []
    if fresh and tab.columns:
        names = [{"userEnteredValue": {"stringValue": name}} for name in tab.columns]
        requests.append(update(tab, tab.head - 1, 0, names, "userEnteredValue"))
    new: dict[int, list[dict[str, Any]]] = {}
    for line in lines:
        cells = {tab.place(name): cell(line.given.get(name), found, typed=typed) for name, found in line.cells.items()}
        if line.place is None or line.place < 0:
            row = new.setdefault(line.place if line.place is not None else len(new), [])
            row += [{} for _ in range(max(cells, default=-1) + 1 - len(row))]
            for place, one in cells.items():
                row[place] = one
        elif line.before != line.cells:
            requests += [update(tab, line.place, start, run, fields) for start, run in _runs(cells)]
    if new:
        rows = [{"values": row} for row in new.values()]
        requests.append({"appendCells": {"sheetId": tab.id, "rows": rows, "fields": fields}})
    return requests


async def change(context: Context[Connection, Any], spreadsheet: str, requests: Sequence[Mapping[str, Any]]) -> None:
    """Send requests that are done together or not at all."""
    await send(
        context,
        SHEETS,
        "spreadsheets.batchUpdate",
        Options(timeout=PATIENCE),
        spreadsheetId=spreadsheet,
        body={"requests": list(requests)},
        fields="spreadsheetId",
    )


def _runs(cells: Mapping[int, dict[str, Any]]) -> list[tuple[int, list[dict[str, Any]]]]:
    """Group cells that stand side by side."""
    runs: list[tuple[int, list[dict[str, Any]]]] = []
    for place in sorted(cells):
        if runs and place == runs[-1][0] + len(runs[-1][1]):
            runs[-1][1].append(cells[place])
        else:
            runs.append((place, [cells[place]]))
    return runs


def update(
    tab: Tab, row: int, column: int, cells: Sequence[Mapping[str, Any]], fields: str = "userEnteredValue"
) -> dict[str, Any]:
    """Return the request that writes cells side by side."""
    start = {"sheetId": tab.id, "rowIndex": row, "columnIndex": column}
    return {"updateCells": {"start": start, "rows": [{"values": list(cells)}], "fields": fields}}


def _marked(tab: Tab, mark: str) -> list[dict[str, Any]]:
    """Return the requests that leave a mark and take the oldest ones away."""
    told = {"metadataKey": MARK, "metadataValue": mark, "location": {"sheetId": tab.id}, "visibility": "DOCUMENT"}
    old = sorted(tab.marks, key=lambda one: one.metadata_value)[: max(0, len(tab.marks) + 1 - MARKS)]
    lookups = [{"developerMetadataLookup": {"metadataId": one.metadata_id}} for one in old]
    gone = [{"deleteDeveloperMetadata": {"dataFilter": lookup}} for lookup in lookups]
    return [{"createDeveloperMetadata": {"developerMetadata": told}}, *gone]

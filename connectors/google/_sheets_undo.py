"""Taking rows back: what was added goes, what was changed is as before, unless somebody has touched it since."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from connectors.google._connection import Connection
from connectors.google._sheets_cells import known_as, same
from connectors.google._sheets_plan import Rows
from connectors.google._sheets_tab import Cell, Tab, Value, whole
from connectors.google._sheets_write import change, update
from connectors.sdk import Context, Receipt, SettingsError

_EMPTY = Cell()


async def take_back(context: Context[Connection, Rows], receipt: Receipt) -> Receipt:
    """Put every row of a receipt back, all of them or none."""
    settings = context.settings
    if receipt.after is None or receipt.before is None:
        raise SettingsError("How the rows were before is not known, so this cannot be undone.")
    tab = await whole(context, settings)
    requests: list[dict[str, Any]] = []
    gone: list[int] = []
    for before, after in reversed(list(zip(receipt.before, receipt.after, strict=True))):
        place = _place(tab, settings, after, gone)
        if before is None:
            gone.append(place)
        else:
            requests += _put_back(tab, place, before)
    requests += [_removed(tab, place) for place in sorted(gone, reverse=True)]
    if requests:
        await change(context, settings.id, requests)
    return Receipt(reference=receipt.reference, before=receipt.after, after=receipt.before)


def _place(tab: Tab, settings: Rows, after: Mapping[str, Value], gone: Sequence[int]) -> int:
    """Return where a row stands that is still as it was written: by its key, or else the lowest that equals it."""
    places = {name: tab.place(name) for name in after}
    names = settings.key if settings.mode == "upsert" else tuple(after)
    for number in range(len(tab.rows) - 1, -1, -1):
        row = tab.rows[number]
        cells = {name: row[place] if place < len(row) else _EMPTY for name, place in places.items()}
        if number in gone or not all(_means(cells[name], after[name]) for name in names):
            continue
        if all(same(cells[name].user_entered_value, after[name]) for name in after):
            return number
    raise SettingsError(
        f"A row of the tab {tab.title} has changed since it was written, or is no longer there, so it stays as it is."
    )


def _means(cell: Cell, wanted: Value) -> bool:
    return known_as(wanted, "") <= known_as(cell.user_entered_value, cell.formatted_value)


def _put_back(tab: Tab, number: int, before: Mapping[str, Value]) -> list[dict[str, Any]]:
    return [
        update(tab, tab.head + number, tab.place(name), [{"userEnteredValue": found} if found else {}])
        for name, found in before.items()
    ]


def _removed(tab: Tab, number: int) -> dict[str, Any]:
    place = tab.head + number
    span = {"sheetId": tab.id, "dimension": "ROWS", "startIndex": place, "endIndex": place + 1}
    return {"deleteDimension": {"range": span}}

"""Tables of workbooks at Microsoft Graph for the tests: cells make numbers and formulas of texts, as Excel does."""

import re
from typing import Any

import msgspec

from tests.peers.onedrive import ITEM, OneDrivePeer
from tests.peers.openapi import Call, Refused, Reply

TABLE = f"{ITEM}/workbook/tables/{{workbookTable-id}}"
_KIND = "#microsoft.graph.workbookTableRow"


class Grid(msgspec.Struct):
    """A table: the names of its columns and its rows."""

    columns: list[str]
    rows: list[list[Any]] = []


class ExcelPeer(OneDrivePeer):
    """A drive with one workbook, and one table in it called Invoices."""

    def __init__(self) -> None:
        super().__init__()
        # Described as an object, but any JSON by Microsoft's page on the type; cells are lists in lists
        cells = self.schemas.document["components"]["schemas"]["microsoft.graph.Json"]
        cells.clear()
        self.grid = Grid(["Number", "Total", "Note"], [])
        self.put("/Books/Invoices.xlsx", b"PK")
        self.writes = 0
        self.on("GET", f"{ITEM}/workbook/tables")(lambda _: {"value": [_named("Table", "Invoices")]})
        self.on("GET", f"{TABLE}/columns")(self._columns)
        self.on("GET", f"{TABLE}/rows")(self._rows)
        self.on("POST", f"{TABLE}/rows/microsoft.graph.add")(self._add)
        self.on("PATCH", f"{TABLE}/rows/{{workbookTableRow-id}}")(self._change)
        self.on("DELETE", f"{TABLE}/rows/{{workbookTableRow-id}}")(self._take)

    def _table(self, call: Call) -> Grid:
        if call.arguments["workbookTable-id"] != "Invoices":
            raise Refused(404, "The requested resource doesn't exist.")
        return self.grid

    def _columns(self, call: Call) -> Any:
        return {"value": [_named("TableColumn", name) for name in self._table(call).columns]}

    def _rows(self, call: Call) -> Any:
        grid, start = self._table(call), call.arguments.get("skip", 0)
        rows = grid.rows[start : start + call.arguments.get("top", 1000)]
        return {"value": [_row(start + place, row) for place, row in enumerate(rows)]}

    def _add(self, call: Call) -> Any:
        grid = self._table(call)
        rows = [[_cell(value, "") for value in row] for row in call.body["values"]]
        if any(len(row) != len(grid.columns) for row in rows):
            raise Refused(400, "The number of columns does not match.")
        self.writes += 1
        grid.rows.extend(rows)
        return _row(len(grid.rows) - len(rows), rows[0])

    def _change(self, call: Call) -> Any:
        grid, index = self._table(call), int(call.arguments["workbookTableRow-id"])
        self.writes += 1
        [row] = call.body["values"]
        grid.rows[index] = [_cell(value, held) for value, held in zip(row, grid.rows[index], strict=True)]
        return _row(index, grid.rows[index])

    def _take(self, call: Call) -> Any:
        self.writes += 1
        self._table(call).rows.pop(int(call.arguments["workbookTableRow-id"]))
        return Reply(status=204)


def _cell(value: Any, held: Any) -> Any:
    """Return what a cell holds once a value was typed into it."""
    if value is None:
        return held
    if not isinstance(value, str):
        return value
    if value.startswith("'"):
        return value[1:]
    if value.startswith(("=", "+", "-", "@")):
        return "#FORMULA!"
    if value.lower() in {"true", "false"}:
        return value.lower() == "true"
    return float(value) if re.fullmatch(r"\s*\d+(\.\d+)?", value) else value


def _row(index: int, row: list[Any]) -> dict[str, Any]:
    return {"@odata.type": _KIND, "index": index, "values": [row]}


def _named(kind: str, name: str) -> dict[str, Any]:
    return {"@odata.type": f"#microsoft.graph.workbook{kind}", "id": name, "name": name}

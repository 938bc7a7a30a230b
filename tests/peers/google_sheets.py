"""The state of spreadsheets on loopback: tabs of cells, changed by batches that happen whole or not at all."""

import re
from collections.abc import Mapping, Sequence
from itertools import count
from typing import Any

import msgspec

from tests.peers.google import Call, GooglePeer
from tests.peers.google_description import RefusalError
from tests.peers.google_drive import Drive

KIND = "application/vnd.google-apps.spreadsheet"
_RANGE = re.compile(r"'((?:[^']|'')+)'(?:!(\d+):(\d+))?")
MOST_LETTERS = 50_000

Cells = list[dict[str, Any]]


class SheetTab(msgspec.Struct, kw_only=True):
    """One tab: what was entered into its cells, row by row, its size, and the marks in it."""

    id: int
    title: str
    rows: list[Cells] = []
    height: int = 1000
    width: int = 26
    marks: list[dict[str, Any]] = []

    def shown(self, start: int, end: int) -> dict[str, Any]:
        """Return the tab with some of its rows as Sheets tells of it."""
        lines = [{"values": [_shown(cell) for cell in row]} for row in self.rows[start:end]]
        grid = {"rowCount": self.height, "columnCount": self.width}
        properties = {"sheetId": self.id, "title": self.title, "gridProperties": grid}
        return {"properties": properties, "developerMetadata": self.marks, "data": [{"rowData": lines}]}

    def copied(self) -> "SheetTab":
        """Return a tab that can change without this one."""
        return msgspec.structs.replace(self, rows=[list(row) for row in self.rows], marks=list(self.marks))

    def texts(self) -> list[list[Any]]:
        """Return what people see of the tab, empty cells at the ends of rows left out."""
        return [_stripped([_plain(cell) for cell in row]) for row in self.rows]


class Sheets:
    """Spreadsheets by id; files of this kind in the Drive beside it are spreadsheets as well."""

    def __init__(self, peer: GooglePeer, drive: Drive) -> None:
        self.drive = drive
        self.tabs: dict[str, list[SheetTab]] = {}
        self._ids = count(1)
        peer.serve(
            "sheets.v4",
            {
                "sheets.spreadsheets.get": self._get,
                "sheets.spreadsheets.batchUpdate": self._change,
                "sheets.spreadsheets.values.get": self._values,
            },
        )

    def put(self, title: str, rows: Sequence[Sequence[Any]], tab: str = "Invoices") -> str:
        """Add a spreadsheet with one tab, whose cells hold plain values, and return its id."""
        identity = self.drive.put(title, b"", KIND)
        cells = [[_entered(value) for value in row] for row in rows]
        self.tabs[identity] = [SheetTab(id=next(self._ids), title=tab, rows=cells)]
        return identity

    def tab(self, identity: str) -> SheetTab:
        """Return the first tab of a spreadsheet."""
        return self._spreadsheet(identity)[0]

    def _spreadsheet(self, identity: str) -> list[SheetTab]:
        file = self.drive.files.get(identity)
        if file is None or file.kind != KIND:
            raise RefusalError(404, "notFound", "Requested entity was not found.")
        return self.tabs.setdefault(identity, [SheetTab(id=0, title="Sheet1", rows=[])])

    def _get(self, call: Call) -> dict[str, Any]:
        tabs, ranges = self._spreadsheet(call.parameters["spreadsheetId"]), call.parameters.get("ranges", [])
        sheets = [tab.shown(*span) for tab, *span in (_meant(tabs, text) for text in ranges)]
        return {
            "spreadsheetId": call.parameters["spreadsheetId"],
            "sheets": sheets if ranges else [tab.shown(0, 0) for tab in tabs],
        }

    def _values(self, call: Call) -> dict[str, Any]:
        tab, start, end = _meant(self._spreadsheet(call.parameters["spreadsheetId"]), call.parameters["range"])
        rows = tab.texts()[start:end]
        while rows and not rows[-1]:
            rows.pop()
        answer: dict[str, Any] = {"range": call.parameters["range"], "majorDimension": "ROWS"}
        return answer | ({"values": rows} if rows else {})

    def _change(self, call: Call) -> dict[str, Any]:
        """Do all requests of a batch, or none when one of them cannot be done."""
        identity = call.parameters["spreadsheetId"]
        tabs = [tab.copied() for tab in self._spreadsheet(identity)]
        for request in call.body["requests"]:
            [(name, what)] = request.items()
            _DONE[name](self, tabs, what)
        self.tabs[identity] = tabs
        return {"spreadsheetId": identity, "replies": [{} for _ in call.body["requests"]]}

    def append_cells(self, tabs: Sequence[SheetTab], what: Mapping[str, Any]) -> None:
        """Add rows below the last one that has anything in it."""
        tab = _by_id(tabs, what["sheetId"])
        while tab.rows and not any(tab.rows[-1]):
            tab.rows.pop()
        tab.rows += [[_written(cell) for cell in row.get("values", [])] for row in what["rows"]]
        tab.height = max(tab.height, len(tab.rows))

    def update_cells(self, tabs: Sequence[SheetTab], what: Mapping[str, Any]) -> None:
        """Write cells from a place on."""
        start = what["start"]
        tab = _by_id(tabs, start["sheetId"])
        for number, row in enumerate(what["rows"], start["rowIndex"]):
            if number >= tab.height:
                raise RefusalError(400, "badRequest", f"Attempting to write row {number} beyond the last row.")
            tab.rows += [[] for _ in range(number + 1 - len(tab.rows))]
            for place, cell in enumerate(row.get("values", []), start["columnIndex"]):
                line = tab.rows[number]
                line += [{} for _ in range(place + 1 - len(line))]
                line[place] = _written(cell)

    def delete_dimension(self, tabs: Sequence[SheetTab], what: Mapping[str, Any]) -> None:
        """Remove rows."""
        span = what["range"]
        del _by_id(tabs, span["sheetId"]).rows[span["startIndex"] : span["endIndex"]]

    def create_mark(self, tabs: Sequence[SheetTab], what: Mapping[str, Any]) -> None:
        """Leave a mark; a tab holds 30,000 letters of them."""
        told = what["developerMetadata"]
        tab = _by_id(tabs, told["location"]["sheetId"])
        tab.marks.append(
            {"metadataId": next(self._ids), **{name: told[name] for name in ("metadataKey", "metadataValue")}}
        )
        if sum(len(f"{mark['metadataKey']}{mark['metadataValue']}") for mark in tab.marks) > 30_000:
            raise RefusalError(400, "badRequest", "There is too much developer metadata.")

    def delete_mark(self, tabs: Sequence[SheetTab], what: Mapping[str, Any]) -> None:
        """Take a mark away."""
        number = what["dataFilter"]["developerMetadataLookup"]["metadataId"]
        for tab in tabs:
            tab.marks = [mark for mark in tab.marks if mark["metadataId"] != number]

    def rename(self, tabs: Sequence[SheetTab], what: Mapping[str, Any]) -> None:
        """Give a tab another name and size."""
        told = what["properties"]
        tab = _by_id(tabs, told["sheetId"])
        tab.title = told["title"]
        tab.height, tab.width = told["gridProperties"]["rowCount"], told["gridProperties"]["columnCount"]


_DONE = {
    "appendCells": Sheets.append_cells,
    "updateCells": Sheets.update_cells,
    "deleteDimension": Sheets.delete_dimension,
    "createDeveloperMetadata": Sheets.create_mark,
    "deleteDeveloperMetadata": Sheets.delete_mark,
    "updateSheetProperties": Sheets.rename,
}


def _meant(tabs: Sequence[SheetTab], text: str) -> tuple[SheetTab, int, int]:
    found = _RANGE.fullmatch(text)
    title = found[1].replace("''", "'") if found else ""
    tab = next((tab for tab in tabs if tab.title.casefold() == title.casefold()), None)
    if found is None or tab is None:
        raise RefusalError(400, "unparsable", f"Unable to parse range: {text}")
    start, end = (int(found[2]) - 1, int(found[3])) if found[2] else (0, tab.height)
    if start >= tab.height:
        raise RefusalError(400, "badRequest", f"Range ({text}) exceeds grid limits.")
    return tab, start, end


def _by_id(tabs: Sequence[SheetTab], identity: int) -> SheetTab:
    tab = next((tab for tab in tabs if tab.id == identity), None)
    if tab is None:
        raise RefusalError(400, "noGrid", f"No grid with id: {identity}")
    return tab


def _written(cell: Mapping[str, Any]) -> dict[str, Any]:
    value: dict[str, Any] = cell.get("userEnteredValue", {})
    if len(str(value.get("stringValue", ""))) > MOST_LETTERS:
        raise RefusalError(
            400, "tooLong", "Your input contains more than the maximum of 50000 characters in a single cell."
        )
    return dict(value)


def _entered(value: Any) -> dict[str, Any]:
    match value:
        case None | "":
            return {}
        case bool():
            return {"boolValue": value}
        case int() | float():
            return {"numberValue": value}
        case _:
            return {"formulaValue": value} if str(value).startswith("=") else {"stringValue": str(value)}


def _plain(cell: Mapping[str, Any]) -> Any:
    return next(iter(cell.values()), "")


def _shown(cell: Mapping[str, Any]) -> dict[str, Any]:
    value = _plain(cell)
    shown = str(value).upper() if isinstance(value, bool) else str(value)
    return {"userEnteredValue": dict(cell), "formattedValue": shown} if cell else {}


def _stripped(row: list[Any]) -> list[Any]:
    while row and row[-1] == "":
        row.pop()
    return row

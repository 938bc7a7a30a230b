"""Google Sheets under the contracts of triggers and targets."""

from collections.abc import Sequence
from typing import Any

import pytest

from connectors.sdk import Context, Receipt, Record
from tests.connectors.contracts import TargetContract, TargetStand, TriggerContract, TriggerStand
from tests.connectors.file_stands import FileTargetContract, FileTargetStand
from tests.connectors.google.stands import GoogleStand, Use
from tests.peers.google import GooglePeer
from tests.peers.google_sheets import Sheets
from tests.peers.surroundings import Surroundings

HEAD = ["Number", "Total"]


class RowsStand(GoogleStand, TriggerStand):
    uses = "google_sheets.row_changed"

    def __init__(self, peer: GooglePeer, sheets: Sheets, use: Use) -> None:
        self.peer, self.sheets, self.use = peer, sheets, use
        self.id = sheets.put("Books", [HEAD])

    def context(self) -> Context[Any, Any]:
        return self.use(self.uses, spreadsheet=self.id, tab="Invoices", key=["Number"])

    async def add(self, count: int) -> Sequence[str]:
        tab = self.sheets.tab(self.id)
        new = [f"INV-{len(tab.rows) + number:05}" for number in range(count)]
        tab.rows += [[{"stringValue": number}, {"numberValue": 118}] for number in new]
        tab.height = max(tab.height, len(tab.rows))
        return new

    async def add_late(self) -> str:
        self.sheets.tab(self.id).rows.insert(1, [{"stringValue": "INV-0"}, {"numberValue": 1}])
        return "INV-0"

    async def repeat(self) -> None:
        tab = self.sheets.tab(self.id)
        tab.rows.append(list(tab.rows[-1]))


class WriteStand(GoogleStand, TargetStand):
    uses = "google_sheets.write_rows"

    def __init__(self, peer: GooglePeer, sheets: Sheets, use: Use, around: Surroundings) -> None:
        self.peer, self.sheets, self.use, self.around = peer, sheets, use, around
        self.id = sheets.put("Books", [HEAD])

    @property
    def writes(self) -> int:  # type: ignore[override]  # counted by the peer
        return self.peer.writes

    def context(self) -> Context[Any, Any]:
        return self.use(self.uses, spreadsheet=self.id, tab="Invoices", columns={"Number": "", "Total": ""})

    def record(self, number: int) -> Record:
        return Record(key=f"KEY-{number}", rows=[{"Number": f"INV-{number}", "Total": number}])

    def bad_record(self) -> Record:
        return Record(key="BAD", rows=[{"Number": "x" * 60_000, "Total": 1}])

    async def rows(self) -> Sequence[Any]:
        return self.sheets.tab(self.id).texts()[1:]

    async def drift(self) -> None:
        self.sheets.tab(self.id).rows[0][1] = {"stringValue": "Total amount"}


class UpsertStand(WriteStand):
    def context(self) -> Context[Any, Any]:
        settings = {"columns": {"Number": "", "Total": ""}, "mode": "upsert", "key": ["Number"]}
        return self.use(self.uses, spreadsheet=self.id, tab="Invoices", **settings)

    def bad_record(self) -> Record:
        return Record(key="BAD", rows=[{"Number": "", "Total": 1}])


class NewStand(GoogleStand, FileTargetStand):
    uses = "google_sheets.new_spreadsheet"

    def __init__(self, peer: GooglePeer, sheets: Sheets, use: Use) -> None:
        self.peer, self.sheets, self.use = peer, sheets, use

    @property
    def writes(self) -> int:  # type: ignore[override]  # counted by the peer
        return self.peer.writes

    def record(self, number: int) -> Record:
        return Record(key=f"KEY-{number}", rows=[{"Number": f"INV-{number}", "Total": number}])

    def context_of(self, number: int) -> Context[Any, Any]:
        return self.use(self.uses, title="" if number == self.BAD else f"Books {number}", columns={})

    async def rows(self) -> Sequence[Any]:
        made = [file for file in self.sheets.drive.files.values() if file.kind.endswith("spreadsheet")]
        return [(file.id, self.sheets.tab(file.id).texts()) for file in made if not file.trashed]

    async def drift(self) -> None:
        self.peer.fault = "403 full"


class ByToken(TargetContract):
    """Whether a batch was written is decided by the mark that its token names, which the ledger keeps."""

    async def found(self, stand: TargetStand, record: Record) -> Receipt | None:
        assert isinstance(stand, WriteStand)
        assert stand.target.finder is not None
        token = stand.around.remembered[-1] if stand.around.remembered else None
        receipt: Receipt | None = await stand.target.finder(stand.context(), record, token)
        return receipt


class TestRowChanged(TriggerContract):
    @pytest.fixture
    def stand(self, peer, sheets, use):
        return RowsStand(peer, sheets, use)


class TestAppend(ByToken):
    @pytest.fixture
    def stand(self, peer, sheets, use, around):
        return WriteStand(peer, sheets, use, around)


class TestUpsert(ByToken):
    @pytest.fixture
    def stand(self, peer, sheets, use, around):
        return UpsertStand(peer, sheets, use, around)


class TestNewSpreadsheet(FileTargetContract):
    many = 50  # each is a spreadsheet of its own, and nobody makes a thousand of them

    @pytest.fixture
    def stand(self, peer, sheets, use):
        return NewStand(peer, sheets, use)

"""OneDrive under the contracts of triggers and targets."""

from collections.abc import Callable, Sequence
from typing import Any

import pytest

from connectors.sdk import Context, Record
from tests.connectors.contracts import TargetContract, TargetStand, TriggerContract, TriggerStand
from tests.connectors.file_stands import FileTargetContract, FileTargetStand
from tests.peers.excel import ExcelPeer
from tests.peers.faults import told
from tests.peers.onedrive import OneDrivePeer


class ChangedStand(TriggerStand):
    uses = "onedrive.file_changed"

    def __init__(self, peer: OneDrivePeer, use: Callable[..., Context[Any, Any]]) -> None:
        self.peer, self.use = peer, use
        peer.folder("/In")

    def context(self) -> Context[Any, Any]:
        return self.use(self.uses, folder="/In")

    async def fail(self, fault: str) -> None:
        self.peer.fail(told(fault))

    async def heal(self) -> None:
        self.peer.recover()

    async def add(self, count: int) -> Sequence[str]:
        return [self.peer.put(f"/In/{len(self.peer.log):06}.txt", b"text").id for _ in range(count)]

    async def add_late(self) -> str:
        return self.peer.put("/In/late.txt", b"text", older=600).id

    async def repeat(self) -> None:
        self.peer.log.append(self.peer.log[-1])


class SaveStand(FileTargetStand):
    uses = "onedrive.save_file"

    def __init__(self, peer: OneDrivePeer, use: Callable[..., Context[Any, Any]]) -> None:
        self.peer, self.use = peer, use
        peer.put("/taken", b"a file")

    @property
    def writes(self) -> int:  # type: ignore[override]  # counted by the peer
        return self.peer.writes

    def context_of(self, number: int) -> Context[Any, Any]:
        folder = "/taken" if number == self.BAD else "/Out"
        return self.use(self.uses, folder=folder, name=f"{number}.txt", text=f"text {number}")

    async def fail(self, fault: str) -> None:
        self.peer.fail(told(fault))

    async def heal(self) -> None:
        self.peer.recover()

    async def rows(self) -> Sequence[Any]:
        return self.peer.state

    async def drift(self) -> None:
        self.peer.remove("/Out/1.txt")
        self.peer.put("/Out", b"a file where the folder was")


class RowsStand(TargetStand):
    uses = "onedrive.write_rows"

    def __init__(self, drive: ExcelPeer, use: Callable[..., Context[Any, Any]]) -> None:
        self.drive, self.use = drive, use

    @property
    def writes(self) -> int:  # type: ignore[override]  # counted by the peer
        return self.drive.writes

    def context(self) -> Context[Any, Any]:
        columns = {"Number": "", "Total": ""}
        return self.use(self.uses, workbook="/Books/Invoices.xlsx", table="Invoices", columns=columns, key=["Number"])

    def record(self, number: int) -> Record:
        return Record(key=f"KEY-{number}", rows=[{"Number": f"{number:05}", "Total": number / 4}])

    def bad_record(self) -> Record:
        return Record(key="KEY-BAD", rows=[{"Number": "bad", "Total": "x" * 40_000}])

    async def fail(self, fault: str) -> None:
        self.drive.fail(told(fault))

    async def heal(self) -> None:
        self.drive.recover()

    async def rows(self) -> Sequence[Any]:
        return [list(row) for row in self.drive.grid.rows]

    async def drift(self) -> None:
        self.drive.grid.columns[1] = "Amount"


class TestWriteRows(TargetContract):
    @pytest.fixture
    def stand(self, drive, use):
        return RowsStand(drive, use)


class TestFileChanged(TriggerContract):
    @pytest.fixture
    def stand(self, peer, use):
        return ChangedStand(peer, use)


class TestSaveFile(FileTargetContract):
    @pytest.fixture
    def stand(self, peer, use):
        return SaveStand(peer, use)

"""Google Drive under the contracts of triggers and targets."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import pytest

from connectors.sdk import Context
from tests.connectors.contracts import TriggerContract, TriggerStand
from tests.connectors.file_stands import FileTargetContract, FileTargetStand
from tests.connectors.google.stands import GoogleStand, Use
from tests.peers.google import GooglePeer
from tests.peers.google_drive import Drive


class WatchedStand(GoogleStand, TriggerStand):
    uses = "google_drive.file_changed"

    def __init__(self, peer: GooglePeer, drive: Drive, use: Use) -> None:
        self.peer, self.drive, self.use = peer, drive, use
        self.folder = drive.folder("In")

    def context(self) -> Context[Any, Any]:
        return self.use(self.uses, folder=self.folder)

    async def add(self, count: int) -> Sequence[str]:
        return [self.drive.put("a.txt", folder=self.folder) for _ in range(count)]

    async def add_late(self) -> str:
        newest = max(file.changed for file in self.drive.files.values())
        return self.drive.put("late.txt", folder=self.folder, moment=newest - timedelta(minutes=1))

    async def repeat(self) -> None:
        self.drive.feed.append(self.drive.feed[-1])


class UploadStand(GoogleStand, FileTargetStand):
    uses = "google_drive.upload_file"

    def __init__(self, peer: GooglePeer, drive: Drive, use: Use) -> None:
        self.peer, self.drive, self.use = peer, drive, use
        self.folder = drive.folder("Out")

    @property
    def writes(self) -> int:  # type: ignore[override]  # counted by the peer
        return self.peer.writes

    def context_of(self, number: int) -> Context[Any, Any]:
        text = "" if number == self.BAD else f"text {number}"
        return self.use(self.uses, folder=self.folder, name=f"{number}.txt", text=text)

    async def rows(self) -> Sequence[Any]:
        inside = [file for file in self.drive.files.values() if file.parents == [self.folder] and not file.trashed]
        return [(file.name, len(file.contents)) for file in inside]

    async def drift(self) -> None:
        self.drive.files[self.folder].trashed = True


class TestFileChanged(TriggerContract):
    @pytest.fixture
    def stand(self, peer, drive, use):
        return WatchedStand(peer, drive, use)


class TestUploadFile(FileTargetContract):
    @pytest.fixture
    def stand(self, peer, drive, use):
        return UploadStand(peer, drive, use)

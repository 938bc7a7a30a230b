"""Dropbox under the contracts of triggers and targets."""

from collections.abc import Callable, Sequence
from typing import Any

import pytest

from connectors.sdk import Context
from tests.connectors.contracts import TriggerContract, TriggerStand
from tests.connectors.file_stands import FileTargetContract, FileTargetStand
from tests.peers.dropbox import DropboxPeer


class FolderStand(TriggerStand):
    uses = "dropbox.file_changed"

    def __init__(self, peer: DropboxPeer, use: Callable[..., Context[Any, Any]]) -> None:
        self.peer, self.use = peer, use
        peer.account.make_folder("/In")

    def context(self) -> Context[Any, Any]:
        return self.use(self.uses, folder="/In")

    async def fail(self, fault: Any) -> None:
        self.peer.fault = fault

    async def heal(self) -> None:
        self.peer.fault = None

    async def add(self, count: int) -> Sequence[str]:
        return [self.peer.account.put(f"/In/{len(self.peer.account.versions)}.txt", b"text").rev for _ in range(count)]

    async def add_late(self) -> str:
        return str(self.peer.account.put("/In/late.txt", b"text", age=60).rev)

    async def repeat(self) -> None:
        self.peer.account.tell_again(self.peer.account.paths[-1])


class SaveStand(FileTargetStand):
    uses = "dropbox.save_file"

    def __init__(self, peer: DropboxPeer, use: Callable[..., Context[Any, Any]]) -> None:
        self.peer, self.use = peer, use
        peer.account.put("/taken", b"a file")

    @property
    def writes(self) -> int:  # type: ignore[override]  # counted by the peer
        return self.peer.writes

    def context_of(self, number: int) -> Context[Any, Any]:
        folder = "/taken" if number == self.BAD else "/Out"
        return self.use(self.uses, folder=folder, name=f"{number}.txt", text=f"text {number}")

    async def fail(self, fault: Any) -> None:
        self.peer.fault = fault

    async def heal(self) -> None:
        self.peer.fault = None

    async def rows(self) -> Sequence[Any]:
        return self.peer.account.state

    async def drift(self) -> None:
        self.peer.account.remove("/Out/1.txt")
        self.peer.account.put("/Out", b"a file where the folder was")


class TestFileChanged(TriggerContract):
    @pytest.fixture
    def stand(self, peer, use):
        return FolderStand(peer, use)


class TestSaveFile(FileTargetContract):
    @pytest.fixture
    def stand(self, peer, use):
        return SaveStand(peer, use)

"""WebDAV under the contracts of triggers and targets, on WsgiDAV."""

import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import msgspec
import pytest

from connectors.sdk import Context
from connectors.webdav.connection import Connection
from tests.connectors.contracts import TriggerContract, TriggerStand
from tests.connectors.file_stands import FileTargetContract, FileTargetStand
from tests.peers.web import Answer, WebPeer

FAULTS: dict[str, Any] = {
    "401": Answer(status=401),
    "403": Answer(status=403),
    "429": Answer(status=429, headers={"Retry-After": "7"}),
    "500": Answer(status=500),
    "cut": "cut",
    "malformed": Answer(status=207, text='<?xml version="1.0"?><d:multistatus xmlns:d="DAV:"><d:resp'),
}


class Trouble:
    """Stands in for the server while it is in trouble."""

    def __init__(self, peer: WebPeer, connection: Connection) -> None:
        self.peer, self.connection = peer, connection
        self.over = connection

    async def fail(self, fault: str) -> None:
        self.peer.always(FAULTS[fault])
        self.over = msgspec.structs.replace(self.connection, address=f"{self.peer.base}/share")

    async def heal(self) -> None:
        self.over = self.connection


class FolderStand(TriggerStand):
    uses = "webdav.file_changed"

    def __init__(self, box: Path, use: Callable[..., Context[Any, Any]], trouble: Trouble) -> None:
        self.box, self.use, self.trouble = box, use, trouble

    def context(self) -> Context[Any, Any]:
        return self.use(self.uses, over=self.trouble.over, quiet=0.01)

    async def fail(self, fault: str) -> None:
        await self.trouble.fail(fault)

    async def heal(self) -> None:
        await self.trouble.heal()

    async def add(self, count: int) -> Sequence[str]:
        first = len(list(self.box.iterdir()))
        return [self.put(f"{number:05}.txt", 10_000 + number) for number in range(first, first + count)]

    async def add_late(self) -> str:
        return self.put("late.txt", 9_000)

    async def repeat(self) -> None:
        newest = max(self.box.iterdir())
        newest.rename(newest)

    def put(self, name: str, changed: int) -> str:
        (self.box / name).write_text("text")
        os.utime(self.box / name, (changed, changed))
        return f"/{name}|"


class WriteStand(FileTargetStand):
    uses = "webdav.write_file"

    def __init__(self, box: Path, use: Callable[..., Context[Any, Any]], trouble: Trouble) -> None:
        self.box, self.use, self.trouble = box, use, trouble
        (box / "taken").write_text("a file")

    @property
    def writes(self) -> int:  # type: ignore[override]  # the directory itself notes each change in it
        return (self.box / "out").stat().st_mtime_ns if (self.box / "out").exists() else 0

    def context_of(self, number: int) -> Context[Any, Any]:
        folder = "/taken" if number == self.BAD else "/out"
        return self.use(self.uses, over=self.trouble.over, folder=folder, name=f"{number}.txt", text=f"text {number}")

    async def fail(self, fault: str) -> None:
        await self.trouble.fail(fault)

    async def heal(self) -> None:
        await self.trouble.heal()

    async def rows(self) -> Sequence[Any]:
        return sorted((path.name, path.read_text()) for path in self.box.rglob("*") if path.is_file())

    async def drift(self) -> None:
        (self.box / "out").rename(self.box / "elsewhere")
        (self.box / "out").write_text("a file where the folder was")


@pytest.fixture
def trouble(peer, connection):
    return Trouble(peer, connection)


class TestFileChanged(TriggerContract):
    @pytest.fixture
    def stand(self, box, use, trouble):
        return FolderStand(box, use, trouble)


class TestWriteFile(FileTargetContract):
    @pytest.fixture
    def stand(self, box, use, trouble):
        return WriteStand(box, use, trouble)

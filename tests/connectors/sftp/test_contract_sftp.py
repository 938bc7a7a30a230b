"""SFTP under the contracts of triggers and targets, on OpenSSH."""

import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from connectors.sdk import Context
from tests.connectors.contracts import TriggerContract, TriggerStand
from tests.connectors.file_stands import FileTargetContract, FileTargetStand
from tests.peers.door import Door
from tests.peers.sftp import SshServer

# There are no rates and no statuses here; a folder that may not be read is a setting to change
FAULTS = {"401": "CredentialsError", "cut": "TemporaryError", "malformed": "TemporaryError"}


class Trouble:
    """What can go wrong at an SSH server."""

    def __init__(self, door: Door, sshd: SshServer) -> None:
        self.door, self.sshd = door, sshd
        self.keys = sshd.authorized.read_text()

    async def fail(self, fault: str) -> None:
        self.door.turn_out()
        self.door.way = {"cut": "cut", "malformed": "nonsense"}.get(fault, "open")  # type: ignore[assignment]
        self.sshd.authorized.write_text("" if fault == "401" else self.keys)

    async def heal(self) -> None:
        self.door.way = "open"
        self.sshd.authorized.write_text(self.keys)


class FolderStand(TriggerStand):
    uses = "sftp.file_changed"

    def __init__(self, box: Path, use: Callable[..., Context[Any, Any]], trouble: Trouble) -> None:
        self.box, self.use, self.trouble = box, use, trouble

    def context(self) -> Context[Any, Any]:
        return self.use(self.uses, quiet=0.02)

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
        return f"{name}|4-{changed}"


class WriteStand(FileTargetStand):
    uses = "sftp.write_file"

    def __init__(self, box: Path, use: Callable[..., Context[Any, Any]], trouble: Trouble) -> None:
        self.box, self.use, self.trouble = box, use, trouble
        (box / "taken").write_text("a file")

    @property
    def writes(self) -> int:  # type: ignore[override]  # the directory itself notes each change in it
        return (self.box / "out").stat().st_mtime_ns if (self.box / "out").exists() else 0

    def context_of(self, number: int) -> Context[Any, Any]:
        folder = self.box / ("taken" if number == self.BAD else "out")
        return self.use(self.uses, folder=str(folder), name=f"{number}.txt", text=f"text {number}")

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
async def trouble(door, sshd):
    made = Trouble(door, sshd)
    yield made
    await made.heal()


class TestFileChanged(TriggerContract):
    faults = FAULTS

    @pytest.fixture
    def stand(self, box, use, trouble):
        return FolderStand(box, use, trouble)


class TestWriteFile(FileTargetContract):
    faults = FAULTS

    @pytest.fixture
    def stand(self, box, use, trouble):
        return WriteStand(box, use, trouble)

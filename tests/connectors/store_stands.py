"""Stands for stores of objects: a real service behind a gate, and another library that looks and writes beside."""

import asyncio
import secrets
from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any, Protocol

import msgspec
import obstore
from obstore.store import ObjectStore

from connectors.sdk import Context, Settings, fill
from connectors.sdk.registry import find
from tests.connectors.contracts import TriggerStand
from tests.connectors.file_stands import FileTargetStand
from tests.peers.gate import Gate
from tests.peers.surroundings import Surroundings

LATE = "99-late.txt"
EARLIER = timedelta(minutes=10)
GONE = "no-such-bucket"

# Return a listing in which the object whose path ends so is older than it is
Age = Callable[[bytes, str], bytes]


class Beside(Protocol):
    """A bucket through another library than the connector's."""

    async def put(self, key: str, content: bytes) -> None:
        """Write an object."""
        ...

    async def get(self, key: str) -> bytes:
        """Read an object."""
        ...

    async def names(self, prefix: str) -> list[str]:
        """Return the keys and versions below a prefix."""
        ...


class Obstore:
    """A bucket through obstore."""

    def __init__(self, store: ObjectStore) -> None:
        self._store = store

    async def put(self, key: str, content: bytes) -> None:
        """Write an object."""
        await obstore.put_async(self._store, key, content)

    async def get(self, key: str) -> bytes:
        """Read an object."""
        return bytes(await (await obstore.get_async(self._store, key)).bytes_async())

    async def names(self, prefix: str) -> list[str]:
        """Return the keys and versions below a prefix."""
        found = await obstore.list(self._store, prefix).collect_async()
        return [f"{one['path']} {one['e_tag']}" for one in found]


class Bucket(msgspec.Struct):
    """A bucket of a real service, seen by the connector through a gate and by the tests through another library."""

    connector: str
    name: str
    connection: Settings
    beside: Beside
    gate: Gate
    around: Surroundings
    age: Age
    folder: str

    def context(self, part: str, **settings: Any) -> Context[Any, Any]:
        """Return the context of one part with these settings, in this bucket."""
        found = find(f"{self.connector}.{part}")
        assert found is not None
        return self.around.context(fill(found.settings, {"bucket": self.name, **settings}), self.connection)

    async def put(self, name: str, content: bytes = b"text") -> str:
        """Write an object beside the connector."""
        await self.beside.put(f"{self.folder}{name}", content)
        return f"{self.folder}{name}"

    async def get(self, name: str) -> bytes:
        """Read an object beside the connector."""
        return await self.beside.get(f"{self.folder}{name}")

    async def names(self) -> list[str]:
        """Return the names and versions of the objects in the folder."""
        return sorted(await self.beside.names(self.folder))


def new_folder() -> str:
    """Name a folder that no other test has."""
    return f"t-{secrets.token_hex(4)}/"


class ChangedStand(TriggerStand):
    """Objects that appear in a folder."""

    def __init__(self, bucket: Bucket) -> None:
        self.bucket = bucket
        self.uses = f"{bucket.connector}.object_changed"
        self.made = 0

    def context(self) -> Context[Any, Any]:
        return self.bucket.context("object_changed", folder=self.bucket.folder)

    async def fail(self, fault: str) -> None:
        self.bucket.gate.fault = fault

    async def heal(self) -> None:
        self.bucket.gate.fault = ""

    async def add(self, count: int) -> Sequence[str]:
        numbers = range(self.made, self.made + count)
        self.made += count
        return await asyncio.gather(*(self.bucket.put(f"{number:05}.txt", b"%d" % number) for number in numbers))

    async def add_late(self) -> str:
        self.bucket.gate.rewrite = lambda content: self.bucket.age(content, LATE)
        return await self.bucket.put(LATE)

    async def repeat(self) -> None:
        """A listing names an object once; the next look meets it again as it is."""


class WriteStand(FileTargetStand):
    """Texts that are written as objects of a folder."""

    def __init__(self, bucket: Bucket) -> None:
        self.bucket = bucket
        self.uses = f"{bucket.connector}.write_object"
        self.place = bucket.name

    @property
    def writes(self) -> int:  # type: ignore[override]  # counted by the gate
        return self.bucket.gate.writes

    def context_of(self, number: int) -> Context[Any, Any]:
        bad = {"text": "", "file": None} if number == self.BAD else {}
        settings = {"folder": self.bucket.folder, "name": f"{number:05}.txt", "text": f"text {number}", **bad}
        return self.bucket.context("write_object", **settings, bucket=self.place)

    async def fail(self, fault: str) -> None:
        self.bucket.gate.fault = fault

    async def heal(self) -> None:
        self.bucket.gate.fault = ""

    async def rows(self) -> Sequence[Any]:
        return await self.bucket.names()

    async def drift(self) -> None:
        self.place = GONE

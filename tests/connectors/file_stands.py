"""What tests of services that hold files share: files of a run, and targets whose settings say what is written."""

import asyncio
from abc import abstractmethod
from collections.abc import Sequence
from typing import Any

from connectors.sdk import ConnectorError, Context, Receipt, Record, Rejected
from tests.connectors.contracts import TargetContract, TargetStand


class StoredFiles:
    """Files of a run, by reference."""

    def __init__(self) -> None:
        self.kept: dict[str, bytes] = {}

    async def open(self, reference: str) -> bytes:
        return self.kept[reference]


class FileTargetStand(TargetStand):
    """A service that files are written to; the settings are rendered for each record, as the hub does."""

    BAD = 7_777

    def record(self, number: int) -> Record:
        return Record(key=f"KEY-{number}")

    def bad_record(self) -> Record:
        return self.record(self.BAD)

    def context(self) -> Context[Any, Any]:
        return self.context_of(0)

    @abstractmethod
    def context_of(self, number: int) -> Context[Any, Any]:
        """Return the context of one record: the one called `BAD` cannot be written."""

    def context_for(self, record: Record) -> Context[Any, Any]:
        """Return the context in which the hub delivers a record."""
        return self.context_of(int(record.key.removeprefix("KEY-")))

    async def deliver(self, records: Sequence[Record]) -> Sequence[Receipt | Rejected]:
        turns = asyncio.Semaphore(self.target.concurrency)
        return await asyncio.gather(*(self._one(record, turns) for record in records))

    async def _one(self, record: Record, turns: asyncio.Semaphore) -> Receipt | Rejected:
        async with turns:
            try:
                receipt: Receipt = await self.target(self.context_for(record), record)
            except ConnectorError as error:
                return Rejected(message=error.message, kind=error.word)
            return receipt


class FileTargetContract(TargetContract):
    """The contract of targets for a targets whose settings, not whose records, say what is written."""

    async def found(self, stand: TargetStand, record: Record) -> Receipt | None:
        assert isinstance(stand, FileTargetStand)
        assert stand.target.finder is not None
        receipt: Receipt | None = await stand.target.finder(stand.context_for(record), record, None)
        return receipt

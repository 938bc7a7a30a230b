"""What every trigger and target promises, proved against a service that a stand sets up.

A connector's test module makes a stand for each part and subclasses the contract:

    class TestNewOrder(TriggerContract):
        @pytest.fixture
        async def stand(self, shop_peer, around):
            return OrderStand(shop_peer, around)

The suite of recordings (test_contract.py) plays single exchanges; this one lets time pass at a service that remembers.
"""

from __future__ import annotations

import asyncio
from abc import ABC, abstractmethod
from collections.abc import AsyncIterator, Sequence
from typing import Any

import msgspec
import pytest

from connectors.sdk import Change, ConnectorError, Context, Item, Receipt, Record, Rejected, Target, Trigger
from tests.connectors.recordings import part_of

# What a service may do instead of answering, and the error that must come of it
FAULTS = {
    "401": "CredentialsError",
    "403": "CredentialsError",
    "429": "TemporaryError",
    "500": "TemporaryError",
    "cut": "TemporaryError",
    "malformed": "TemporaryError",
}
RETRY_AFTER = 7.0


class Stand(ABC):
    """A service in the state that a test wants, and a way to call one part of a connector on it."""

    uses: str

    @abstractmethod
    def context(self) -> Context[Any, Any]:
        """Return the context of one call, as the hub makes it anew for each."""

    @abstractmethod
    async def fail(self, fault: str) -> None:
        """Answer every request with one of the contract's `faults` from now on; 429 says `Retry-After: 7`."""

    @abstractmethod
    async def heal(self) -> None:
        """Answer as usual again."""


class TriggerStand(Stand):
    """A service where things appear; `add` and its kin return what makes each thing's key: it is part of `Item.key`."""

    @abstractmethod
    async def add(self, count: int) -> Sequence[str]:
        """Let new things appear, in one go where there are many; returns the identity of each, oldest first."""

    @abstractmethod
    async def add_late(self) -> str:
        """Let a thing appear that says it is a little older than the newest one; returns its identity."""

    @abstractmethod
    async def repeat(self) -> None:
        """Let the service tell of its newest thing once more, unchanged, where it can do that."""

    @property
    def trigger(self) -> Trigger:
        """The trigger under test."""
        found = part_of(self.uses)
        assert isinstance(found, Trigger)
        return found


class TargetStand(Stand):
    """A service that takes records; `writes` counts the requests that changed or tried to change it."""

    writes: int = 0

    @property
    def token(self) -> str | None:
        """What the latest delivery remembered, where the stand knows."""
        return None

    @abstractmethod
    def record(self, number: int) -> Record:
        """Return one good record: another number is another row under another idempotency key."""

    @abstractmethod
    def bad_record(self) -> Record:
        """Return a record that the service refuses for what is in it."""

    @abstractmethod
    async def rows(self) -> Sequence[Any]:
        """Return all that is at the service, in an order of its own."""

    @abstractmethod
    async def drift(self) -> None:
        """Change the place of delivery so that records no longer fit: a column, sheet, channel or folder is gone."""

    @property
    def target(self) -> Target:
        """The target under test."""
        found = part_of(self.uses)
        assert isinstance(found, Target)
        return found

    async def deliver(self, records: Sequence[Record]) -> Sequence[Receipt | Rejected]:
        """Write records as the hub does: in one call when the target takes many, else each in a call of its own."""
        if self.target.many:
            outcome: Sequence[Receipt | Rejected] = await self.target(self.context(), records)
            return outcome
        turns = asyncio.Semaphore(self.target.concurrency)
        return await asyncio.gather(*(self._single(record, turns) for record in records))

    async def _single(self, record: Record, turns: asyncio.Semaphore) -> Receipt | Rejected:
        async with turns:
            try:
                receipt: Receipt = await self.target(self.context(), record)
            except ConnectorError as error:
                return Rejected(message=error.message, kind=error.word)
            return receipt


async def read(stand: TriggerStand, cursor: str | None) -> tuple[list[Item], str | None]:
    """Read everything from a cursor on: the items that arrive, and the cursor afterwards."""
    found: list[Item] = []
    async for item in stand.trigger(stand.context(), cursor):
        found += [item] if item.content is not None else []
        cursor = item.cursor if item.cursor is not None else cursor
    return found, cursor


async def part_way(stand: TriggerStand, cursor: str | None, most: int) -> tuple[list[Item], str | None]:
    """Read some items and stop as a process does that is killed; the cursor is that of the items kept by then."""
    found: list[Item] = []
    reading: AsyncIterator[Item] = stand.trigger(stand.context(), cursor)
    async for item in reading:
        found += [item] if item.content is not None else []
        cursor = item.cursor if item.cursor is not None else cursor
        if len(found) == most:
            break
    await reading.aclose()  # type: ignore[attr-defined]  # it is an async generator
    return found, cursor


def told(items: Sequence[Item], identities: Sequence[str]) -> list[bool]:
    """Say of each identity whether exactly one of the items has it in its key."""
    return [sum(identity in (item.key or "") for item in items) == 1 for identity in identities]


class _Faulty:
    """Runs a test for each fault; a contract for another protocol names those it has."""

    faults: dict[str, str] = FAULTS

    def pytest_generate_tests(self, metafunc: pytest.Metafunc) -> None:
        """Hand the faults of the class to the tests that ask for one."""
        if "fault" in metafunc.fixturenames:
            faults = getattr(metafunc.cls, "faults", FAULTS)
            metafunc.parametrize("fault", list(faults), ids=list(faults))

    def judge(self, fault: str, error: ConnectorError) -> None:
        """Check the kind of an error, its sentence, and that it passes on how long to wait."""
        assert error.word == self.faults[fault], error.message
        assert error.message.endswith(".")
        assert fault != "429" or getattr(error, "retry_after", None) == RETRY_AFTER


class TriggerContract(_Faulty):
    """Nothing lost, nothing twice: subclass it and give the fixture `stand`.

    `many` things must come through in pages. A trigger that begins with what is new from now on (nothing of what was
    there before its first read) says `from_now = True`.
    """

    many = 1_005
    from_now = False

    async def begun(self, stand: TriggerStand) -> str | None:
        """Return the cursor with which a test begins that lets things appear afterwards."""
        return (await read(stand, None))[1] if self.from_now else None

    async def test_finds_nothing_in_an_empty_account(self, stand: TriggerStand):
        found, cursor = await read(stand, None)
        assert found == []
        new = await stand.add(2)
        found, _ = await read(stand, cursor)
        assert told(found, new) == [True, True]
        assert len(found) == 2

    async def test_reads_each_thing_once(self, stand: TriggerStand):
        cursor = await self.begun(stand)
        new = await stand.add(3)
        found, cursor = await read(stand, cursor)
        assert told(found, new) == [True] * 3
        assert len({item.key for item in found}) == len(found) == 3
        assert (await read(stand, cursor))[0] == []

    async def test_reads_what_is_new_after_a_restart(self, stand: TriggerStand):
        cursor = await self.begun(stand)
        await stand.add(3)
        _, cursor = await read(stand, cursor)
        new = await stand.add(2)
        found, cursor = await read(stand, cursor)
        assert told(found, new) == [True, True]
        assert len(found) == 2
        assert (await read(stand, cursor))[0] == []

    async def test_loses_nothing_when_it_is_killed_between_reading_and_storing(self, stand: TriggerStand):
        cursor = await self.begun(stand)
        new = await stand.add(5)
        before, cursor = await part_way(stand, cursor, 2)
        after, cursor = await read(stand, cursor)
        by_key = {item.key: item for item in [*before, *after]}
        assert told(list(by_key.values()), new) == [True] * 5
        assert len(by_key) == 5
        assert (await read(stand, cursor))[0] == []

    async def test_takes_a_repeat_for_the_same_event(self, stand: TriggerStand):
        cursor = await self.begun(stand)
        await stand.add(2)
        before, cursor = await read(stand, cursor)
        await stand.repeat()
        after, _ = await read(stand, cursor)
        assert {item.key for item in after} <= {item.key for item in before}

    async def test_finds_what_comes_late(self, stand: TriggerStand):
        cursor = await self.begun(stand)
        await stand.add(2)
        _, cursor = await read(stand, cursor)
        late = await stand.add_late()
        found, cursor = await read(stand, cursor)
        assert told(found, [late]) == [True]
        assert len(found) == 1
        assert (await read(stand, cursor))[0] == []

    async def test_reads_many_in_pages(self, stand: TriggerStand):
        cursor = await self.begun(stand)
        await stand.add(self.many)
        found, cursor = await read(stand, cursor)
        assert len({item.key for item in found}) == len(found) == self.many
        assert (await read(stand, cursor))[0] == []

    async def test_says_what_is_wrong_and_goes_on_afterwards(self, stand: TriggerStand, fault: str):
        cursor = await self.begun(stand)
        await stand.add(1)
        before, cursor = await read(stand, cursor)
        new = await stand.add(2)
        await stand.fail(fault)
        with pytest.raises(ConnectorError) as failed:
            await read(stand, cursor)
        self.judge(fault, failed.value)
        await stand.heal()
        found, _ = await read(stand, cursor)
        assert told(found, new) == [True, True]
        assert len(before) + len(found) == 3


# A target that takes one record in a call is called so often: it keeps nothing from one call to the next
ONE_BY_ONE = 200


class TargetContract(_Faulty):
    """Every write seen before, done once, found again and taken back: subclass it and give the fixture `stand`.

    A target for whole batches that are written or refused together says `good_beside_bad = False`.
    """

    many = 1_000
    good_beside_bad = True

    async def test_shows_what_it_would_write_and_writes_nothing(self, stand: TargetStand):
        if stand.target.previewer is None:
            pytest.fail(f"{stand.uses} has no preview: say how a person sees its write before it happens.")
        before, writes = await stand.rows(), stand.writes
        changes = await stand.target.previewer(stand.context(), [stand.record(1), stand.record(2)])
        assert [isinstance(change, Change) for row in changes for change in row] == [True, True]
        assert (await stand.rows(), stand.writes) == (before, writes)

    async def test_writes_once_under_a_repeated_key(self, stand: TargetStand):
        before = len(await stand.rows())
        [first] = await stand.deliver([stand.record(1)])
        assert isinstance(first, Receipt)
        again = await self.found(stand, stand.record(1))
        assert isinstance(again, Receipt)
        assert again.reference == first.reference
        assert len(await stand.rows()) == before + 1

    async def found(self, stand: TargetStand, record: Record) -> Receipt | None:
        """Do what the hub does with a record of which it does not know whether it was written."""
        if stand.target.finder is not None:
            receipt: Receipt | None = await stand.target.finder(stand.context(), record, stand.token)
            return receipt
        assert stand.target.carries_key, f"{stand.uses} can neither be asked nor recognises its key."
        [repeated] = await stand.deliver([record])
        return repeated if isinstance(repeated, Receipt) else None

    async def test_knows_what_was_never_written(self, stand: TargetStand):
        if stand.target.finder is None:
            assert stand.target.carries_key
            return
        await stand.deliver([stand.record(1)])
        assert await stand.target.finder(stand.context(), stand.record(2), None) is None

    async def test_takes_back_what_it_wrote(self, stand: TargetStand):
        if stand.target.undoer is None:
            assert not stand.target.reversible
            return
        before = list(await stand.rows())
        [receipt] = await stand.deliver([stand.record(1)])
        assert list(await stand.rows()) != before
        assert isinstance(receipt, Receipt)
        assert (receipt.before, receipt.after) != (None, None), "Without an image the hub offers no undo."
        kept = msgspec.json.decode(msgspec.json.encode(receipt), type=Receipt)
        await stand.target.undoer(stand.context(), kept)
        assert list(await stand.rows()) == before

    async def test_writes_many(self, stand: TargetStand):
        before = len(await stand.rows())
        count = self.many if stand.target.many else min(self.many, ONE_BY_ONE)
        outcome = await stand.deliver([stand.record(number) for number in range(count)])
        refused = [one for one in outcome if not isinstance(one, Receipt)]
        assert refused == [], refused[:3]
        assert len(await stand.rows()) == before + count

    async def test_writes_the_good_beside_the_bad(self, stand: TargetStand):
        before = len(await stand.rows())
        records = [stand.record(1), stand.bad_record(), stand.record(2)]
        outcome = await stand.deliver(records)
        bad = outcome[1]
        assert isinstance(bad, Rejected)
        assert bad.kind == "SettingsError"
        assert bad.message.endswith(".")
        good = [isinstance(outcome[place], Receipt) for place in (0, 2)]
        assert good == [self.good_beside_bad] * 2, outcome
        assert len(await stand.rows()) == before + 2 * self.good_beside_bad

    async def test_says_that_the_place_no_longer_fits(self, stand: TargetStand):
        await stand.deliver([stand.record(1)])
        await stand.drift()
        [refused] = await self.refusals(stand)
        assert refused.kind == "SettingsError"
        assert refused.message.endswith(".")

    async def refusals(self, stand: TargetStand) -> Sequence[Rejected]:
        """Deliver one record that cannot be written; returns how it was refused."""
        try:
            outcome = await stand.deliver([stand.record(2)])
        except ConnectorError as error:
            return [Rejected(message=error.message, kind=error.word)]
        return [one for one in outcome if isinstance(one, Rejected)]

    async def test_says_what_is_wrong_and_can_go_on_afterwards(self, stand: TargetStand, fault: str):
        before = len(await stand.rows())
        await stand.fail(fault)
        refused = await self.refusals(stand)
        assert [one.kind for one in refused] == [self.faults[fault]]
        await stand.heal()
        if await self.found(stand, stand.record(2)) is None:
            await stand.deliver([stand.record(2)])
        assert len(await stand.rows()) == before + 1

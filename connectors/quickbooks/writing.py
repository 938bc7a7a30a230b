"""Writing many customers or vendors: thirty side by side, in as few requests as that takes."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator, Sequence
from typing import Any, TypeVar

import msgspec

from connectors.quickbooks.faults import StaleError
from connectors.quickbooks.people import People
from connectors.quickbooks.sending import MOST_TOGETHER, Batch, Single
from connectors.sdk import Change, ConnectorError, Context, Receipt, Record, Rejected
from connectors.sdk.records.entries import Writing, take_back

T = TypeVar("T")


async def write_all(context: Context[Any, Any], thing: str, records: Sequence[Record]) -> list[Receipt | Rejected]:
    """Write every record; when QuickBooks fails as a whole, what is left is told so and not tried."""
    done: list[Receipt | Rejected] = []
    for group in _groups(records, context.settings.key):
        found, failure = await _together(context, thing, group, _write)
        done += [one if isinstance(one, Receipt) else _rejected(one) for one in found]
        if failure is None:
            continue
        if not any(isinstance(one, Receipt) for one in done):
            raise failure
        untried = msgspec.structs.replace(_rejected(failure), uncertain=False)
        return done + [untried] * (len(records) - len(done))
    return done


async def preview_all(context: Context[Any, Any], thing: str, records: Sequence[Record]) -> list[list[Change]]:
    """Compare every record with the one that has its key."""
    shown: list[list[Change]] = []
    for group in _groups(records, context.settings.key):
        for one in (await _together(context, thing, group, Writing.preview))[0]:
            if isinstance(one, ConnectorError):
                raise one
            shown.append(one)
    return shown


async def find_one(context: Context[Any, Any], thing: str, record: Record) -> Receipt | None:
    """Look for a record by its key and compare what was to be written."""
    people = People(context, thing, Single(context).send)
    return await Writing(people, context.settings.mode, context.settings.key, record).find()


async def undo_one(context: Context[Any, Any], thing: str, receipt: Receipt) -> Receipt:
    """Put the fields back, or make the record inactive, where nobody has changed it since."""
    return await take_back(People(context, thing, Single(context).send), receipt)


async def _write(writing: Writing) -> Receipt:
    """Write a record; when somebody was faster, it is read once more and written over what they left."""
    try:
        return await writing.write()
    except StaleError:
        return await writing.write()


async def _together(
    context: Context[Any, Any], thing: str, group: Sequence[Record], does: Callable[[Writing], Awaitable[T]]
) -> tuple[list[T | ConnectorError], ConnectorError | None]:
    settings = context.settings
    sender = Batch(context, " ".join(record.key for record in group), len(group))
    writers = [Writing(People(context, thing, sender.send), settings.mode, settings.key, record) for record in group]
    found = await asyncio.gather(*(sender.run(does(writer)) for writer in writers))
    return found, sender.failure


def _groups(records: Sequence[Record], key: str) -> Iterator[list[Record]]:
    """Cut records into groups, in each of which a key stands once: those of one group do not see each other."""
    group: list[Record] = []
    keys: set[str] = set()
    for record in records:
        name = str(record.values.get(key, "")).strip().casefold()
        if len(group) == MOST_TOGETHER or (name and name in keys):
            yield group
            group, keys = [], set()
        group.append(record)
        keys.add(name)
    if group:
        yield group


def _rejected(error: ConnectorError) -> Rejected:
    retry_after = getattr(error, "retry_after", None)
    uncertain = getattr(error, "uncertain", False)
    return Rejected(message=error.message, kind=error.word, retry_after=retry_after, uncertain=uncertain)

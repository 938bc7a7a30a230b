"""Take back a write where nobody has touched its documents since, and what is left of a record that was refused."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from connectors.mongodb.values import decoded, state
from connectors.sdk import Receipt, SettingsError

if TYPE_CHECKING:
    from pymongo.asynchronous.collection import AsyncCollection

    from connectors.mongodb.write import Line

    Collection = AsyncCollection[dict[str, Any]]


async def take_back(collection: Collection, receipt: Receipt) -> None:
    """Undo one delivery; raises before anything is undone when a document is no longer as it was written."""
    if receipt.after is None or receipt.before is None:
        raise SettingsError("How the documents were before is not known, so this cannot be undone.")
    written: dict[str, tuple[dict[str, Any] | None, dict[str, Any]]] = {}
    for before, after in zip(receipt.before, receipt.after, strict=True):
        document = decoded(after)
        first, _ = written.get(state(document["_id"]), (None if before is None else decoded(before), document))
        written[state(document["_id"])] = first, document
    identities = [after["_id"] for _, after in written.values()]
    found = {state(one["_id"]): one async for one in collection.find({"_id": {"$in": identities}})}
    if any(state(found.get(identity)) != state(after) for identity, (_, after) in written.items()):
        raise _touched(collection, receipt)
    for identity, (first, _) in written.items():
        if not await _put_back(collection, first, found[identity]):
            raise _touched(collection, receipt)


async def tidy(collection: Collection, lines: Sequence[Line]) -> None:
    """Take back the written documents of records of which another document was refused."""
    refused = {line.record for line in lines if line.refused}
    for line in reversed(lines):
        if line.record in refused and not line.refused and line.after is not None:
            await _put_back(collection, line.before, line.after)


async def _put_back(collection: Collection, before: dict[str, Any] | None, after: dict[str, Any]) -> bool:
    same = {name: {"$eq": value} for name, value in after.items()}
    if before is None:
        return (await collection.delete_one(same)).deleted_count == 1
    return (await collection.replace_one(same, before)).matched_count == 1


def _touched(collection: Collection, receipt: Receipt) -> SettingsError:
    return SettingsError(
        f"{receipt.reference or collection.name} has changed since it was written, so it stays as it is."
    )

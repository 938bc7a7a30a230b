"""A collection as a trigger reads it: in order of a field, and told of news by a change stream."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from connectors.mongodb.settings import New
from connectors.mongodb.values import as_json, decoded, encoded
from connectors.sdk.cursors.rows import PAGE, Row, moved_back

if TYPE_CHECKING:
    from pymongo.asynchronous.database import AsyncDatabase

WATCH_MS = 30_000


class Feed:
    """The documents of one collection, ordered by a field and then by _id."""

    def __init__(self, database: AsyncDatabase[dict[str, Any]], settings: New) -> None:
        self._collection = database[settings.collection]
        self._field = settings.order
        self._look_back = settings.look_back

    async def newest(self) -> Any | None:
        """Return the highest value of the field."""
        found = await self._collection.find({self._field: {"$ne": None}}, sort=[(self._field, -1)], limit=1).to_list(1)
        return _at(found[0], self._field) if found else None

    async def pages(self, start: Any | None) -> AsyncIterator[Sequence[Row]]:
        """Yield documents in order, without those that lack the field."""
        condition = {self._field: {"$ne": None} if start is None else {"$gte": start}}
        order = [(self._field, 1)] if self._field == "_id" else [(self._field, 1), ("_id", 1)]
        page: list[Row] = []
        async with self._collection.find(condition, sort=order, batch_size=PAGE, allow_disk_use=True) as found:
            async for document in found:
                page.append(_row(document, self._field))
                if len(page) == PAGE:
                    yield page
                    page = []
        yield page

    def encode(self, value: Any) -> str:
        """Write a value with its BSON type."""
        return encoded(value)

    def decode(self, text: str) -> Any:
        """Read what `encode` wrote."""
        return decoded(text)

    def before(self, value: Any) -> Any:
        """Return the value from which documents are looked at again; an identifier holds its time."""
        from bson import ObjectId

        if isinstance(value, ObjectId):
            return ObjectId.from_datetime(value.generation_time - timedelta(seconds=self._look_back))
        return moved_back(value, self._look_back)


async def wait_for_change(database: AsyncDatabase[dict[str, Any]], settings: New) -> None:
    """Return when a document of the collection was added or changed."""
    kinds = [{"$match": {"operationType": {"$in": ["insert", "update", "replace"]}}}]
    async with await database[settings.collection].watch(kinds, max_await_time_ms=WATCH_MS) as stream:
        await anext(aiter(stream))


def _row(document: dict[str, Any], name: str) -> Row:
    return Row(value=_at(document, name), key=_key(document["_id"]), content=as_json(document))


def _key(identity: Any) -> str:
    shown = as_json(identity)
    return shown if isinstance(shown, str) else encoded(identity)[5:-1].strip()


def _at(document: dict[str, Any], name: str) -> Any:
    """Return the value of a field, by its path; a list stands for its highest element, as it does in sorting."""
    value: Any = document
    for part in name.split("."):
        value = value.get(part) if isinstance(value, dict) else None
    return value

"""MongoDB: documents out of a collection and into one."""

from __future__ import annotations

import hashlib
from collections.abc import AsyncIterator, Sequence
from typing import Any

import msgspec

from connectors.mongodb.connection import Connection, borrowed, connect, speaking
from connectors.mongodb.feed import Feed, wait_for_change
from connectors.mongodb.query import ask
from connectors.mongodb.settings import Changed, Documents, Find, New
from connectors.mongodb.undo import take_back, tidy
from connectors.mongodb.values import as_json, decoded, encoded, state
from connectors.mongodb.write import Line, key_filter, lines_of, make_index, outcomes, reference, standing, write
from connectors.sdk import (
    Category,
    Change,
    ChangeKind,
    Connector,
    Context,
    Effect,
    Item,
    Receipt,
    Record,
    Rejected,
    SettingsError,
)
from connectors.sdk.cursors.rows import read_rows
from connectors.sdk.records.rows import WriteMode

connector = Connector(
    "mongodb",
    "MongoDB",
    icon="data_object",
    connection=Connection,
    tried="SecantusDB 0.7, a server of MongoDB's protocol on its storage engine",
    category=Category.TABLES,
)


@connector.hosts
def hosts(connection: Connection) -> Sequence[str]:
    """Name the servers that the address names; those it leads to are looked at when they are connected to."""
    return [host for host, _ in connection.seeds]


@connector.check
async def check(connection: Connection, context: Context[Any, Any]) -> None:
    """Sign in and ask the database how it is."""
    opened: list[Any] = []
    try:
        with speaking(opened):
            opened.append(client := await connect(connection, context.dial))
            await client[connection.database].command("ping")
            await client[connection.database].list_collection_names(authorizedCollections=True, nameOnly=True)
    finally:
        for one in opened:
            await one.close()


@connector.trigger("New document", every=300.0)
async def new_document(context: Context[Connection, New], cursor: str | None) -> AsyncIterator[Item]:
    """Start a run for each document that is added to a collection.

    Removed documents are not noticed. Gives the fields of the document.
    """
    async for item in _read(context, cursor, versions=False):
        yield item


@connector.trigger("New or changed document", every=300.0)
async def changed_document(context: Context[Connection, Changed], cursor: str | None) -> AsyncIterator[Item]:
    """Start a run for each document that is added or changed, as a field tells that grows with each change.

    Removed documents are not noticed. Gives the fields of the document.
    """
    async for item in _read(context, cursor, versions=True):
        yield item


@new_document.watch
async def watch_new(context: Context[Connection, New]) -> None:
    """Wait for the collection's change stream; a single server without a replica set has none and is only asked."""
    async with borrowed(context, context.settings.database) as database:
        await wait_for_change(database, context.settings)


@changed_document.watch
async def watch_changed(context: Context[Connection, Changed]) -> None:
    """Wait for the collection's change stream, as for new documents."""
    async with borrowed(context, context.settings.database) as database:
        await wait_for_change(database, context.settings)


@connector.lookup("Find documents")
async def query(context: Context[Connection, Find]) -> dict[str, Any]:
    """Read documents with a filter; values are written as :names and never become operators."""
    async with borrowed(context, context.settings.database) as database:
        documents = await ask(database, context.settings)
    return {"documents": documents, "count": len(documents), "first": documents[0] if documents else None}


@connector.target("Write documents", effect=Effect.CHANGE)
async def write_documents(
    context: Context[Connection, Documents], records: Sequence[Record]
) -> list[Receipt | Rejected]:
    """Add documents to a collection, or change them by key fields."""
    settings = context.settings
    async with borrowed(context, settings.database) as database:
        collection = database[settings.collection]
        lines = lines_of(settings, records)
        if settings.mode is WriteMode.INSERT:
            await context.remember(_token(records, lines))
        else:
            if settings.unique_index:
                await make_index(collection, settings.key)
            await standing(collection, settings, lines)
        await write(collection, settings, lines)
        await tidy(collection, lines)
    return outcomes(settings, records, lines)


@write_documents.preview
async def preview(context: Context[Connection, Documents], records: Sequence[Record]) -> list[list[Change]]:
    """Compare the documents with those that are there."""
    settings = context.settings
    lines = lines_of(settings, records)
    if settings.mode is not WriteMode.INSERT:
        async with borrowed(context, settings.database) as database:
            await standing(database[settings.collection], settings, lines)
    shown: list[list[Change]] = [[] for _ in records]
    for line in lines:
        if line.refused:
            raise SettingsError(line.refused)
        if line.before != line.after:
            shown[line.record].append(_change(settings, line))
    return shown


@write_documents.find
async def find(context: Context[Connection, Documents], record: Record, token: str | None) -> Receipt | None:
    """Look for the documents of a delivery: by the identifiers that were made for them, or by their keys."""
    settings = context.settings
    lines = lines_of(settings, [record])
    async with borrowed(context, settings.database) as database:
        collection = database[settings.collection]
        if settings.mode is WriteMode.INSERT:
            return await _inserted(collection, settings, record, token)
        for line in lines:
            same = {name: {"$eq": value} for name, value in line.values.items()}
            if line.refused or await collection.find_one(key_filter(settings.key, line.values) | same) is None:
                return None
    named = reference(settings.key, lines[0].values) if len(lines) == 1 else settings.collection
    return Receipt(reference=named, output={"documents": len(lines)})


@write_documents.undo
async def undo(context: Context[Connection, Documents], receipt: Receipt) -> Receipt:
    """Put the documents back as they were, where nobody has changed them since."""
    async with borrowed(context, context.settings.database) as database:
        await take_back(database[context.settings.collection], receipt)
    return Receipt(reference=receipt.reference, before=receipt.after, after=receipt.before)


async def _read(context: Context[Connection, Any], cursor: str | None, *, versions: bool) -> AsyncIterator[Item]:
    settings: New = context.settings
    async with borrowed(context, settings.database) as database:
        feed = Feed(database, settings)
        async for item in read_rows(feed, cursor, skip=settings.existing == "skip", versions=versions):
            yield item


async def _inserted(collection: Any, settings: Documents, record: Record, token: str | None) -> Receipt | None:
    if token is None:
        return None
    made = msgspec.json.decode(token, type=dict[str, list[str]]).get(record.key, [])
    identities = [decoded(one) for one in made]
    count = await collection.count_documents({"_id": {"$in": identities}})
    if not count:
        return None
    if count < len(record.rows):
        raise SettingsError("Only some of the documents were written; look at the collection and decide.")
    return Receipt(reference=settings.collection, output={"documents": count})


def _token(records: Sequence[Record], lines: Sequence[Line]) -> str:
    """Return the identifiers of the documents to be added, by the keys of their records."""
    made: dict[str, list[str]] = {}
    for line in lines:
        if not line.refused:
            made.setdefault(records[line.record].key, []).append(encoded(line.values["_id"]))
    return msgspec.json.encode(made).decode()


def _change(settings: Documents, line: Line) -> Change:
    kind = ChangeKind.ADD if line.before is None else ChangeKind.CHANGE
    after = {name: value for name, value in (line.after or {}).items() if line.before is not None or name != "_id"}
    return Change(
        kind=kind,
        reference=reference(settings.key, line.after or {}) if settings.key else None,
        before=as_json(line.before),
        after=as_json(after),
        version=None if line.before is None else hashlib.sha256(state(line.before).encode()).hexdigest()[:16],
    )

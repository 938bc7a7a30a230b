"""Google Cloud Storage: objects in buckets."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import suppress
from typing import Any

from connectors.sdk import Category, Change, Connector, Context, Effect, Item, OAuth, Receipt, Record
from connectors.sdk.network.urls import host_of
from connectors.stores import _reading, _writing
from connectors.stores._arrivals import changed_objects
from connectors.stores._gcs import Gcs
from connectors.stores._google import GoogleConnection, token
from connectors.stores._objects import DeniedError
from connectors.stores._settings import Listing, Reading, Watched, Written

CONCURRENCY = 8


class Connection(GoogleConnection):
    """A service account with its key, or a Google account that signs in."""

    def store(self, context: Context[Any, Any], bucket: str = "") -> Gcs:
        """Return one of the project's buckets."""
        return Gcs(context, bucket)

    async def buckets(self, context: Context[Any, Any]) -> list[str]:
        """Return the names of the project's buckets, none where no project is named."""
        project = self.project_id
        return await Gcs(context).buckets(project) if project else []


connector = Connector(
    "gcs",
    "Google Cloud Storage",
    icon="cloud",
    connection=Connection,
    category=Category.FILES,
    tried="fake-gcs-server 1.55 (JSON API)",
)


@connector.hosts
def hosts(connection: Connection) -> Sequence[str]:
    """Name Google's hosts, or the one that stands in for them."""
    return sorted({host_of(connection.address), host_of(connection.token_url)})


@connector.oauth
def access(connection: Connection) -> OAuth | None:
    """Say how a person grants access."""
    return connection.oauth


@connector.check
async def check(connection: Connection, context: Context[Connection, Any]) -> None:
    """Get a token, and list the buckets; who may use one bucket only may not, and is known all the same."""
    await token(context)
    with suppress(DeniedError):
        await connection.buckets(context)


@connector.trigger("New or changed object", every=300.0)
async def object_changed(context: Context[Connection, Watched], cursor: str | None) -> AsyncIterator[Item]:
    """Start a run for each object that appears in a bucket or is written anew.

    Gives the `file`, its `name`, `path`, `size`, date `changed` and `version`. One larger than 25 MB has no content but
    a `problem`; one that is written again
    is another version and a new event.
    """
    async for item in changed_objects(_store(context), context.settings, cursor):
        yield item


@connector.lookup("List objects")
async def list_objects(context: Context[Connection, Listing]) -> dict[str, Any]:
    """Return the objects of a bucket, or of a folder in it.

    Gives `objects` (each with path, name, size, changed and version), their `count`, and whether there are `more`.
    """
    return await _reading.listed(_store(context), context.settings)


@connector.lookup("Read an object")
async def read_object(context: Context[Connection, Reading]) -> dict[str, Any]:
    """Return an object with its content.

    Gives the `file`, its `name`, `path`, `size`, `media_type`, date `changed` and `version`.
    """
    return await _reading.content(_store(context), context.settings)


@connector.target("Write an object", effect=Effect.CREATE, concurrency=CONCURRENCY)
async def write_object(context: Context[Connection, Written], record: Record) -> Receipt:
    """Write a file or a text as an object; a bucket with versions keeps the former one.

    Gives the `bucket`, the object's `path`, `size`, `media_type` and `version`.
    """
    return await _writing.write(context, _store(context), record)


@write_object.preview
async def preview(context: Context[Connection, Written], records: Sequence[Record]) -> list[list[Change]]:
    """Compare with the object that is there."""
    return await _writing.preview(context, _store(context), records)


@write_object.find
async def find(context: Context[Connection, Written], record: Record, token: str | None) -> Receipt | None:
    """Look for an object that carries the delivery's key."""
    return await _writing.find(context, _store(context), record, token)


@write_object.undo
async def undo(context: Context[Connection, Written], receipt: Receipt) -> Receipt:
    """Put the former version back, or remove the object when there was none."""
    return await _writing.undo(_store(context), receipt)


def _store(context: Context[Connection, Any]) -> Gcs:
    return context.connection.store(context, context.settings.bucket)

"""S3: objects in buckets of Amazon S3 and of every store that speaks as it does."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Sequence
from contextlib import suppress
from typing import Annotated, Any, Literal

from connectors.sdk import Category, Change, Connector, Context, Effect, Item, Receipt, Record, Secret, Settings, field
from connectors.sdk.network.urls import host_of, require_address
from connectors.stores import _reading, _writing
from connectors.stores._arrivals import changed_objects
from connectors.stores._objects import DeniedError
from connectors.stores._s3 import S3, place
from connectors.stores._settings import Linked, Listing, Reading, Watched, Written
from connectors.stores._signing import Keys

CONCURRENCY = 8
_REGION = re.compile(r"[a-z0-9-]{1,40}")


class Connection(Settings):
    """Access keys of an account, sent to its endpoint and nowhere else."""

    access_key: Annotated[str, field("Access key id", example="AKIAIOSFODNN7EXAMPLE")]
    secret_key: Annotated[Secret, field("Secret access key")]
    region: Annotated[str, field("Region", hint="Other stores often take any.", example="eu-central-1")] = "us-east-1"
    endpoint: Annotated[
        str,
        field("Endpoint", hint="Only for stores other than Amazon's.", example="https://minio.example.com:9000"),
    ] = ""
    style: Annotated[
        Literal["auto", "path", "virtual"],
        field(
            "Where the bucket stands",
            hint="auto: in the host at Amazon, in the path elsewhere.",
            advanced=True,
        ),
    ] = "auto"
    session_token: Annotated[Secret | None, field("Session token", hint="Only with temporary keys.", advanced=True)] = (
        None
    )

    def __post_init__(self) -> None:
        """Refuse endpoints and regions that are none."""
        if self.endpoint:
            require_address(self.endpoint)
        if not _REGION.fullmatch(self.region):
            raise ValueError("A region is written as eu-central-1.")
        if not self.access_key.strip() or not self.access_key.isascii() or "/" in self.access_key:
            raise ValueError("Give the access key id.")

    @property
    def address(self) -> str:
        """The endpoint, Amazon's for the region when none is named."""
        return self.endpoint.rstrip("/") or f"https://s3.{self.region}.amazonaws.com"

    def store(self, context: Context[Any, Any], bucket: str = "") -> S3:
        """Return one of the account's buckets."""
        virtual = self.style == "virtual" or (self.style == "auto" and not self.endpoint and "." not in bucket)
        keys = Keys(
            access_key=self.access_key,
            secret_key=self.secret_key,
            session_token=self.session_token,
            region=self.region,
        )
        return S3(context, keys, place(self.address, "virtual" if virtual else "path", bucket), bucket)

    async def buckets(self, context: Context[Any, Any]) -> list[str]:
        """Return the names of the account's buckets."""
        return await self.store(context).buckets()


connector = Connector(
    "s3", "S3", icon="inventory_2", connection=Connection, category=Category.FILES, tried="SeaweedFS 4.48"
)


@connector.hosts
def hosts(connection: Connection) -> Sequence[str]:
    """Name the endpoint, and the hosts of its buckets."""
    host = host_of(connection.address)
    return [host, f"*.{host}"]


@connector.check
async def check(connection: Connection, context: Context[Connection, Any]) -> None:
    """List the buckets; keys for one bucket may not, and are known all the same."""
    with suppress(DeniedError):
        await connection.buckets(context)


@connector.trigger("New or changed object", every=300.0)
async def object_changed(context: Context[Connection, Watched], cursor: str | None) -> AsyncIterator[Item]:
    """Start a run for each object that appears in a bucket or is written anew.

    Gives the `file`, its `name`, `path`, `size`, date `changed` and `version`. One larger than 25 MB has no content but
    a `problem`; one that is written again with the same content is the same event.
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


@connector.lookup("Make a link")
async def make_link(context: Context[Connection, Linked]) -> dict[str, Any]:
    """Return an address under which anybody can read an object for a while.

    Gives the `url`, and when it `expires`.
    """
    return await _reading.linked(_store(context), context.settings)


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


def _store(context: Context[Connection, Any]) -> S3:
    return context.connection.store(context, context.settings.bucket)

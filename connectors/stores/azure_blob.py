"""Azure Blob Storage: objects, which it calls blobs, in containers."""

from __future__ import annotations

import base64
import re
from collections.abc import AsyncIterator, Sequence
from contextlib import suppress
from typing import Annotated, Any, Literal

from connectors.sdk import Category, Change, Connector, Context, Effect, Item, Receipt, Record, Secret, Settings, field
from connectors.sdk.network.urls import host_of, require_address
from connectors.stores import _reading, _writing
from connectors.stores._arrivals import changed_objects
from connectors.stores._azure import Account, Azure
from connectors.stores._objects import DeniedError
from connectors.stores._settings import Linked, Listing, Reading, Watched, Written

CONCURRENCY = 8
_ACCOUNT = re.compile(r"[a-z0-9]{3,24}")


class Connection(Settings):
    """A storage account with its key, or with a token that allows some of it."""

    account: Annotated[str, field("Storage account", example="examplestore")]
    kind: Annotated[
        Literal["key", "sas"],
        field("Signs in by", hint="key: the account's key, which may do everything; sas: a token with some rights."),
    ] = "key"
    key: Annotated[
        Secret | None, field("Account key", hint="key1 or key2 of the page Access keys.", when={"kind": ("key",)})
    ] = None
    sas: Annotated[Secret | None, field("SAS token", hint="It begins with sv= or sp=.", when={"kind": ("sas",)})] = None
    address: Annotated[
        str, field("Address", hint="Only for a stand-in or a private entrance of the service.", advanced=True)
    ] = ""

    def __post_init__(self) -> None:
        """Refuse accounts and keys that are none."""
        if self.address:
            require_address(self.address)
        if not _ACCOUNT.fullmatch(self.account):
            raise ValueError("A storage account has 3 to 24 small letters and digits, without .blob.core.windows.net.")
        if self.kind == "key" and not _is_base64(self.key):
            raise ValueError("Paste the account key as Azure shows it.")
        if self.kind == "sas" and (self.sas is None or "sig=" not in self.sas.reveal()):
            raise ValueError("Paste the whole SAS token; it has a part sig=.")

    @property
    def root(self) -> str:
        """Where the account answers."""
        return self.address.rstrip("/") or f"https://{self.account}.blob.core.windows.net"

    def store(self, context: Context[Any, Any], bucket: str = "") -> Azure:
        """Return one of the account's containers."""
        held = {"key": self.key} if self.kind == "key" else {"sas": self.sas}
        return Azure(context, Account(name=self.account, address=self.root, **held), bucket)

    async def buckets(self, context: Context[Any, Any]) -> list[str]:
        """Return the names of the account's containers."""
        return await self.store(context).buckets()


def _is_base64(key: Secret | None) -> bool:
    try:
        return key is not None and len(base64.b64decode(key.reveal(), validate=True)) > 0
    except ValueError:
        return False


connector = Connector(
    "azure_blob",
    "Azure Blob Storage",
    icon="cloud_queue",
    connection=Connection,
    category=Category.FILES,
    tried="Azurite 3.35 (shared key, SAS)",
)


@connector.hosts
def hosts(connection: Connection) -> Sequence[str]:
    """Name the account's host."""
    return [host_of(connection.root)]


@connector.check
async def check(connection: Connection, context: Context[Connection, Any]) -> None:
    """List the containers; a token for one container may not, and is known all the same."""
    with suppress(DeniedError):
        await connection.buckets(context)


@connector.trigger("New or changed object", every=300.0)
async def object_changed(context: Context[Connection, Watched], cursor: str | None) -> AsyncIterator[Item]:
    """Start a run for each object that appears in a bucket or is written anew.

    Gives the `file`, its `name`, `path`, `size`, date `changed` and `version`. One larger than 25 MB has no content but
    a `problem`; one that is written again is another version and a new event.
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
    """Write a file or a text as an object, a block blob.

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
    """Remove the object, where it was not there before."""
    return await _writing.undo(_store(context), receipt)


def _store(context: Context[Connection, Any]) -> Azure:
    return context.connection.store(context, context.settings.bucket)

"""How to speak to Notion: one version of its API, one token, pages of answers."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Annotated, Any, TypeVar

import msgspec

from connectors.sdk import Context, Secret, Settings, TemporaryError, field
from connectors.sdk.network.http import Options, Response
from connectors.sdk.network.urls import require_address

ADDRESS = "https://api.notion.com"
VERSION = "2025-09-03"
PAGE = 100

T = TypeVar("T")


class Connection(Settings):
    """An internal integration of your workspace; it sees only what is shared with it."""

    token: Annotated[Secret, field("Access token", hint="The integration's internal integration secret.")]
    address: Annotated[
        str,
        field("Address", hint="Only for a stand-in or a private entrance of the service.", advanced=True),
    ] = ADDRESS

    def __post_init__(self) -> None:
        """Refuse an address that is none."""
        require_address(self.address)


class Found(msgspec.Struct):
    """One page of a list, and where the next begins."""

    results: list[dict[str, Any]]
    has_more: bool = False
    next_cursor: str | None = None


class Property(msgspec.Struct, kw_only=True):
    """One property of a data source."""

    name: str = ""
    type: str = ""


class DataSource(msgspec.Struct, kw_only=True):
    """A table of a database: its properties by name, and the database that it belongs to."""

    id: str
    properties: dict[str, Property] = {}
    parent: dict[str, Any] = {}
    title: list[dict[str, Any]] = []


class Page(msgspec.Struct, kw_only=True):
    """A page of a data source, with its properties as Notion writes them."""

    id: str
    properties: dict[str, dict[str, Any]] = {}
    created_time: str = ""
    last_edited_time: str = ""
    url: str = ""
    in_trash: bool = False


async def call(context: Context[Any, Any], method: str, path: str, body: Any = None) -> Response:
    """Send one request under the connection's token."""
    connection: Connection = context.connection
    headers = {"Authorization": f"Bearer {connection.token.reveal()}", "Notion-Version": VERSION}
    options = Options(headers=headers)
    if body is not None:
        options["json"] = body
    return await context.http.request(method, f"{connection.address.rstrip('/')}/v1/{path}", **options)


async def listed(context: Context[Any, Any], path: str, body: dict[str, Any]) -> AsyncIterator[list[dict[str, Any]]]:
    """Yield the pages of a list."""
    asked = {**body, "page_size": PAGE}
    while True:
        found = (await call(context, "POST", path, asked)).read(Found)
        yield found.results
        if not found.has_more or not found.next_cursor:
            return
        if found.next_cursor == asked.get("start_cursor"):
            raise TemporaryError("Notion lists the same page again and again.")
        asked["start_cursor"] = found.next_cursor


async def data_source(context: Context[Any, Any], identity: str) -> DataSource:
    """Return what a data source consists of."""
    return (await call(context, "GET", f"data_sources/{identity}")).read(DataSource)

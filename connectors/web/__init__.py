"""Web: pages that change, and log-ins to sites."""

from __future__ import annotations

import base64
import hashlib
import zlib
from collections.abc import AsyncIterator
from typing import Annotated, Any

import msgspec

from connectors.sdk import Connector, Context, Item, Settings, SettingsError, Shape, field
from connectors.sdk.intervals import interval
from connectors.sdk.urls import require_address
from connectors.web.connection import Connection
from connectors.web.page import Source, look
from connectors.web.selector import check_selector

LARGEST_PAGE = 10 * 1024 * 1024

connector = Connector("web", "Web page", icon="travel_explore", connection=Connection, connection_optional=True)


@connector.hosts
def hosts(connection: Connection) -> list[str]:
    """Name the hosts that may see the log-in."""
    return connection.hosts


@connector.check
async def check(connection: Connection, context: Context[Connection, Any]) -> None:
    """See that the log-in is complete, and that its page is there."""
    headers = connection.signing_headers()
    if connection.login_url:
        if not connection.username or connection.password is None:
            raise SettingsError("A log-in page needs a user name and a password.")
        await context.http.get(connection.login_url, headers=headers, limit=LARGEST_PAGE)
    elif not headers:
        raise SettingsError("Give cookies, headers, or a log-in page with user name and password.")


class Watch(Settings):
    """Which page to watch, and what part of it."""

    url: Annotated[str, field("Address", example="https://example.com/prices")]
    selector: Annotated[
        str, field("Part", hint="A CSS selector; empty for the whole page.", example="#prices, table.rates")
    ] = ""
    ignore: Annotated[
        str,
        field(
            "Leave out",
            hint="A CSS selector for what always changes, such as a clock.",
            example=".ad, time",
            advanced=True,
        ),
    ] = ""
    every: Annotated[str, field("Ask every", hint="How often to look.", advanced=True, shape=Shape.DURATION)] = "1h"

    def __post_init__(self) -> None:
        require_address(self.url)
        interval(self.every)
        check_selector(self.selector)
        check_selector(self.ignore)


class Cursor(msgspec.Struct, omit_defaults=True):
    """The text as last read, how often it has changed, and what the server said about its version."""

    text: str
    changes: int = 0
    etag: str = ""
    modified: str = ""


@connector.trigger("Page changed", every=3600.0)
async def page_changed(context: Context[Connection, Watch], cursor: str | None) -> AsyncIterator[Item]:
    """Start a run when the text of a page, or of a part of it, is no longer what it was.

    Gives `url`, `title`, the text `before` and `after`, both together as `diff` with - and + before each line, and the
    lines `added` and `removed`. The first look only notes the text.
    """
    settings = context.settings
    last = msgspec.json.decode(cursor, type=Cursor) if cursor else None
    headers = _conditions(last)
    if isinstance(context.connection, Connection):
        headers |= context.connection.signing_headers()
    response = await context.http.get(settings.url, headers=headers, limit=LARGEST_PAGE)
    if response.status == 304:
        return
    source = Source(
        content=response.content,
        kind=response.headers.get("Content-Type", ""),
        url=response.url,
        selector=settings.selector,
        ignore=settings.ignore,
        before=_unpack(last.text) if last else None,
    )
    page = await context.confined(look, source)
    changes = (last.changes if last else 0) + (page.change is not None)
    following = Cursor(
        text=_pack(page.text),
        changes=changes,
        etag=response.headers.get("ETag", ""),
        modified=response.headers.get("Last-Modified", ""),
    )
    encoded = msgspec.json.encode(following).decode()
    if page.change is None:
        if encoded != cursor:
            yield Item(content=None, cursor=encoded)
        return
    found = msgspec.structs.asdict(page.change)
    content = {"url": response.url, "title": page.title, "before": source.before, "after": page.text, **found}
    # The number keeps a page that changes back and forth from looking like a repeat
    key = f"{changes}:{hashlib.sha256(page.text.encode()).hexdigest()}"
    yield Item(key=key, title=page.title or settings.url, content=content, cursor=encoded)


def _conditions(last: Cursor | None) -> dict[str, str]:
    if last is None:
        return {}
    headers = {"If-None-Match": last.etag, "If-Modified-Since": last.modified}
    return {name: value for name, value in headers.items() if value}


def _pack(text: str) -> str:
    return base64.b85encode(zlib.compress(text.encode(), 9)).decode()


def _unpack(packed: str) -> str:
    return zlib.decompress(base64.b85decode(packed)).decode()

"""Notion: pages out of a database and into one."""

from __future__ import annotations

import hashlib
import re
from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import datetime
from typing import Any

import msgspec

from connectors.notion.connection import Connection, Page, call, listed
from connectors.notion.settings import Find, Follow, Pages
from connectors.notion.values import plain, title_of
from connectors.notion.write import Write, page_of, take_back
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
    SettingsError,
    TemporaryError,
)
from connectors.sdk.cursors.since import Since
from connectors.sdk.network.urls import host_of

# Notion takes three requests a second on average
CONCURRENCY = 3
_NAME = re.compile(r":([A-Za-z_]\w*)")

connector = Connector(
    "notion",
    "Notion",
    icon="article",
    connection=Connection,
    tried="a local peer held to Notion's OpenAPI description of version 2025-09-03",
    category=Category.TABLES,
)


@connector.hosts
def hosts(connection: Connection) -> Sequence[str]:
    """Name the service's one host."""
    return [host_of(connection.address)]


@connector.check
async def check(connection: Connection, context: Context[Any, Any]) -> None:  # noqa: ARG001  # the context has it too
    """Ask who the token belongs to."""
    await call(context, "GET", "users/me")


@connector.trigger("New page", every=300.0)
async def new_page(context: Context[Connection, Follow], cursor: str | None) -> AsyncIterator[Item]:
    """Start a run for each page that is added to a database.

    Gives `id`, `url`, `title`, `created`, `edited` and `properties` with a plain value for each.
    """
    async for item in _pages(context, cursor, "created_time"):
        yield item


@connector.trigger("New or changed page", every=300.0)
async def changed_page(context: Context[Connection, Follow], cursor: str | None) -> AsyncIterator[Item]:
    """Start a run for each page that is added to a database or edited there.

    Gives `id`, `url`, `title`, `created`, `edited` and `properties` with a plain value for each.
    """
    async for item in _pages(context, cursor, "last_edited_time"):
        yield item


@connector.lookup("Find pages")
async def query(context: Context[Connection, Find]) -> dict[str, Any]:
    """Read pages of a database with a filter; values are written as :names.

    Gives `pages`, their `count` and the `first`.
    """
    settings = context.settings
    asked: dict[str, Any] = {}
    if settings.filter:
        asked["filter"] = _filled(settings.filter, settings.params)
    if settings.sort:
        asked["sorts"] = [
            {"property": name.removeprefix("-"), "direction": "descending" if name.startswith("-") else "ascending"}
            for name in settings.sort
        ]
    pages: list[dict[str, Any]] = []
    async for found in listed(context, f"data_sources/{settings.database}/query", asked):
        pages += [plain(page_of(one)) for one in found]
        if len(pages) > settings.limit:
            raise SettingsError(f"More than {settings.limit} pages were found; ask for fewer or raise the limit.")
    return {"pages": pages, "count": len(pages), "first": pages[0] if pages else None}


@connector.target("Write a page", effect=Effect.CHANGE, concurrency=CONCURRENCY)
async def write_page(context: Context[Connection, Pages], record: Record) -> Receipt:
    """Add a page to a database, or change the one with the same key.

    Gives the page's `id`, `url` and whether it was `added`.
    """
    write = await Write.prepare(context, record.values)
    stands = await write.standing() if context.settings.mode != "insert" else None
    if stands is None and context.settings.mode == "update":
        raise SettingsError(f"The database has no page with {write.named()} to update.")
    page = await (write.create() if stands is None else write.change(stands))
    return _receipt(write, page, None if stands is None else write.before(stands))


@write_page.preview
async def preview(context: Context[Connection, Pages], records: Sequence[Record]) -> list[list[Change]]:
    """Compare the properties with those of the page that has the key."""
    shown: list[list[Change]] = []
    for record in records:
        write = await Write.prepare(context, record.values)
        stands = await write.standing() if context.settings.mode != "insert" else None
        if stands is None and context.settings.mode == "update":
            raise SettingsError(f"The database has no page with {write.named()} to update.")
        if stands is None:
            shown.append([Change(kind=ChangeKind.ADD, reference=write.named(), after=write.after())])
        elif write.differs(stands):
            shown.append([_change(write, stands)])
        else:
            shown.append([])
    return shown


@write_page.find
async def find(context: Context[Connection, Pages], record: Record, token: str | None) -> Receipt | None:  # noqa: ARG001
    """Look for the page by its key and compare what was to be written."""
    if not context.settings.key:
        raise SettingsError("Without a key property nobody can tell whether the page was written; look and decide.")
    write = await Write.prepare(context, record.values)
    stands = await write.standing()
    if stands is None:
        return None
    if not write.differs(stands):
        return _receipt(write, stands, None, known=False)
    if context.settings.mode == "insert":
        raise SettingsError(
            "There is a page with the key, but not as it was to be written, so nobody can tell whether it was added "
            "and then changed; look and decide."
        )
    return None


@write_page.undo
async def undo(context: Context[Connection, Pages], receipt: Receipt) -> Receipt:
    """Put the properties back, or the page into the trash, where nobody has changed it since."""
    await take_back(context, receipt)
    return Receipt(reference=receipt.reference)


async def _pages(context: Context[Connection, Follow], cursor: str | None, at: str) -> AsyncIterator[Item]:
    """Yield pages by a time of theirs; Notion rounds times to the minute, so what a page holds counts as well."""
    since = Since.load(cursor)
    asked: dict[str, Any] = {}
    if since.start is not None:
        asked["filter"] = {"timestamp": at, at: {"on_or_after": since.start.isoformat()}}
    skip = cursor is None and context.settings.existing == "skip"
    waiting: Item | None = None
    async for found in listed(context, f"data_sources/{context.settings.database}/query", asked):
        for one in found:
            page = page_of(one)
            identity = page.id if at == "created_time" else f"{page.id} {_digest(page)}"
            if not since.is_new(identity, _moment(getattr(page, at))) or skip:
                continue
            if waiting is not None:
                yield waiting
            key = identity if at == "created_time" else f"{identity} {page.last_edited_time}"
            waiting = Item(key=key, title=title_of(page)[:100], content=plain(page))
    following = since.dump()
    if waiting is not None:
        yield msgspec.structs.replace(waiting, cursor=following)
    elif following != cursor and (cursor is not None or skip):
        yield Item(content=None, cursor=following)


def _moment(text: str) -> datetime:
    try:
        return datetime.fromisoformat(text)
    except ValueError as error:
        raise TemporaryError("Notion answered with a page without a time.") from error


def _digest(page: Page) -> str:
    """Return what tells one state of a page from another; addresses of files expire and are left out."""
    values = plain(page)["properties"]
    values |= {name: [one["name"] for one in values[name]] for name in values if _is_files(page, name)}
    return hashlib.sha256(msgspec.json.encode(values, order="deterministic")).hexdigest()[:12]


def _is_files(page: Page, name: str) -> bool:
    return page.properties[name].get("type") == "files"


def _filled(written: Any, params: Mapping[str, Any]) -> Any:
    """Return the filter with values in the places of their :names."""
    if isinstance(written, Mapping):
        return {name: _filled(inner, params) for name, inner in written.items()}
    if isinstance(written, list):
        return [_filled(inner, params) for inner in written]
    named = _NAME.fullmatch(written) if isinstance(written, str) else None
    if named is None:
        return written
    if named[1] not in params:
        raise SettingsError(f"Values has nothing for :{named[1]}.")
    value = params[named[1]]
    if isinstance(value, (Mapping, list)):
        raise SettingsError(f"The value of :{named[1]} must be a single value, not a list or a mapping.")
    return value


def _change(write: Write, page: Page) -> Change:
    return Change(
        kind=ChangeKind.CHANGE,
        reference=write.named(),
        before=write.before(page),
        after=write.after(),
        version=page.last_edited_time,
    )


def _receipt(write: Write, page: Page, before: Mapping[str, Any] | None, *, known: bool = True) -> Receipt:
    return Receipt(
        reference=write.named() or page.id,
        version=page.last_edited_time,
        url=page.url or None,
        output={"id": page.id, "url": page.url, "added": before is None},
        before=before,
        after={"id": page.id, "values": dict(write.values)} if known else None,
    )

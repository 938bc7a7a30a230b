"""Read a folder onwards by Graph's own list of changes; a place that it has forgotten is found again by time."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from fnmatch import fnmatchcase
from typing import Annotated, Any, Literal

import msgspec

from connectors.microsoft._family import Connection, Page, ResyncError, pages, part, root
from connectors.microsoft._outlook import PREFER, SELECT, Message, folder_id, folders, raws
from connectors.sdk import Context, Item, Settings, Shape, field
from connectors.sdk.cursors.seen import Seen
from connectors.sdk.intervals import interval
from connectors.sdk.mail.opening import Opened, Sealed, all_opened
from connectors.sdk.network.http import Options

PAGE = 50
READ_AT_ONCE = 10
# So many of the mails given are known again when Graph tells of them because somebody has read or moved them
REMEMBERED = 2_000
_OVERLAP = timedelta(days=1)


class Inbox(Settings):
    """Which mails start a run."""

    folder: Annotated[
        str, field("Folder", hint="inbox, or the path of any folder.", example="Clients/2026", choices=folders)
    ] = "inbox"
    sender: Annotated[str, field("Sender", hint="* stands for any letters.", example="*@supplier.example")] = "*"
    subject: Annotated[str, field("Subject", hint="* stands for any letters.", example="*invoice*")] = "*"
    existing: Annotated[
        Literal["read", "skip"], field("Mails already there", hint="What to do with them when the recipe starts.")
    ] = "read"
    every: Annotated[str, field("Ask every", advanced=True, shape=Shape.DURATION)] = "1m"

    def __post_init__(self) -> None:
        interval(self.every)
        if not self.folder.strip():
            raise ValueError("Give the folder's path, such as inbox.")


class Place(msgspec.Struct, frozen=True, omit_defaults=True):
    """How far a folder has been read: the link to go on from, the newest mail, and which have been given."""

    link: str = ""
    newest: str = ""
    seen: str = ""

    def __str__(self) -> str:
        return msgspec.json.encode(self).decode()


async def read_folder(context: Context[Connection, Inbox], cursor: str | None) -> AsyncIterator[Item]:
    """Yield the mails that have come into the folder since the cursor."""
    place = msgspec.json.decode(cursor, type=Place) if cursor else None
    if place is None:
        place = await _begin(context)
    try:
        async for item in _changes(context, place):
            yield item
            place = msgspec.json.decode(item.cursor or "", type=Place)
    except ResyncError:
        place = msgspec.structs.replace(place, link="")
        async for item in _changes(context, place):
            yield item


async def _begin(context: Context[Connection, Inbox]) -> Place:
    """Return the beginning: that of the folder, or behind the mails that are there."""
    if context.settings.existing == "read":
        return Place()
    params = {"$orderby": "receivedDateTime desc", "$top": "20", "$select": "id,receivedDateTime"}
    path = f"{{me}}/mailFolders/{part(await folder_id(context, context.settings.folder))}/messages"
    async for page in pages(context, path, Options(params=params, headers=PREFER), Message):
        newest = max((one.received for one in page.value if one.received), default=None)
        if newest is None:
            break
        seen = Seen(most=REMEMBERED)
        for one in page.value:
            seen.add(one.id)
        return Place(newest=newest.astimezone(UTC).isoformat(), seen=seen.dump())
    return Place()


async def _changes(context: Context[Connection, Inbox], place: Place) -> AsyncIterator[Item]:
    seen = Seen.load(place.seen, most=REMEMBERED)
    newest, link = place.newest, place.link
    headers = {"Prefer": f"{PREFER['Prefer']}, odata.maxpagesize={PAGE}"}
    path, params = await _entrance(context, place)
    async for page in pages(context, path, Options(params=params, headers=headers), Message):
        async for message, opened in _opened(context, _wanted(context.settings, page, seen)):
            seen.add(message.id)
            newest = max(newest, _moment(message))
            place = Place(link, newest, seen.dump())
            yield _item(context.settings, message, opened, place)
        following = (page.next or page.delta or "").removeprefix(root(context.connection))
        if following and following != link:
            link = following
            yield Item(content=None, cursor=str(Place(link, newest, seen.dump())))


async def _entrance(context: Context[Connection, Inbox], place: Place) -> tuple[str, Mapping[str, str]]:
    """Return where to go on: the link that Graph gave, or the beginning, from a day before the newest mail."""
    if place.link:
        return f"{root(context.connection)}{place.link}", {}
    folder = part(await folder_id(context, context.settings.folder))
    params = {"$select": SELECT}
    if place.newest:
        since = datetime.fromisoformat(place.newest)
        since = since if context.settings.existing == "skip" else since - _OVERLAP
        params["$filter"] = f"receivedDateTime ge {since.strftime('%Y-%m-%dT%H:%M:%SZ')}"
    return f"{{me}}/mailFolders/{folder}/messages/microsoft.graph.delta()", params


def _wanted(settings: Inbox, page: Page[Message], seen: Seen) -> list[Message]:
    fits = [
        one
        for one in page.value
        if one.removed is None
        and not one.is_draft
        and one.id not in seen
        and _fits(one.written_by, settings.sender)
        and _fits(one.subject or "", settings.subject)
    ]
    return sorted(fits, key=_moment)


async def _opened(
    context: Context[Connection, Inbox], messages: Sequence[Message]
) -> AsyncIterator[tuple[Message, Opened]]:
    """Read mails; of one that breaks its reader there is what can be read of its header."""
    for start in range(0, len(messages), READ_AT_ONCE):
        batch = messages[start : start + READ_AT_ONCE]
        contents = await raws(context, [one.id for one in batch])
        there = [(one, content) for one, content in zip(batch, contents, strict=True) if content is not None]
        sealed = [Sealed(0, content, one.received, complete=True) for one, content in there]
        while sealed:
            progress = await all_opened(context, sealed)
            for (message, _), opened in zip(there, progress.done, strict=False):
                yield message, opened
            sealed, there = sealed[len(progress.done) :], there[len(progress.done) :]


def _item(settings: Inbox, message: Message, opened: Opened, place: Place) -> Item:
    mail = opened.mail
    beside: dict[str, Any] = {
        "id": message.id,
        "conversation_id": message.conversation_id or "",
        "categories": message.categories,
        "folder": settings.folder,
    }
    return Item(
        key=message.id,
        title=mail.subject or mail.sender or "(no subject)",
        cursor=str(place),
        subject=message.conversation_id or None,
        content={**mail.content(), **beside},
    )


def _moment(message: Message) -> str:
    return message.received.astimezone(UTC).isoformat() if message.received else ""


def _fits(text: str, pattern: str) -> bool:
    """Only * and ? are special: subjects such as [Shop] Order are common."""
    return fnmatchcase(text.lower(), pattern.lower().replace("[", "[[]") or "*")

"""What is new in a channel: messages, and replies in their threads."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Annotated, Literal

import msgspec

from connectors.sdk import Context, Item, Settings, Shape, field
from connectors.sdk.cursors.since import Since
from connectors.sdk.intervals import interval
from connectors.sdk.texts import storable
from connectors.slack.connection import Connection
from connectors.slack.messages import Message, content, moment, pages
from connectors.slack.offers import channels
from connectors.slack.refusals import PlaceLostError
from connectors.slack.words import plain

DAY = 86_400

Existing = Annotated[
    Literal["read", "skip"], field("What is already there", hint="What to do with it when the recipe starts.")
]
Every = Annotated[str, field("Ask every", hint="How often to look.", advanced=True, shape=Shape.DURATION)]


class Channel(Settings):
    """Which channel to listen to, and to what."""

    channel: Annotated[
        str,
        field("Channel", hint="Its id. The app must be in it: /invite it there.", example="C0123", choices=channels),
    ]
    threads: Annotated[bool, field("Replies too", hint="Messages in threads start runs as well.")] = False
    apps: Annotated[
        bool, field("Messages of apps too", hint="What this hub posts itself never starts a run.", advanced=True)
    ] = False
    fetch: Annotated[bool, field("Fetch files", hint="Bring the files of a message along with it.")] = False
    existing: Existing = "skip"
    thread_days: Annotated[
        int, field("Days of threads", hint="Replies are seen to messages so many days old.", advanced=True)
    ] = 7
    every: Every = "1m"

    def __post_init__(self) -> None:
        interval(self.every)
        if not 1 <= self.thread_days <= 90:
            raise ValueError("Threads can be followed for 1 to 90 days.")


class Position(msgspec.Struct, omit_defaults=True):
    """How far a channel was read, and where a long list was left; `threads` are the last replies seen, by thread.

    Messages from `floor` on may be new, those from `oldest` on are looked at for their threads.
    """

    since: str = ""
    begun: str = "0"
    newest: str = "0"
    oldest: str = "0"
    floor: str = "0"
    page: str = ""
    threads: dict[str, str] = {}

    def dump(self) -> str:
        """Return it as a cursor."""
        return msgspec.json.encode(self).decode()


async def new_messages(context: Context[Connection, Channel], cursor: str | None) -> AsyncIterator[Item]:
    """Yield the messages after the cursor page by page, each followed by what is new in its thread."""
    place = msgspec.json.decode(cursor, type=Position) if cursor else Position()
    if cursor is None and context.settings.existing == "skip":
        yield await _base_line(context, place)
        return
    since = Since.load(place.since)
    if not place.page:
        place.floor, place.oldest = _bounds(since, place, context.settings)
    try:
        async for item in _read(context, place, since):
            yield item
    except PlaceLostError:
        place.page = ""  # the list begins anew; what was read is known by its key
        async for item in _read(context, place, since):
            yield item


async def _read(context: Context[Connection, Channel], place: Position, since: Since) -> AsyncIterator[Item]:
    settings = context.settings
    before = place.dump()
    async for page in pages(context, settings.channel, page=place.page, oldest=place.oldest):
        for message in sorted(page.messages, key=lambda one: float(one.ts)):
            if _is_new(message, since, place) and _wanted(message, settings):
                yield await _item(context, message)
            if settings.threads and _has_news(message, place):
                async for item in _replies(context, message, place):
                    yield item
        place.page, place.since = page.following, since.dump()
        if not place.page:
            _forget(place, settings)
        if place.dump() != before:
            yield Item(content=None, cursor=place.dump())


async def _replies(context: Context[Connection, Channel], parent: Message, place: Position) -> AsyncIterator[Item]:
    """Yield what is new in a thread; it counts as read once all of it was."""
    known = place.threads.get(parent.ts, place.begun)
    last = known
    async for page in pages(context, context.settings.channel, ts=parent.ts, oldest=known):
        for message in page.messages:
            if message.ts == parent.ts or float(message.ts) <= float(known):
                continue
            last = max(last, message.ts, key=float)
            if _wanted(message, context.settings):
                yield await _item(context, message)
    place.threads[parent.ts] = max(last, parent.latest_reply, key=float)


async def _base_line(context: Context[Connection, Channel], place: Position) -> Item:
    """Take what is there for known: the newest messages, and with threads all that are followed."""
    since, settings = Since(), context.settings
    async for page in pages(context, settings.channel):
        for message in page.messages:
            since.is_new(message.ts, moment(message.ts))
            place.newest = max(place.newest, message.ts, key=float)
            place.begun = max(place.begun, message.ts, message.latest_reply or "0", key=float)
        last = min((float(message.ts) for message in page.messages), default=0.0)
        if not settings.threads or last < float(place.newest) - settings.thread_days * DAY:
            break
    place.since = since.dump()
    return Item(content=None, cursor=place.dump())


def _bounds(since: Since, place: Position, settings: Channel) -> tuple[str, str]:
    """Return from when on messages may be new, and from when on they are looked at for their threads."""
    start = since.start
    if start is None:
        return "0", "0"
    floor = max(0.0, start.timestamp())
    followed = float(place.newest) - settings.thread_days * DAY if settings.threads else floor
    return f"{floor:.6f}", f"{max(0.0, min(floor, followed)):.6f}"


def _is_new(message: Message, since: Since, place: Position) -> bool:
    """Note a message; what lies before the floor was read long ago."""
    if float(message.ts) < float(place.floor):
        return False
    place.newest = max(place.newest, message.ts, key=float)
    return since.is_new(message.ts, moment(message.ts))


def _has_news(message: Message, place: Position) -> bool:
    known = place.threads.get(message.ts, place.begun)
    return message.reply_count > 0 and float(message.latest_reply or 0) > float(known)


def _forget(place: Position, settings: Channel) -> None:
    """Drop threads that are no longer followed."""
    oldest = float(place.newest) - settings.thread_days * DAY
    place.threads = {ts: last for ts, last in place.threads.items() if float(ts) >= oldest}


def _wanted(message: Message, settings: Channel) -> bool:
    is_app = bool(message.bot_id) or message.subtype == "bot_message"
    return message.is_spoken and (settings.apps or not is_app)


async def _item(context: Context[Connection, Channel], message: Message) -> Item:
    channel = context.settings.channel
    return Item(
        key=f"{channel}:{message.ts}",
        title=storable(plain(message.text))[:100],
        content=await content(context, message, channel, fetch=context.settings.fetch),
        subject=f"{channel}:{message.thread_ts or message.ts}",
    )

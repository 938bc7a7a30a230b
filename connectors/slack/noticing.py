"""What else is new in a channel: files that are shared, and reactions to messages."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Annotated, Any, Literal

import msgspec

from connectors.sdk import Context, Item, Settings, field
from connectors.sdk.cursors.seen import Seen
from connectors.sdk.cursors.since import Since
from connectors.sdk.intervals import interval
from connectors.slack.connection import Connection, ask
from connectors.slack.messages import File, Message, content, described, files_of, pages
from connectors.slack.offers import channels
from connectors.slack.reading import DAY, Every, Existing

MOST_REACTIONS = 50_000
LIST_PAGE = 200


class Files(Settings):
    """Which files to take."""

    channel: Annotated[
        str, field("Channel", hint="Left out: any channel that the app is in.", example="C0123", choices=channels)
    ] = ""
    types: Annotated[
        list[Literal["images", "pdfs", "snippets", "gdocs", "zips", "spaces"]],
        field("Kinds", hint="Left out: all kinds."),
    ] = []
    existing: Existing = "skip"
    every: Every = "1m"

    def __post_init__(self) -> None:
        interval(self.every)


class Reactions(Settings):
    """Which reactions count."""

    channel: Annotated[
        str,
        field("Channel", hint="Its id. The app must be in it: /invite it there.", example="C0123", choices=channels),
    ]
    reaction: Annotated[str, field("Emoji", hint="By its name; left out: any.", example="white_check_mark")] = ""
    days: Annotated[int, field("Days", hint="Reactions are seen to messages so many days old.", advanced=True)] = 7
    existing: Existing = "skip"
    every: Every = "1m"

    def __post_init__(self) -> None:
        interval(self.every)
        if not 1 <= self.days <= 90:
            raise ValueError("Reactions can be followed for 1 to 90 days.")


class _Paging(msgspec.Struct):
    page: int = 1
    pages: int = 1


class _Listed(msgspec.Struct):
    files: list[dict[str, Any]] = []
    paging: _Paging = msgspec.field(default_factory=_Paging)


async def new_files(context: Context[Connection, Files], cursor: str | None) -> AsyncIterator[Item]:
    """Yield the files after the cursor, the oldest first; each is fetched when its turn comes."""
    since = Since.load(cursor)
    if cursor is None and context.settings.existing == "skip":
        yield await _base_line(context, since)
        return
    start = since.start
    found = [file async for file in _listed(context, start) if start is None or _shared(file) >= start]
    for file in sorted(found, key=lambda one: (one.created, one.id)):
        if since.is_new(file.id, _shared(file)):
            told = await described(context, file, fetch=True)
            yield Item(key=file.id, title=told["name"][:100], content=told, cursor=since.dump())
    if since.dump() != (cursor or "") or cursor is None:
        yield Item(content=None, cursor=since.dump())


async def _base_line(context: Context[Connection, Files], since: Since) -> Item:
    """Take what is there for known: the newest files, as far as late ones may come among them."""
    async for file in _listed(context, None):
        if since.start is not None and _shared(file) < since.start:
            break
        since.is_new(file.id, _shared(file))
    return Item(content=None, cursor=since.dump())


async def _listed(context: Context[Connection, Files], start: datetime | None) -> AsyncIterator[File]:
    """List files; the newest stand first, so that one that comes meanwhile is listed twice rather than never."""
    settings, number = context.settings, 1
    while True:
        page = await ask(
            context,
            "files.list",
            _Listed,
            channel=settings.channel,
            types=",".join(settings.types),
            ts_from=str(int(start.timestamp())) if start else "",
            count=LIST_PAGE,
            page=number,
        )
        for file in files_of(page.files):
            yield file
        if number >= page.paging.pages:
            return
        number += 1


def _shared(file: File) -> datetime:
    return datetime.fromtimestamp(file.created, UTC)


async def new_reactions(context: Context[Connection, Reactions], cursor: str | None) -> AsyncIterator[Item]:
    """Yield each person's reaction once; the cursor knows all that were seen."""
    settings, seen = context.settings, Seen.load(cursor or "", MOST_REACTIONS)
    skip = cursor is None and settings.existing == "skip"
    oldest = await _days_before_the_newest(context)
    async for page in pages(context, settings.channel, oldest=oldest):
        for message in sorted(page.messages, key=lambda one: float(one.ts)):
            for name, user in _chosen(message, settings.reaction.strip(": ")):
                key = f"{settings.channel}:{message.ts}:{name}:{user}"
                if key not in seen and not skip:
                    yield await _reaction(context, message, name, user, key)
                seen.add(key)
    if seen.dump() != (cursor or "") or cursor is None:
        yield Item(content=None, cursor=seen.dump())


async def _days_before_the_newest(context: Context[Connection, Reactions]) -> str:
    """Return from when on to look: Slack's own clock tells, by the newest message."""
    async for page in pages(context, context.settings.channel):
        newest = max((float(message.ts) for message in page.messages), default=0.0)
        return f"{max(0.0, newest - context.settings.days * DAY):.6f}"
    return "0"


def _chosen(message: Message, wanted: str) -> list[tuple[str, str]]:
    """List who reacted with what; a skin tone is not another emoji."""
    found = [(reaction.name.partition("::")[0], reaction.users) for reaction in message.reactions]
    return [(name, user) for name, users in found if wanted in {"", name} for user in users]


async def _reaction(context: Context[Connection, Reactions], message: Message, name: str, user: str, key: str) -> Item:
    told = await content(context, message, context.settings.channel, fetch=False)
    return Item(
        key=key,
        title=f":{name}: {told['text']}"[:100],
        content={"reaction": name, "user": user, "channel": told["channel"], "ts": message.ts, "message": told},
        subject=f"{told['channel']}:{message.ts}",
    )

"""Messages of a Discord channel, as items."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from typing import Annotated, Any, Literal

import msgspec

from connectors.discord.connection import Connection, call
from connectors.sdk import Attachment, Choice, Context, Item, NoSettings, Settings, SettingsError, Shape, field
from connectors.sdk.intervals import interval
from connectors.sdk.network.http import ANSWER_LIMIT, Options
from connectors.sdk.texts import storable

PAGE = 100
# Channels in which messages are written: text, announcements, threads, voice and stage chats
_WRITTEN = frozenset({0, 2, 5, 10, 11, 12, 13})
# A message, a reply, and what commands answer
_SPOKEN = frozenset({0, 19, 20, 23})


class Author(msgspec.Struct):
    """Who wrote."""

    id: str
    username: str = ""
    global_name: str | None = None
    bot: bool = False


class File(msgspec.Struct):
    """What was attached."""

    id: str
    filename: str = ""
    size: int = 0
    url: str = ""
    content_type: str | None = None


class Reference(msgspec.Struct):
    """The message that was replied to."""

    message_id: str | None = None


class Message(msgspec.Struct):
    """A message as Discord lists it."""

    id: str
    channel_id: str = ""
    type: int = 0
    content: str = ""
    author: Author | None = None
    timestamp: str = ""
    webhook_id: str | None = None
    nonce: Any = None
    attachments: list[File] = []
    embeds: list[dict[str, Any]] = []
    message_reference: Reference | None = None


class Guild(msgspec.Struct):
    """A Discord server."""

    id: str
    name: str = ""


class Place(msgspec.Struct):
    """A channel of a server."""

    id: str
    type: int = 0
    name: str = ""


async def channels(context: Context[Connection, NoSettings]) -> Sequence[Choice]:
    """Return the channels of all servers that the bot is on."""
    found = []
    for guild in await call(context, "GET", "/users/@me/guilds", list[Guild]):
        places = await call(context, "GET", f"/guilds/{guild.id}/channels", list[Place])
        found += [Choice(one.id, f"#{one.name}, {guild.name}") for one in places if one.type in _WRITTEN]
    return found


class Channel(Settings):
    """Which channel to listen to."""

    channel: Annotated[
        str, field("Channel", hint="Its id; the bot must see it.", example="112233445566778899", choices=channels)
    ]
    bots: Annotated[bool, field("Messages of bots and webhooks too", advanced=True)] = False
    fetch: Annotated[bool, field("Fetch files", hint="Bring the files of a message along with it.")] = False
    existing: Annotated[
        Literal["read", "skip"],
        field("Messages already there", hint="What to do with them when the recipe starts."),
    ] = "skip"
    every: Annotated[str, field("Ask every", hint="How often to look.", advanced=True, shape=Shape.DURATION)] = "1m"

    def __post_init__(self) -> None:
        interval(self.every)
        if not self.channel.strip().isdecimal():
            raise ValueError("A channel is given by its id, a long number.")


async def new_messages(context: Context[Connection, Channel], cursor: str | None) -> AsyncIterator[Item]:
    """Yield the messages after the cursor, the oldest first; Discord numbers them in the order in which they come."""
    if cursor is None and context.settings.existing == "skip":
        newest = await _page(context, limit="1")
        yield Item(content=None, cursor=newest[-1].id if newest else "0")
        return
    after = cursor or "0"
    while True:
        begun = after
        found = await _page(context, limit=str(PAGE), after=after)
        for message in found:
            after = message.id
            if _wanted(message, context.settings):
                yield await _item(context, message)
            else:
                yield Item(content=None, cursor=message.id)
        if len(found) < PAGE or int(after) <= int(begun):
            return


async def _page(context: Context[Connection, Channel], **bounds: str) -> list[Message]:
    path = f"/channels/{context.settings.channel.strip()}/messages"
    found = await call(context, "GET", path, list[Message], Options(params=bounds))
    return sorted(found, key=lambda one: int(one.id))


def _wanted(message: Message, settings: Channel) -> bool:
    is_bot = bool(message.webhook_id) or (message.author is not None and message.author.bot)
    return message.type in _SPOKEN and (settings.bots or not is_bot)


async def _item(context: Context[Connection, Channel], message: Message) -> Item:
    author, text = message.author, storable(message.content)
    told = {
        "text": text,
        "author": author.id if author else "",
        "author_name": storable(author.global_name or author.username) if author else "",
        "channel": context.settings.channel.strip(),
        "message": message.id,
        "reply_to": message.message_reference.message_id if message.message_reference else None,
        "sent_at": message.timestamp,
        "embeds": message.embeds,
        "files": [await _described(context, file) for file in message.attachments],
    }
    return Item(key=message.id, title=text[:100], content=told, cursor=message.id, subject=message.id)


async def _described(context: Context[Connection, Channel], file: File) -> dict[str, Any]:
    name, media_type = storable(file.filename) or file.id, file.content_type or "application/octet-stream"
    told = {"id": file.id, "name": name, "media_type": media_type, "size": file.size}
    if not context.settings.fetch:
        return told
    if file.size > ANSWER_LIMIT:
        return {**told, "file": None, "problem": f"The file has more than {ANSWER_LIMIT // 1024 // 1024} MB."}
    try:
        content = (await context.http.get(file.url, timeout=120.0)).content
    except SettingsError as error:
        return {**told, "file": None, "problem": error.message}
    plain = media_type.partition(";")[0].strip()
    return {**told, "file": Attachment(name=name, media_type=plain, content=content)}

"""Messages that people send to a bot, as items."""

from __future__ import annotations

import asyncio
import mimetypes
from collections.abc import AsyncIterator, Mapping
from datetime import UTC, datetime
from typing import Annotated, Any, Literal

import msgspec

from connectors.sdk import Attachment, Context, Item, Settings, Shape, field
from connectors.sdk.intervals import interval
from connectors.sdk.texts import storable
from connectors.telegram.connection import Connection, GoneError, call, download

MOST = 100
# As long as Telegram itself suggests; a proxy on the way may cut what is silent for a minute
WAIT_SECONDS = 45
SETTLE_SECONDS = 2.0
LARGEST_FILE = 20 * 1024 * 1024
# The cursor when everything that was read has been confirmed: after a quiet week Telegram's numbers begin anew
NOTHING_OPEN = "-"


class Inbox(Settings):
    """Which messages start a run."""

    takes: Annotated[Literal["all", "texts", "files"], field("Takes", hint="files: messages with a file or photo.")] = (
        "all"
    )
    chats: Annotated[
        list[int], field("Chats", hint="By their ids; left out: everybody who writes to the bot.", example=[123456789])
    ] = []
    edits: Annotated[bool, field("Edited messages too", advanced=True)] = False
    fetch: Annotated[bool, field("Fetch files", hint="Bring the files along, 20 MB each at most.", advanced=True)] = (
        True
    )
    existing: Annotated[
        Literal["read", "skip"],
        field("Messages already there", hint="What to do with them when the recipe starts; Telegram keeps a day's."),
    ] = "read"
    every: Annotated[str, field("Ask every", hint="Besides waiting for news.", advanced=True, shape=Shape.DURATION)] = (
        "1m"
    )

    def __post_init__(self) -> None:
        interval(self.every)

    @property
    def kinds(self) -> list[str]:
        """Which updates to ask for."""
        plain = ["message", "channel_post"]
        return [*plain, "edited_message", "edited_channel_post"] if self.edits else plain


class Who(msgspec.Struct):
    """A person or a bot."""

    id: int
    is_bot: bool = False
    first_name: str = ""
    last_name: str = ""
    username: str = ""


class Chat(msgspec.Struct):
    """Where a message was written."""

    id: int
    type: str = "private"
    title: str = ""
    username: str = ""
    first_name: str = ""


class Held(msgspec.Struct):
    """A file in a message; not every kind has a name or a type."""

    file_id: str
    file_unique_id: str = ""
    file_name: str = ""
    mime_type: str = ""
    file_size: int = 0


class Replied(msgspec.Struct):
    """The message that was replied to."""

    message_id: int


class Message(msgspec.Struct):
    """What somebody wrote."""

    message_id: int
    date: int
    chat: Chat
    from_: Who | None = msgspec.field(default=None, name="from")
    text: str = ""
    caption: str = ""
    edit_date: int = 0
    media_group_id: str = ""
    reply_to_message: Replied | None = None
    photo: list[Held] = []
    document: Held | None = None
    video: Held | None = None
    audio: Held | None = None
    voice: Held | None = None
    animation: Held | None = None
    video_note: Held | None = None
    location: dict[str, Any] | None = None
    contact: dict[str, Any] | None = None


class Update(msgspec.Struct):
    """One piece of news; the number says in which order it came."""

    update_id: int
    message: Message | None = None
    channel_post: Message | None = None
    edited_message: Message | None = None
    edited_channel_post: Message | None = None


class _File(msgspec.Struct):
    file_path: str = ""


async def received(context: Context[Connection, Inbox], cursor: str | None) -> AsyncIterator[Item]:
    """Yield at most a hundred messages; the next call confirms them to Telegram, which then forgets them."""
    settings = context.settings
    if cursor is None and settings.existing == "skip":
        last = await updates(context, offset=-1)
        yield Item(content=None, cursor=str(last[-1].update_id) if last else NOTHING_OPEN)
        return
    is_open = cursor is not None and cursor != NOTHING_OPEN
    found = await updates(context, offset=int(cursor or 0) + 1 if is_open else None)
    for update in found:
        message = update.message or update.channel_post or update.edited_message or update.edited_channel_post
        if message is None or not _wanted(message, settings):
            yield Item(content=None, cursor=str(update.update_id))
        else:
            yield await _item(context, message, str(update.update_id))
    if not found and is_open:
        yield Item(content=None, cursor=NOTHING_OPEN)


async def news(context: Context[Connection, Inbox]) -> None:
    """Return when something is there, confirmed or not; what was just read gets a moment to be confirmed."""
    await asyncio.sleep(SETTLE_SECONDS)
    while not await updates(context, wait=WAIT_SECONDS, most=1):
        pass


async def updates(
    context: Context[Connection, Inbox], *, offset: int | None = None, wait: int = 0, most: int = MOST
) -> list[Update]:
    """Ask for what is new; those before `offset` are confirmed by that."""
    return await call(
        context,
        "getUpdates",
        list[Update],
        seconds=wait + 30.0,
        offset=offset,
        limit=most,
        timeout=wait,
        allowed_updates=context.settings.kinds,
    )


def _wanted(message: Message, settings: Inbox) -> bool:
    has_file = bool(_held(message))
    if settings.chats and message.chat.id not in settings.chats:
        return False
    return {"all": True, "files": has_file, "texts": bool(message.text)}[settings.takes]


async def _item(context: Context[Connection, Inbox], message: Message, cursor: str) -> Item:
    text, who, chat = storable(message.text or message.caption), message.from_, message.chat
    place = f"{chat.id}:{message.message_id}"
    files = [await _fetched(context, kind, held) for kind, held in _held(message).items()]
    told: Mapping[str, Any] = {
        "text": text,
        "chat": str(chat.id),
        "chat_type": chat.type,
        "chat_name": storable(chat.title or chat.first_name or chat.username),
        "message": str(message.message_id),
        "sender": str(who.id) if who else "",
        "sender_name": storable(f"{who.first_name} {who.last_name}".strip()) if who else "",
        "sender_username": who.username if who else "",
        "sent_at": datetime.fromtimestamp(message.date, UTC).isoformat(),
        "is_edit": bool(message.edit_date),
        "reply_to": str(message.reply_to_message.message_id) if message.reply_to_message else "",
        "album": message.media_group_id,
        "location": message.location,
        "contact": message.contact,
        "files": files,
    }
    return Item(
        key=f"{place}:{message.edit_date}" if message.edit_date else place,
        title=(text or (str(files[0]["name"]) if files else "Message"))[:100],
        content=told,
        cursor=cursor,
        subject=str(chat.id),
    )


def _held(message: Message) -> dict[str, Held]:
    """Return the files of a message by kind; of a photo's sizes the largest."""
    kinds = ("document", "video", "audio", "voice", "animation", "video_note")
    found = {kind: held for kind in kinds if (held := getattr(message, kind)) is not None}
    if "animation" in found:
        found.pop("document", None)  # Telegram tells of the same file twice
    return {**found, **({"photo": message.photo[-1]} if message.photo else {})}


async def _fetched(context: Context[Connection, Inbox], kind: str, held: Held) -> dict[str, Any]:
    usual = {"photo": "image/jpeg", "voice": "audio/ogg", "video_note": "video/mp4"}
    media_type = held.mime_type or usual.get(kind, "application/octet-stream")
    name = storable(held.file_name) or f"{kind}{mimetypes.guess_extension(media_type) or ''}"
    told = {"kind": kind, "id": held.file_id, "name": name, "media_type": media_type, "size": held.file_size}
    if not context.settings.fetch:
        return told
    problem = {**told, "file": None, "problem": "Telegram hands out files of up to 20 MB only."}
    if held.file_size > LARGEST_FILE:
        return problem
    try:
        path = (await call(context, "getFile", _File, file_id=held.file_id)).file_path
    except GoneError:
        return problem
    content = await download(context, path)
    return {**told, "file": Attachment(name=name, media_type=media_type, content=content)}

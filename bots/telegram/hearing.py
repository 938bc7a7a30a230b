"""What Telegram sent, as the conversation hears it."""

from __future__ import annotations

from io import BytesIO
from typing import TYPE_CHECKING

from bots.asked import Incoming
from bots.conversation import Heard
from bots.telegram.webhook import CARRIER
from hub.errors import TooLargeError, UnavailableError
from hub.identities import Account

if TYPE_CHECKING:
    from aiogram import Bot
    from aiogram.types import Message, Update, User

# What the Bot API hands out at most; a server of one's own could give more
LARGEST_MB = 20
LOST = "Telegram did not hand out the file. Send it again, or upload it in Patchdeck."


def heard_of(bot: Bot, update: Update, largest_mb: int) -> Heard | None:
    """Return what was said, sent or pressed in a direct conversation; None for everything else."""
    pressed = update.callback_query
    if pressed is not None:
        return Heard(account=_account(pressed.from_user), pressed=pressed.data or "-", key=_key(update))
    message = update.message
    if message is None or message.from_user is None or message.from_user.is_bot or message.chat.type != "private":
        return None
    files, voice = _files(bot, message, min(largest_mb, LARGEST_MB)), None
    if message.voice is not None:
        voice, files = files[0], []
    return Heard(
        account=_account(message.from_user),
        text=message.text or message.caption or "",
        files=files,
        voice=voice,
        own=message.forward_origin is None and message.via_bot is None,
        key=_key(update),
    )


def is_group_command(update: Update) -> bool:
    """Tell whether somebody talks to the bot where others listen."""
    message = update.message
    return message is not None and message.chat.type != "private" and (message.text or "").startswith("/")


def _key(update: Update) -> str:
    return f"{CARRIER}:{update.update_id}"


def _account(user: User) -> Account:
    return Account(carrier=CARRIER, account=str(user.id), chat=str(user.id), name=user.full_name)


def _files(bot: Bot, message: Message, most_mb: int) -> list[Incoming]:
    number = message.message_id
    if message.voice is not None:
        kind = message.voice.mime_type or "audio/ogg"
        return [_incoming(bot, message.voice.file_id, (f"voice-{number}.oga", kind, message.voice.file_size), most_mb)]
    if message.photo:
        largest = max(message.photo, key=lambda one: one.width * one.height)
        return [_incoming(bot, largest.file_id, (f"photo-{number}.jpg", "image/jpeg", largest.file_size), most_mb)]
    found = message.document or message.audio or message.video
    if found is None:
        return []
    named = (found.file_name or f"file-{number}", found.mime_type or "application/octet-stream", found.file_size)
    return [_incoming(bot, found.file_id, named, most_mb)]


def _incoming(bot: Bot, identity: str, named: tuple[str, str, int | None], most_mb: int) -> Incoming:
    name, kind, size = named

    async def load() -> bytes:
        _check(size or 0, most_mb)
        content = await _download(bot, identity)
        _check(len(content), most_mb)
        return content

    return Incoming(name=name, media_type=kind, size=size or 0, load=load)


async def _download(bot: Bot, identity: str) -> bytes:
    from aiogram.exceptions import AiogramError
    from aiohttp import ClientError

    content = BytesIO()
    try:
        described = await bot.get_file(identity)
        await bot.download_file(described.file_path or "", content)
    except (AiogramError, ClientError, TimeoutError):
        # The address of a file has the token in it, so that the cause is not passed on.
        raise UnavailableError(LOST) from None
    return content.getvalue()


def _check(size: int, most_mb: int) -> None:
    if size > most_mb * 1024 * 1024:
        raise TooLargeError(
            f"The file has {size / 1024 / 1024:.0f} MB; bots get {most_mb} MB at most. Upload it in Patchdeck."
        )

"""Replies on their way to Telegram: in its pace, with buttons, and with questions that can be settled later."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING, TypeVar

from bots.finding import clipped
from bots.replies import Reply
from bots.telegram.rendering import LONGEST_LABEL, pressable, render, settled
from hub.errors import UnavailableError
from hub.identities import Buttons, ChatNotices, Identity, Kept

if TYPE_CHECKING:
    from aiogram import Bot
    from aiogram.methods import TelegramMethod
    from aiogram.types import InlineKeyboardMarkup

_TRIES = 4
_LONGEST_WAIT = 120.0
_WIDE = 18

T = TypeVar("T")

log = logging.getLogger(__name__)


class Sender:
    """Sends replies to accounts of one bot."""

    def __init__(self, bot: Bot, notices: ChatNotices, own_url: str) -> None:
        self._bot = bot
        self._notices = notices
        self._url = own_url
        self._buttons = Buttons()

    async def send(self, chat: str, reply: Reply, identity: Identity | None, *, answers: int | None = None) -> None:
        """Send a reply; buttons work for the account that gets them, so a stranger gets none."""
        from aiogram.methods import SendDocument, SendMessage
        from aiogram.types import BufferedInputFile, LinkPreviewOptions, ReplyParameters

        keyboard = await self._keyboard(identity, reply) if identity else None
        *first, last = render(reply, self._url)
        plain = LinkPreviewOptions(is_disabled=True)
        for text in first:
            message = SendMessage(chat_id=chat, text=text, parse_mode="HTML", link_preview_options=plain)
            await in_its_pace(self._bot, message)
        to = ReplyParameters(message_id=answers, allow_sending_without_reply=True) if answers else None
        message = SendMessage(
            chat_id=chat, text=last, parse_mode="HTML", link_preview_options=plain, reply_markup=keyboard,
            reply_parameters=to,
        )  # fmt: skip
        sent = await in_its_pace(self._bot, message)
        if identity is not None and reply.subject is not None:
            await self._notices.posted(identity, str(sent.message_id), reply.subject, last)
        if identity is not None and reply.follows is not None:
            await self._notices.follow(identity, str(sent.message_id), reply.follows)
        for file in reply.files:
            upload = BufferedInputFile(file.content, filename=file.name)
            await in_its_pace(self._bot, SendDocument(chat_id=chat, document=upload))

    async def follow(self, identity: Identity, message: str, reply: Reply) -> None:
        """Tell what came of something, as an answer to the message that told of its start."""
        await self.send(identity.chat, reply, identity, answers=int(message))

    async def tell(self, identity: Identity, reply: Reply) -> None:
        """Send a notice to an account."""
        await self.send(identity.chat, reply, identity)

    async def settle(self, identity: Identity, subject: str, outcome: str) -> int:
        """Say in every message that asks about a subject what was decided, and take its buttons away."""
        from aiogram.exceptions import TelegramBadRequest
        from aiogram.methods import EditMessageText

        posted = await self._notices.messages(identity, subject)
        for one in posted:
            edit = EditMessageText(
                text=settled(one.text, outcome), chat_id=identity.chat, message_id=int(one.message), parse_mode="HTML"
            )
            try:
                await in_its_pace(self._bot, edit)
            except TelegramBadRequest as error:  # deleted by the reader, or the same already
                log.info("a message could not be replaced: %s", error.message)
        return len(posted)

    async def _keyboard(self, identity: Identity, reply: Reply) -> InlineKeyboardMarkup | None:
        from aiogram.types import InlineKeyboardButton, InlineKeyboardMarkup

        if not reply.buttons:
            return None
        buttons = pressable(reply.buttons)
        ids = await self._buttons.keep(identity, [Kept(one.command, one.once) for one in buttons])
        rows: list[list[InlineKeyboardButton]] = []
        for button, identifier in zip(buttons, ids, strict=True):
            shown = InlineKeyboardButton(text=clipped(button.label, LONGEST_LABEL), callback_data=identifier)
            narrow = len(button.label) <= _WIDE and rows and len(rows[-1]) == 1 and len(rows[-1][0].text) <= _WIDE
            rows[-1].append(shown) if narrow else rows.append([shown])
        return InlineKeyboardMarkup(inline_keyboard=rows)


async def in_its_pace(bot: Bot, method: TelegramMethod[T]) -> T:
    """Call a method of Telegram's, again when it says later or did not answer; UnavailableError when it stays away."""
    from aiogram.exceptions import TelegramNetworkError, TelegramRetryAfter, TelegramServerError

    for number in range(_TRIES):
        try:
            return await bot(method)
        except TelegramRetryAfter as error:
            if error.retry_after > _LONGEST_WAIT:
                raise UnavailableError("Telegram takes no messages now.", retry_after=error.retry_after) from error
            await asyncio.sleep(error.retry_after)
        except (TelegramNetworkError, TelegramServerError):
            await asyncio.sleep(2.0**number / 2)
    raise UnavailableError("Telegram does not answer.", retry_after=30)

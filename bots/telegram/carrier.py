"""The Telegram bot: asks for updates or is called, works them off in order, and tells what happens meanwhile."""

from __future__ import annotations

import asyncio
import contextlib
from functools import partial
from typing import TYPE_CHECKING

import msgspec

from bots.commands import COMMANDS
from bots.conversation import Conversation
from bots.inbox import BROKEN, Inbox
from bots.replies import Reply
from bots.telegram.hearing import heard_of, is_group_command
from bots.telegram.patience import patiently
from bots.telegram.sending import Sender, in_its_pace
from bots.telegram.webhook import CARRIER, PATH, Secrets, bot_of, received
from bots.telling import Telling
from hub.errors import HubError, UnavailableError
from hub.identities import Account, ChatNotices, Faring, Update, Updates
from hub.identities.carriers import EVERY
from hub.outages import AWAY

if TYPE_CHECKING:
    from aiogram import Bot

    from bots.services import Services

ALLOWED = ["message", "callback_query"]
POLL_SECONDS = 25
IN_GROUPS = "I talk in direct messages only, where nobody else reads along. Write to me there."


class TelegramSettings(msgspec.Struct, frozen=True, kw_only=True):
    """The bot's token, how updates come, and from where; `url` is the hub's own address."""

    token: str
    url: str
    webhook: bool = False
    api_url: str | None = None
    largest_mb: int = 20


class Telegram:
    """One bot; several processes may run it, of which Telegram lets one ask at a time."""

    def __init__(self, settings: TelegramSettings, services: Services, notices: ChatNotices) -> None:
        self._settings = settings
        self._conversation = Conversation(services, settings.url)
        self._services = services
        self._notices = notices
        self._known = asyncio.Event()
        self._updates = Updates(CARRIER, bot_of(settings.token))

    async def forever(self) -> None:
        """Run until cancelled; whatever is away is waited for."""
        from aiogram.exceptions import TelegramAPIError, TelegramForbiddenError

        bot = _bot(self._settings)
        sender = Sender(bot, self._notices, self._settings.url)
        telling = Telling(CARRIER, self._services, self._notices, self._settings.url, (TelegramAPIError,))
        inbox = Inbox(
            self._updates, partial(self._answer, bot, sender), partial(_apologise, sender), (TelegramForbiddenError,)
        )
        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(self._listen(bot, inbox))
                group.create_task(inbox.forever())
                group.create_task(telling.forever(sender))
                group.create_task(self._fare())
        finally:
            await bot.session.close()

    async def _listen(self, bot: Bot, inbox: Inbox) -> None:
        """Introduce the bot, then ask for updates for ever, unless Telegram calls."""
        while not await patiently(partial(self._introduce, bot)):
            pass
        self._known.set()
        offset: int | None = None
        while not self._settings.webhook:
            offset = await patiently(partial(self._ask, bot, inbox, offset)) or offset

    async def _fare(self) -> None:
        """Say every while that the bot is there, once Telegram knows it."""
        await self._known.wait()
        way = "webhook" if self._settings.webhook else "polling"
        while True:
            with contextlib.suppress(*AWAY):
                await self._services.carriers.note(CARRIER, Faring(state="connected", way=way))
            await asyncio.sleep(EVERY)

    async def _ask(self, bot: Bot, inbox: Inbox, offset: int | None) -> int | None:
        """Ask once, write down what came, and return from where to go on: what is not acknowledged comes again."""
        from aiogram.utils.serialization import deserialize_telegram_object_to_python

        updates = await bot.get_updates(
            offset=offset, timeout=POLL_SECONDS, allowed_updates=ALLOWED, request_timeout=POLL_SECONDS + 10
        )
        if updates:
            await self._updates.receive([received(deserialize_telegram_object_to_python(one)) for one in updates])
            inbox.wake()
        return updates[-1].update_id + 1 if updates else None

    async def _introduce(self, bot: Bot) -> bool:
        """Tell Telegram how to reach us and which commands there are."""
        from aiogram.types import BotCommand

        if self._settings.webhook:
            secrets = Secrets.of(self._settings.token)
            address = f"{self._settings.url}{PATH}{secrets.path}"
            await bot.set_webhook(address, secret_token=secrets.header, allowed_updates=ALLOWED)
        else:
            await bot.delete_webhook()
        commands = [BotCommand(command=one.word, description=one.text[:256]) for one in COMMANDS.values()]
        await bot.set_my_commands(commands)
        return True

    async def _answer(self, bot: Bot, sender: Sender, update: Update) -> None:
        from aiogram.types import Update as TelegramUpdate

        said = TelegramUpdate.model_validate(update.body, context={"bot": bot})
        if is_group_command(said):
            await sender.send(update.conversation, Reply(text=IN_GROUPS), None)
            return
        heard = heard_of(bot, said, self._settings.largest_mb)
        if heard is None:
            return
        if said.callback_query is not None:
            await _acknowledge(bot, said.callback_query.id)
        reply = await self._conversation.answer(heard)
        await self._reply(sender, heard.account, reply)

    async def _reply(self, sender: Sender, account: Account, reply: Reply) -> None:
        """Send a reply, or where it settles a question put it into the messages that asked."""
        identity = await self._conversation.who(account)
        replaced = await sender.settle(identity, reply.settles, reply.text) if identity and reply.settles else 0
        if not replaced:
            await sender.send(account.chat, reply, identity)


async def _apologise(sender: Sender, update: Update) -> None:
    if update.conversation:
        with contextlib.suppress(HubError):
            await sender.send(update.conversation, Reply(text=BROKEN), None)


async def _acknowledge(bot: Bot, press: str) -> None:
    """Stop the button's spinner before the work begins; one that is too old needs none."""
    from aiogram.exceptions import TelegramBadRequest
    from aiogram.methods import AnswerCallbackQuery

    with contextlib.suppress(TelegramBadRequest, UnavailableError):
        await in_its_pace(bot, AnswerCallbackQuery(callback_query_id=press))


def _bot(settings: TelegramSettings) -> Bot:
    from aiogram import Bot
    from aiogram.client.session.aiohttp import AiohttpSession
    from aiogram.client.telegram import PRODUCTION, TelegramAPIServer

    server = TelegramAPIServer.from_base(settings.api_url) if settings.api_url else PRODUCTION
    return Bot(settings.token, session=AiohttpSession(api=server))

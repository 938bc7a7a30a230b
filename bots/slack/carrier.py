"""The Slack bot: takes events by HTTP or socket, works them off in order, and tells what happens meanwhile."""

from __future__ import annotations

import asyncio
import contextlib
from functools import partial
from typing import TYPE_CHECKING

import msgspec

from bots.conversation import Conversation
from bots.inbox import BROKEN, Inbox
from bots.replies import Reply
from bots.services import Services
from bots.slack.answering import Answering
from bots.slack.calling import SlackRefusedError
from bots.slack.connecting import Connecting
from bots.slack.files import SlackFiles
from bots.slack.hearing import origin_of
from bots.slack.payloads import CARRIER, bot_of, read
from bots.slack.receiving import quiet_log
from bots.slack.sending import Sender
from bots.telling import Telling
from connectors.sdk.network.guard import Guard
from hub.errors import HubError
from hub.identities import ChatNotices, Update, Updates

if TYPE_CHECKING:
    from aiohttp import ClientSession
    from slack_sdk.web.async_client import AsyncWebClient

SECONDS = 30


class SlackSettings(msgspec.Struct, frozen=True, kw_only=True):
    """The app's tokens, and where the hub and Slack are; without an app token Slack calls the hub."""

    token: str
    url: str
    app_token: str | None = None
    api_url: str | None = None
    largest_mb: int = 100


class Slack:
    """One Slack app; several processes may run it, and each message is answered by one of them."""

    def __init__(self, settings: SlackSettings, services: Services, notices: ChatNotices, guard: Guard) -> None:
        self._settings = settings
        self._services = services
        self._notices = notices
        self._guard = guard
        self._conversation = Conversation(services, settings.url)

    async def forever(self) -> None:
        """Run until cancelled; whatever is away is waited for."""
        from aiohttp import ClientSession

        settings = self._settings
        async with ClientSession() as session:
            client = _client(settings, session)
            files = SlackFiles(client, self._guard, settings.api_url, settings.largest_mb)
            sender = Sender(client, files, self._notices, settings.url)
            answering = Answering(self._conversation, client, sender, files, settings.url)
            inbox = Inbox(
                Updates(CARRIER, bot_of(settings.token)), answering.answer, partial(_apologise, sender),
                (SlackRefusedError,),
            )  # fmt: skip
            telling = Telling(CARRIER, self._services, self._notices, settings.url, (SlackRefusedError,))
            connecting = Connecting(client, self._services.carriers, settings.app_token)
            try:
                async with asyncio.TaskGroup() as group:
                    group.create_task(connecting.forever(settings.token, inbox.wake))
                    group.create_task(inbox.forever())
                    group.create_task(telling.forever(sender))
            finally:
                await files.close()


async def _apologise(sender: Sender, update: Update) -> None:
    with contextlib.suppress(HubError, SlackRefusedError, msgspec.ValidationError):
        await sender.answer(origin_of(read(update.body)), Reply(text=BROKEN, private=True), None)


def _client(settings: SlackSettings, session: ClientSession) -> AsyncWebClient:
    from slack_sdk.web.async_client import AsyncWebClient

    address = f"{settings.api_url.rstrip('/')}/" if settings.api_url else AsyncWebClient.BASE_URL
    return AsyncWebClient(
        settings.token, base_url=address, timeout=SECONDS, session=session, logger=quiet_log(), retry_handlers=[]
    )

"""Notices to linked accounts: what failed, what waits for an answer, and what was decided elsewhere."""

from __future__ import annotations

import asyncio
import logging

from bots.asked import Asked
from bots.decisions import decided, kind_of, question
from bots.replies import Button, Reply
from bots.services import Services
from bots.telegram.sending import Sender
from bots.telegram.webhook import CARRIER
from hub.errors import NotFoundError, UnavailableError
from hub.identities import ASKED, DECIDED, ChatNotice, ChatNotices, Wizards
from hub.ids import parse
from hub.outages import AWAY

PAUSE = 1.0
LATER = 30.0

log = logging.getLogger(__name__)


class Telling:
    """Follows what happens in the workspaces of linked accounts."""

    def __init__(self, services: Services, notices: ChatNotices, sender: Sender, url: str) -> None:
        self._services = services
        self._notices = notices
        self._sender = sender
        self._url = url
        self._wizards = Wizards()

    async def forever(self) -> None:
        """Tell until cancelled."""
        while True:
            try:
                told = await self.once()
            except AWAY as error:
                log.warning("notices wait for the database: %s", type(error).__name__)
                told = 0
            if not told:
                await asyncio.sleep(PAUSE)

    async def once(self) -> int:
        """Make notices of what happened and send one lot; returns how many there were."""
        await self._notices.gather()
        taken = await self._notices.take(CARRIER)
        for notice in taken:
            await self._tell(notice)
        return len(taken)

    async def _tell(self, notice: ChatNotice) -> None:
        from aiogram.exceptions import TelegramAPIError

        try:
            await self._send(notice)
        except UnavailableError as error:
            await self._notices.put_off(notice, error.retry_after or LATER)
            return
        except NotFoundError:
            log.info("notice %s is about something that is gone", notice.id)
        except TelegramAPIError as error:  # such as a reader who has blocked the bot
            log.info("notice %s was not taken: %s", notice.id, type(error).__name__)
        await self._notices.settle(notice)

    async def _send(self, notice: ChatNotice) -> None:
        if notice.kind in DECIDED:
            found = await self._services.decisions.find(
                notice.identity.member, kind_of(notice.subject) or "", notice.subject
            )
            await self._sender.settle(notice.identity, notice.subject, decided(found.summary))
            return
        reply = await (self._asked(notice) if notice.kind in ASKED else self._failed(notice))
        if reply is not None:
            await self._sender.send(notice.identity.chat, reply, notice.identity)

    async def _asked(self, notice: ChatNotice) -> Reply | None:
        """Ask those who may answer, and nobody else."""
        asked = Asked(
            services=self._services, wizards=self._wizards, identity=notice.identity, argument="", url=self._url
        )
        reply = await question(asked, kind_of(notice.subject) or "", notice.subject)
        return reply if reply.buttons else None

    async def _failed(self, notice: ChatNotice) -> Reply:
        run = await self._services.history.show(notice.identity.member, parse("run", notice.subject))
        count = run.counts.dead
        things = "1 item" if count == 1 else f"{count} items"
        text = f"{run.recipe_name}: {things} failed for good.\n{self._url}/runs/{run.id}"
        return Reply(text=text, buttons=[Button("Its runs", f"runs {run.recipe_name}")])

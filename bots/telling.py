"""Notices to linked accounts: what failed, what waits for an answer, and what was decided elsewhere."""

from __future__ import annotations

import asyncio
import logging
from typing import Protocol

from bots.asked import Asked
from bots.decisions import decided, kind_of, question
from bots.replies import Button, Reply
from bots.runs import state_of
from bots.services import Services
from hub.errors import NotFoundError, UnavailableError
from hub.identities import ASKED, ASSIGNED, DECIDED, ENDED, ChatNotice, ChatNotices, Identity, Wizards
from hub.ids import parse
from hub.outages import AWAY

PAUSE = 1.0
LATER = 30.0

log = logging.getLogger(__name__)


class Messenger(Protocol):
    """Brings replies to accounts of one chat service."""

    async def tell(self, identity: Identity, reply: Reply) -> None:
        """Send a notice to where the account wants its notices."""
        ...

    async def follow(self, identity: Identity, message: str, reply: Reply) -> None:
        """Send what came of something to the thread of the message that told of its start."""
        ...

    async def settle(self, identity: Identity, subject: str, outcome: str) -> int:
        """Say in every message that asks about a subject what was decided; returns how many there were."""
        ...


class Telling:
    """Follows what happens in the workspaces of accounts of one carrier.

    `refused` are failures of sending that stay, such as a reader who has blocked the bot.
    """

    def __init__(
        self, carrier: str, services: Services, notices: ChatNotices, url: str, refused: tuple[type[Exception], ...]
    ) -> None:
        self._carrier = carrier
        self._services = services
        self._notices = notices
        self._url = url
        self._refused = refused
        self._wizards = Wizards()

    async def forever(self, messenger: Messenger) -> None:
        """Tell until cancelled."""
        while True:
            try:
                told = await self.once(messenger)
            except AWAY as error:
                log.warning("notices wait for the database: %s", type(error).__name__)
                told = 0
            if not told:
                await asyncio.sleep(PAUSE)

    async def once(self, messenger: Messenger) -> int:
        """Make notices of what happened and send one lot; returns how many there were."""
        await self._notices.gather()
        taken = await self._notices.take(self._carrier)
        for notice in taken:
            await self._tell(messenger, notice)
        return len(taken)

    async def _tell(self, messenger: Messenger, notice: ChatNotice) -> None:
        if not await self._notices.hold(notice):
            return  # those before it took so long that another process has taken it
        try:
            await self._send(messenger, notice)
        except UnavailableError as error:
            await self._notices.put_off(notice, error.retry_after or LATER)
            return
        except NotFoundError:
            log.info("notice %s is about something that is gone", notice.id)
        except self._refused as error:
            log.info("notice %s was not taken: %s", notice.id, type(error).__name__)
        await self._notices.settle(notice)

    async def _send(self, messenger: Messenger, notice: ChatNotice) -> None:
        if notice.kind in DECIDED:
            found = await self._services.decisions.find(
                notice.identity.member, kind_of(notice.subject) or "", notice.subject
            )
            await messenger.settle(notice.identity, notice.subject, decided(found.summary))
            return
        if notice.kind == ENDED:
            await messenger.follow(notice.identity, str(notice.body.get("message", "")), await self._ended(notice))
            return
        if notice.kind == ASSIGNED:
            await messenger.tell(notice.identity, await self._assigned(notice))
            return
        reply = await (self._asked(notice) if notice.kind in ASKED else self._failed(notice))
        if reply is not None:
            await messenger.tell(notice.identity, reply)

    async def _asked(self, notice: ChatNotice) -> Reply | None:
        """Ask those who may answer, and nobody else."""
        asked = Asked(
            services=self._services, wizards=self._wizards, identity=notice.identity, argument="", url=self._url
        )
        reply = await question(asked, kind_of(notice.subject) or "", notice.subject)
        return reply if reply.buttons else None

    async def _ended(self, notice: ChatNotice) -> Reply:
        run = await self._services.history.show(notice.identity.member, parse("run", notice.subject))
        return Reply(text=f"{run.recipe_name}: {state_of(run)}.\n{self._url}/runs/{run.id}")

    async def _assigned(self, notice: ChatNotice) -> Reply:
        """Name the recipe and the way to the dead letters; nothing of what is in them, nor why they failed."""
        number, first = int(notice.body["count"]), str(notice.body["items"][0])
        found = await self._services.history.item(notice.identity.member, parse("itm", first))
        things, place = ("A dead letter is", f"items/{first}")
        if number > 1:
            things, place = f"{number} dead letters are", "dead-letters?owner=me"
        return Reply(text=f"{found.item.recipe_name}: {things} yours now.\n{self._url}/{place}")

    async def _failed(self, notice: ChatNotice) -> Reply:
        run = await self._services.history.show(notice.identity.member, parse("run", notice.subject))
        count = run.counts.dead
        things = "1 item" if count == 1 else f"{count} items"
        text = f"{run.recipe_name}: {things} failed for good.\n{self._url}/runs/{run.id}"
        return Reply(text=text, buttons=[Button("Its runs", f"runs {run.recipe_name}")])

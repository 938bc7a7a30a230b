"""The services of subscriptions over a database, and a worker that tests start and stop."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from uuid import UUID

import msgspec

from connectors.sdk.network.guard import Guard
from hub.audit import Audit
from hub.database import execute, fetch
from hub.ids import parse
from hub.mail import Mail
from hub.members import Member
from hub.outbox import Bell, Outbox
from hub.sealing import MasterKeys, Vault
from hub.subscriptions import (
    CreatedSubscription,
    Message,
    Messages,
    NewSubscription,
    Sender,
    SubscriptionChange,
    Subscriptions,
    SubscriptionWork,
)
from hub.subscriptions.ending import Ending
from tests.subscriptions.receiver import Receiver

PATIENCE = 120.0
# How long a receiver may take: shorter than a message is held, and long for a busy machine
SECONDS = 30.0


class Parts(msgspec.Struct, frozen=True, kw_only=True):
    """Everything that a hub has of subscriptions."""

    vault: Vault
    outbox: Outbox
    bell: Bell
    sender: Sender
    ending: Ending
    subscriptions: Subscriptions
    messages: Messages

    async def subscribe(
        self, member: Member, receiver: Receiver, *kinds: str, with_values: bool = False
    ) -> CreatedSubscription:
        """Subscribe a receiver and give it the secret."""
        wanted = NewSubscription(url=receiver.url, kinds=kinds or ("*",), with_values=with_values)
        made = await self.subscriptions.create(member, wanted)
        receiver.secrets.add(made.secret)
        return made

    async def pause(self, member: Member, subscription: str) -> None:
        """Let a subscription rest."""
        await self.subscriptions.change(member, subscription, SubscriptionChange(active=False))

    async def resume(self, member: Member, subscription: str) -> None:
        """Let a subscription go on."""
        await self.subscriptions.change(member, subscription, SubscriptionChange(active=True))

    async def publish(self, workspace: UUID, kind: str, *subjects: str) -> None:
        """Let something happen to each of these."""
        await self.outbox.publish_all(workspace, [(kind, subject, {}) for subject in subjects])

    async def settled(self, member: Member, subscription: str, count: int, state: str = "sent") -> list[Message]:
        """Wait until so many messages are in a state, and return all, the oldest first."""
        async with asyncio.timeout(PATIENCE):
            while True:
                found = (await self.messages.list(member, subscription, limit=500)).items
                if sum(one.state == state for one in found) >= count:
                    return list(reversed(found))
                await asyncio.sleep(0.03)

    async def tried(self, member: Member, subscription: str, count: int = 1) -> Message:
        """Wait until the only message has been tried so often and return it."""
        await until(f"{_ATTEMPTS} having count(*) >= $2", parse("whk", subscription), count)
        (found,) = (await self.messages.list(member, subscription)).items
        return found

    def work(self) -> SubscriptionWork:
        """Another worker."""
        return SubscriptionWork(self.sender, self.ending, self.bell)


def parts_of(vault: Vault, *networks: str, mail: Mail | None = None, seconds: float = SECONDS) -> Parts:
    """Build the services; these networks may be reached besides the public internet."""
    bell, audit = Bell(), Audit()
    outbox, guard = Outbox(bell), Guard(networks)
    sender = Sender(vault, guard, seconds=seconds)
    ending = Ending(audit=audit, outbox=outbox, mail=mail or Mail(), public_url="http://hub.test")
    return Parts(
        vault=vault,
        outbox=outbox,
        bell=bell,
        sender=sender,
        ending=ending,
        subscriptions=Subscriptions(vault=vault, audit=audit, guard=guard),
        messages=Messages(audit=audit, sender=sender, ending=ending),
    )


@asynccontextmanager
async def at_work(*works: SubscriptionWork) -> AsyncIterator[None]:
    """Let workers work during a block."""
    running = [asyncio.create_task(work.forever()) for work in works]
    try:
        yield
    finally:
        ended = [task.cancel() for task in running]
        assert ended == [True] * len(running), "A worker ended by itself."
        await asyncio.gather(*running, return_exceptions=True)


async def until(sql: str, *arguments: Any) -> None:
    """Wait until a statement finds something."""
    async with asyncio.timeout(PATIENCE):
        while not await fetch(sql, *arguments):
            await asyncio.sleep(0.03)


async def hurry(subscription: str) -> None:
    """Let the pauses of waiting messages be over."""
    await execute(
        "update subscription_messages set next_at = now() where subscription = $1 and next_at is not null",
        parse("whk", subscription),
    )


def vault_in(folder: Path) -> Vault:
    """Open the vault whose master key lies in a folder."""
    return Vault(MasterKeys.from_file(folder / "master.key"))


_ATTEMPTS = (
    "select count(*) from subscription_attempts a "
    "join subscription_messages m on m.id = a.message where m.subscription = $1"
)

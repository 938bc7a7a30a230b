"""The work of subscriptions: events become messages, messages are sent until they are taken or given up."""

from __future__ import annotations

import asyncio
import logging
import time
from collections import Counter
from collections.abc import Sequence
from uuid import UUID

import msgspec

from hub.database import execute, fetch, from_jsonb
from hub.outages import AWAY
from hub.outbox import Bell
from hub.outbox.service import CHANNEL
from hub.subscriptions.ending import Ending
from hub.subscriptions.sending import Sender
from hub.subscriptions.structs import Held

# Events of a workspace that are read in one go.
EVENTS = 500
AT_ONCE = 64
# A slow receiver holds up no other one.
EACH = 8
# A message that is being sent is left alone for so long; a worker that dies meanwhile leaves it to the others.
HOLD = 40
LOOK_AGAIN = 1.0
TIDY_EVERY = 3600
KEPT = 30

log = logging.getLogger(__name__)


class SubscriptionWork:
    """Runs in every worker; each message is sent by one of them at a time."""

    def __init__(self, sender: Sender, ending: Ending, bell: Bell) -> None:
        self._sender = sender
        self._ending = ending
        self._sending: Counter[UUID] = Counter()
        self._told = asyncio.Event()
        self._known: set[str] = set()
        self._look_at = 0.0
        bell.on(CHANNEL, self._hear)

    async def forever(self) -> None:
        """Work until cancelled; a lost database is waited for."""
        rounds = 0
        async with asyncio.TaskGroup() as group:
            while True:
                try:
                    busy = await self._once(group)
                    if rounds % TIDY_EVERY == 0:
                        await execute(_FORGET, KEPT)
                except AWAY as error:
                    log.warning("webhooks wait: %s", error)
                    busy = False
                rounds += 1
                if not busy:
                    await self._rest()

    async def _once(self, group: asyncio.TaskGroup) -> bool:
        """Turn new events into messages and begin to send some that are due; tells whether there may be more."""
        self._told.clear()
        if time.monotonic() >= self._look_at:
            self._look_at = time.monotonic() + LOOK_AGAIN
            await execute(_REPAIR)
            self._known = {str(row["workspace"]) for row in await fetch(_KNOWN)}
        if not self._known:
            return False
        made = (await fetch(_MAKE, EVENTS))[0]["events"]
        taken = await self._take()
        for held in taken:
            self._sending[held.subscription] += 1
            group.create_task(self._send(held))
        return bool(made or taken)

    async def _take(self) -> Sequence[Held]:
        full = [subscription for subscription, sending in self._sending.items() if sending >= EACH]
        free = AT_ONCE - self._sending.total()
        if free <= 0:
            return []
        rows = await fetch(_TAKE, EACH, full, free, HOLD)
        return [msgspec.convert({**row, "body": from_jsonb(row["body"])}, Held) for row in rows]

    async def _send(self, held: Held) -> None:
        try:
            await self._ending.settle(held, await self._sender.send(held))
        except AWAY as error:
            log.warning("webhook message %s is sent again: %s", held.id, error)
        finally:
            self._sending[held.subscription] -= 1
            self._sending += Counter()
            self._told.set()

    async def _rest(self) -> None:
        try:
            async with asyncio.timeout(LOOK_AGAIN):
                await self._told.wait()
        except TimeoutError:
            return

    def _hear(self, workspace: str | None) -> None:
        """Wake up for an event of a workspace that has subscriptions."""
        if workspace is None or workspace in self._known:
            self._told.set()


_KNOWN = """
select c.workspace from subscription_cursors c
where exists (select from subscriptions s where s.workspace = c.workspace and s.state = 'active')"""
# Transaction numbers begin anew in a restored database; what is there then was told before.
_REPAIR = """
update subscription_cursors set xid = pg_snapshot_xmin(pg_current_snapshot()), number = 0
where xid > pg_snapshot_xmax(pg_current_snapshot())"""
# A transaction that is still running may yet write below what is already there: read only below the oldest one.
_MAKE = """
with due as (
    select c.workspace, c.xid, c.number from subscription_cursors c
    where exists (select from subscriptions s where s.workspace = c.workspace and s.state = 'active')
    for update of c skip locked
),
found as (
    select e.* from due d cross join lateral (
        select o.workspace, o.id, o.xid, o.kind, o.subject, o.body, o.at from outbox o
        where o.workspace = d.workspace and (o.xid, o.id) > (d.xid, d.number)
        and o.xid < pg_snapshot_xmin(pg_current_snapshot()) order by o.xid, o.id limit $1
    ) e
),
made as (
    insert into subscription_messages (id, workspace, subscription, event, kind, subject, body, at)
    select gen_random_uuid(), f.workspace, s.id, f.id, f.kind, f.subject, f.body, f.at
    from found f join subscriptions s on s.workspace = f.workspace and s.state = 'active'
        and s.kinds && array[f.kind, split_part(f.kind, '.', 1) || '.*', '*']
    order by s.id, f.id on conflict (subscription, event) do nothing
),
moved as (
    update subscription_cursors c set xid = l.xid, number = l.id
    from (select distinct on (workspace) workspace, xid, id from found order by workspace, xid desc, id desc) l
    where c.workspace = l.workspace
)
select count(*) as events from found"""
_TAKE = """
with due as (
    select m.id from subscriptions s cross join lateral (
        select m.id, m.next_at from subscription_messages m where m.subscription = s.id and m.next_at <= now()
        order by m.next_at limit $1 for update skip locked
    ) m
    where s.state = 'active' and s.id <> all($2::uuid[]) order by m.next_at limit $3
),
taken as (
    update subscription_messages m set tries = m.tries + 1, fence = m.fence + 1,
        next_at = now() + $4 * interval '1 second'
    from due where m.id = due.id returning m.*
)
select t.id, t.workspace, t.subscription, t.kind, t.subject, t.body, t.at, t.fence, t.tries, s.url, s.with_values,
    s.secret, case when s.previous_until > now() then s.previous_secret end as previous_secret
from taken t join subscriptions s on s.id = t.subscription"""
_FORGET = """
delete from subscription_messages where id in (
    select id from subscription_messages where at < now() - $1 * interval '1 day' for update skip locked
)"""

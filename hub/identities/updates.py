"""What chat services send: taken down once, worked off in order, given up after a few tries."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec

from hub.database import Row, execute, fetch, from_jsonb, to_jsonb

# An update that is being worked on is left alone for so long.
HELD = 300
MOST_TRIES = 3


class Received(msgspec.Struct, frozen=True, kw_only=True):
    """One update as the service sent it; `conversation` tells which ones must stay in order, by their numbers."""

    number: int
    conversation: str
    body: Any


class Update(msgspec.Struct, frozen=True, kw_only=True):
    """One update to work off, and whether there is another try after this one."""

    number: int
    conversation: str
    body: Any
    last_try: bool


class Updates:
    """The inbox of one bot of one carrier."""

    def __init__(self, carrier: str, bot: str) -> None:
        self._carrier = carrier
        self._bot = bot

    async def receive(self, updates: Sequence[Received]) -> int:
        """Take updates down; returns how many were new: what comes again is known by its number for two days."""
        rows = await fetch(
            _RECEIVE, self._carrier, self._bot, [one.number for one in updates],
            [one.conversation for one in updates], [to_jsonb(one.body) for one in updates],
        )  # fmt: skip
        return len(rows)

    async def take(self, most: int = 50) -> Sequence[Update]:
        """Take the oldest updates of conversations in which nothing is being worked on."""
        return [_update(row) for row in await fetch(_TAKE, self._carrier, self._bot, most, HELD)]

    async def hold(self, updates: Sequence[Update]) -> None:
        """Keep updates that are still being worked on from being taken again."""
        await execute(_HOLD, self._carrier, self._bot, [one.number for one in updates], HELD)

    async def settle(self, update: Update) -> None:
        """Forget what an update said; its number stays."""
        await execute(_SETTLE, self._carrier, self._bot, update.number)

    async def put_back(self, update: Update) -> None:
        """Leave an update that failed for another try soon; after the last one it is forgotten."""
        await execute(_PUT_BACK, self._carrier, self._bot, update.number)


def _update(row: Row) -> Update:
    return Update(
        number=row["number"],
        conversation=row["conversation"],
        body=from_jsonb(row["body"]),
        last_try=row["tries"] >= MOST_TRIES,
    )


_RECEIVE = """
with old as (
    delete from chat_updates where (carrier, bot, number) in (
        select carrier, bot, number from chat_updates where received_at < now() - interval '2 days'
        for update skip locked
    )
)
insert into chat_updates (carrier, bot, number, conversation, body)
select $1, $2, t.number, t.conversation, t.body
from unnest($3::bigint[], $4::text[], $5::jsonb[]) as t(number, conversation, body) order by t.number
on conflict do nothing returning number"""
_TAKE = """
with first as (
    select distinct on (conversation) number, due_at from chat_updates
    where carrier = $1 and bot = $2 and body is not null order by conversation, number
),
ready as (
    select u.number from chat_updates u join first f using (number)
    where u.carrier = $1 and u.bot = $2 and u.due_at <= now() and u.body is not null
    order by u.number limit $3 for update of u skip locked
)
update chat_updates u set tries = tries + 1, due_at = now() + $4 * interval '1 second'
from ready where u.carrier = $1 and u.bot = $2 and u.number = ready.number
returning u.number, u.conversation, u.body, u.tries"""
_HOLD = """
update chat_updates set due_at = now() + $4 * interval '1 second' where carrier = $1 and bot = $2 and number in (
    select number from chat_updates where carrier = $1 and bot = $2 and number = any($3) and body is not null
    order by number for update
)"""
_SETTLE = "update chat_updates set body = null, due_at = null where carrier = $1 and bot = $2 and number = $3"
_PUT_BACK = f"""
update chat_updates set body = case when tries < {MOST_TRIES} then body end, due_at = now() + interval '2 seconds'
where carrier = $1 and bot = $2 and number = $3"""  # noqa: S608  # joined from our own words

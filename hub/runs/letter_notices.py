"""Mails to those whom dead letters were given to: sent apart from that, again when the mail server was away."""

from __future__ import annotations

import asyncio
import logging
from uuid import UUID

from hub.database import Row, execute, fetch
from hub.errors import UnavailableError
from hub.ids import show
from hub.mail import Mail
from hub.outages import AWAY

PAUSE = 2.0
AT_ONCE = 20
# A notice that is being sent is left alone for so long; a worker that dies meanwhile leaves it to the others.
HELD = 120
# What nobody could be told within a day is no news any more.
KEPT = "1 day"

log = logging.getLogger(__name__)


class LetterNotices:
    """Runs in every worker; each notice is sent by one of them."""

    def __init__(self, mail: Mail, public_url: str) -> None:
        self._mail = mail
        self._url = public_url

    async def forever(self) -> None:
        """Send what is to be sent until cancelled; without a mail server nobody is told by mail."""
        while True:
            try:
                sent = await self.once()
            except AWAY as error:
                log.warning("mails about dead letters wait: %s", error)
                sent = 0
            if not sent:
                await asyncio.sleep(PAUSE)

    async def once(self) -> int:
        """Send one lot and return how many were tried."""
        await execute(_STALE, self._mail.configured)
        if not self._mail.configured:
            return 0
        rows = await fetch(_TAKE, AT_ONCE, HELD)
        told = await asyncio.gather(*(self._send(row) for row in rows))
        done = [row["id"] for row, sent in zip(rows, told, strict=True) if sent]
        if rows:
            await execute(_SETTLE, [row["id"] for row in rows], done)
        return len(rows)

    async def _send(self, row: Row) -> bool:
        subject, text = letter(row, self._url)
        try:
            await self._mail.send(row["email"], subject, text, identity=str(row["id"]))
        except UnavailableError as error:
            log.warning("notice %s was not sent: %s", row["id"], error)
            return False
        return True


def letter(row: Row, public_url: str) -> tuple[str, str]:
    """Write a mail: how many, of which recipe, and where they are; no values, as mail is read by many."""
    first: UUID = row["first"]
    recipe = " ".join(str(row["recipe_name"]).split())[:150]
    one = row["count"] == 1
    place = f"items/{show('itm', first)}" if one else "dead-letters?owner=me"
    things = "A dead letter" if one else f"{row['count']} dead letters"
    lines = (
        f"{things} {'was' if one else 'were'} given to you. Work on {'it' if one else 'them'} has failed for good.",
        "",
        f"  Recipe: {recipe}" + ("" if row["recipes"] == 1 else f" and {row['recipes'] - 1} more"),
        "",
        f"To look into it, sign in and open\n\n{public_url}/{place}\n",
    )
    return f"{things} for you: {recipe}", "\n".join(lines)


# Whoever has left, or may do nothing about it, is told nothing; nor is anybody of what is settled meanwhile.
_STALE = f"""
delete from letter_notices where (workspace, id) in (
    select n.workspace, n.id from letter_notices n where n.next_at <= now() and (
        not $1 or n.created_at < now() - interval '{KEPT}'
        or not exists (
            select from memberships m join users u on u.id = m."user"
            where m.workspace = n.workspace and m."user" = n."user" and m.role >= 2 and u.disabled_at is null)
        or not exists (
            select from items i where i.id = any(n.items) and i.workspace = n.workspace and i.owner = n."user"
            and i.state = 'dead' and i.closed_as is null)
    ) for update skip locked
)"""  # noqa: S608  # joined from our own words
_TAKE = """
with ready as (
    select n.id from letter_notices n where n.next_at <= now()
    order by n.next_at limit $1 for update skip locked
),
taken as (
    update letter_notices n set tries = tries + 1, next_at = now() + $2 * interval '1 second'
    from ready where n.id = ready.id returning n.*
)
select t.id, u.email, open.*
from taken t join users u on u.id = t."user" cross join lateral (
    select count(*)::int as count, (array_agg(i.id order by i.id desc))[1] as first,
        count(distinct i.recipe)::int as recipes, (array_agg(d.name order by i.id desc))[1] as recipe_name
    from items i join documents d on d.workspace = i.workspace and d.id = i.recipe
    where i.id = any(t.items) and i.workspace = t.workspace and i.owner = t."user"
    and i.state = 'dead' and i.closed_as is null
) open where open.count > 0"""
_SETTLE = """
with gone as (delete from letter_notices where id = any($2::uuid[]))
update letter_notices set next_at = now() + least(power(2, tries), 60) * interval '1 minute'
where id = any($1::uuid[]) and not id = any($2::uuid[])"""

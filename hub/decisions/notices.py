"""Mails about decisions: sent apart from the work that made them, again when the mail server was away."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence

from hub.database import Row, execute, fetch
from hub.decisions.asks import PREFIXES
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


class Notices:
    """Runs in every worker; each notice is sent by one of them."""

    def __init__(self, mail: Mail, public_url: str) -> None:
        self._mail = mail
        self._url = public_url

    async def forever(self) -> None:
        """Send what is to be sent until cancelled; without a mail server there is nothing to do."""
        while self._mail.configured:
            try:
                sent = await self.once()
            except AWAY as error:
                log.warning("mails about decisions wait: %s", error)
                sent = 0
            if not sent:
                await asyncio.sleep(PAUSE)
        await asyncio.Event().wait()

    async def once(self) -> int:
        """Send one lot and return how many were tried."""
        rows = await fetch(_TAKE, AT_ONCE, HELD)
        told = await asyncio.gather(*(self._send(row) for row in rows))
        if rows:
            await execute(_SENT, [row["id"] for row in rows], told)
        return len(rows)

    async def _send(self, row: Row) -> bool:
        subject, text = letter(row, self._url)
        try:
            await self._mail.send(row["email"], subject, text, identity=f"{row['id']}.{row['round']}")
        except UnavailableError as error:
            log.warning("notice %s was not sent: %s", row["id"], error)
            return False
        return True


def letter(row: Row, public_url: str) -> tuple[str, str]:
    """Write a mail: what is asked and where to answer; no values, as mail is read by many."""
    word = "review" if row["decision_kind"] == "review" else "approval"
    first = _FIRST[row["kind"]].format(word=word)
    subject = " ".join(str(row["subject"]).split())[:150]
    link = f"{public_url}/{word}s/{show(PREFIXES[row['decision_kind']], row['decision'])}"
    lines: Sequence[str] = (
        first,
        "",
        f"  {subject}",
        f"  Recipe: {row['recipe_name']}" if row["recipe_name"] else "",
        f"  Due: {row['due_at']:%d %B %Y, %H:%M} UTC" if row["due_at"] else "",
        "",
        f"To answer, sign in and open\n\n{link}\n",
    )
    told = [line for place, line in enumerate(lines) if line or place in {1, 5}]
    return f"{_SUBJECT[row['kind']].format(word=word.capitalize())}: {subject}", "\n".join(told)


_SUBJECT = {
    "asked": "{word} asked",
    "assigned": "{word} for you",
    "due": "{word} is due",
    "escalated": "{word} is overdue",
}
_FIRST = {
    "asked": "Patchdeck asks for your {word}.",
    "assigned": "Somebody gave this {word} to you.",
    "due": "This {word} is due and has not been answered.",
    "escalated": "Nobody has answered this {word} in time, so it is passed on to you.",
}
# Whoever has left, or may no longer answer, is told nothing.
_BELONGS = """exists (
    select from memberships m join users u on u.id = m."user"
    where m.workspace = n.workspace and m."user" = n."user" and m.role >= 2 and u.disabled_at is null)"""
_TAKE = f"""
with past as materialized (
    select n.id from decision_notices n join decisions d on d.id = n.decision
    where n.next_at <= now()
    and (d.state <> 'open' or n.created_at < now() - interval '{KEPT}' or not {_BELONGS})
    for update of n skip locked
),
old as (
    update decision_notices n set next_at = null from past where n.id = past.id
),
ready as (
    select n.id from decision_notices n join decisions d on d.id = n.decision
    where n.next_at <= now() and d.state = 'open' and n.created_at >= now() - interval '{KEPT}' and {_BELONGS}
    order by n.next_at limit $1 for update of n skip locked
),
taken as (
    update decision_notices n set tries = tries + 1, next_at = now() + $2 * interval '1 second'
    from ready where n.id = ready.id returning n.*
)
select t.id, extract(epoch from t.created_at)::bigint as round, t.kind, t.decision, u.email, d.kind as decision_kind,
    d.subject, d.due_at, r.name as recipe_name
from taken t join users u on u.id = t."user" join decisions d on d.id = t.decision
left join documents r on r.id = d.recipe"""  # noqa: S608  # joined from our own words
_SENT = """
update decision_notices n set sent_at = case when t.sent then now() end,
    next_at = case when t.sent then null else now() + least(power(2, n.tries), 60) * interval '1 minute' end
from unnest($1::uuid[], $2::bool[]) as t(id, sent) where n.id = t.id"""

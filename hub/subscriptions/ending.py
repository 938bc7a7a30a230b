"""What comes of a try: taken, tried again after a pause, given up; and receivers that are given up themselves."""

from __future__ import annotations

import logging
import random
from collections.abc import Sequence
from uuid import UUID

from hub import metrics
from hub.audit import Audit
from hub.database import fetch, fetch_one, transaction
from hub.errors import UnavailableError
from hub.ids import show
from hub.mail import Mail
from hub.members import Member, Role
from hub.outbox import Outbox
from hub.subscriptions.kinds import TEST
from hub.subscriptions.sending import GONE, Outcome
from hub.subscriptions.structs import SUBSCRIPTION, Held

_MINUTE, _HOUR = 60, 3600
# How long to wait after each try; after the last one the message has failed, three days and more after the event.
PAUSES = (5, 5 * _MINUTE, 30 * _MINUTE, 2 * _HOUR, 5 * _HOUR, 10 * _HOUR, 14 * _HOUR, 20 * _HOUR, 24 * _HOUR)
JITTER = 0.2
LONGEST_PAUSE = 24 * _HOUR
# A receiver that has taken nothing for so long is disabled with the next message that is given up.
FAILING_DAYS = 2

log = logging.getLogger(__name__)


class Ending:
    """Writes down what came of a try; several workers may do so at once."""

    def __init__(self, *, audit: Audit, outbox: Outbox, mail: Mail, public_url: str) -> None:
        self._audit = audit
        self._outbox = outbox
        self._mail = mail
        self._url = public_url

    async def settle(self, held: Held, outcome: Outcome) -> None:
        """Log the try and decide what follows, unless another worker has taken the message over."""
        over = not outcome.taken and (held.kind == TEST or held.tries > len(PAUSES))
        state = "sent" if outcome.taken else "failed" if over or outcome.status == GONE else "waiting"
        pause = pause_after(held.tries, outcome.pause) if state == "waiting" else None
        async with transaction():
            mine = await fetch_one(
                _SETTLE, held.id, held.fence, state, pause, held.workspace, outcome.status, outcome.took_ms,
                outcome.answer, outcome.problem, held.subscription, outcome.taken, held.kind == TEST,
            )  # fmt: skip
            disabled = mine is not None and await self._disable(held, outcome, gave_up=over)
        metrics.WEBHOOKS.labels(state).inc()
        if disabled:
            await self._tell(held.workspace, held.subscription)

    async def _disable(self, held: Held, outcome: Outcome, *, gave_up: bool) -> bool:
        """Send no more to a receiver that wants nothing, or has taken nothing for days; tells whether that is new."""
        if outcome.status == GONE:
            row = await fetch_one(_DISABLE, held.subscription, "Its receiver answered 410: it wants no more messages.")
        elif gave_up and held.kind != TEST:
            reason = f"Its receiver has taken no message for {FAILING_DAYS} days. The last problem: {outcome.problem}"
            row = await fetch_one(_DISABLE_FAILING, held.subscription, reason[:500], FAILING_DAYS)
        else:
            return False
        if row is None:
            return False
        shown, hub = show(SUBSCRIPTION, held.subscription), Member(workspace=held.workspace, user=None, role=Role.OWNER)
        await self._audit.record(hub, "webhook.disabled", shown, {"reason": row["reason"]})
        # No address and no answer of the receiver: other receivers hear of this.
        await self._outbox.publish(held.workspace, "subscription.disabled", shown, {"reason": row["reason"]})
        return True

    async def _tell(self, workspace: UUID, subscription: UUID) -> None:
        """Write to the admins, when there is a mail server; the event and the page tell it anyway."""
        if not self._mail.configured:
            return
        rows = await fetch(_ADMINS, workspace, subscription)
        for row in rows:
            text = _letter(row["url"], row["reason"], self._url)
            try:
                await self._mail.send(row["email"], "A webhook was disabled", text)
            except UnavailableError as error:
                log.warning("nobody could be told that subscription %s was disabled: %s", subscription, error)
                return


def pause_after(tries: int, asked: float = 0.0) -> float:
    """Return how many seconds to wait after a try, a little more or less each time; a receiver may ask for more."""
    pause = PAUSES[min(tries, len(PAUSES)) - 1]
    spread: float = pause * random.uniform(1 - JITTER, 1 + JITTER)  # noqa: S311  # spreads calls, guards nothing
    return max(spread, min(asked, LONGEST_PAUSE))


def _letter(url: str, reason: str, public_url: str) -> str:
    lines: Sequence[str] = (
        "Patchdeck sends no more messages to this webhook:",
        "",
        f"  {url.partition('?')[0][:300]}",
        f"  {reason}",
        "",
        "What it has missed is kept. When the receiver works again, resume the webhook, and replay what it missed:",
        "",
        f"{public_url}/api/docs",
        "",
    )
    return "\n".join(lines)


# The subscription first and then its message, as whoever removes it does
_SETTLE = """
with held as materialized (select id from subscriptions where id = $10 for key share),
mine as (
    update subscription_messages set state = $3,
        next_at = case when $3 = 'waiting' then now() + $4::float8 * interval '1 second' end,
        ended_at = case when $3 = 'waiting' then null else now() end
    where id = $1 and fence = $2 and state = 'waiting' and exists (select from held) returning id, fence
),
logged as (
    insert into subscription_attempts (workspace, message, number, status, took_ms, answer, problem)
    select $5, id, fence, $6, $7, $8, $9 from mine
),
health as (
    update subscriptions set failing_since = case when $11::bool then null else now() end
    where id = $10 and exists (select from mine) and not ($12::bool and not $11::bool)
    and (failing_since is null) = not $11::bool
)
select id from mine"""
_DISABLE = """
update subscriptions set state = 'disabled', reason = $2, revision = revision + 1
where id = $1 and state <> 'disabled' returning reason"""
_DISABLE_FAILING = """
update subscriptions set state = 'disabled', reason = $2, revision = revision + 1
where id = $1 and state <> 'disabled' and failing_since < now() - $3 * interval '1 day' returning reason"""
_ADMINS = """
select u.email, s.url, s.reason from subscriptions s join memberships m on m.workspace = s.workspace and m.role >= 3
join users u on u.id = m."user" and u.disabled_at is null where s.workspace = $1 and s.id = $2"""

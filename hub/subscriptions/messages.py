"""The log of what was sent: looked at, tried out, sent again, replayed since a time."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import msgspec

from hub.audit import Audit
from hub.database import Row, execute, fetch, fetch_one, from_jsonb, transaction
from hub.errors import ConflictError, NotFoundError
from hub.ids import new_id, parse, show
from hub.members import Member, Verb
from hub.subscriptions.ending import Ending
from hub.subscriptions.kinds import TEST
from hub.subscriptions.payload import Happened, payload
from hub.subscriptions.sending import Sender
from hub.subscriptions.structs import (
    MESSAGE,
    SUBSCRIPTION,
    Attempt,
    Held,
    Message,
    MessageDetail,
    MessagePage,
    MessageState,
    Replay,
    Replayed,
)
from hub.subscriptions.work import HOLD


class Messages:
    """Shows and repeats the messages of subscriptions; whatever is sent again keeps its `webhook-id`."""

    def __init__(self, *, audit: Audit, sender: Sender, ending: Ending) -> None:
        self._audit = audit
        self._sender = sender
        self._ending = ending

    async def list(
        self,
        member: Member,
        subscription: str,
        *,
        state: MessageState | None = None,
        before: UUID | None = None,
        limit: int = 50,
    ) -> MessagePage:
        """Return messages, the newest first."""
        row = await _subscription(member, subscription)
        rows = await fetch(_LIST, row["id"], state, before, limit + 1)
        following = show(MESSAGE, rows[limit - 1]["id"]) if len(rows) > limit else None
        return MessagePage(items=[_message(one) for one in rows[:limit]], next_cursor=following)

    async def show(self, member: Member, subscription: str, message: str) -> MessageDetail:
        """Return a message with its tries and what is sent."""
        row = await _subscription(member, subscription)
        found = await fetch_one(f"{_SELECT} and m.id = $2", row["id"], parse(MESSAGE, message))
        if found is None:
            raise _unknown()
        tries = await fetch(_ATTEMPTS, found["id"])
        event = Happened(
            workspace=member.workspace,
            kind=found["kind"],
            subject=found["subject"],
            body=from_jsonb(found["body"]),
            at=found["at"],
        )
        said = await payload(event, with_values=row["with_values"])
        return MessageDetail(
            message=_message(found),
            attempts=[msgspec.convert(dict(one), Attempt) for one in tries],
            payload=msgspec.to_builtins(said),
        )

    async def test(self, member: Member, subscription: str) -> MessageDetail:
        """Send a test event once, at once, also to a receiver that is paused, and tell what came of it."""
        identity, now = new_id(), datetime.now(UTC)
        async with transaction():
            row = await _subscription(member, subscription, hold=True)
            await execute(_TEST, identity, member.workspace, row["id"], TEST, subscription, now, HOLD)
            await self._audit.record(member, "webhook.tested", subscription)
        held = Held(
            id=identity,
            workspace=member.workspace,
            subscription=row["id"],
            kind=TEST,
            subject=subscription,
            body={},
            at=now,
            fence=1,
            tries=1,
            url=row["url"],
            with_values=row["with_values"],
            secret=row["secret"],
            previous_secret=row["still_previous"],
        )
        await self._ending.settle(held, await self._sender.send(held))
        return await self.show(member, subscription, show(MESSAGE, identity))

    async def resend(self, member: Member, subscription: str, message: str) -> Message:
        """Send a message again, with all its tries before it."""
        row = await _subscription(member, subscription)
        _check_active(row)
        async with transaction():
            found = await fetch_one(_RESEND, row["id"], parse(MESSAGE, message))
            if found is None:
                raise _unknown()
            await self._audit.record(member, "webhook.message_resent", subscription, {"message": message})
        return (await self.show(member, subscription, message)).message

    async def replay(self, member: Member, subscription: str, wanted: Replay) -> Replayed:
        """Send again everything since a time, also what happened while the receiver was paused or disabled.

        What was never made is made of the events that are still kept, which are those of the last three days.
        """
        since = wanted.since if wanted.since.tzinfo else wanted.since.replace(tzinfo=UTC)
        async with transaction():
            row = await _subscription(member, subscription, hold=True)
            _check_active(row)
            again = await execute(_AGAIN, row["id"], since)
            missed = await execute(_MISSED, row["id"], member.workspace, since, row["kinds"])
            detail: Mapping[str, Any] = {"since": since.isoformat(), "again": again, "missed": missed}
            await self._audit.record(member, "webhook.replayed", subscription, detail)
        return Replayed(again=again, missed=missed)


async def _subscription(member: Member, reference: str, *, hold: bool = False) -> Row:
    """Return a subscription; one that is held is not removed before the transaction ends."""
    member.authorize(Verb.EDIT_CONNECTIONS)
    sql = f"{_SUBSCRIPTION}{' for key share' if hold else ''}"
    row = await fetch_one(sql, member.workspace, parse(SUBSCRIPTION, reference))
    if row is None:
        raise NotFoundError("There is no such webhook in this workspace.")
    return row


def _check_active(row: Row) -> None:
    if row["state"] != "active":
        raise ConflictError(f"This webhook is {row['state']}; resume it first, then send again.")


def _unknown() -> NotFoundError:
    return NotFoundError("There is no such message of this webhook; messages are kept for 30 days.")


def _message(row: Row) -> Message:
    return Message(
        id=show(MESSAGE, row["id"]),
        type=row["kind"],
        subject=row["subject"],
        at=row["at"],
        state=row["state"],
        tries=row["fence"],
        next_at=row["next_at"],
        ended_at=row["ended_at"],
        status=row["status"],
        problem=row["problem"] or "",
    )


_SUBSCRIPTION = """
select *, case when previous_until > now() then previous_secret end as still_previous from subscriptions
where workspace = $1 and id = $2"""
_SELECT = """
select m.*, a.status, a.problem from subscription_messages m left join lateral (
    select status, problem from subscription_attempts a where a.message = m.id order by a.number desc limit 1
) a on true where m.subscription = $1"""
_LIST = f"""
{_SELECT} and ($2::text is null or m.state = $2) and ($3::uuid is null or m.number < (
    select number from subscription_messages c where c.subscription = $1 and c.id = $3))
order by m.number desc limit $4"""  # noqa: S608  # joined from our own words
_ATTEMPTS = """
select number, at, status, took_ms, answer, problem from subscription_attempts where message = $1 order by number"""
_TEST = """
insert into subscription_messages (id, workspace, subscription, kind, subject, at, tries, fence, next_at)
values ($1, $2, $3, $4, $5, $6, 1, 1, now() + $7 * interval '1 second')"""
_RESEND = """
update subscription_messages set state = 'waiting', tries = 0, next_at = now(), ended_at = null
where subscription = $1 and id = $2 returning id"""
_AGAIN = """
with held as materialized (
    select id from subscription_messages
    where subscription = $1 and at >= $2 and event is not null and next_at is null order by id for update
)
update subscription_messages m set state = 'waiting', tries = 0, next_at = now(), ended_at = null
from held where m.id = held.id"""
_MISSED = """
insert into subscription_messages (id, workspace, subscription, event, kind, subject, body, at)
select gen_random_uuid(), o.workspace, $1, o.id, o.kind, o.subject, o.body, o.at from outbox o
where o.workspace = $2 and o.at >= $3 and $4::text[] && array[o.kind, split_part(o.kind, '.', 1) || '.*', '*']
order by o.id on conflict (subscription, event) do nothing"""

"""What linked accounts are told: made of the workspace's events, each once, sent again while the carrier is away."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import msgspec

from hub.database import execute, fetch, fetch_one, from_jsonb, to_jsonb, transaction
from hub.identities.service import FOUND, Identity, identity_of
from hub.ids import new_id, parse, show
from hub.members import Role
from hub.outbox import Event, Outbox

# A notice that is being sent is left alone for so long.
HELD = 120
# What nobody could be told within a day is no news any more.
NEWS = timedelta(days=1)
ASKED = ("review.asked", "approval.asked")
DECIDED = ("review.decided", "approval.decided")
FAILED = "run.failed"
ENDED = "run.ended"
ASSIGNED = "item.assigned"


class ChatNotice(msgspec.Struct, frozen=True, kw_only=True):
    """Something to tell an account: a kind (`run.failed`, `item.assigned`, `review.asked`) and what it is about."""

    id: UUID
    identity: Identity
    kind: str
    subject: str
    body: dict[str, Any]
    tries: int = 1


class Posted(msgspec.Struct, frozen=True, kw_only=True):
    """A message that asks something, as it was sent."""

    message: str
    text: str


class ChatNotices:
    """Follows the outbox of every workspace that has linked accounts, and remembers what was told."""

    def __init__(self, outbox: Outbox) -> None:
        self._outbox = outbox

    async def gather(self) -> int:
        """Make notices of what has happened since the last time; returns how many."""
        rows = await fetch("select workspace from chat_cursors")
        return sum([await self._gather(row["workspace"]) for row in rows])

    async def take(self, carrier: str, most: int = 20) -> Sequence[ChatNotice]:
        """Take notices to send to accounts of a carrier."""
        rows = await fetch(_TAKE, carrier, most, HELD)
        return [
            ChatNotice(
                id=row["notice"],
                identity=identity_of(row),
                kind=row["kind"],
                subject=row["subject"],
                body=from_jsonb(row["body"]),
                tries=row["tries"],
            )
            for row in rows
        ]

    async def hold(self, notice: ChatNotice) -> bool:
        """Keep a notice that is about to be sent; tells whether nobody else has taken it since it was taken."""
        return bool(await execute(_HOLD, notice.id, notice.tries, HELD))

    async def settle(self, notice: ChatNotice) -> None:
        """Note that a notice was sent, or need not be."""
        await execute("update chat_notices set sent_at = now(), next_at = null where id = $1", notice.id)

    async def put_off(self, notice: ChatNotice, seconds: float) -> None:
        """Send a notice later."""
        await execute(
            "update chat_notices set next_at = now() + $2 * interval '1 second' where id = $1", notice.id, seconds
        )

    async def posted(self, identity: Identity, message: str, subject: str, text: str) -> None:
        """Remember a message that asks something, so that it can say what was decided; it may have been already."""
        workspace = identity.member.workspace
        async with transaction():
            await execute(_POSTED, workspace, identity.id, message, subject, text)
            decision = parse(subject.partition("_")[0], subject)
            await execute(_HAS_BEEN_DECIDED, workspace, identity.id, subject, decision)

    async def follow(self, identity: Identity, message: str, item: UUID) -> None:
        """Remember a message that started an item, so that its end is told there; it may have ended already."""
        workspace = identity.member.workspace
        async with transaction():
            await execute(_POSTED, workspace, identity.id, message, _FOLLOWED.format(item), "")
            row = await fetch_one(_HAS_ENDED, workspace, item)
            if row is not None:
                await execute(_FOLLOW, workspace, [row["run"]], [show("run", row["run"])])

    async def messages(self, identity: Identity, subject: str) -> Sequence[Posted]:
        """Return the messages to an account that asked about a subject, and forget them."""
        rows = await fetch(_MESSAGES, identity.member.workspace, identity.id, subject)
        return [Posted(message=row["message"], text=row["text"]) for row in rows]

    async def _gather(self, workspace: UUID) -> int:
        async with transaction():
            held = await fetch_one(
                "select cursor from chat_cursors where workspace = $1 for update skip locked", workspace
            )
            if held is None:
                return 0
            events = await self._outbox.read(workspace, held["cursor"])
            made = [told for event in events if (told := _told(event)) is not None]
            if made:
                await execute(
                    _NOTIFY, workspace, [new_id() for _ in made], [one[0] for one in made], [one[1] for one in made],
                    [to_jsonb(one[2]) for one in made], Role.EDITOR,
                )  # fmt: skip
            ended = [parse("run", event.subject) for event in events if event.kind == "run.done"]
            if ended:
                await execute(_FOLLOW, workspace, ended, [show("run", run) for run in ended])
            if events:
                await execute("update chat_cursors set cursor = $2 where workspace = $1", workspace, events[-1].cursor)
        return len(made)


def _told(event: Event) -> tuple[str, str, dict[str, Any]] | None:
    """Return kind, subject and body of what accounts are told about an event, None when it concerns nobody."""
    if event.at < datetime.now(UTC) - NEWS:
        return None
    if event.kind in {*ASKED, *DECIDED}:
        return event.kind, event.subject, event.body
    if event.kind == "run.done" and event.body.get("dead") and event.body.get("kind") == "live":
        return FAILED, event.subject, event.body
    if event.kind == ASSIGNED and event.body.get("by") != event.body["owner"]:
        # The same dead letter can become somebody's again later, which is told anew
        return ASSIGNED, event.cursor, {**event.body, "user": str(parse("usr", event.body["owner"]))}
    return None


# An answer is told to every account that was asked, whether it wants notices or not; a dead letter to its owner alone.
_NOTIFY = """
insert into chat_notices (id, workspace, identity, kind, subject, body)
select gen_random_uuid(), $1, i.id, t.kind, t.subject, t.body
from unnest($2::uuid[], $3::text[], $4::text[], $5::jsonb[]) as t(id, kind, subject, body)
join chat_identities i on i.workspace = $1
join memberships m on m.workspace = i.workspace and m."user" = i."user" and m.role >= $6
where (t.kind <> 'item.assigned' or i."user" = (t.body->>'user')::uuid) and (
    i.notices and t.kind not like '%.decided'
    or exists (select from chat_messages c where c.identity = i.id and c.subject = t.subject))
on conflict do nothing"""
_TAKE = f"""
with old as (
    update chat_notices set next_at = null where id in (
        select id from chat_notices where next_at <= now() and created_at < now() - interval '1 day'
        for update skip locked
    )
),
ready as (
    select n.id from chat_notices n join chat_identities i on i.workspace = n.workspace and i.id = n.identity
    where n.next_at <= now() and n.created_at >= now() - interval '1 day' and i.carrier = $1
    order by n.created_at, n.id limit $2 for update of n skip locked
),
taken as (
    update chat_notices n set tries = tries + 1, next_at = now() + $3 * interval '1 second'
    from ready where n.id = ready.id returning n.*
)
select f.*, t.id as notice, t.kind, t.subject, t.body, t.tries from taken t join ({FOUND}) f
on f.workspace = t.workspace and f.id = t.identity order by t.created_at, t.id"""  # noqa: S608  # joined from our own words
_HOLD = """
update chat_notices set next_at = now() + $3 * interval '1 second'
where id = $1 and tries = $2 and next_at is not null"""
# What was started from a chat is told where it was started, whether the account wants notices or not.
_FOLLOWED = "item:{}"
_HAS_ENDED = """
select r.id as run from items i join runs r on r.workspace = i.workspace and r.id = i.run
where i.workspace = $1 and i.id = $2 and r.state = 'done'"""
_FOLLOW = """
insert into chat_notices (id, workspace, identity, kind, subject, body)
select gen_random_uuid(), $1, c.identity, 'run.ended', t.subject, jsonb_build_object('message', c.message)
from unnest($2::uuid[], $3::text[]) as t(run, subject)
join items i on i.workspace = $1 and i.run = t.run
join chat_messages c on c.workspace = $1 and c.subject = 'item:' || i.id::text
order by c.identity, t.subject
on conflict do nothing"""
_POSTED = """
insert into chat_messages (workspace, identity, message, subject, text) values ($1, $2, $3, $4, $5)
on conflict (identity, message) do update set subject = excluded.subject, text = excluded.text"""
# Somebody may have decided while the question was on its way, and those who were told of that did not know of it.
_HAS_BEEN_DECIDED = """
insert into chat_notices (id, workspace, identity, kind, subject)
select gen_random_uuid(), $1, $2, d.kind || '.decided', $3 from decisions d
where d.workspace = $1 and d.id = $4 and d.state in ('answered', 'expired')
on conflict (identity, kind, subject) do update set next_at = now()"""
_MESSAGES = """
delete from chat_messages where workspace = $1 and identity = $2 and subject = $3 returning message, text"""

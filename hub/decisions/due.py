"""Time passing over open decisions: due, escalated, expired; one statement a round, however many there are."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from uuid import UUID

from hub.audit import Audit
from hub.audit.service import Entry
from hub.database import Row, execute, fetch, to_jsonb
from hub.decisions.asks import MOST_TOLD, NAMED, PREFIXES
from hub.ids import show
from hub.members import Member, Role

AT_ONCE = 500


class Due:
    """Called by the sweep within its transaction."""

    def __init__(self, audit: Audit) -> None:
        self._audit = audit

    async def once(self) -> None:
        """Remind, escalate and expire what it is time for; an expired item goes on to what was to happen then."""
        rows = await fetch(_PASS, AT_ONCE)
        if not rows:
            return
        await execute(_TELL, *_columns([event for row in rows for event in _events(row)]))
        expired: dict[UUID, list[Row]] = {}
        for row in rows:
            if row["state"] == "expired":
                expired.setdefault(row["workspace"], []).append(row)
        for workspace, gone in expired.items():
            hub = Member(workspace=workspace, user=None, role=Role.OWNER)
            await self._audit.record_all(hub, [_entry(row) for row in gone])


def _events(row: Row) -> Iterator[tuple[UUID, str, str, Mapping[str, Any]]]:
    """Yield workspace, kind, subject and body of what has just happened to a decision."""
    subject, body = show(PREFIXES[row["kind"]], row["id"]), {"subject": row["subject"]}
    if row["state"] == "expired":
        yield row["workspace"], f"{row['kind']}.decided", subject, {**body, "decision": "expired"}
        return
    if row["due_now"]:
        yield row["workspace"], f"{row['kind']}.due", subject, body
    if row["escalated_now"]:
        yield row["workspace"], f"{row['kind']}.escalated", subject, body


def _columns(events: Sequence[tuple[UUID, str, str, Mapping[str, Any]]]) -> list[list[Any]]:
    return [
        [workspace for workspace, _, _, _ in events],
        [kind for _, kind, _, _ in events],
        [subject for _, _, subject, _ in events],
        [to_jsonb(body) for _, _, _, body in events],
    ]


def _entry(row: Row) -> Entry:
    subject = show(PREFIXES[row["kind"]], row["id"])
    return Entry(verb=f"{row['kind']}.expired", subject=subject, detail={"then": row["on_expiry"]})


_PASS = f"""
with passing as (
    select id from decisions where state = 'open' and next_at <= now() order by next_at limit $1
    for update skip locked
),
passed as (
    update decisions d set
        state = case when expires_at <= now() then 'expired' else state end,
        decided_at = case when expires_at <= now() then now() end,
        due_told_at = case when due_at <= now() then coalesce(due_told_at, now()) end,
        escalated_at = case when escalate_at <= now() then coalesce(escalated_at, now()) end,
        next_at = case when expires_at <= now() then null else least(case when due_at > now() then due_at end,
            case when escalate_at > now() then escalate_at end, expires_at) end
    from passing p where d.id = p.id returning d.*
),
woken as (
    update items i set state = 'waiting', due_at = null from passed d
    where d.state = 'expired' and i.id = d.item and i.state = 'waiting_for' and i.step = d.step
),
told as (
    insert into decision_notices (id, workspace, decision, "user", kind)
    select gen_random_uuid(), d.workspace, d.id, t."user", t.kind from passed d cross join lateral (
        select d.assignee as "user", 'due' as kind where d.assignee is not null and d.due_told_at = now()
        union all
        (select u.id, 'escalated' from memberships m join users u on u.id = m."user"
        where d.escalated_at = now() and m.workspace = d.workspace and {NAMED.format(names="d.escalate_to")}
        order by m.role desc, u.id limit {MOST_TOLD})
    ) t where d.state = 'open' on conflict do nothing
)
select id, workspace, kind, subject, state, on_expiry, due_told_at = now() as due_now,
    escalated_at = now() as escalated_now from passed"""  # noqa: S608  # joined from our own words, values are arguments
_TELL = """
insert into outbox (workspace, kind, subject, body)
select * from unnest($1::uuid[], $2::text[], $3::text[], $4::jsonb[])"""

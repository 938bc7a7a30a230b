"""What the engine asks people: written down with the item that begins to wait, taken up when it goes on."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from hub.database import Row, execute, fetch, from_jsonb, to_jsonb
from hub.ids import new_id, show

REVIEW, APPROVAL = "review", "approval"
PREFIXES = {REVIEW: "rev", APPROVAL: "apr"}


class Reason(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Why a person is asked: which field of which record, and a sentence that names no value.

    `kind` is `unsure`, `missing`, `problem`, `always` or `step`.
    """

    kind: str
    message: str
    path: str = ""
    record: int = 0
    confidence: float | None = None
    threshold: float | None = None


class Ask(msgspec.Struct, frozen=True, kw_only=True):
    """A question to people about an item at a step; times are in seconds from now."""

    kind: str
    item: UUID
    recipe: UUID
    run: UUID
    step: str
    subject: str
    question: str
    reasons: Sequence[Reason] = ()
    evidence: dict[str, Any] = {}
    form: dict[str, Any] = {}
    approvers: Sequence[str] = ()
    assignee: str | None = None
    quorum: int = 1
    due: float | None = None
    escalate_after: float | None = None
    escalate_to: Sequence[str] = ()
    expires: float | None = None
    on_expiry: str = "reject"


class Decided(msgspec.Struct, frozen=True, kw_only=True):
    """What people said about an item at a step: `answered`, `expired`, or still `open`."""

    id: UUID
    item: UUID
    state: str
    answer: Any
    on_expiry: str
    reasons: list[Reason]
    decided_at: datetime | None


async def ask_all(workspace: UUID, asks: Sequence[Ask]) -> None:
    """Write questions down within the current transaction, with the events and the mails that tell of them."""
    written = [(new_id(), ask) for ask in asks]
    shown = [show(PREFIXES[ask.kind], identity) for identity, ask in written]
    await execute(_ASK, workspace, [to_jsonb(_plain(identity, ask)) for identity, ask in written], shown)


async def decided(step: str, items: Sequence[UUID]) -> dict[UUID, Decided]:
    """Return for each item what was asked at a step and has not been taken up yet."""
    return {row["item"]: _decided(row) for row in await fetch(_DECIDED, list(items), step)}


async def take_up(decisions: Sequence[UUID]) -> None:
    """Mark answers as taken up by the run, within the transaction that writes down what they led to."""
    await execute(_TAKE_UP, list(decisions))


async def cancel_for_run(run: UUID) -> None:
    """Cancel what is asked about a run's items, before these are cancelled themselves."""
    await execute(_CANCEL.format(whose="i.run"), run)


async def cancel_for_recipe(recipe: UUID) -> None:
    """Cancel whatever is asked about a recipe's items, before these are cancelled themselves."""
    await execute(_CANCEL.format(whose="i.recipe"), recipe)


def _plain(identity: UUID, ask: Ask) -> dict[str, Any]:
    lowered = {
        "approvers": [one.lower() for one in ask.approvers],
        "escalate_to": [one.lower() for one in ask.escalate_to],
        "assignee": ask.assignee.lower() if ask.assignee else None,
    }
    return {"id": identity, **msgspec.structs.asdict(ask), **lowered, "subject": ask.subject[:500]}


def _decided(row: Row) -> Decided:
    return Decided(
        id=row["id"],
        item=row["item"],
        state=row["state"],
        answer=from_jsonb(row["answer"]),
        on_expiry=row["on_expiry"],
        reasons=msgspec.json.decode(row["reasons"], type=list[Reason]),
        decided_at=row["decided_at"],
    )


# Who a list of addresses and roles means: members who may review, by address, or by a role at least that high.
NAMED = """
m.role >= 2 and u.disabled_at is null and (lower(u.email) = any({names})
    or ('editor' = any({names}) and m.role >= 2) or ('admin' = any({names}) and m.role >= 3)
    or ('owner' = any({names}) and m.role >= 4))"""
MOST_TOLD = 50
_ASK = f"""
with asked as (
    select a.*, (a.data->>'id')::uuid as id, u.id as member,
        now() + (a.data->>'due')::float8 * interval '1 second' as due,
        now() + (a.data->>'escalate_after')::float8 * interval '1 second' as escalate,
        now() + (a.data->>'expires')::float8 * interval '1 second' as expires
    from unnest($2::jsonb[], $3::text[]) as a(data, shown)
    left join users u on lower(u.email) = a.data->>'assignee'
        and exists (select from memberships m where m.workspace = $1 and m."user" = u.id and m.role >= 2)
),
made as (
    insert into decisions (id, workspace, kind, item, run, recipe, step, subject, question, reasons, evidence, form,
        approvers, assignee, quorum, due_at, escalate_at, escalate_to, expires_at, on_expiry, next_at)
    select id, $1, data->>'kind', (data->>'item')::uuid, (data->>'run')::uuid, (data->>'recipe')::uuid, data->>'step',
        data->>'subject', data->>'question', data->'reasons', data->'evidence', data->'form',
        array(select jsonb_array_elements_text(data->'approvers')), member, (data->>'quorum')::int, due, escalate,
        array(select jsonb_array_elements_text(data->'escalate_to')), expires, data->>'on_expiry',
        least(due, escalate, expires)
    from asked returning *
),
told as (
    insert into outbox (workspace, kind, subject, body)
    select $1, (data->>'kind') || '.asked', shown, jsonb_build_object('subject', data->>'subject', 'due_at', due)
    from asked
)
insert into decision_notices (id, workspace, decision, "user", kind)
select gen_random_uuid(), $1, d.id, t.id, 'asked' from made d cross join lateral (
    select u.id from memberships m join users u on u.id = m."user"
    where m.workspace = $1 and case when d.kind = '{APPROVAL}'
        then {NAMED.format(names="d.approvers")} or (d.approvers = '{{}}' and m.role >= 2 and u.disabled_at is null)
        else u.id = d.assignee end
    order by m.role desc, u.id limit {MOST_TOLD}
) t"""  # noqa: S608  # joined from our own words, values are arguments
# The records stand in the run's history from now on. Several decisions are taken in the order of their ids.
_TAKE_UP = """
with held as materialized (
    select id from decisions where id = any($1::uuid[]) order by id for no key update
)
update decisions d set taken_at = now(), answer = answer - 'extractions' from held where d.id = held.id"""
_DECIDED = """
select distinct on (item) id, item, state, answer, on_expiry, reasons, decided_at from decisions
where item = any($1::uuid[]) and step = $2 and taken_at is null and state in ('open', 'answered', 'expired')
order by item, id desc"""
# Whoever changes a decision and its item takes the decision first, so that nobody waits in a circle.
_CANCEL = """
with held as materialized (
    select d.id from decisions d join items i on i.id = d.item
    where {whose} = $1 and d.state = 'open' and i.state = 'waiting_for' order by d.id for no key update of d
)
update decisions d set state = 'cancelled', decided_at = now(), next_at = null from held where d.id = held.id"""

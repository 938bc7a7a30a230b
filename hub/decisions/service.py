"""Reviews and approvals for every face: the queue, one question, who takes it, and the answer with all it leads to."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Protocol
from uuid import UUID

import msgspec

from hub.audit import Audit
from hub.database import Row, execute, fetch_one, from_jsonb, to_jsonb, transaction
from hub.decisions import queries, views
from hub.decisions.answers import PAST, Answer, Said, check, outcome
from hub.decisions.asks import APPROVAL, PREFIXES, REVIEW
from hub.decisions.correcting import Correcting, Corrector
from hub.decisions.records import records_of, stored
from hub.errors import ConflictError, ForbiddenError, InvalidError, NotFoundError, Problem
from hub.extraction.learning.amend import Change
from hub.ids import new_id, parse, show
from hub.members import Member, Role, Verb
from hub.outbox import Outbox

__all__ = ["Answer", "Change", "Decisions"]


class Nudge(Protocol):
    """Who is told that items of recipes may go on."""

    def nudge(self, recipes: Iterable[UUID]) -> None:
        """Look after these recipes soon."""
        ...


class Decisions:
    """What waits for people, and what they say; every query is the member's by workspace."""

    def __init__(self, audit: Audit, outbox: Outbox, corrector: Corrector, nudge: Nudge) -> None:
        self._audit = audit
        self._outbox = outbox
        self._correcting = Correcting(corrector)
        self._nudge = nudge

    async def list(self, member: Member, wanted: views.Wanted) -> views.DecisionPage:
        """Return the queue of one kind: what is due first, then the oldest."""
        member.authorize(Verb.READ)
        return await queries.page(member, wanted)

    async def count(self, member: Member, kind: str) -> int:
        """Return how many questions of a kind are open; a thousand stands for all that are more."""
        member.authorize(Verb.READ)
        return await queries.count(member.workspace, kind)

    async def forget(self, workspace: UUID, extractions: Sequence[str]) -> None:
        """Take out what people wrote into records that are deleted; who decided what and when stays."""
        await execute(_FORGET_CHANGES, workspace, list(extractions))
        await execute(_FORGET_ANSWERS, workspace, list(extractions))

    async def find(self, member: Member, kind: str, reference: str) -> views.Question:
        """Return one question with what is needed to answer it."""
        member.authorize(Verb.READ)
        row = await queries.row(member, kind, reference)
        evidence = from_jsonb(row["evidence"])
        ids = [str(one) for one in evidence.get("extractions", [])]
        found = await stored(member.workspace, ids) if ids else {}
        extractions = [found[one] for one in ids if one in found]
        return views.Question(
            summary=views.summary(row),
            given=[views.given(one) for one in await queries.answers(row["id"])],
            may_answer=row["state"] == "open" and member.may(Verb.REVIEW) and _may_answer(member, row),
            approvers=list(row["approvers"]),
            on_expiry=row["on_expiry"],
            escalate_to=list(row["escalate_to"]),
            details=evidence.get("details"),
            documents=[
                views.Document(extraction=one.id, file=one.file or None, reading=one.reading, schema=one.schema)
                for one in extractions
            ],
            records=records_of(extractions),
            answer=from_jsonb(row["answer"]),
        )

    async def assign(self, member: Member, kind: str, reference: str, user: str | None) -> views.DecisionSummary:
        """Give a question to a member, to oneself (`me`), or to nobody; an approval is passed on by those asked."""
        member.authorize(Verb.REVIEW)
        async with transaction():
            row = await queries.lock(member, kind, reference)
            _check_open(row)
            if kind == APPROVAL and not _may_answer(member, row) and not member.may(Verb.EDIT_MEMBERS):
                raise ForbiddenError("Only who is asked, or an admin, may pass this on.")
            assignee = await _assignee(member, user)
            await execute("update decisions set assignee = $2 where id = $1", row["id"], assignee)
            if assignee is not None and assignee != member.user:
                await execute(_TELL_ASSIGNEE, new_id(), member.workspace, row["id"], assignee)
            detail = {"to": show("usr", assignee) if assignee else None}
            await self._audit.record(member, f"{kind}.assigned", _shown(row), detail)
            await self._outbox.publish(member.workspace, f"{kind}.assigned", _shown(row), detail)
        return views.summary(await queries.row(member, kind, reference))

    async def answer(self, member: Member, kind: str, reference: str, answer: Answer) -> views.DecisionSummary:
        """Answer once; with the last answer that is needed the item goes on, all in one transaction."""
        member.authorize(Verb.REVIEW)
        async with self._correcting.turn(member.workspace, answer), transaction():
            row = await queries.lock(member, kind, reference)
            check(kind, answer)
            user = await self._check_turn(member, row)
            said = [*_said(await queries.answers(row["id"])), Said(user=user, email=row["own_email"], answer=answer)]
            await execute(
                _ANSWER, row["id"], member.workspace, user, len(said), answer.decision, to_jsonb(answer.changes),
                answer.comment,
            )  # fmt: skip
            word = outcome(kind, row["quorum"], said)
            if word is None:
                await self._await_others(member, row, answer)
            else:
                await self._decide(member, row, word, said)
        if word is not None and row["recipe"] is not None:
            self._nudge.nudge([row["recipe"]])
        return views.summary(await queries.row(member, kind, reference))

    async def _check_turn(self, member: Member, row: Row) -> UUID:
        """Return the acting user, unless it is not open, not theirs to answer, or answered by them already."""
        _check_open(row)
        if member.user is None or row["own_email"] is None:
            raise ForbiddenError("Only a person can answer this.")
        if not _may_answer(member, row):
            raise ForbiddenError("Others are asked about this; you are not among them.")
        if await fetch_one(_MINE, row["id"], member.user):
            raise ConflictError("You have answered this already; somebody else is to look at it as well.")
        return member.user

    async def _await_others(self, member: Member, row: Row, answer: Answer) -> None:
        """Leave it open for the next person."""
        await execute("update decisions set assignee = null where id = $1", row["id"])
        await self._audit.record(member, f"{row['kind']}.answered", _shown(row), {"decision": answer.decision})
        await self._outbox.publish(member.workspace, f"{row['kind']}.answered", _shown(row), {})

    async def _decide(self, member: Member, row: Row, word: str, said: Sequence[Said]) -> None:
        """Write the decision down, correct what is to be corrected, and let the item go on."""
        kind, told = row["kind"], {"decision": PAST[word], "people": [one.email for one in said]}
        told["comment"] = "\n".join(one.answer.comment for one in said if one.answer.comment)
        if kind == REVIEW and word == "accept":
            ids = [str(one) for one in from_jsonb(row["evidence"]).get("extractions", [])]
            corrected = await self._correcting.apply(member, row["id"], ids, said)
            told |= msgspec.structs.asdict(corrected)
        await execute(_DECIDE, row["id"], to_jsonb(told), [one.user for one in said])
        if row["item"] is not None and not await execute(_GO_ON, row["item"], row["step"], member.workspace):
            raise ConflictError("Its item no longer waits here, so that there is nothing to decide any more.")
        detail = {"decision": PAST[word], "changed": len(told.get("changed", []))}
        await self._audit.record(member, f"{kind}.decided", _shown(row), detail)
        event = {**detail, "by": told["people"], "item": show("itm", row["item"]) if row["item"] else None}
        await self._outbox.publish(member.workspace, f"{kind}.decided", _shown(row), event)


def _check_open(row: Row) -> None:
    """Refuse what is decided already, saying by whom and when."""
    if row["state"] == "open":
        return
    at = f"{row['decided_at']:%d %B %Y at %H:%M} UTC"
    if row["state"] == "answered":
        told: dict[str, Any] = from_jsonb(row["answer"])
        raise ConflictError(f"{' and '.join(told['people'])} {told['decision']} this on {at}.")
    if row["state"] == "expired":
        raise ConflictError(f"This has expired: nobody had answered by {at}.")
    raise ConflictError(f"This is no longer asked: its item was cancelled on {at}.")


def _may_answer(member: Member, row: Row) -> bool:
    """Tell whether a member is among those who are asked; anybody who may review is asked about reviews."""
    if row["kind"] == REVIEW or not row["approvers"] or (row["assignee"] and row["assignee"] == member.user):
        return True
    named = {*row["approvers"], *(row["escalate_to"] if row["escalated_at"] else ())}
    roles = {role.name.lower() for role in Role if Role.EDITOR <= role <= member.role}
    return bool(named & roles) or (row["own_email"] or "").lower() in named


async def _assignee(member: Member, user: str | None) -> UUID | None:
    """Return the member who is to answer."""
    if user is None:
        return None
    chosen = member.user if user == "me" else parse("usr", user)
    row = await fetch_one('select role from memberships where workspace = $1 and "user" = $2', member.workspace, chosen)
    if row is None:
        raise NotFoundError("There is no such member in this workspace.")
    if row["role"] < Role.EDITOR:
        words = "A viewer cannot answer this. Choose an editor, or give the viewer another role."
        raise InvalidError(words, errors=[Problem("assignee", words)])
    return chosen


def _said(rows: Sequence[Row]) -> list[Said]:
    return [
        Said(
            user=row["user"],
            email=row["email"],
            answer=Answer(
                decision=row["word"],
                changes=msgspec.json.decode(row["changes"], type=list[Change]),
                comment=row["comment"],
            ),
        )
        for row in rows
    ]


def _shown(row: Row) -> str:
    return show(PREFIXES[row["kind"]], row["id"])


_MINE = 'select 1 from decision_answers where decision = $1 and "user" = $2'
_ANSWER = """
insert into decision_answers (decision, workspace, "user", number, word, changes, comment)
values ($1, $2, $3, $4, $5, $6::jsonb, $7)"""
_DECIDE = """
update decisions set state = 'answered', answer = $2::jsonb, decided_by = $3, decided_at = now(), next_at = null
where id = $1 and state = 'open'"""
_GO_ON = """
update items set state = 'waiting', due_at = null
where id = $1 and step = $2 and workspace = $3 and state = 'waiting_for'"""
_TELL_ASSIGNEE = """
insert into decision_notices (id, workspace, decision, "user", kind) values ($1, $2, $3, $4, 'assigned')
on conflict (decision, "user", kind) do update set next_at = now(), sent_at = null, tries = 0, created_at = now()"""


# Several are taken in the order of their ids; an open decision is not, as whoever answers it waits for its extractions.
_FORGET_CHANGES = """
with held as materialized (
    select decision, "user" from decision_answers where workspace = $1 and decision in (
        select id from decisions where workspace = $1 and evidence->'extractions' ?| $2::text[]
    ) order by decision, "user" for update
)
update decision_answers a set changes = '[]' from held where a."user" = held."user" and a.decision = held.decision"""
_FORGET_ANSWERS = """
with held as materialized (
    select id from decisions where workspace = $1 and evidence->'extractions' ?| $2::text[] and answer is not null
    order by id for no key update
)
update decisions d set answer = answer - 'changed' - 'extractions' from held where d.id = held.id"""

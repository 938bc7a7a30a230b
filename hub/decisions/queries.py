"""Decisions in the database, each in its workspace."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from hub.database import Row, fetch, fetch_one
from hub.decisions import views
from hub.decisions.asks import PREFIXES
from hub.errors import InvalidError, NotFoundError, Problem
from hub.ids import parse, parse_cursor
from hub.members import Member

MOST_COUNTED = 1000


async def page(member: Member, wanted: views.Wanted) -> views.DecisionPage:
    """Return a page of the queue."""
    limit = min(max(wanted.limit, 1), views.LARGEST_PAGE)
    rows = await fetch(*_select(member, wanted, limit + 1))
    entries = [views.summary(one) for one in rows[:limit]]
    return views.DecisionPage(entries, entries[-1].id if len(rows) > limit else None)


async def count(workspace: UUID, kind: str) -> int:
    """Count the open ones of a kind, up to a thousand."""
    found = await fetch_one(_COUNT, workspace, kind, MOST_COUNTED)
    return int(found["open"]) if found else 0


async def row(member: Member, kind: str, reference: str) -> Row:
    """Return a decision joined with names, and the member's own address."""
    found = await fetch_one(
        f"{_SELECT} and d.id = $3 and d.kind = $4", *_own(member), parse(PREFIXES[kind], reference), kind
    )
    return _known(found, kind)


async def lock(member: Member, kind: str, reference: str) -> Row:
    """Return a decision for changing it; whoever comes second waits, and sees what the first one did."""
    found = await fetch_one(_LOCK, *_own(member), parse(PREFIXES[kind], reference), kind)
    return _known(found, kind)


async def answers(decision: UUID) -> Sequence[Row]:
    """Return what people have said so far, in the order in which they did."""
    return await fetch(_ANSWERS, decision)


def _known(found: Row | None, kind: str) -> Row:
    if found is None:
        raise NotFoundError(f"There is no such {kind}.")
    return found


def _own(member: Member) -> tuple[UUID, UUID | None]:
    return member.workspace, member.user


def _select(member: Member, wanted: views.Wanted, limit: int) -> tuple[Any, ...]:
    """Return the statement of a page with its arguments; only what is asked for stands in it."""
    prefix = PREFIXES[wanted.kind]
    nobody = "d.assignee is null" if wanted.assignee == "nobody" else "true"
    conditions = [
        ("d.kind = {}", wanted.kind),
        ("d.state = {}", wanted.state),
        ("d.recipe = {}", wanted.recipe),
        ("d.assignee = {}", _assignee(member, wanted.assignee)),
        (_AFTER if wanted.state == "open" else "d.id < {}", parse_cursor(prefix, wanted.cursor or None)),
    ]
    asked = [(words, value) for words, value in conditions if value is not None]
    where = " and ".join([nobody, *(words.format(f"${place}") for place, (words, _) in enumerate(asked, 3))])
    order = "coalesce(d.due_at, 'infinity'), d.id" if wanted.state == "open" else "d.id desc"
    return f"{_SELECT} and {where} order by {order} limit {limit:d}", *_own(member), *(value for _, value in asked)


def _assignee(member: Member, wanted: str | None) -> UUID | None:
    if not wanted or wanted == "nobody":
        return None
    if wanted == "me":
        return member.user
    try:
        return parse("usr", wanted)
    except NotFoundError as error:
        raise InvalidError(f"{wanted[:60]!r} is no id.", errors=[Problem("assignee", "Leave it out.")]) from error


_SELECT = """
select d.*, r.name as recipe_name, r.title as recipe_title, coalesce(nullif(a.name, ''), a.email) as assignee_name,
    (select count(*)::int from decision_answers n where n.decision = d.id) as answers,
    (select email from users where id = $2) as own_email
from decisions d left join documents r on r.id = d.recipe left join users a on a.id = d.assignee
where d.workspace = $1"""
_LOCK = """
select d.*, (select email from users where id = $2) as own_email
from decisions d where d.workspace = $1 and d.id = $3 and d.kind = $4 for update of d"""
_AFTER = """(coalesce(d.due_at, 'infinity'), d.id) > (
    select coalesce(c.due_at, 'infinity'), c.id from decisions c where c.id = {0} and c.workspace = d.workspace)"""
_ANSWERS = """
select n.*, u.email, u.name from decision_answers n join users u on u.id = n."user"
where n.decision = $1 order by n.number"""
_COUNT = """
select count(*) as open from (
    select 1 from decisions where workspace = $1 and kind = $2 and state = 'open' limit $3) o"""

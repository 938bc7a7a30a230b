"""Replays of many items at once: what would go again, going again in one transaction, how far it is, taking it back."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

import msgspec

from hub.audit import Audit
from hub.database import Row, execute, fetch, fetch_one, to_jsonb, transaction
from hub.errors import ConflictError, HubError, NotFoundError
from hub.ids import new_id, show
from hub.members import Member, Verb
from hub.runs.catalogue import Catalogue
from hub.runs.choosing import MOST, ReplayChoice, chosen_groups
from hub.runs.dispatch import Dispatcher
from hub.runs.following import from_step
from hub.runs.replay_views import PassedOver, Preview, ReplayPage, ReplayView, replay_view

NOT_PUBLISHED = "The recipe is not published, or was deleted."
UNCERTAIN = "It is not known whether their write was made. Look at the service, then replay each from its own page."
NO_STEP = "Version {version} has no step {step}. Replay them from the beginning."


class _Group(msgspec.Struct, frozen=True, kw_only=True):
    """Items that start again alike: of a recipe, on a version, from a step."""

    recipe: UUID
    version: int
    step: str | None
    following: list[str]
    items: list[UUID]


class _Chosen(msgspec.Struct, frozen=True):
    """What goes, and what does not."""

    groups: Sequence[_Group]
    passed_over: Sequence[PassedOver]


class Replays:
    """Replays what was chosen; what was sent before is recognised by the ledger and never sent again from here."""

    def __init__(self, catalogue: Catalogue, dispatcher: Dispatcher, audit: Audit) -> None:
        self._catalogue = catalogue
        self._dispatcher = dispatcher
        self._audit = audit

    async def preview(self, member: Member, choice: ReplayChoice) -> Preview:
        """Return how many items would go again, and which would be passed over, without starting anything."""
        member.authorize(Verb.RUN)
        chosen = await self._groups(member, choice)
        items = [item for group in chosen.groups for item in group.items]
        sent = await fetch_one(_SENT, items, member.workspace)
        return Preview(
            items=len(items),
            recipes=len({group.recipe for group in chosen.groups}),
            sent=sent["items"] if sent else 0,
            passed_over=list(chosen.passed_over),
            more=len(items) + sum(one.items for one in chosen.passed_over) >= MOST,
        )

    async def start(self, member: Member, choice: ReplayChoice) -> ReplayView:
        """Let everything chosen that has ended go again, each item once however many ask for it."""
        member.authorize(Verb.RUN)
        chosen = await self._groups(member, choice)
        identity = new_id()
        async with transaction():
            await execute(
                "insert into replays (id, workspace, newest, from_start, items, passed_over, made_by)"
                " values ($1, $2, $3, $4, 0, $5::jsonb, $6)",
                identity, member.workspace, choice.newest, choice.from_start, to_jsonb(chosen.passed_over), member.user,
            )  # fmt: skip
            count = sum([await _again(identity, member.workspace, group) for group in chosen.groups])
            if not count:
                raise ConflictError(_nothing(chosen.passed_over))
            await execute("update replays set items = $2 where id = $1", identity, count)
            detail = {"items": count, "newest": choice.newest, "from_start": choice.from_start}
            await self._audit.record(member, "items.replayed", show("rpl", identity), detail)
        self._dispatcher.nudge({group.recipe for group in chosen.groups})
        return await self.show(member, identity)

    async def show(self, member: Member, replay: UUID) -> ReplayView:
        """Return a replay and how its items fare now."""
        member.authorize(Verb.READ)
        return replay_view(await self._row(member, replay))

    async def list(self, member: Member, *, before: UUID | None = None, limit: int = 20) -> ReplayPage:
        """Return the replays, the newest first."""
        member.authorize(Verb.READ)
        rows = await fetch(f"{_SELECT} {_NEWEST}", member.workspace, before, limit + 1)
        found = [replay_view(row) for row in rows]
        return ReplayPage(found[:limit], found[limit - 1].id if len(found) > limit else None)

    async def take_back(self, member: Member, replay: UUID) -> ReplayView:
        """Put the items back that have not started yet; those that have are undone by their runs."""
        member.authorize(Verb.RUN)
        await self._row(member, replay)
        async with transaction():
            back = await fetch(_TAKE_BACK, replay, member.workspace)
            if not back:
                raise ConflictError(
                    "Every item has started by now. What they wrote can be undone on the pages of their runs."
                )
            await execute(_REMEMBER, replay, [row["id"] for row in back])
            await execute("update replays set taken_back = taken_back + $2 where id = $1", replay, len(back))
            detail = {"items": len(back)}
            await self._audit.record(member, "items.replay_taken_back", show("rpl", replay), detail)
        return await self.show(member, replay)

    async def _row(self, member: Member, replay: UUID) -> Row:
        row = await fetch_one(f"{_SELECT} and p.id = $2", member.workspace, replay)
        if row is None:
            raise NotFoundError("There is no such replay.")
        return row

    async def _groups(self, member: Member, choice: ReplayChoice) -> _Chosen:
        """Put what was chosen together by how it would start again, and say what cannot, and why."""
        groups: list[_Group] = []
        passed: dict[str, int] = {}
        for row in await chosen_groups(member, choice):
            reason, group = await self._group(row, choice)
            if group is None:
                passed[reason] = passed.get(reason, 0) + len(row["items"])
            else:
                groups.append(group)
        return _Chosen(groups, [PassedOver(reason=reason, items=items) for reason, items in passed.items()])

    async def _group(self, row: Row, choice: ReplayChoice) -> tuple[str, _Group | None]:
        if row["uncertain"]:
            return UNCERTAIN, None
        version = row["newest"] if choice.newest else row["version"]
        if row["newest"] is None or not version:
            return NOT_PUBLISHED, None
        try:
            compiled = (await self._catalogue.version(row["recipe"], version)).compiled
        except HubError as error:
            return error.message, None
        first = compiled.steps[0].id if compiled.steps else None
        step = first if choice.from_start else row["step"] or first
        if step is not None and step not in compiled.by_id:
            return NO_STEP.format(version=version, step=step), None
        return "", _Group(
            recipe=row["recipe"], version=version, step=step, following=from_step(compiled, step), items=row["items"]
        )


async def _again(replay: UUID, workspace: UUID, group: _Group) -> int:
    """Let a group of items wait again, remembering how they were; returns how many were still to be had."""
    rows = await fetch(_AGAIN, replay, workspace, group.items, group.version, group.step)
    if rows:
        await execute(_FORGET, replay, [row["item"] for row in rows], group.following)
    return len(rows)


def _nothing(passed_over: Sequence[PassedOver]) -> str:
    if not passed_over:
        return "Nothing that has ended matches, so there is nothing to replay."
    reasons = " ".join(one.reason for one in passed_over)
    return f"None of these can be replayed together. {reasons}"


_SENT = """
select count(distinct item)::int as items from deliveries
where item = any($1::uuid[]) and workspace = $2 and state in ('sent', 'accepted')"""
_AGAIN = """
with chosen as (
    select * from items where id = any($3::uuid[]) and workspace = $2
    and state in ('dead', 'delivered', 'filtered', 'cancelled')
    for no key update skip locked
),
kept as (
    insert into replayed_items (replay, workspace, item, before)
    select $1, $2, id, jsonb_build_object('state', state, 'version', version, 'step', step, 'run', run,
        'tries', tries, 'reason', reason, 'reason_kind', reason_kind, 'ended_at', ended_at, 'closed_as', closed_as)
    from chosen returning item
)
update items i set state = 'waiting', version = $4, step = $5, tries = 0, ended_at = null, reason = null,
    reason_kind = null, due_at = null, closed_as = null
from kept where i.id = kept.item returning i.id as item"""
_FORGET = """
with was as (
    select ctid as place, item, step, path, run, try, state from attempts
    where item = any($2::uuid[]) and step = any($3::text[]) and state in ('done', 'ignored', 'caught') for update
),
forgotten as (
    update attempts a set state = 'superseded' from was where a.ctid = was.place
    returning was.item, was.step, was.path, was.run, was.try, was.state
),
listed as (
    select item, jsonb_agg(
        jsonb_build_object('step', step, 'path', path, 'run', run, 'try', try, 'state', state)) as attempts
    from forgotten group by item
)
update replayed_items p set forgotten = listed.attempts from listed where p.replay = $1 and p.item = listed.item"""
# What has not been claimed into a run since still names the run that it was in before.
_TAKE_BACK = """
with back as (
    select i.id, p.before from replayed_items p join items i on i.id = p.item
    where p.replay = $1 and p.workspace = $2 and not p.taken_back and i.state = 'waiting'
    and i.run is not distinct from (p.before->>'run')::uuid for no key update of i skip locked
),
marked as (
    update replayed_items p set taken_back = true from back where p.replay = $1 and p.item = back.id returning p.item
)
update items i set state = b.before->>'state', version = (b.before->>'version')::int, step = b.before->>'step',
    tries = (b.before->>'tries')::int, reason = b.before->>'reason', reason_kind = b.before->>'reason_kind',
    ended_at = (b.before->>'ended_at')::timestamptz, closed_as = b.before->>'closed_as'
from back b where i.id = b.id returning i.id"""
_REMEMBER = """
update attempts a set state = f.state
from replayed_items p, jsonb_to_recordset(p.forgotten) as f(step text, path text, run uuid, try int, state text)
where p.replay = $1 and p.item = any($2::uuid[]) and a.item = p.item and a.step = f.step and a.path = f.path
and a.run = f.run and a.try = f.try and a.state = 'superseded'"""
_SELECT = """
select p.*, coalesce(u.name, u.email) as by_name,
    (select jsonb_object_agg(state, number) from (
        select case when m.taken_back then 'taken_back' else i.state end as state, count(*) as number
        from replayed_items m join items i on i.id = m.item where m.replay = p.id group by 1) s) as states
from replays p left join users u on u.id = p.made_by where p.workspace = $1"""
_NEWEST = "and ($2::uuid is null or p.id < $2) order by p.id desc limit $3"

"""Who uses a connection: recipes with the steps that name it, when it was last used, and what last went wrong there."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from hub.database import fetch, fetch_one, from_jsonb
from hub.errors import NotFoundError
from hub.ids import show
from hub.members import Member, Verb

TRIGGER = "trigger"


class Use(msgspec.Struct, frozen=True, kw_only=True):
    """A recipe that names the connection: in what is live, or only in its draft; `steps` may hold the trigger."""

    recipe: str
    name: str
    title: str
    steps: Sequence[str]
    live: bool


class UseFailure(msgspec.Struct, frozen=True, kw_only=True):
    """What last went wrong over a connection: a trigger that fails now, or the newest dead letter."""

    recipe: str
    name: str
    step: str
    kind: str
    message: str
    at: datetime | None
    item: str | None = None


class ConnectionUses(msgspec.Struct, frozen=True, kw_only=True):
    """Everything about how a connection is used."""

    uses: Sequence[Use]
    used_at: datetime | None
    failure: UseFailure | None


class Uses:
    """Finds out what depends on connections; nothing is kept for it but when each was last opened."""

    async def show(self, member: Member, connection: UUID) -> ConnectionUses:
        """Return who uses a connection and how that went lately."""
        member.authorize(Verb.READ)
        row = await fetch_one(
            "select name, used_at from connections where workspace = $1 and id = $2", member.workspace, connection
        )
        if row is None:
            raise NotFoundError("There is no such connection.")
        found = await fetch(_NAMING, member.workspace, row["name"])
        live = {one["id"]: sorted(_steps(from_jsonb(one["live"]), row["name"])) for one in found}
        uses = [
            Use(
                recipe=show("rcp", one["id"]),
                name=one["name"],
                title=one["title"] or one["name"],
                steps=live[one["id"]] or sorted(_steps(from_jsonb(one["draft"]), row["name"])),
                live=bool(live[one["id"]]),
            )
            for one in found
        ]
        pairs = [(recipe, step) for recipe, steps in live.items() for step in steps]
        failure = await _failure(member.workspace, pairs)
        return ConnectionUses(uses=uses, used_at=row["used_at"], failure=failure)


async def _failure(workspace: UUID, pairs: Sequence[tuple[UUID, str]]) -> UseFailure | None:
    rows = await fetch(_FAILING, workspace, [pair[0] for pair in pairs], [pair[1] for pair in pairs])
    if not rows:
        return None
    row = rows[0]
    return UseFailure(
        recipe=show("rcp", row["recipe"]),
        name=row["name"],
        step=row["step"],
        kind=row["kind"] or "",
        message=row["message"] or "",
        at=row["at"],
        item=show("itm", row["item"]) if row["item"] else None,
    )


def _steps(document: Mapping[str, Any] | None, name: str) -> Iterator[str]:
    """Yield the steps of a recipe that name a connection."""
    spec = (document or {}).get("spec") or {}
    parts = [{**(spec.get("trigger") or {}), "id": TRIGGER}, *(spec.get("steps") or ())]
    for part in parts:
        if str(part.get("connection") or "").lower() == name.lower():
            yield str(part.get("id"))


_NAMING = """
select d.id, d.name, d.title, d.draft::text as draft, v.content::text as live
from documents d
left join document_versions v on v.document = d.id and v.number = d.active_version
where d.workspace = $1 and d.kind = 'recipe' and d.deleted_at is null
and exists (
    select from (
        select jsonb_path_query(d.draft::jsonb, '$.**.connection') union all
        select jsonb_path_query(v.content::jsonb, '$.**.connection')
    ) as found(named) where lower(named #>> '{}') = lower($2)
)
order by lower(d.name)"""
_FAILING = """
with used as (select * from unnest($2::uuid[], $3::text[]) as t(recipe, step)),
firing as (
    select t.recipe, d.name, 'trigger' as step, '' as kind, t.message, now() as at, null::uuid as item
    from triggers t join used u on u.recipe = t.recipe and u.step = 'trigger'
    join documents d on d.id = t.recipe where t.workspace = $1 and t.failures > 0
),
dead as (
    select i.recipe, d.name, i.step, i.reason_kind as kind, i.reason as message, i.ended_at as at, i.id as item
    from items i join used u on u.recipe = i.recipe and u.step = i.step join documents d on d.id = i.recipe
    where i.workspace = $1 and i.state = 'dead' order by i.id desc limit 1
)
select * from firing union all select * from dead order by at desc limit 1"""

"""Pins: outputs that stand in for steps while people try; live runs never look at them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from hub.audit import Audit
from hub.database import Row, execute, fetch, fetch_one, from_jsonb, to_jsonb, transaction
from hub.errors import ConflictError, InvalidError, NotFoundError, Problem, TooLargeError
from hub.ids import new_id, show
from hub.members import Member, Verb
from hub.runs.trying.drafts import draft_of
from hub.runs.trying.views import Pin
from hub.sealing import Vault, place

LARGEST_PIN = 1_000_000
DEEPEST = 100


class Pins:
    """Keeps one output for a step of a recipe, sealed, beside the draft."""

    def __init__(self, vault: Vault, audit: Audit) -> None:
        self._vault = vault
        self._audit = audit

    async def list(self, member: Member, recipe: UUID) -> Sequence[Pin]:
        """Return the pins of a recipe's steps."""
        member.authorize(Verb.READ)
        await draft_of(member, recipe)
        rows = await fetch(f"{_SELECT} order by step", recipe, member.workspace)
        return [await self._opened(member.workspace, row) for row in rows]

    async def put(self, member: Member, recipe: UUID, step: str, value: Any) -> Pin:
        """Pin an output to a step, in the place of one that it has."""
        member.authorize(Verb.PLAN)
        (await draft_of(member, recipe)).check(step)
        text = _written(value)
        identity = new_id()
        async with transaction():
            before = await fetch_one("select id from pins where recipe = $1 and step = $2 for update", recipe, step)
            identity = before["id"] if before else identity
            kept = await self._vault.seal(member.workspace, place("pins", identity, "kept"), text.encode())
            row = await fetch_one(_PUT, identity, member.workspace, recipe, step, kept, member.user)
            if row is None:
                raise ConflictError("Somebody else has pinned an output here at this moment. Look at it first.")
            await self._audit.record(member, "recipe.pinned", show("rcp", recipe), {"step": step})
        return await self._opened(member.workspace, row)

    async def remove(self, member: Member, recipe: UUID, step: str) -> None:
        """Take a pin away; tries do the step again."""
        member.authorize(Verb.PLAN)
        await draft_of(member, recipe)
        async with transaction():
            if not await execute(_REMOVE, recipe, member.workspace, step):
                raise NotFoundError(f"The step {step[:100]!r} has no pin.")
            await self._audit.record(member, "recipe.unpinned", show("rcp", recipe), {"step": step})

    async def of(self, workspace: UUID, recipe: UUID) -> Mapping[str, Pin]:
        """Return the pins of a recipe by step, for services that try."""
        rows = await fetch(_SELECT, recipe, workspace)
        return {row["step"]: await self._opened(workspace, row) for row in rows}

    async def _opened(self, workspace: UUID, row: Row) -> Pin:
        text = await self._vault.open(workspace, place("pins", row["id"], "kept"), row["kept"])
        return Pin(step=row["step"], value=from_jsonb(text.decode()), at=row["pinned_at"])


def _written(value: Any) -> str:
    """Return the value as it is kept; it may not be larger or nest deeper than what a step can give."""
    if _depth(value) > DEEPEST:
        message = f"An output nests {DEEPEST} levels deep at most."
        raise InvalidError("This cannot be pinned.", errors=[Problem("value", message)])
    text = to_jsonb(value)
    if len(text) > LARGEST_PIN:
        raise TooLargeError(f"An output of {LARGEST_PIN // 1_000_000} MB at most can be pinned. Leave out what is big.")
    return text


def _depth(value: Any) -> int:
    """Count levels without recursion, so that nothing nests deep enough to matter."""
    deepest, open_ones = 0, [(value, 1)]
    while open_ones and deepest <= DEEPEST:
        one, level = open_ones.pop()
        deepest = max(deepest, level)
        inside: Sequence[Any] = [*one.values()] if isinstance(one, Mapping) else one if isinstance(one, list) else []
        open_ones.extend((child, level + 1) for child in inside)
    return deepest


_SELECT = "select id, step, kept, pinned_at from pins where recipe = $1 and workspace = $2"
_REMOVE = "delete from pins where recipe = $1 and workspace = $2 and step = $3"
_PUT = """
insert into pins (id, workspace, recipe, step, kept, pinned_by) values ($1, $2, $3, $4, $5, $6)
on conflict (recipe, step) do update set kept = excluded.kept, pinned_by = excluded.pinned_by, pinned_at = now()
where pins.id = excluded.id
returning id, step, kept, pinned_at"""

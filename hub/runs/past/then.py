"""What is known of a past item: what each step gave, what was written, and whether a step asks the same as then."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

import msgspec

from hub.database import Row, fetch, from_jsonb, to_jsonb
from hub.recipes import CompiledRecipe, CompiledStep, TemplateError
from hub.runs.past.compared import Writing
from hub.runs.progress import progress_of
from hub.runs.stages import recall, surroundings

# What the hub itself decided or was told, and what cannot be asked again
REMEMBERED = frozenset({"wait", "review", "approve", "recipe", "aggregate", "dedupe", "respond", "sync"})


class Written(msgspec.Struct, frozen=True, kw_only=True):
    """A write of then, and what its target answered."""

    writing: Writing
    output: Any


class Then(msgspec.Struct, frozen=True, kw_only=True):
    """One item as it was: its scope with every output, which steps gave one, and its writes."""

    row: Row
    compiled: CompiledRecipe | None
    scope: Mapping[str, Any]
    gave: frozenset[str]
    states: Mapping[str, str]
    written: Sequence[Written]

    def surroundings(self) -> dict[str, Any]:
        """Return the names besides the item's own, as they were."""
        return {name: self.scope[name] for name in ("run", "recipe", "vars")}

    def same_question(self, step: CompiledStep, scope: Mapping[str, Any]) -> bool:
        """Tell whether a step would ask what the step of the same id asked then."""
        before = self.compiled.by_id.get(step.id) if self.compiled else None
        if before is None or (before.uses, before.connection) != (step.uses, step.connection):
            return False
        try:
            return _asked(before, self.scope) == _asked(step, scope)
        except TemplateError:
            return False

    def answer(self, writing: Writing) -> tuple[bool, Any]:
        """Return what a target answered to the very same write then, and whether there was one."""
        for one in self.written:
            then = one.writing
            if (then.step, then.path, then.target) == (writing.step, writing.path, writing.target):
                same = _plain(then.settings, then.rows) == _plain(writing.settings, writing.rows)
                return same, one.output
        return False, None


async def remember(rows: Sequence[Row], versions: Mapping[int, CompiledRecipe]) -> dict[UUID, Then]:
    """Return what is known of items, three statements for all of them."""
    written: dict[UUID, list[Written]] = {}
    for row in await fetch(_WRITTEN, [one["id"] for one in rows]):
        written.setdefault(row["item"], []).append(_written(row))
    found: dict[UUID, Then] = {}
    for number in {row["version"] for row in rows}:
        group = [row for row in rows if row["version"] == number]
        compiled = versions.get(number)
        works = progress_of(group, {})
        if compiled is not None:
            await recall(works, compiled)
        for row, one in zip(group, works, strict=True):
            about = {"id": row["run"] or row["id"], "version": number}
            around = surroundings(compiled, about) if compiled else {"run": {}, "recipe": {}, "vars": {}}
            found[row["id"]] = Then(
                row=row,
                compiled=compiled,
                scope={**around, **one.scope},
                gave=frozenset(step for step, state in one.settled.items() if state != "failed"),
                states=dict(one.settled),
                written=written.get(row["id"], []),
            )
    return found


def _asked(step: CompiledStep, scope: Mapping[str, Any]) -> str:
    """Return all that a step asks, in one text; loops ask once for each element."""
    if step.each is None:
        return to_jsonb(step.settings.render(scope))
    elements = step.elements(scope)
    return to_jsonb([
        step.settings.render(step.inside(scope, one, place)) for place, one in enumerate(elements)
    ])  # fmt: skip


def _written(row: Row) -> Written:
    request = from_jsonb(row["request"]) or {}
    writing = Writing(
        step=row["step"],
        path=row["path"],
        target=row["target"],
        settings=request.get("settings", {}),
        rows=request.get("rows", []),
    )
    return Written(writing=writing, output=from_jsonb(row["output"]))


def _plain(settings: Mapping[str, Any], rows: Sequence[Mapping[str, Any]]) -> str:
    return msgspec.json.encode([settings, rows], order="deterministic").decode()


# The last generation of each delivery that reached its target; what was taken back later was written all the same.
_WRITTEN = """
select distinct on (item, step, path) item, step, path, target, request, output from deliveries
where item = any($1::uuid[]) and state in ('sent', 'accepted', 'undone') and undo_of is null
order by item, step, path, generation desc, written_at desc"""

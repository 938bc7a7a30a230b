"""Steps that keep state over runs or let an item leave: wait, dedupe, aggregate, recipe, respond, review, approve."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from hub.database import execute, fetch, to_jsonb, transaction
from hub.ids import new_id, show
from hub.recipes import CompiledStep, TemplateError
from hub.recipes.durations import seconds
from hub.recipes.times import moment
from hub.runs.asking import Asking
from hub.runs.collecting import collect
from hub.runs.keys import key_text
from hub.runs.progress import Clock, Failure, Progress
from hub.runs.syncing import sync

if TYPE_CHECKING:
    from hub.runs.steps import Travel

Fail = Callable[[CompiledStep, Progress, Failure, Clock], None]


class Pauses:
    """Performs the steps whose state lives in PostgreSQL, a whole group in one statement."""

    def __init__(self, fail: Fail, asking: Asking) -> None:
        self._fail = fail
        self._asking = asking

    async def perform(self, travel: Travel, step: CompiledStep, group: Sequence[Progress]) -> None:
        """Do one such step for every item of the group."""
        clock = Clock()
        rendered = [(one, self._render(step, one, clock)) for one in group]
        ready = [(one, values) for one, values in rendered if values is not None]
        if not ready:
            return
        match step.uses:
            case "wait":
                self._wait(step, ready, clock)
            case "dedupe":
                await _dedupe(travel, step, ready, clock)
            case "sync":
                await sync(travel, step, ready)
            case "aggregate":
                await collect(travel, step, ready, clock)
            case "recipe":
                await self._call(travel, step, ready, clock)
            case "review":
                await self._asking.review(travel, step, ready, clock)
            case "approve":
                await self._asking.approve(travel, step, ready, clock)
            case _:
                _respond(step, ready, clock)

    def _render(self, step: CompiledStep, one: Progress, clock: Clock) -> dict[str, Any] | None:
        try:
            values: dict[str, Any] = step.settings.render(one.scope)
        except TemplateError as error:
            self._fail(step, one, Failure(kind="SettingsError", message=str(error)), clock)
            return None
        return values

    def _wait(self, step: CompiledStep, ready: Sequence[tuple[Progress, Mapping[str, Any]]], clock: Clock) -> None:
        """Let items go on later; the step is done already, only its followers wait."""
        for one, values in ready:
            try:
                pause = _pause(values)
            except (ValueError, TypeError):
                said = "The wait step needs a duration such as 2h, or a date."
                self._fail(step, one, Failure(kind="SettingsError", message=said), clock)
                continue
            output = {"seconds": round(pause, 3)}
            one.done(step.id, output, clock.trace(step.id, "done", output=output))
            if pause > 0:
                one.pause(step.id, pause, "It waits as the recipe says.")

    async def _call(
        self, travel: Travel, step: CompiledStep, ready: Sequence[tuple[Progress, Mapping[str, Any]]], clock: Clock
    ) -> None:
        """Start the called recipe with one child item each; the parent waits for it unless told otherwise."""
        name = str(ready[0][1]["recipe"])
        row = await fetch(_CALLED, travel.workspace, name)
        if not row:
            said = f"There is no published recipe named {name!r} to call."
            for one, _ in ready:
                self._fail(step, one, Failure(kind="SettingsError", message=said), clock)
            return
        waits = bool(ready[0][1].get("wait", True))
        ready = await self._not_called(step, ready, clock)
        if not ready:
            return
        async with transaction():
            await execute(
                _CHILDREN, travel.workspace, row[0]["recipe"], row[0]["version"], step.id,
                [new_id() for _ in ready], [one.item for one, _ in ready], [one.title for one, _ in ready],
                [to_jsonb({"body": values.get("input")}) for _, values in ready], waits,
            )  # fmt: skip
        for one, _ in ready:
            if waits:
                one.leave("waiting_for", step.id, f"It waits for the recipe {name}.", "recipe")
            else:
                one.done(step.id, {"started": True}, clock.trace(step.id, "done", output={"started": True}))

    async def _not_called(
        self, step: CompiledStep, ready: Sequence[tuple[Progress, Mapping[str, Any]]], clock: Clock
    ) -> list[tuple[Progress, Mapping[str, Any]]]:
        """Settle the items whose child has ended and return those that have none yet."""
        rows = await fetch(_ENDED_CHILDREN, step.id, [one.item for one, _ in ready])
        children = {row["parent"]: row for row in rows}
        for one, _ in ready:
            child = children.get(one.item)
            if child is None:
                continue
            if child["state"] == "dead":
                self._fail(
                    step,
                    one,
                    Failure(kind="RecipeError", message=child["reason"] or "The called recipe failed."),
                    clock,
                )
            elif child["ended_at"] is None:
                one.leave("waiting_for", step.id, "It waits for the called recipe.", "recipe")
            else:
                output = {"state": child["state"], "item": show("itm", child["id"])}
                one.done(step.id, output, clock.trace(step.id, "done", output=output))
        return [(one, values) for one, values in ready if one.item not in children]


async def _dedupe(
    travel: Travel, step: CompiledStep, ready: Sequence[tuple[Progress, Mapping[str, Any]]], clock: Clock
) -> None:
    """Let each key pass once within its period; the item that holds the key passes again after a crash."""
    keys = [key_text(values.get("key")) for _, values in ready]
    period = seconds(str(ready[0][1].get("period") or "30d"))
    rows = await fetch(_DEDUPE, travel.recipe, step.id, travel.workspace, period, keys, [one.item for one, _ in ready])
    holders = {row["key"]: row["item"] for row in rows}
    for (one, _), key in zip(ready, keys, strict=True):
        passes = holders.get(key) == one.item
        one.done(step.id, {"new": passes}, clock.trace(step.id, "done", input={"key": key}, output={"new": passes}))
        if not passes:
            one.leave("filtered", step.id, "An item with the same key has passed before.", "duplicate")


def _respond(step: CompiledStep, ready: Sequence[tuple[Progress, Mapping[str, Any]]], clock: Clock) -> None:
    """Leave the reply where the waiting call finds it; it is announced when the stage is settled."""
    for one, values in ready:
        reply = {
            "status": values.get("status", 200),
            "body": values.get("body"),
            "headers": values.get("headers") or {},
        }
        one.done(step.id, {"$reply": reply}, clock.trace(step.id, "done", output={"$reply": reply}))


def _pause(values: Mapping[str, Any]) -> float:
    if values.get("duration") is not None:
        return seconds(str(values["duration"]))
    due = moment(values["until"])
    if due is None:
        raise ValueError("no date")
    return max((due - datetime.now(UTC)).total_seconds(), 0.0)


_DEDUPE = """
with incoming as (
    select distinct on (key) key, item from unnest($5::text[], $6::uuid[]) as t(key, item) order by key, item
),
fresh as (
    insert into dedupe_keys as d (recipe, step, key, item, workspace, expires_at)
    select $1, $2, key, item, $3, now() + $4 * interval '1 second' from incoming order by key
    on conflict (recipe, step, key) do update set item = excluded.item, expires_at = excluded.expires_at
    where d.expires_at < now() returning key, item
)
select key, item from fresh
union all
select d.key, d.item from dedupe_keys d join incoming i on i.key = d.key
where d.recipe = $1 and d.step = $2 and d.key not in (select key from fresh)"""
_ENDED_CHILDREN = """
select distinct on (parent) parent, id, state, reason, ended_at from items
where parent_step = $1 and parent = any($2::uuid[]) order by parent, id desc"""
_CALLED = """
select t.recipe, t.version from triggers t join documents d on d.id = t.recipe
where d.workspace = $1 and lower(d.name) = lower($2) and d.kind = 'recipe' and d.deleted_at is null
and t.version is not null"""
_CHILDREN = """
with seen as (
    insert into seen_keys (recipe, key, item)
    select $2, 'parent:' || t.parent || '/' || $4, t.id from unnest($5::uuid[], $6::uuid[]) as t(id, parent)
    on conflict do nothing returning item
)
insert into items (id, workspace, recipe, version, title, content, parent, parent_step, reason_kind)
select t.id, $1, $2, $3, t.title, t.content::jsonb, t.parent, $4, case when $9 then 'called' end
from unnest($5::uuid[], $6::uuid[], $7::text[], $8::text[]) as t(id, parent, title, content)
where t.id in (select item from seen)"""

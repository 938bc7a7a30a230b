"""A recipe's row in `triggers`: where its webhook listens, and when its poll or calendar is due."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from connectors.sdk import Settings, Trigger, TriggerKind, fill
from connectors.sdk.registry import find_trigger
from hub.database import Row, execute, fetch, fetch_one
from hub.errors import ConflictError, NotFoundError
from hub.recipes.document import RecipeDocument
from hub.recipes.durations import seconds
from hub.recipes.views import State, TriggerView

LIVE, PAUSED, DELETED = "live", "paused", "deleted"


async def register_draft(workspace: UUID, recipe: UUID, document: RecipeDocument) -> None:
    """Give a new recipe its address at once, so that it can be told to the caller before anything is published."""
    trigger = document.spec.trigger
    part = find_trigger(trigger.uses)
    await execute(
        "insert into triggers (recipe, workspace, kind, uses, hook_token) values ($1, $2, $3, $4, $5)"
        " on conflict (recipe) do nothing",
        recipe, workspace, str(part.kind) if part else "", trigger.uses, secrets.token_urlsafe(24),
    )  # fmt: skip


async def register_version(
    workspace: UUID, recipe: UUID, document: RecipeDocument, version: int, before: RecipeDocument | None
) -> None:
    """Let a version take over; the cursor stays as long as the trigger reads from the same place."""
    trigger = document.spec.trigger
    part = find_trigger(trigger.uses)
    if part is None:
        raise ConflictError(f"The trigger {trigger.uses} is not there any more.")
    settings = fill(part.settings, trigger.settings)
    await register_draft(workspace, recipe, document)
    await execute(
        "update triggers set version = $2, kind = $3, uses = $4, every = $5, next_due_at = $6, failures = 0,"
        " message = '', cursor = case when $7 then cursor end, leased_until = null, fence = fence + 1"
        " where recipe = $1",
        recipe, version, str(part.kind), trigger.uses, _every(part, settings), _first_due(part, settings),
        before is not None and _place(before) == _place(document),
    )  # fmt: skip


async def hold(recipe: UUID) -> None:
    """Let nobody else change, publish or delete a recipe until the transaction ends; NotFoundError once it is gone.

    Whoever changes a recipe's row here has held it before and writes to the audit trail after, so that nobody waits in
    a circle.
    """
    if await fetch_one(_HOLD, recipe) is None:
        raise NotFoundError("There is no such recipe.")
    await execute("select from triggers where recipe = $1 for update", recipe)


async def set_state(recipe: UUID, state: str) -> bool:
    """Pause, resume or end; a poll that was paused is due at once. Tells whether anything changed."""
    touched = await execute(
        "update triggers set state = $2,"
        " next_due_at = case when $2 = 'live' and kind = 'poll' then now() else next_due_at end"
        " where recipe = $1 and version is not null and state <> $2",
        recipe, state,
    )  # fmt: skip
    return touched > 0


async def end(recipe: UUID) -> None:
    """Close the address of a deleted recipe and let nothing that waits for it start."""
    await execute(
        "update triggers set state = $2, hook_token = null, test_token = null, next_due_at = null where recipe = $1",
        recipe, DELETED,
    )  # fmt: skip
    from hub.decisions import cancel_for_recipe  # heavy, and most who read recipes end none

    await cancel_for_recipe(recipe)
    await execute(_CANCEL_WAITING, recipe)


async def rotate(recipe: UUID) -> None:
    """Give the webhook a new address; the old one stops at once."""
    await execute("update triggers set hook_token = $2 where recipe = $1", recipe, secrets.token_urlsafe(24))


async def rows(recipes: list[UUID]) -> Mapping[UUID, Row]:
    """Return the rows of several recipes, each with when its newest item came."""
    found = await fetch(_ROWS, recipes)
    return {row["recipe"]: row for row in found}


def state_of(row: Row | None) -> State:
    """Tell what a row says about its recipe."""
    if row is None or row["version"] is None:
        return State.DRAFT
    return State.PAUSED if row["state"] == PAUSED else State.LIVE


def view_of(row: Row | None, uses: str) -> TriggerView:
    """Tell how the trigger fares; the draft's own name when nothing is published."""
    part = find_trigger(uses)
    kind = str(part.kind) if part else ""
    if row is None or row["version"] is None:
        return TriggerView(uses=uses, kind=kind)
    return TriggerView(
        uses=row["uses"],
        kind=row["kind"],
        last_event_at=row["last_event_at"] or row["newest_at"],
        last_poll_at=row["last_poll_at"],
        next_due_at=row["next_due_at"],
        failures=row["failures"],
        message=row["message"],
        duplicates=row["duplicates"],
    )


def _every(part: Trigger, settings: Settings) -> float | None:
    """Return the pause between polls: the user's, else the connector's."""
    if part.kind is not TriggerKind.POLL:
        return None
    chosen = getattr(settings, "every", None)
    if isinstance(chosen, str) and chosen:
        return seconds(chosen.replace(" ", ""))
    return float(chosen) if isinstance(chosen, (int, float)) else part.every


def _first_due(part: Trigger, settings: Settings) -> datetime | None:
    now = datetime.now(UTC)
    if part.kind is TriggerKind.CALENDAR:
        due: datetime | None = part.function(settings, now)
        return due
    return now if part.kind is TriggerKind.POLL else None


def _place(document: RecipeDocument) -> tuple[str, str | None, dict[str, Any]]:
    """Return what a cursor belongs to: everything about the trigger but how often it is asked."""
    trigger = document.spec.trigger
    settings = {name: value for name, value in trigger.settings.items() if name != "every"}
    return trigger.uses, trigger.connection, settings


_HOLD = "select id from documents where id = $1 and deleted_at is null for no key update"
# In the order of their ids, as everybody takes several items
_CANCEL_WAITING = """
with held as materialized (
    select id from items where recipe = $1 and state in ('waiting', 'waiting_until', 'waiting_for')
    order by id for no key update
)
update items i set state = 'cancelled', reason = 'The recipe was deleted.', ended_at = now(), due_at = null
from held where i.id = held.id"""
# Webhooks keep no time of their own: writing one would make every call wait for the one before
_ROWS = """
select t.*, newest.accepted_at as newest_at from triggers t left join lateral (
    select accepted_at from items i where i.workspace = t.workspace and i.recipe = t.recipe order by i.id desc limit 1
) newest on true where t.recipe = any($1::uuid[])"""

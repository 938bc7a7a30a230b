"""Records that two systems keep in step: what is remembered of each, compared under a lock, one item after another."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import msgspec

from hub.database import execute, fetch_one, from_jsonb, to_jsonb, transaction
from hub.recipes import CompiledStep, TemplateError
from hub.recipes.syncing import Known, Sync, Synced, compare, meaning
from hub.runs.failing import fail
from hub.runs.progress import Clock, Failure, Progress

if TYPE_CHECKING:
    from hub.runs.steps import Travel

IN_STEP = "Both sides say the same already."


async def sync(travel: Travel, step: CompiledStep, ready: Sequence[tuple[Progress, Mapping[str, Any]]]) -> None:
    """Compare records with what is remembered; an item whose other side lacks nothing ends here."""
    for one, values in sorted(ready, key=lambda pair: meaning(pair[1].get("key"))):
        clock = Clock()
        try:
            settings = _settings(values)
            async with transaction():
                found = await _remembering(travel, settings)
        except (msgspec.ValidationError, TypeError, ValueError) as error:
            fail(step, one, Failure(kind="SettingsError", message=str(error)), clock)
            continue
        _settle(step, one, found, clock)


async def would_sync(travel: Travel, step: CompiledStep, one: Progress, clock: Clock) -> None:
    """Compare as a run would, and remember nothing."""
    try:
        settings = _settings(step.settings.render(one.scope))
        found, _ = compare(settings, await _known(travel, settings))
    except (TemplateError, msgspec.ValidationError, TypeError, ValueError) as error:
        fail(step, one, Failure(kind="SettingsError", message=str(error)), clock)
        return
    _settle(step, one, found, clock)


async def _remembering(travel: Travel, settings: Sync) -> Synced:
    key = meaning(settings.key)
    lock = f"{travel.workspace}/{settings.sync}/{key}"
    await execute("select pg_advisory_xact_lock(hashtextextended($1, 3))", lock)
    found, known = compare(settings, await _known(travel, settings))
    await execute(
        _REMEMBER, travel.workspace, settings.sync, key, to_jsonb(msgspec.to_builtins(known)), len(found.conflicts)
    )
    return found


async def _known(travel: Travel, settings: Sync) -> Known | None:
    row = await fetch_one(
        "select known from synced_records where workspace = $1 and sync = $2 and key = $3",
        travel.workspace, settings.sync, meaning(settings.key),
    )  # fmt: skip
    return None if row is None else msgspec.convert(from_jsonb(row["known"]), Known)


def _settings(values: Mapping[str, Any]) -> Sync:
    found = msgspec.convert(values, Sync)
    if not meaning(found.key):
        raise ValueError("The record has no key, so that it cannot be told from others.")
    return found


def _settle(step: CompiledStep, one: Progress, found: Synced, clock: Clock) -> None:
    output = found.output()
    one.done(step.id, output, clock.trace(step.id, "done", output=output))
    if not found.changes:
        one.leave("filtered", step.id, IN_STEP, "in_step")


_REMEMBER = """
insert into synced_records (workspace, sync, key, known, conflicts) values ($1, $2, $3, $4::jsonb, $5)
on conflict (workspace, sync, key) do update
set known = excluded.known, conflicts = synced_records.conflicts + excluded.conflicts, synced_at = now()"""

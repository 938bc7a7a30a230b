"""Records that two systems keep in step: what is remembered of each, compared under locks, a group at a time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import msgspec

from hub.database import execute, fetch, from_jsonb, to_jsonb, transaction
from hub.recipes import CompiledStep, TemplateError
from hub.recipes.syncing import Known, Sync, Synced, compare, meaning
from hub.runs.failing import fail
from hub.runs.lengths import indexable
from hub.runs.progress import Clock, Failure, Progress

if TYPE_CHECKING:
    from hub.runs.steps import Travel

IN_STEP = "Both sides say the same already."


async def sync(travel: Travel, step: CompiledStep, ready: Sequence[tuple[Progress, Mapping[str, Any]]]) -> None:
    """Compare records with what is remembered, a group in one go; an item whose other side lacks nothing ends here."""
    asked: list[tuple[Progress, Sync, Clock]] = []
    for one, values in ready:
        clock = Clock()
        try:
            asked.append((one, _settings(values), clock))
        except (msgspec.ValidationError, ValueError) as error:
            fail(step, one, Failure(kind="SettingsError", message=str(error)), clock)
    if not asked:
        return
    name, keys = asked[0][1].sync, sorted({_name(settings) for _, settings, _ in asked})
    async with transaction():
        await execute(_LOCK, [f"{travel.workspace}/{name}/{key}" for key in keys])
        known = await _known(travel, name, keys)
        conflicts: dict[str, int] = {}
        for one, settings, clock in asked:
            key = _name(settings)
            try:
                found, known[key] = compare(settings, known.get(key))
            except (TypeError, ValueError) as error:
                fail(step, one, Failure(kind="SettingsError", message=str(error)), clock)
                continue
            conflicts[key] = conflicts.get(key, 0) + len(found.conflicts)
            _settle(step, one, found, clock)
        remembered = [to_jsonb(msgspec.to_builtins(known[key])) for key in conflicts]
        await execute(_REMEMBER, travel.workspace, name, list(conflicts), remembered, list(conflicts.values()))


async def would_sync(travel: Travel, step: CompiledStep, one: Progress, clock: Clock) -> None:
    """Compare as a run would, and remember nothing."""
    try:
        settings = _settings(step.settings.render(one.scope))
        key = _name(settings)
        found, _ = compare(settings, (await _known(travel, settings.sync, [key])).get(key))
    except (TemplateError, msgspec.ValidationError, TypeError, ValueError) as error:
        fail(step, one, Failure(kind="SettingsError", message=str(error)), clock)
        return
    _settle(step, one, found, clock)


async def _known(travel: Travel, name: str, keys: Sequence[str]) -> dict[str, Known]:
    rows = await fetch(
        "select key, known from synced_records where workspace = $1 and sync = $2 and key = any($3::text[])",
        travel.workspace, name, list(keys),
    )  # fmt: skip
    return {row["key"]: msgspec.convert(from_jsonb(row["known"]), Known) for row in rows}


def _settings(values: Mapping[str, Any]) -> Sync:
    found = msgspec.convert(values, Sync)
    if not meaning(found.key):
        raise ValueError("The record has no key, so that it cannot be told from others.")
    return found


def _name(settings: Sync) -> str:
    return indexable(meaning(settings.key))


def _settle(step: CompiledStep, one: Progress, found: Synced, clock: Clock) -> None:
    output = found.output()
    one.done(step.id, output, clock.trace(step.id, "done", output=output))
    if not found.changes:
        one.leave("filtered", step.id, IN_STEP, "in_step")


# Sorted by the caller, so that two groups wait for each other in one order only
_LOCK = "select pg_advisory_xact_lock(hashtextextended(key, 3)) from unnest($1::text[]) as t(key)"
_REMEMBER = """
insert into synced_records (workspace, sync, key, known, conflicts)
select $1, $2, key, known, conflicts from unnest($3::text[], $4::jsonb[], $5::int[]) as t(key, known, conflicts)
on conflict (workspace, sync, key) do update
set known = excluded.known, conflicts = synced_records.conflicts + excluded.conflicts, synced_at = now()"""

"""Samples: the last items of a recipe to try it with, and items that are kept for just that."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import asyncpg

from connectors.sdk import Item
from connectors.sdk.texts import storable
from hub.database import Row, execute, fetch, fetch_one, to_jsonb, transaction
from hub.errors import ConflictError, InvalidError, NotFoundError, Problem, TooLargeError
from hub.ids import new_id
from hub.members import Member
from hub.runs.catalogue import Catalogue
from hub.runs.incoming import stored_content

MOST = 20
LARGEST_SAMPLE = 5_000_000
REASON = "It is kept for trying things out."


async def newest(member: Member, recipe: UUID, limit: int) -> Sequence[Row]:
    """Return the newest items that a recipe can be tried with."""
    return await fetch(_NEWEST, member.workspace, recipe, min(max(limit, 1), MOST))


async def sample_row(member: Member, recipe: UUID, item: UUID | None) -> Row:
    """Return one sample; the newest when none is named."""
    if item is None:
        rows = await newest(member, recipe, 1)
        if rows:
            return rows[0]
        raise InvalidError(
            "There is no item to try with yet. Listen for one, or give a sample.",
            errors=[Problem("item", "Give a sample item.")],
        )
    row = await fetch_one(_ONE, member.workspace, recipe, item)
    if row is None:
        raise NotFoundError("This recipe has no such item.")
    return row


async def keep(member: Member, recipe: UUID, version: int, items: Sequence[Item], catalogue: Catalogue) -> list[Row]:
    """Keep items for trying; they are never worked on. One that was kept under the same key before is renewed."""
    columns: list[list[Any]] = [[], [], [], []]
    for item in items:
        content = to_jsonb(await stored_content(member.workspace, item.content, catalogue))
        if len(content) > LARGEST_SAMPLE:
            raise TooLargeError(f"A sample is at most {LARGEST_SAMPLE // 1_000_000} MB large, apart from its files.")
        key = None if item.key is None else storable(item.key)
        for column, value in zip(columns, (new_id(), key, storable(item.title)[:500], content), strict=True):
            column.append(value)
    try:
        async with transaction():
            await execute(_ALONE, recipe, member.workspace)
            return list(await fetch(_KEEP, member.workspace, recipe, version, REASON, *columns))
    except asyncpg.DataError as error:
        message = "This cannot be kept: it holds text that is not valid Unicode or nests too deep."
        raise InvalidError(message, errors=[Problem("content", message)]) from error


async def remove(member: Member, recipe: UUID, item: UUID) -> None:
    """Forget a kept sample with what was tried with it; items that came in for good stay."""
    await sample_row(member, recipe, item)
    if not await execute(_REMOVE, member.workspace, recipe, item):
        raise ConflictError("This item came in for good; only kept samples can be removed.")


_COLUMNS = "id, workspace, title, test, state, version, accepted_at, key, content, generation, tries, step"
_NEWEST = f"""
select {_COLUMNS} from items where workspace = $1 and recipe = $2 and (not test or reason_kind = 'sample')
order by id desc limit $3"""  # noqa: S608  # our own words
_ONE = f"""
select {_COLUMNS} from items where workspace = $1 and recipe = $2 and id = $3
and (not test or reason_kind = 'sample')"""  # noqa: S608  # our own words
# Of two that keep the same key at once, the second renews what the first kept
_ALONE = "select id from documents where id = $1 and workspace = $2 for no key update"
_KEEP = f"""
with gone as (
    delete from items where workspace = $1 and recipe = $2 and test and reason_kind = 'sample' and key = any($6::text[])
)
insert into items (id, workspace, recipe, version, state, reason, reason_kind, ended_at, test, key, title, content)
select t.id, $1, $2, $3, 'filtered', $4, 'sample', now(), true, t.key, t.title, t.content::jsonb
from unnest($5::uuid[], $6::text[], $7::text[], $8::text[]) as t(id, key, title, content)
returning {_COLUMNS}"""  # noqa: S608  # our own words
_REMOVE = """
delete from items where workspace = $1 and recipe = $2 and id = $3 and test and reason_kind = 'sample'"""

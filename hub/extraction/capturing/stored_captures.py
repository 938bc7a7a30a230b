"""Captures in the database: which file was taken from where, when and by whom."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import msgspec

from hub.database import Row, execute, fetch
from hub.ids import new_id, parse, parse_cursor, show

PREFIX = "cap"
MOST = 200
LONGEST_TITLE = 500


class Taken(msgspec.Struct, frozen=True, kw_only=True):
    """A page that was stored as a file."""

    file: str
    url: str
    final_url: str
    rendered: bool
    captured_by: UUID | None


class CaptureSummary(msgspec.Struct, frozen=True, kw_only=True):
    """A capture in a list; `url` was asked for, `final_url` is where redirects led."""

    id: str
    file: str
    url: str
    final_url: str
    title: str
    rendered: bool
    captured_by: str | None
    captured_at: datetime


class CapturePage(msgspec.Struct, frozen=True, kw_only=True):
    """Captures, newest first, and where to go on."""

    items: Sequence[CaptureSummary]
    cursor: str | None = None


async def keep(workspace: UUID, taken: Taken) -> None:
    """Store where a file was taken from."""
    await execute(
        _KEEP, new_id(), workspace, parse("fil", taken.file), taken.url, taken.final_url, taken.rendered,
        taken.captured_by,
    )  # fmt: skip


async def entitle(workspace: UUID, file: str, title: str) -> None:
    """Note the title that reading the page has given."""
    await execute(_ENTITLE, workspace, parse("fil", file), title[:LONGEST_TITLE])


async def page(workspace: UUID, *, limit: int, cursor: str | None, file: str | None) -> CapturePage:
    """Return captures, newest first."""
    limit = max(1, min(limit, MOST))
    rows = await fetch(
        _LIST, workspace, parse_cursor(PREFIX, cursor or None), parse("fil", file) if file else None, limit + 1
    )
    items = [_summary(row) for row in rows[:limit]]
    return CapturePage(items=items, cursor=items[-1].id if len(rows) > limit else None)


def _summary(row: Row) -> CaptureSummary:
    return CaptureSummary(
        id=show(PREFIX, row["id"]),
        file=show("fil", row["file"]),
        url=row["url"],
        final_url=row["final_url"],
        title=row["title"],
        rendered=row["rendered"],
        captured_by=show("usr", row["captured_by"]) if row["captured_by"] else None,
        captured_at=row["captured_at"],
    )


_KEEP = (
    "insert into captures (id, workspace, file, url, final_url, rendered, captured_by) "
    "values ($1, $2, $3, $4, $5, $6, $7)"
)
_ENTITLE = "update captures set title = $3 where workspace = $1 and file = $2 and title = ''"
_LIST = (
    "select c.* from captures c join files f on f.workspace = c.workspace and f.id = c.file "
    "where c.workspace = $1 and f.deleted_at is null and ($2::uuid is null or c.id < $2) "
    "and ($3::uuid is null or c.file = $3) order by c.id desc limit $4"
)

"""What LinkedIn notifies an organisation of: who mentioned it, who commented on its posts."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from connectors.linkedin.answers import Comment, Notices, Update, comment_of, comment_place, notice_of, post_of
from connectors.linkedin.connection import Connection, call
from connectors.linkedin.pages import FORBIDDEN, NOT_FOUND
from connectors.linkedin.posting import POSTS
from connectors.linkedin.restli import Query
from connectors.sdk import Context
from connectors.sdk.network.http import Options
from connectors.sdk.posts import Ask, Page, Post

NOTICES = ("rest", "organizationalEntityNotifications")
# Each notice costs a request more, so a backlog is read in short pages that fit into the limit of a day
PAGE = 20
# What an author shows to nobody, has deleted, or wrote where apps cannot look
_HIDDEN = (400, FORBIDDEN, NOT_FOUND)


def notices(
    context: Context[Connection, Any], urn: str, actions: Sequence[str]
) -> tuple[Ask, Callable[[Post], Awaitable[Post]]]:
    """Return how to list notices of an organisation, and how to read what each of them is about."""

    async def ask(start: datetime | None, place: str | None) -> Page:
        begin = int(place or 0)
        query: Query = {"q": "criteria", "organizationalEntity": urn, "actions": actions, "start": begin, "count": PAGE}
        if start is not None:
            query["timeRange"] = {"start": _milliseconds(start), "end": _milliseconds(_end(start))}
        found = (await call(context, "GET", NOTICES, query, action="FINDER")).read(Notices)
        more = len(found.elements) >= PAGE or (bool(found.elements) and found.paging.goes_on)
        posts = [notice_of(notice) for notice in found.elements]
        return Page(posts=posts, older=str(begin + len(posts)) if more else None)

    async def whole(notice: Post) -> Post:
        place = comment_place(notice.id)
        path = (*POSTS, notice.id) if place is None else ("rest", "socialActions", place[0], "comments", place[1])
        answer = await call(context, "GET", path, options=Options(accepts=_HIDDEN))
        if answer.status in _HIDDEN:
            return notice
        if place is not None:
            return comment_of(answer.read(Comment), notice)
        return post_of(answer.read(Update), listed=notice.moment)

    return ask, whole


def _end(start: datetime) -> datetime:
    """Return the end of a range; ours may be slow, and an empty range is refused."""
    return max(datetime.now(UTC), start + timedelta(seconds=1))


def _milliseconds(moment: datetime) -> int:
    return int(moment.timestamp() * 1000)

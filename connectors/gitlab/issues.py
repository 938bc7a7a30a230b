"""Issues and merge requests of a project: how they are told, followed and found."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from typing import Annotated, Any, Literal

import msgspec

from connectors.gitlab.connection import PAGE, Connection, call, next_page, pages, project_path
from connectors.sdk import Context, Item, Settings, SettingsError, Shape, field
from connectors.sdk.cursors.since import Since
from connectors.sdk.intervals import interval
from connectors.sdk.network.http import Response

MOST_FOUND = 1_000
# GitLab shows times less exactly than it keeps them
MARGIN = timedelta(seconds=1)
_PROJECT = re.compile(r"[1-9]\d{0,11}|[\w.-]{1,255}(/[\w.-]{1,255}){1,20}")
_MARK = re.compile(r"\s*<!-- patchdeck:[0-9a-f]{32} -->\s*$")

What = Literal["issues", "merge_requests"]
At = Literal["created_at", "updated_at"]
Moment = Annotated[datetime, msgspec.Meta(tz=True)]
Among = Annotated[What, field("Of", hint="Issues or merge requests.")]
Number = Annotated[
    str, field("Number", hint="As the project counts: #17 or !17.", example="{{ trigger.number }}", templated=True)
]


class Place(Settings):
    """Which project."""

    project: Annotated[str, field("Project", hint="Its path with groups, or its number.", example="example/shop")]

    def __post_init__(self) -> None:
        """Refuse what can be no project."""
        if not _PROJECT.fullmatch(self.project) or ".." in self.project.split("/"):
            raise ValueError("Write the project as group/name, such as example/shop, or as its number.")


class Follow(Place):
    """Which project to follow, and what of it."""

    what: Among = "issues"
    existing: Annotated[
        Literal["read", "skip"], field("Already there", hint="What to do with them when the recipe starts.")
    ] = "skip"
    every: Annotated[str, field("Ask every", hint="How often to look.", advanced=True, shape=Shape.DURATION)] = "5m"

    def __post_init__(self) -> None:
        """Refuse an interval that cannot be."""
        super().__post_init__()
        interval(self.every)


class Find(Place):
    """What to look for: a number, or words."""

    number: Number = ""
    words: Annotated[
        str, field("Words", hint="They stand in title or text.", example="{{ read.order }}", templated=True)
    ] = ""
    what: Among = "issues"
    state: Annotated[Literal["all", "opened", "closed"], field("State")] = "all"
    limit: Annotated[int, field("Most found", hint="The newest come first.", advanced=True)] = 100

    def __post_init__(self) -> None:
        """Refuse limits out of bounds."""
        super().__post_init__()
        if not 0 < self.limit <= MOST_FOUND:
            raise ValueError(f"The most found can be 1 to {MOST_FOUND}.")


class Person(msgspec.Struct):
    """Somebody at GitLab."""

    username: str = ""


class Milestone(msgspec.Struct):
    """What an issue is planned for."""

    title: str = ""


class Issue(msgspec.Struct, kw_only=True):
    """An issue or a merge request."""

    id: int
    iid: int
    title: str = ""
    description: str | None = None
    state: str = ""
    web_url: str = ""
    author: Person | None = None
    assignees: list[Person] | None = None
    labels: list[str] = []
    milestone: Milestone | None = None
    user_notes_count: int = 0
    confidential: bool = False
    draft: bool = False
    source_branch: str | None = None
    target_branch: str | None = None
    merged_at: str | None = None
    due_date: str | None = None
    created_at: Moment
    updated_at: Moment
    closed_at: str | None = None


def told(issue: Issue) -> dict[str, Any]:
    """Return an issue as templates see it, without the mark that a delivery left in its text."""
    return {
        "number": issue.iid,
        "title": issue.title,
        "text": unmarked(issue.description or ""),
        "state": issue.state,
        "author": issue.author.username if issue.author else "",
        "assignees": [one.username for one in issue.assignees or ()],
        "labels": issue.labels,
        "milestone": issue.milestone.title if issue.milestone else None,
        "comments": issue.user_notes_count,
        "is_confidential": issue.confidential,
        "is_draft": issue.draft,
        "branch": issue.source_branch,
        "into": issue.target_branch,
        "due": issue.due_date,
        "merged": issue.merged_at,
        "closed": issue.closed_at,
        "created": issue.created_at.isoformat(),
        "updated": issue.updated_at.isoformat(),
        "url": issue.web_url,
    }


def unmarked(text: str) -> str:
    """Return a text without the mark of a delivery at its end."""
    return _MARK.sub("", text)


async def follow(context: Context[Connection, Follow], cursor: str | None, at: At) -> AsyncIterator[Item]:
    """Yield what was created or changed since the cursor, oldest first; each page moves the cursor."""
    since = Since.load((cursor or "").removeprefix(_BEGUN) or None)
    if cursor is None and context.settings.existing == "skip":
        await _note(context, since, at)
        yield Item(content=None, cursor=_BEGUN + since.dump())
        return
    start = since.start
    async for page in _walk(context, start, at):
        found = [item for one in page.read(list[Issue]) if (item := _item(one, since, start, at)) is not None]
        for item in found[:-1]:
            yield item
        if found:
            yield msgspec.structs.replace(found[-1], cursor=_BEGUN + since.dump())


async def search(context: Context[Connection, Find]) -> list[Issue]:
    """Return what fits: the one of a number, or those that hold the words."""
    settings = context.settings
    if settings.number.strip():
        return [await one_of(context, settings.project, settings.what, settings.number)]
    if not settings.words.strip():
        raise SettingsError("There is nothing to look for: give a number or words.")
    asked = {"search": " ".join(settings.words.split()), "scope": "all"}
    asked |= {} if settings.state == "all" else {"state": settings.state}
    found: list[Issue] = []
    async for page in pages(context, f"{project_path(settings.project)}/{settings.what}", asked):
        found += page.read(list[Issue])
        if len(found) >= settings.limit:
            break
    return found[: settings.limit]


async def one_of(context: Context[Connection, Any], project: str, what: What, number: str) -> Issue:
    """Return one issue or merge request by its number."""
    return (await call(context, "GET", f"{project_path(project)}/{what}/{numbered(number)}")).read(Issue)


def numbered(text: str) -> str:
    """Return a number as GitLab's paths want it."""
    number = text.strip().lstrip("#!")
    if not (number.isascii() and number.isdecimal() and len(number) < 12):
        raise SettingsError(f"{text[:40]!r} is no number of an issue, such as 17.")
    return number


# What stands before every position, so that a project without issues has one too
_BEGUN = "at:"


async def _walk(context: Context[Connection, Follow], start: datetime | None, at: At) -> AsyncIterator[Response]:
    """Yield pages in the order of a time.

    What changes while it is read moves to the end and lets the rest move up, so that a next page would miss some.
    Therefore it is asked for anew from just before the last time that was read.
    """
    path = f"{project_path(context.settings.project)}/{context.settings.what}"
    asked = {"scope": "all", "order_by": at, "sort": "asc", "per_page": str(PAGE)}
    reached = start
    answer = await call(context, "GET", path, asked | _from(start, at))
    while True:
        yield answer
        following = next_page(answer)
        if following is None:
            return
        last = max((getattr(one, at) for one in answer.read(list[Issue])), default=reached)
        if last is not None and (reached is None or last > reached):
            reached = last
            answer = await call(context, "GET", path, asked | _from(last - MARGIN, at))
        else:
            answer = await call(context, "GET", following)


async def _note(context: Context[Connection, Follow], since: Since, at: At) -> None:
    """Note the newest that are there."""
    path = f"{project_path(context.settings.project)}/{context.settings.what}"
    async for page in pages(context, path, {"scope": "all", "order_by": at, "sort": "desc"}):
        issues = page.read(list[Issue])
        for one in issues:
            since.is_new(str(one.id), getattr(one, at))
        if not issues or since.start is None or getattr(issues[-1], at) < since.start:
            return


def _from(moment: datetime | None, at: At) -> dict[str, str]:
    name = "created_after" if at == "created_at" else "updated_after"
    return {name: moment.isoformat()} if moment else {}


def _item(issue: Issue, since: Since, start: datetime | None, at: At) -> Item | None:
    moment: datetime = getattr(issue, at)
    if (start is not None and moment < start) or not since.is_new(str(issue.id), moment):
        return None
    key = str(issue.id) if at == "created_at" else f"{issue.id} {moment.isoformat()}"
    title = f"#{issue.iid} {issue.title}"[:100]
    return Item(key=key, title=title, content=told(issue), subject=issue.web_url or None)

"""Issues and pull requests of a repository: how they are told, followed and found."""

from __future__ import annotations

import hashlib
import re
from collections.abc import AsyncIterator, Sequence
from datetime import datetime, timedelta
from typing import Annotated, Any, Literal

import msgspec

from connectors.github.connection import NOT_MODIFIED, PAGE, Connection, call, next_page, pages
from connectors.sdk import Choice, Context, Item, Settings, SettingsError, Shape, field
from connectors.sdk.cursors.since import Since
from connectors.sdk.intervals import interval
from connectors.sdk.network.http import Response

MOST_REPOSITORIES = 1_000
MOST_FOUND = 1_000
# Times are exact to the second, and "since" could mean after it
MARGIN = timedelta(seconds=1)
_REPOSITORY = re.compile(r"(?!\.+/)[\w.-]{1,100}/(?!\.+$)[\w.-]{1,100}")
_MARK = re.compile(r"\s*<!-- patchdeck:[0-9a-f]{32} -->\s*$")

What = Literal["both", "issues", "pull_requests"]
At = Literal["created_at", "updated_at"]
Moment = Annotated[datetime, msgspec.Meta(tz=True)]


async def repositories(context: Context[Connection, Any]) -> Sequence[Choice]:
    """Return the repositories that the token reaches, those with the latest push first."""
    found: list[Choice] = []
    async for page in pages(context, "user/repos", {"sort": "pushed"}):
        found += [Choice(one.full_name, one.description or "") for one in page.read(list[_Repository])]
        if len(found) >= MOST_REPOSITORIES:
            break
    return found


class Place(Settings):
    """Which repository."""

    repository: Annotated[
        str, field("Repository", hint="Owner and name.", example="example/shop", choices=repositories)
    ]

    def __post_init__(self) -> None:
        """Refuse what can be no repository."""
        if not _REPOSITORY.fullmatch(self.repository):
            raise ValueError("Write the repository as owner/name, such as example/shop.")


class Follow(Place):
    """Which repository to follow, and what of it."""

    what: Annotated[What, field("Follow", hint="Issues, pull requests, or both.")] = "both"
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

    number: Annotated[str, field("Number", hint="Of an issue or pull request.", example="17", templated=True)] = ""
    words: Annotated[
        str, field("Words", hint="They stand together in title or text.", example="{{ read.order }}", templated=True)
    ] = ""
    what: Annotated[Literal["issues", "pull_requests"], field("Among")] = "issues"
    state: Annotated[Literal["any", "open", "closed"], field("State")] = "any"
    limit: Annotated[int, field("Most found", hint="The best fitting come first.", advanced=True)] = 100

    def __post_init__(self) -> None:
        """Refuse limits out of bounds."""
        super().__post_init__()
        if not 0 < self.limit <= MOST_FOUND:
            raise ValueError(f"The most found can be 1 to {MOST_FOUND}.")


class Named(msgspec.Struct):
    """A person, label or milestone."""

    login: str = ""
    name: str | None = ""
    title: str = ""


class Issue(msgspec.Struct, kw_only=True):
    """An issue, or a pull request, which GitHub lists among them."""

    id: int
    number: int
    title: str = ""
    body: str | None = None
    state: str = ""
    state_reason: str | None = None
    html_url: str = ""
    user: Named | None = None
    assignees: list[Named] | None = None
    labels: list[Named | str] = []
    milestone: Named | None = None
    comments: int = 0
    draft: bool | None = None
    pull_request: dict[str, Any] | None = None
    created_at: Moment
    updated_at: Moment
    closed_at: Moment | None = None

    @property
    def names(self) -> list[str]:
        """The names of its labels."""
        return [(one if isinstance(one, str) else one.name) or "" for one in self.labels]

    @property
    def people(self) -> list[str]:
        """The logins of its assignees."""
        return [one.login for one in self.assignees or ()]


def told(issue: Issue) -> dict[str, Any]:
    """Return an issue as templates see it, without the mark that a delivery left in its text."""
    return {
        "number": issue.number,
        "title": issue.title,
        "text": unmarked(issue.body or ""),
        "state": issue.state,
        "reason": issue.state_reason,
        "author": issue.user.login if issue.user else "",
        "assignees": issue.people,
        "labels": issue.names,
        "milestone": issue.milestone.title if issue.milestone else None,
        "comments": issue.comments,
        "is_pull_request": issue.pull_request is not None,
        "is_draft": bool(issue.draft),
        "merged": (issue.pull_request or {}).get("merged_at"),
        "url": issue.html_url,
        "created": issue.created_at.isoformat(),
        "updated": issue.updated_at.isoformat(),
        "closed": issue.closed_at.isoformat() if issue.closed_at else None,
    }


def unmarked(text: str) -> str:
    """Return a text without the mark of a delivery at its end."""
    return _MARK.sub("", text)


async def follow(context: Context[Connection, Follow], cursor: str | None, at: At) -> AsyncIterator[Item]:
    """Yield what was created or changed since the cursor, oldest first; each page moves the cursor."""
    position = msgspec.json.decode(cursor, type=_Position) if cursor else _Position()
    since = Since.load(position.since or None)
    if cursor is None and context.settings.existing == "skip":
        await _note(context, since, at)
        yield Item(content=None, cursor=_dumped(since))
        return
    start, latest, unchanged = since.start, cursor, ""
    async for page in _walk(context, start, at, position.etag):
        issues = page.read(list[Issue])
        found = [item for one in issues if (item := _item(one, since, start, at, context.settings.what)) is not None]
        for item in found[:-1]:
            yield item
        if found:
            latest = _dumped(since)
            yield msgspec.structs.replace(found[-1], cursor=latest)
        unchanged = page.headers.get("ETag", "") if since.start == start and next_page(page) is None else ""
    # A request that finds nothing new is the one that will be sent again: its tag spares the next answer
    at_end = _dumped(since, unchanged or (position.etag if since.start == start else ""))
    if at_end != latest and (cursor is not None or latest is not None):
        yield Item(content=None, cursor=at_end)


async def search(context: Context[Connection, Find]) -> list[Issue]:
    """Return the issues that fit: the one of a number, or those that hold the words."""
    settings = context.settings
    if settings.number.strip():
        return [await one_of(context, settings.repository, settings.number)]
    words = re.sub(r'["\\\s]+', " ", settings.words).strip()
    if not words:
        raise SettingsError("There is nothing to look for: give a number or words.")
    kind = "is:issue" if settings.what == "issues" else "is:pull-request"
    state = "" if settings.state == "any" else f" is:{settings.state}"
    asked = {"q": f'repo:{settings.repository} {kind}{state} "{words}"'}
    found: list[Issue] = []
    async for page in pages(context, "search/issues", asked):
        found += page.read(_Found).items
        if len(found) >= settings.limit:
            break
    return found[: settings.limit]


async def one_of(context: Context[Connection, Any], repository: str, number: str) -> Issue:
    """Return one issue by its number."""
    return (await call(context, "GET", f"repos/{repository}/issues/{numbered(number)}")).read(Issue)


def numbered(text: str) -> str:
    """Return the number of an issue as GitHub's paths want it."""
    number = text.strip().removeprefix("#")
    if not (number.isascii() and number.isdecimal() and len(number) < 12):
        raise SettingsError(f"{text[:40]!r} is no number of an issue, such as 17.")
    return number


class _Repository(msgspec.Struct):
    full_name: str
    description: str | None = None


class _Found(msgspec.Struct):
    items: list[Issue]


class _Position(msgspec.Struct, omit_defaults=True):
    """What was read, and the tag of the last answer to the same question."""

    since: str = ""
    etag: str = ""


def _dumped(since: Since, etag: str = "") -> str:
    return msgspec.json.encode(_Position(since.dump(), etag)).decode()


async def _walk(
    context: Context[Connection, Follow], start: datetime | None, at: At, etag: str
) -> AsyncIterator[Response]:
    """Yield pages in the order of a time.

    What changes while it is read moves to the end and lets the rest move up, so that a next page would miss some.
    Therefore a list by time of change is asked for anew from just before the last time that was read.
    """
    path = f"repos/{context.settings.repository}/issues"
    asked = {"state": "all", "sort": at.removesuffix("_at"), "direction": "asc", "per_page": str(PAGE)}
    reached = start
    answer = await call(context, "GET", path, asked | _from(start), etag=etag)
    while answer.status != NOT_MODIFIED:
        yield answer
        following = next_page(answer)
        if following is None:
            return
        last = max((one.updated_at for one in answer.read(list[Issue])), default=reached)
        if at == "updated_at" and last is not None and (reached is None or last > reached):
            reached = last
            answer = await call(context, "GET", path, asked | _from(last - MARGIN))
        else:
            answer = await call(context, "GET", following)


async def _note(context: Context[Connection, Follow], since: Since, at: At) -> None:
    """Note the newest that are there."""
    path = f"repos/{context.settings.repository}/issues"
    async for page in pages(context, path, {"state": "all", "sort": at.removesuffix("_at"), "direction": "desc"}):
        issues = page.read(list[Issue])
        for one in issues:
            since.is_new(_identity(one, at), getattr(one, at))
        if not issues or since.start is None or getattr(issues[-1], at) < since.start:
            return


def _from(moment: datetime | None) -> dict[str, str]:
    return {"since": moment.isoformat(timespec="seconds").replace("+00:00", "Z")} if moment else {}


def _identity(issue: Issue, at: At) -> str:
    """Return what tells an event from another; GitHub's times are exact to the second, so content counts as well."""
    if at == "created_at":
        return str(issue.id)
    digest = hashlib.sha256(msgspec.json.encode(told(issue), order="deterministic")).hexdigest()[:12]
    return f"{issue.id} {digest}"


def _item(issue: Issue, since: Since, start: datetime | None, at: At, what: What) -> Item | None:
    """Return the item of what is new and asked for."""
    moment: datetime = getattr(issue, at)
    identity = _identity(issue, at)
    if (start is not None and moment < start) or not since.is_new(identity, moment):
        return None
    if what != "both" and (what == "pull_requests") != (issue.pull_request is not None):
        return None
    key = identity if at == "created_at" else f"{identity} {issue.updated_at.isoformat()}"
    title = f"#{issue.number} {issue.title}"[:100]
    return Item(key=key, title=title, content=told(issue), subject=issue.html_url or None)

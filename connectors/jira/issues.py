"""Issues of Jira: how they are told, followed by the time of a change, and found."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Sequence
from datetime import datetime
from typing import Any, Literal

import msgspec

from connectors.jira.connection import Connection, call
from connectors.jira.documents import plain
from connectors.jira.jql import filled, quoted, since
from connectors.jira.settings import Find, Follow
from connectors.sdk import Context, Item, SettingsError, TemporaryError
from connectors.sdk.cursors.since import Since

PAGE = 100
_KEY = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,99}-\d{1,12}")
_ASKED = (
    *("summary", "description", "status", "issuetype", "priority", "project", "assignee", "reporter", "labels"),
    *("resolution", "duedate", "created", "updated"),
)

At = Literal["created", "updated"]


class Issue(msgspec.Struct, kw_only=True):
    """An issue with the fields that were asked for."""

    id: str
    key: str
    fields: dict[str, Any] = {}
    properties: dict[str, Any] = {}

    def moment(self, at: At) -> datetime:
        """Return when it was created or changed."""
        try:
            moment = datetime.fromisoformat(self.fields[at])
        except (KeyError, TypeError, ValueError) as error:
            raise TemporaryError("Jira answered with an issue without a time.") from error
        if moment.tzinfo is None:
            raise TemporaryError("Jira answered with a time without a zone.")
        return moment


class Found(msgspec.Struct):
    """Some of the issues that a query finds, and where the next ones are."""

    issues: list[Issue] = []
    nextPageToken: str | None = None  # noqa: N815  # Jira's name


def told(issue: Issue, site: str, more: Sequence[str] = ()) -> dict[str, Any]:
    """Return an issue as templates see it."""
    fields = issue.fields
    category = _inner(fields.get("status"), "statusCategory")
    return {
        "key": issue.key,
        "id": issue.id,
        "summary": fields.get("summary") or "",
        "text": plain(fields.get("description")),
        "status": _inner(fields.get("status"), "name"),
        "is_done": _inner(category, "key") == "done",
        "type": _inner(fields.get("issuetype"), "name"),
        "priority": _inner(fields.get("priority"), "name"),
        "project": _inner(fields.get("project"), "key"),
        "assignee": _person(fields.get("assignee")),
        "reporter": _person(fields.get("reporter")),
        "labels": fields.get("labels") or [],
        "resolution": _inner(fields.get("resolution"), "name"),
        "due": fields.get("duedate"),
        "created": fields.get("created"),
        "updated": fields.get("updated"),
        "fields": {name: _shown(fields.get(name)) for name in more},
        "url": f"{site}/browse/{issue.key}",
    }


async def ask(
    context: Context[Connection, Any], jql: str, more: Sequence[str] = (), place: str | None = None, **extra: Any
) -> Found:
    """Return one page of what a query finds."""
    body = {"jql": jql, "fields": [*_ASKED, *more], "maxResults": PAGE, **extra}
    return (await call(context, "POST", "search/jql", body=body | ({"nextPageToken": place} if place else {}))).read(
        Found
    )


async def follow(context: Context[Connection, Follow], cursor: str | None, at: At) -> AsyncIterator[Item]:
    """Yield what was created or changed since the cursor, oldest first; each page moves the cursor."""
    settings, seen = context.settings, Since.load((cursor or "").removeprefix(_BEGUN) or None)
    zone = (await call(context, "GET", "myself")).read(_Account).timeZone
    if cursor is None and settings.existing == "skip":
        await _note(context, seen, at)
        yield Item(content=None, cursor=_BEGUN + seen.dump())
        return
    start, latest = seen.start, cursor
    async for page in _walk(context, start, at, zone):
        found = [item for one in page if (item := _item(context, one, seen, start, at)) is not None]
        for item in found[:-1]:
            yield item
        if found:
            latest = _BEGUN + seen.dump()
            yield msgspec.structs.replace(found[-1], cursor=latest)


async def search(context: Context[Connection, Find]) -> list[Issue]:
    """Return the issues that fit."""
    settings = context.settings
    if settings.issue.strip():
        return [await one_of(context, settings.issue, settings.fields)]
    if not settings.jql.strip():
        raise SettingsError("There is nothing to look for: give a key or a query.")
    jql, found, place = filled(settings.jql, settings.params), list[Issue](), None
    while len(found) < settings.limit:
        page = await ask(context, jql, settings.fields, place)
        found, place = found + page.issues, page.nextPageToken
        if place is None or not page.issues:
            break
    return found[: settings.limit]


async def one_of(context: Context[Connection, Any], key: str, more: Sequence[str] = ()) -> Issue:
    """Return one issue by its key."""
    params = {"fields": ",".join([*_ASKED, *more])}
    return (await call(context, "GET", f"issue/{keyed(key)}", params)).read(Issue)


def keyed(text: str) -> str:
    """Return the key of an issue as Jira's paths want it."""
    key = text.strip()
    if not _KEY.fullmatch(key):
        raise SettingsError(f"{text[:40]!r} is no key of an issue, such as SHOP-17.")
    return key


# What stands before every position, so that a project without issues has one too
_BEGUN = "at:"


class _Account(msgspec.Struct):
    timeZone: str = ""  # noqa: N815  # Jira's name


def _conditions(settings: Follow) -> list[str]:
    return [f"project = {quoted(settings.project)}", *([f"({settings.filter})"] if settings.filter.strip() else [])]


async def _walk(
    context: Context[Connection, Follow], start: datetime | None, at: At, zone: str
) -> AsyncIterator[list[Issue]]:
    """Yield pages in the order of a time.

    What changes while it is read moves to the end and lets the rest move up, so that a next page would miss some.
    Therefore it is asked for anew from the last minute that was read, where that is a later one.
    """
    reached, place = start, None
    while True:
        conditions = _conditions(context.settings) + ([since(at, reached, zone)] if reached else [])
        page = await ask(context, f"{' AND '.join(conditions)} ORDER BY {at} ASC", context.settings.fields, place)
        yield page.issues
        if page.nextPageToken is None or not page.issues:
            return
        last = max(one.moment(at) for one in page.issues).replace(second=0, microsecond=0)
        if reached is None or last > reached:
            reached, place = last, None
        else:
            place = page.nextPageToken


async def _note(context: Context[Connection, Follow], seen: Since, at: At) -> None:
    """Note the newest that are there."""
    place = None
    while True:
        jql = f"{' AND '.join(_conditions(context.settings))} ORDER BY {at} DESC"
        page = await ask(context, jql, place=place)
        for one in page.issues:
            seen.is_new(one.id, one.moment(at))
        place = page.nextPageToken
        if place is None or not page.issues or (seen.start and page.issues[-1].moment(at) < seen.start):
            return


def _item(
    context: Context[Connection, Follow], issue: Issue, seen: Since, start: datetime | None, at: At
) -> Item | None:
    moment = issue.moment(at)
    if (start is not None and moment < start) or not seen.is_new(issue.id, moment):
        return None
    content = told(issue, context.connection.root, context.settings.fields)
    key = issue.id if at == "created" else f"{issue.id} {moment.isoformat()}"
    return Item(key=key, title=f"{issue.key} {content['summary']}"[:100], content=content, subject=content["url"])


def _inner(value: Any, name: str) -> Any:
    return value.get(name) if isinstance(value, dict) else None


def _person(value: Any) -> dict[str, Any] | None:
    if not isinstance(value, dict):
        return None
    return {"id": value.get("accountId"), "name": value.get("displayName"), "email": value.get("emailAddress")}


def _shown(value: Any) -> Any:
    """Return the value of a field as people see it: the name of a choice, the words of a document."""
    if isinstance(value, list):
        return [_shown(one) for one in value]
    if not isinstance(value, dict):
        return value
    if value.get("type") == "doc":
        return plain(value)
    return next((value[name] for name in ("value", "name", "displayName", "key") if name in value), value)

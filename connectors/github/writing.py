"""Issues and comments that go to GitHub, each with a mark that nobody sees, found again by it and taken back."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any, Literal

import msgspec

from connectors.github.connection import Connection, call, pages
from connectors.github.issues import Issue, Place, numbered, one_of, unmarked
from connectors.sdk import Context, Receipt, Record, SettingsError, Shape, field
from connectors.sdk.records.names import names

# Our clock may differ from GitHub's, and a delivery may have waited
MARGIN = timedelta(hours=1)
# Without a moment to begin at, so many of the newest are looked at
MOST_PAGES = 10

Title = Annotated[str, field("Title", templated=True, example="{{ read.subject }}")]
Text = Annotated[str, field("Text", hint="GitHub's Markdown.", multiline=True, templated=True)]
Labels = Annotated[Any, field("Labels", hint="Names.", example=["bug"], templated=True, shape=Shape.LIST)]
Assignees = Annotated[
    Any, field("Assignees", hint="Logins.", example=["octocat"], templated=True, advanced=True, shape=Shape.LIST)
]
Number = Annotated[
    str, field("Number", hint="Of an issue or pull request.", example="{{ trigger.number }}", templated=True)
]


class Create(Place):
    """What the issue says."""

    title: Title
    text: Text = ""
    labels: Labels = None
    assignees: Assignees = None


class Update(Place):
    """Which issue, and what of it changes; what is left empty stays as it is."""

    number: Number
    title: Title = ""
    text: Text = ""
    state: Annotated[
        Literal["", "open", "completed", "not_planned"],
        field("State", hint="completed and not_planned close it; empty leaves it."),
    ] = ""
    labels: Labels = None
    assignees: Assignees = None


class Comment(Place):
    """Where to comment, and what."""

    number: Number
    text: Text


class Said(msgspec.Struct, kw_only=True):
    """A comment as GitHub answers with it."""

    id: int
    body: str | None = None
    html_url: str = ""


def wanted(settings: Create) -> dict[str, Any]:
    """Return an issue as it would be written."""
    if not settings.title.strip():
        raise SettingsError("The title of the issue is empty.")
    lists = {"labels": names(settings.labels, "Labels"), "assignees": names(settings.assignees, "Assignees")}
    filled = {name: found for name, found in lists.items() if found}
    return {"title": settings.title.strip(), "body": settings.text.replace("\0", ""), **filled}


async def create(context: Context[Connection, Create], record: Record) -> Receipt:
    """Open an issue with the record's mark at the end of its text."""
    settings, body = context.settings, wanted(context.settings)
    await context.remember((datetime.now(UTC) - MARGIN).isoformat(timespec="seconds"))
    made = await call(context, "POST", _issues(settings), body=body | {"body": body["body"] + _mark(record)})
    return _created(made.read(Issue))


async def find_created(context: Context[Connection, Create], record: Record, token: str | None) -> Receipt | None:
    """Look for the mark among the issues since the write was tried; GitHub's search would be minutes behind."""
    params = {"state": "all", "sort": "created", "direction": "desc", **_since(token)}
    looked = 0
    async for page in pages(context, _issues(context.settings), params):
        found = next((one for one in page.read(list[Issue]) if _mark(record) in (one.body or "")), None)
        if found is not None:
            return _created(found)
        looked += 1
        if looked == MOST_PAGES and token is None:
            break
    return None


async def close(context: Context[Connection, Create], receipt: Receipt) -> Receipt:
    """Close the issue as not planned: GitHub lets nobody but owners delete one."""
    path = f"{_issues(context.settings)}/{receipt.reference}"
    await call(context, "PATCH", path, body={"state": "closed", "state_reason": "not_planned"})
    return receipt


async def changes(context: Context[Connection, Update]) -> tuple[Issue, dict[str, Any], dict[str, Any]]:
    """Return the issue as it stands, what of it would change, and how that is before."""
    settings = context.settings
    issue = await one_of(context, settings.repository, settings.number)
    after: dict[str, Any] = {}
    if settings.title.strip():
        after["title"] = settings.title.strip()
    if settings.text.strip():
        after["body"] = settings.text.replace("\0", "")
    if settings.state:
        is_open = settings.state == "open"
        after["state"] = "open" if is_open else "closed"
        after |= {} if is_open else {"state_reason": settings.state}
    for name, given in (("labels", settings.labels), ("assignees", settings.assignees)):
        if given not in (None, ""):
            after[name] = sorted(names(given, name.title()))
    if not after:
        raise SettingsError("There is nothing to change: fill in what should be different.")
    stands = _standing(issue)
    differing = {name: value for name, value in after.items() if stands[name] != value}
    return issue, differing, {name: stands[name] for name in differing}


async def update(context: Context[Connection, Update]) -> Receipt:
    """Change the issue, and keep how it was."""
    issue, after, before = await changes(context)
    changed = await _change(context, issue, after) if after else issue
    return _receipt(changed, before, after)


async def find_update(context: Context[Connection, Update], _: Record, __: str | None) -> Receipt | None:
    """Tell whether the issue is already as it should be."""
    issue, after, _before = await changes(context)
    return None if after else _receipt(issue)


async def restore(context: Context[Connection, Update], receipt: Receipt) -> Receipt:
    """Put back what was changed where it is still as it was written."""
    if not isinstance(receipt.after, Mapping) or not isinstance(receipt.before, Mapping):
        raise SettingsError("How the issue was before is not known, so this cannot be undone.")
    issue = await one_of(context, context.settings.repository, str(receipt.reference))
    stands = _standing(issue)
    if any(stands[name] != value for name, value in receipt.after.items()):
        raise SettingsError(f"#{issue.number} has been changed again, so it stays as it is.")
    if receipt.before:
        await _change(context, issue, dict(receipt.before))
    return receipt


async def comment(context: Context[Connection, Comment], record: Record) -> Receipt:
    """Write a comment with the record's mark at its end."""
    settings = context.settings
    if not settings.text.strip():
        raise SettingsError("There is nothing to say: the text is empty.")
    path = f"{_issues(settings)}/{numbered(settings.number)}/comments"
    await context.remember((datetime.now(UTC) - MARGIN).isoformat(timespec="seconds"))
    made = await call(context, "POST", path, body={"body": settings.text.replace("\0", "") + _mark(record)})
    return _commented(made.read(Said))


async def find_comment(context: Context[Connection, Comment], record: Record, token: str | None) -> Receipt | None:
    """Look for the mark among the comments since the write was tried."""
    path = f"{_issues(context.settings)}/{numbered(context.settings.number)}/comments"
    async for page in pages(context, path, _since(token)):
        for one in page.read(list[Said]):
            if _mark(record) in (one.body or ""):
                return _commented(one)
    return None


async def delete_comment(context: Context[Connection, Comment], receipt: Receipt) -> Receipt:
    """Delete the comment where nobody has changed it since."""
    path = f"{_issues(context.settings)}/comments/{receipt.reference}"
    stands = (await call(context, "GET", path)).read(Said)
    if receipt.after is not None and _digest(stands.body or "") != receipt.after:
        raise SettingsError("The comment has been changed since it was written, so it stays.")
    await call(context, "DELETE", path)
    return receipt


def _issues(settings: Place) -> str:
    return f"repos/{settings.repository}/issues"


def _since(token: str | None) -> dict[str, str]:
    return {"since": token.replace("+00:00", "Z")} if token else {}


def _mark(record: Record) -> str:
    """Return a comment of HTML that names the record; GitHub keeps and hides it."""
    return f"\n\n<!-- patchdeck:{_digest(record.key)} -->"


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode(errors="replace")).hexdigest()[:32]


def _standing(issue: Issue) -> dict[str, Any]:
    return {
        "title": issue.title,
        "body": unmarked(issue.body or ""),
        "state": issue.state,
        "state_reason": issue.state_reason,
        "labels": sorted(issue.names),
        "assignees": sorted(issue.people),
    }


async def _change(context: Context[Connection, Update], issue: Issue, after: dict[str, Any]) -> Issue:
    """Change an issue; a mark in its text stays."""
    if "body" in after:
        body = issue.body or ""
        after = after | {"body": after["body"] + body.removeprefix(unmarked(body))}
    path = f"{_issues(context.settings)}/{issue.number}"
    return (await call(context, "PATCH", path, body=after)).read(Issue)


def _created(issue: Issue) -> Receipt:
    """Return the receipt of an issue that was not there before."""
    return _receipt(issue, before={}, after={"state": "open"})


def _receipt(issue: Issue, before: Any = None, after: Any = None) -> Receipt:
    told = {"number": issue.number, "url": issue.html_url, "state": issue.state}
    version = issue.updated_at.isoformat()
    return Receipt(
        reference=str(issue.number), version=version, url=issue.html_url, output=told, before=before, after=after
    )


def _commented(said: Said) -> Receipt:
    told = {"comment": said.id, "url": said.html_url}
    return Receipt(reference=str(said.id), url=said.html_url, output=told, before={}, after=_digest(said.body or ""))

"""Issues and comments that go to GitLab, each with a mark that nobody sees, found again by it and taken back."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any, Literal

import msgspec

from connectors.gitlab.connection import Connection, call, next_page, pages, project_path
from connectors.gitlab.issues import Among, Issue, Number, Place, numbered, one_of, unmarked
from connectors.sdk import Context, Receipt, Record, SettingsError, Shape, field
from connectors.sdk.errors import undecided
from connectors.sdk.records.names import names

# Our clock may differ from GitLab's, and a delivery may have waited
MARGIN = timedelta(hours=1)
MOST_PAGES = 10
_QUICK_ACTION = re.compile(r"^(\s*)/", re.MULTILINE)

Title = Annotated[str, field("Title", templated=True, example="{{ read.subject }}")]
Text = Annotated[
    str,
    field("Text", hint="GitLab's Markdown; quick actions stay text.", multiline=True, templated=True),
]
Labels = Annotated[Any, field("Labels", hint="Names.", example=["bug"], templated=True, shape=Shape.LIST)]


class Create(Place):
    """What the issue says."""

    title: Title
    text: Text = ""
    labels: Labels = None
    due: Annotated[str, field("Due", hint="A date.", example="2026-12-31", templated=True)] = ""
    confidential: Annotated[bool, field("Confidential", advanced=True)] = False


class Update(Place):
    """Which issue, and what of it changes; what is left empty stays as it is."""

    number: Number
    title: Title = ""
    text: Text = ""
    labels: Labels = None
    state: Annotated[Literal["", "opened", "closed"], field("State", hint="Empty leaves it.")] = ""


class Comment(Place):
    """Where to comment, and what."""

    what: Among = "issues"
    number: Number
    text: Text
    internal: Annotated[bool, field("Internal note", hint="Only members of the project see it.", advanced=True)] = False


class Note(msgspec.Struct, kw_only=True):
    """A comment as GitLab answers with it."""

    id: int
    body: str = ""


def wanted(settings: Create) -> dict[str, Any]:
    """Return an issue as it would be written."""
    if not settings.title.strip():
        raise SettingsError("The title of the issue is empty.")
    body: dict[str, Any] = {"title": settings.title.strip(), "description": _harmless(settings.text)}
    extra = {"labels": ",".join(names(settings.labels, "Labels")), "due_date": settings.due.strip()}
    body |= {name: value for name, value in extra.items() if value}
    return body | ({"confidential": True} if settings.confidential else {})


async def create(context: Context[Connection, Create], record: Record) -> Receipt:
    """Open an issue with the record's mark at the end of its text."""
    body = wanted(context.settings)
    await context.remember((datetime.now(UTC) - MARGIN).isoformat(timespec="seconds"))
    marked = body | {"description": body["description"] + _mark(record)}
    made = await call(context, "POST", f"{project_path(context.settings.project)}/issues", body=marked)
    return _created(made.read(Issue))


async def find_created(context: Context[Connection, Create], record: Record, token: str | None) -> Receipt | None:
    """Look for the mark among the issues since the write was tried."""
    params = {"scope": "all", "order_by": "created_at", "sort": "desc"}
    params |= {"created_after": token} if token else {}
    looked = 0
    async for page in pages(context, f"{project_path(context.settings.project)}/issues", params):
        found = next((one for one in page.read(list[Issue]) if _mark(record) in (one.description or "")), None)
        if found is not None:
            return _created(found)
        looked += 1
        if looked == MOST_PAGES and token is None:
            break
    return None


async def close(context: Context[Connection, Create], receipt: Receipt) -> Receipt:
    """Close the issue: GitLab lets only owners delete one."""
    path = f"{project_path(context.settings.project)}/issues/{receipt.reference}"
    await call(context, "PUT", path, body={"state_event": "close"})
    return receipt


async def changes(context: Context[Connection, Update]) -> tuple[Issue, dict[str, Any], dict[str, Any]]:
    """Return the issue as it stands, what of it would change, and how that is before."""
    settings = context.settings
    after: dict[str, Any] = {}
    if settings.title.strip():
        after["title"] = settings.title.strip()
    if settings.text.strip():
        after["description"] = _harmless(settings.text)
    if settings.labels not in (None, ""):
        after["labels"] = sorted(names(settings.labels, "Labels"))
    if settings.state:
        after["state"] = settings.state
    if not after:
        raise SettingsError("There is nothing to change: fill in what should be different.")
    issue = await one_of(context, settings.project, "issues", settings.number)
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
    issue = await one_of(context, context.settings.project, "issues", str(receipt.reference))
    stands = _standing(issue)
    if any(stands[name] != value for name, value in receipt.after.items()):
        raise SettingsError(f"#{issue.iid} has been changed again, so it stays as it is.")
    if receipt.before:
        await _change(context, issue, dict(receipt.before))
    return receipt


async def comment(context: Context[Connection, Comment], record: Record) -> Receipt:
    """Write a comment with the record's mark at its end."""
    settings = context.settings
    if not settings.text.strip():
        raise SettingsError("There is nothing to say: the text is empty.")
    body: dict[str, Any] = {"body": _harmless(settings.text) + _mark(record)}
    made = await call(context, "POST", _notes(settings), body=body | ({"internal": True} if settings.internal else {}))
    return _commented(made.read(Note))


async def find_comment(context: Context[Connection, Comment], record: Record, _: str | None) -> Receipt | None:
    """Look for the mark among the comments, the newest first."""
    looked = 0
    async for page in pages(context, _notes(context.settings), {"order_by": "created_at", "sort": "desc"}):
        found = next((one for one in page.read(list[Note]) if _mark(record) in one.body), None)
        if found is not None:
            return _commented(found)
        looked += 1
        if looked == MOST_PAGES and next_page(page):
            raise undecided("comment", "the issue")
    return None


async def delete_comment(context: Context[Connection, Comment], receipt: Receipt) -> Receipt:
    """Delete the comment where nobody has changed it since."""
    path = f"{_notes(context.settings)}/{receipt.reference}"
    stands = (await call(context, "GET", path)).read(Note)
    if receipt.after is not None and _digest(stands.body) != receipt.after:
        raise SettingsError("The comment has been changed since it was written, so it stays.")
    await call(context, "DELETE", path)
    return receipt


def _harmless(text: str) -> str:
    """Return a text that only says something: GitLab would do what a line that begins with / tells it to."""
    return _QUICK_ACTION.sub(r"\1\\/", text.replace("\0", ""))


def _notes(settings: Comment) -> str:
    return f"{project_path(settings.project)}/{settings.what}/{numbered(settings.number)}/notes"


def _mark(record: Record) -> str:
    """Return a comment of HTML that names the record; GitLab keeps and hides it."""
    return f"\n\n<!-- patchdeck:{_digest(record.key)} -->"


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode(errors="replace")).hexdigest()[:32]


def _standing(issue: Issue) -> dict[str, Any]:
    text = unmarked(issue.description or "")
    return {"title": issue.title, "description": text, "labels": sorted(issue.labels), "state": issue.state}


async def _change(context: Context[Connection, Update], issue: Issue, after: dict[str, Any]) -> Issue:
    """Change an issue; a mark in its text stays."""
    body = dict(after)
    if "description" in body:
        stands = issue.description or ""
        body["description"] += stands.removeprefix(unmarked(stands))
    if "labels" in body:
        body["labels"] = ",".join(body["labels"])
    if "state" in body:
        body["state_event"] = "close" if body.pop("state") == "closed" else "reopen"
    path = f"{project_path(context.settings.project)}/issues/{issue.iid}"
    return (await call(context, "PUT", path, body=body)).read(Issue)


def _created(issue: Issue) -> Receipt:
    """Return the receipt of an issue that was not there before."""
    return _receipt(issue, before={}, after={"state": "opened"})


def _receipt(issue: Issue, before: Any = None, after: Any = None) -> Receipt:
    output = {"number": issue.iid, "url": issue.web_url, "state": issue.state}
    version = issue.updated_at.isoformat()
    return Receipt(
        reference=str(issue.iid), version=version, url=issue.web_url, output=output, before=before, after=after
    )


def _commented(note: Note) -> Receipt:
    return Receipt(reference=str(note.id), output={"comment": note.id}, before={}, after=_digest(note.body))

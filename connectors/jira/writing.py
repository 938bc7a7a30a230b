"""Issues and comments that go to Jira, each with a property that nobody sees, found again by it and taken back."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any

import msgspec

from connectors.jira.connection import Connection, call
from connectors.jira.documents import document, plain
from connectors.jira.issues import ask, keyed, one_of
from connectors.jira.jql import quoted
from connectors.jira.settings import Key, Place
from connectors.sdk import Context, Receipt, Record, Settings, SettingsError, Shape, field
from connectors.sdk.errors import undecided
from connectors.sdk.records.names import names

# The property under which a delivery notes its key
MARK = "patchdeck"
MARGIN = timedelta(hours=1)
MOST_SEARCHED = 1_000
_COMMENTS = 100
# So long may rules of the project work on an issue that was opened
AUTOMATION = timedelta(minutes=1)

Text = Annotated[
    str, field("Text", hint="Empty lines part paragraphs; lines with - make a list.", multiline=True, templated=True)
]
Labels = Annotated[
    Any, field("Labels", hint="Words without spaces.", example=["order"], templated=True, shape=Shape.LIST)
]
More = Annotated[
    dict[str, Any],
    field(
        "More fields",
        hint="By id, as Jira's API writes them.",
        example={"customfield_10010": {"value": "High"}},
        templated=True,
        advanced=True,
    ),
]


class Create(Place):
    """What the issue is and says."""

    type: Annotated[str, field("Type", hint="As the project names it.", example="Task")] = "Task"
    summary: Annotated[str, field("Summary", example="{{ read.subject }}", templated=True)]
    text: Text = ""
    labels: Labels = None
    fields: More = {}


class Comment(Settings):
    """Where to comment, and what."""

    issue: Key
    text: Text
    internal: Annotated[
        bool, field("Internal note", hint="In Jira Service Management customers do not see it.", advanced=True)
    ] = False


class Made(msgspec.Struct):
    """An issue that was just made."""

    id: str
    key: str


class Said(msgspec.Struct, kw_only=True):
    """A comment as Jira answers with it; its body is a document."""

    id: str
    body: Any = None


def wanted(settings: Create) -> dict[str, Any]:
    """Return the fields of an issue as they would be written."""
    if not settings.summary.strip():
        raise SettingsError("The summary of the issue is empty.")
    fields: dict[str, Any] = {
        "project": {"key": settings.project},
        "issuetype": {"name": settings.type},
        "summary": " ".join(settings.summary.split()),
    }
    if settings.text.strip():
        fields["description"] = document(settings.text)
    if labels := names(settings.labels, "Labels", "words"):
        fields["labels"] = labels
    return fields | settings.fields


async def create(context: Context[Connection, Create], record: Record) -> Receipt:
    """Open an issue that holds the record's mark."""
    fields = wanted(context.settings)
    await context.remember((datetime.now(UTC) - MARGIN).isoformat(timespec="seconds"))
    body = {"fields": fields, "properties": [{"key": MARK, "value": {"key": mark(record)}}]}
    return _created(context, (await call(context, "POST", "issue", body=body)).read(Made))


async def find_created(context: Context[Connection, Create], record: Record, token: str | None) -> Receipt | None:
    """Look for the mark among the project's issues since the write was tried, the newest first."""
    jql = f"project = {quoted(context.settings.project)} ORDER BY created DESC"
    looked, place = 0, None
    while looked < MOST_SEARCHED:
        page = await ask(context, jql, place=place, properties=[MARK])
        for one in page.issues:
            if token and one.moment("created") < datetime.fromisoformat(token):
                return None
            if _is_marked(one.properties.get(MARK), record):
                return _created(context, Made(id=one.id, key=one.key))
        looked, place = looked + len(page.issues), page.nextPageToken
        if place is None or not page.issues:
            return None
    raise undecided("issue", "the project")


async def delete(context: Context[Connection, Create], receipt: Receipt) -> Receipt:
    """Delete the issue, which nobody can bring back, unless somebody has changed it or commented on it."""
    key = keyed(str(receipt.reference))
    issue = await one_of(context, key)
    if issue.moment("updated") - issue.moment("created") > AUTOMATION:
        raise SettingsError(f"{key} has been changed since it was opened, so it stays. Delete it in Jira.")
    found = (await call(context, "GET", f"issue/{key}/comment", {"maxResults": "1"})).read(_Comments)
    if found.comments:
        raise SettingsError(f"{key} has comments by now, so it stays. Delete it in Jira.")
    await call(context, "DELETE", f"issue/{key}")
    return receipt


async def comment(context: Context[Connection, Comment], record: Record) -> Receipt:
    """Write a comment that holds the record's mark."""
    settings = context.settings
    if not settings.text.strip():
        raise SettingsError("There is nothing to say: the text is empty.")
    properties: list[dict[str, Any]] = [{"key": MARK, "value": {"key": mark(record)}}]
    if settings.internal:
        properties.append({"key": "sd.public.comment", "value": {"internal": True}})
    body = {"body": document(settings.text), "properties": properties}
    made = await call(context, "POST", f"issue/{keyed(settings.issue)}/comment", body=body)
    return _commented(context, made.read(Said))


async def find_comment(context: Context[Connection, Comment], record: Record, _: str | None) -> Receipt | None:
    """Look for the mark among the comments that say the same, the newest first."""
    path, words_of = f"issue/{keyed(context.settings.issue)}/comment", plain(document(context.settings.text))
    for start in range(0, MOST_SEARCHED, _COMMENTS):
        params = {"orderBy": "-created", "startAt": str(start), "maxResults": str(_COMMENTS)}
        found = (await call(context, "GET", path, params)).read(_Comments)
        for one in found.comments:
            if plain(one.body) == words_of and await _is_ours(context, one, record):
                return _commented(context, one)
        if len(found.comments) < _COMMENTS:
            return None
    raise undecided("comment", "the issue")


async def delete_comment(context: Context[Connection, Comment], receipt: Receipt) -> Receipt:
    """Delete the comment where nobody has changed it since."""
    place = receipt.after
    if not isinstance(place, Mapping) or not str(receipt.reference).isdecimal():
        raise SettingsError("Which comment it was is not known, so this cannot be undone.")
    path = f"issue/{keyed(str(place.get('issue')))}/comment/{receipt.reference}"
    said = plain((await call(context, "GET", path)).read(Said).body)
    if place.get("text", said) != said:
        raise SettingsError("The comment has been changed since it was written, so it stays.")
    await call(context, "DELETE", path)
    return receipt


def mark(record: Record) -> str:
    """Return what tells that a thing is the record's."""
    return hashlib.sha256(record.key.encode(errors="replace")).hexdigest()[:32]


class _Comments(msgspec.Struct):
    comments: list[Said] = []


class _Property(msgspec.Struct):
    value: Any = None


async def _is_ours(context: Context[Connection, Comment], said: Said, record: Record) -> bool:
    """Ask for a comment's mark; one without is none of ours."""
    answer = await call(context, "GET", f"comment/{said.id}/properties/{MARK}", absent=True)
    return answer.status < 400 and _is_marked(answer.read(_Property).value, record)


def _is_marked(value: Any, record: Record) -> bool:
    return isinstance(value, Mapping) and value.get("key") == mark(record)


def _created(context: Context[Connection, Create], made: Made) -> Receipt:
    url = f"{context.connection.root}/browse/{made.key}"
    output = {"key": made.key, "id": made.id, "url": url}
    return Receipt(reference=made.key, url=url, output=output, before={}, after=output)


def _commented(context: Context[Connection, Comment], said: Said) -> Receipt:
    issue = keyed(context.settings.issue)
    url = f"{context.connection.root}/browse/{issue}?focusedCommentId={said.id}"
    output = {"comment": said.id, "issue": issue, "url": url}
    return Receipt(reference=said.id, url=url, output=output, before={}, after={**output, "text": plain(said.body)})

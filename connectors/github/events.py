"""Events that GitHub sends as they happen, each call verified by its signature."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping
from fnmatch import fnmatchcase
from typing import Annotated, Any, Literal
from urllib.parse import parse_qs

import msgspec

from connectors.github.connection import Connection
from connectors.github.issues import unmarked
from connectors.sdk import CredentialsError, Item, Settings, SettingsError, WebhookRequest, field
from connectors.sdk.texts import storable_json

EventName = Literal[
    "issues",
    "issue_comment",
    "pull_request",
    "pull_request_review",
    "pull_request_review_comment",
    "push",
    "release",
    "create",
    "delete",
    "discussion",
    "workflow_run",
    "check_suite",
    "deployment_status",
    "fork",
    "star",
]


class Events(Settings):
    """Which events start a run."""

    events: Annotated[list[EventName], field("Events", hint="Choose the same ones for the webhook at GitHub.")] = (
        msgspec.field(default_factory=lambda: list[EventName](["issues", "pull_request", "push", "release"]))
    )
    actions: Annotated[
        list[str], field("Actions", hint="Left out: all.", example=["opened", "closed", "published"])
    ] = []
    repositories: Annotated[
        list[str], field("Repositories", hint="Left out: all that send; * stands for anything.", example=["example/*"])
    ] = []
    branches: Annotated[
        list[str], field("Branches", hint="Of pushes; left out: all, tags too.", example=["main"], advanced=True)
    ] = []
    ours: Annotated[
        bool,
        field("What this hub wrote too", hint="Issues and comments of its own start no run otherwise.", advanced=True),
    ] = False


def received(request: WebhookRequest, settings: Events, connection: Settings | None) -> list[Item]:
    """Verify a call and return its event as an item, none when it is not asked for."""
    if not isinstance(connection, Connection) or not connection.webhook_secret.reveal():
        raise CredentialsError("The connection has no webhook secret, so nobody can tell that GitHub is calling.")
    _verify(request, connection.webhook_secret.reveal())
    event, name = _event(request), request.headers.get("x-github-event", "")
    told = _told(name, event)
    if name not in settings.events or not _wanted(told, event, settings):
        return []
    title = str(told["title"] or "").partition("\n")[0] or f"{name.replace('_', ' ')} {told['branch']}".strip()
    subject = _at(event, "issue.html_url") or _at(event, "pull_request.html_url")
    return [
        Item(
            key=request.headers.get("x-github-delivery") or hashlib.sha256(request.body).hexdigest(),
            title=title[:100],
            content={**told, "event": event},
            subject=subject if isinstance(subject, str) else None,
        )
    ]


def _verify(request: WebhookRequest, secret: str) -> None:
    digest = hmac.new(secret.strip().encode(), request.body, hashlib.sha256).hexdigest()
    given = request.headers.get("x-hub-signature-256", "")
    if not hmac.compare_digest(f"sha256={digest}".encode(), given.encode(errors="replace")):
        raise CredentialsError("The call is not signed with this connection's webhook secret.")


def _event(request: WebhookRequest) -> dict[str, Any]:
    """Return what happened; a webhook may have been set to send forms."""
    try:
        body = request.body
        if request.headers.get("content-type", "").startswith("application/x-www-form-urlencoded"):
            body = parse_qs(body.decode(), max_num_fields=10)["payload"][0].encode()
        return msgspec.json.decode(storable_json(body), type=dict[str, Any])
    except (msgspec.DecodeError, ValueError, KeyError, RecursionError) as error:
        raise SettingsError("The call is no event of GitHub's.") from error


def _told(name: str, event: Mapping[str, Any]) -> dict[str, Any]:
    """Return the usual fields of an event under plain names."""
    text = _first(event, "comment.body review.body issue.body pull_request.body release.body discussion.body")
    commits = event.get("commits")
    return {
        "kind": name,
        "action": _first(event, "action"),
        "repository": _first(event, "repository.full_name"),
        "sender": _first(event, "sender.login"),
        "number": _first(event, "issue.number pull_request.number discussion.number number"),
        "title": _first(
            event, "issue.title pull_request.title release.name release.tag_name discussion.title head_commit.message"
        ),
        "text": unmarked(text) if isinstance(text, str) else "",
        "state": _first(event, "issue.state pull_request.state review.state workflow_run.conclusion"),
        "tag": _first(event, "release.tag_name"),
        "branch": str(_first(event, "ref workflow_run.head_branch") or "").removeprefix("refs/heads/"),
        "commits": [_commit(one) for one in commits if isinstance(one, Mapping)] if isinstance(commits, list) else [],
        "url": _first(
            event, "comment.html_url review.html_url issue.html_url pull_request.html_url release.html_url compare"
        ),
    }


def _commit(commit: Mapping[str, Any]) -> dict[str, Any]:
    names = {"id": "id", "message": "message", "author": "author.name", "moment": "timestamp", "url": "url"}
    return {name: _at(commit, place) for name, place in names.items()}


def _wanted(told: Mapping[str, Any], event: Mapping[str, Any], settings: Events) -> bool:
    repository, action = str(told["repository"] or "").casefold(), told["action"]
    written = _first(event, "comment.body issue.body") if action in ("opened", "created") else ""
    if isinstance(written, str) and unmarked(written) != written and not settings.ours:
        return False
    return (
        (not settings.actions or action in settings.actions)
        and _fits(repository, [one.casefold() for one in settings.repositories])
        and (told["kind"] != "push" or _fits(told["branch"], settings.branches))
    )


def _fits(text: str, patterns: list[str]) -> bool:
    return not patterns or any(fnmatchcase(text, pattern) for pattern in patterns)


def _first(event: Mapping[str, Any], places: str) -> Any:
    return next((found for place in places.split() if (found := _at(event, place)) not in (None, "")), None)


def _at(value: Any, path: str) -> Any:
    for name in path.split("."):
        value = value.get(name) if isinstance(value, Mapping) else None
    return value

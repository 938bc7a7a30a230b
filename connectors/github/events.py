"""Events that GitHub sends as they happen, each call verified by its signature."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from fnmatch import fnmatchcase
from typing import Annotated, Any, Literal
from urllib.parse import parse_qs

import msgspec

from connectors.github.connection import Connection
from connectors.github.issues import unmarked
from connectors.sdk import Item, Secret, Settings, SettingsError, WebhookRequest, field
from connectors.sdk.network.calls import at, first, prove
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
    secret = connection.webhook_secret if isinstance(connection, Connection) else Secret("")
    given = request.headers.get("x-hub-signature-256", "")
    prove("GitHub", secret, [given.removeprefix("sha256=")] if given.startswith("sha256=") else [], request.body)
    event, name = _event(request), request.headers.get("x-github-event", "")
    told = _told(name, event)
    if name not in settings.events or not _wanted(told, event, settings):
        return []
    title = str(told["title"] or "").partition("\n")[0] or f"{name.replace('_', ' ')} {told['branch']}".strip()
    subject = at(event, "issue.html_url") or at(event, "pull_request.html_url")
    return [
        Item(
            key=request.headers.get("x-github-delivery") or hashlib.sha256(request.body).hexdigest(),
            title=title[:100],
            content={**told, "event": event},
            subject=subject if isinstance(subject, str) else None,
        )
    ]


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
    text = first(event, "comment.body review.body issue.body pull_request.body release.body discussion.body")
    commits = event.get("commits")
    return {
        "kind": name,
        "action": first(event, "action"),
        "repository": first(event, "repository.full_name"),
        "sender": first(event, "sender.login"),
        "number": first(event, "issue.number pull_request.number discussion.number number"),
        "title": first(
            event, "issue.title pull_request.title release.name release.tag_name discussion.title head_commit.message"
        ),
        "text": unmarked(text) if isinstance(text, str) else "",
        "state": first(event, "issue.state pull_request.state review.state workflow_run.conclusion"),
        "tag": first(event, "release.tag_name"),
        "branch": str(first(event, "ref workflow_run.head_branch") or "").removeprefix("refs/heads/"),
        "commits": [_commit(one) for one in commits if isinstance(one, Mapping)] if isinstance(commits, list) else [],
        "url": first(
            event, "comment.html_url review.html_url issue.html_url pull_request.html_url release.html_url compare"
        ),
    }


def _commit(commit: Mapping[str, Any]) -> dict[str, Any]:
    names = {"id": "id", "message": "message", "author": "author.name", "moment": "timestamp", "url": "url"}
    return {name: at(commit, place) for name, place in names.items()}


def _wanted(told: Mapping[str, Any], event: Mapping[str, Any], settings: Events) -> bool:
    repository, action = str(told["repository"] or "").casefold(), told["action"]
    written = first(event, "comment.body issue.body") if action in ("opened", "created") else ""
    if isinstance(written, str) and unmarked(written) != written and not settings.ours:
        return False
    return (
        (not settings.actions or action in settings.actions)
        and _fits(repository, [one.casefold() for one in settings.repositories])
        and (told["kind"] != "push" or _fits(told["branch"], settings.branches))
    )


def _fits(text: str, patterns: list[str]) -> bool:
    return not patterns or any(fnmatchcase(text, pattern) for pattern in patterns)

"""Events that GitLab sends as they happen, each call known by the webhook's token."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping
from typing import Annotated, Any, Literal

import msgspec

from connectors.gitlab.connection import Connection
from connectors.gitlab.issues import unmarked
from connectors.sdk import CredentialsError, Item, Settings, WebhookRequest, field
from connectors.sdk.network.calls import at, first, read

EventName = Literal[
    "issue", "merge_request", "note", "push", "tag_push", "pipeline", "build", "release", "deployment", "wiki_page"
]


class Events(Settings):
    """Which events start a run."""

    events: Annotated[
        list[EventName], field("Events", hint="Choose the same ones for the webhook at GitLab; note is a comment.")
    ] = msgspec.field(default_factory=lambda: list[EventName](["issue", "merge_request", "push", "release"]))
    actions: Annotated[list[str], field("Actions", hint="Left out: all.", example=["open", "merge"])] = []
    ours: Annotated[
        bool,
        field("What this hub wrote too", hint="Issues and comments of its own start no run otherwise.", advanced=True),
    ] = False


def received(request: WebhookRequest, settings: Events, connection: Settings | None) -> list[Item]:
    """Verify a call and return its event as an item, none when it is not asked for."""
    if not isinstance(connection, Connection) or not connection.webhook_token.reveal():
        raise CredentialsError("The connection has no webhook token, so nobody can tell that GitLab is calling.")
    given = request.headers.get("x-gitlab-token", "").encode(errors="replace")
    if not hmac.compare_digest(connection.webhook_token.reveal().strip().encode(), given):
        raise CredentialsError("The call does not bring this connection's webhook token.")
    event = read(request, dict[str, Any], "GitLab")
    told = _told(event)
    if told["kind"] not in settings.events or (settings.actions and told["action"] not in settings.actions):
        return []
    written = first(event, "object_attributes.note object_attributes.description")
    is_ours = isinstance(written, str) and unmarked(written) != written and told["action"] in ("open", "create", None)
    if is_ours and not settings.ours:
        return []
    # A call that is sent again keeps its key; older editions send none, but the same body
    key = request.headers.get("idempotency-key") or hashlib.sha256(request.body).hexdigest()
    title = str(told["title"] or "").partition("\n")[0] or f"{told['kind']} {told['branch']}".strip()
    subject = first(event, "issue.url merge_request.url object_attributes.url")
    return [
        Item(
            key=key[:200],
            title=title[:100],
            content={**told, "event": event},
            subject=subject if isinstance(subject, str) else None,
        )
    ]


def _told(event: Mapping[str, Any]) -> dict[str, Any]:
    """Return the usual fields of an event under plain names."""
    text = first(event, "object_attributes.note object_attributes.description description")
    commits = event.get("commits")
    kind = first(event, "object_kind")
    return {
        "kind": kind if isinstance(kind, str) else "",
        "action": first(event, "object_attributes.action action"),
        "project": first(event, "project.path_with_namespace"),
        "user": first(event, "user.username user_username"),
        "number": first(event, "issue.iid merge_request.iid object_attributes.iid"),
        "title": first(event, "issue.title merge_request.title object_attributes.title name"),
        "text": unmarked(text) if isinstance(text, str) else "",
        "state": first(event, "object_attributes.state object_attributes.status build_status status"),
        "tag": first(event, "tag"),
        "branch": str(first(event, "ref object_attributes.ref object_attributes.source_branch") or "").removeprefix(
            "refs/heads/"
        ),
        "commits": [_commit(one) for one in commits if isinstance(one, Mapping)] if isinstance(commits, list) else [],
        "url": first(event, "object_attributes.url url project.web_url"),
    }


def _commit(commit: Mapping[str, Any]) -> dict[str, Any]:
    names = {"id": "id", "message": "message", "author": "author.name", "moment": "timestamp", "url": "url"}
    return {name: at(commit, place) for name, place in names.items()}

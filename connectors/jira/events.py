"""Events that Jira sends as they happen, each call verified by its signature."""

from __future__ import annotations

import hashlib
from fnmatch import fnmatchcase
from typing import Annotated, Any

import msgspec

from connectors.jira.connection import Connection
from connectors.jira.documents import plain
from connectors.jira.issues import Issue, told
from connectors.sdk import Item, Secret, Settings, SettingsError, WebhookRequest, field
from connectors.sdk.network.calls import at, prove, read


class Events(Settings):
    """Which of the events that Jira sends start a run."""

    events: Annotated[
        list[str],
        field(
            "Events",
            hint="Left out: all that come; * stands for anything.",
            example=["jira:issue_created", "comment_*"],
        ),
    ] = []
    projects: Annotated[list[str], field("Projects", hint="Keys of projects; left out: all.", example=["SHOP"])] = []


def received(request: WebhookRequest, settings: Events, connection: Settings | None) -> list[Item]:
    """Verify a call and return its event as an item, none when it is not asked for."""
    secret = connection.webhook_secret if isinstance(connection, Connection) else Secret("")
    given = request.headers.get("x-hub-signature", "")
    signatures = [given.removeprefix("sha256=")] if given.startswith("sha256=") else []
    prove("Jira", secret, signatures, request.body)
    event = read(request, dict[str, Any], "Jira")
    name = str(event.get("webhookEvent") or "")
    issue = _issue(event, connection.root if isinstance(connection, Connection) else "")
    if settings.events and not any(fnmatchcase(name, one) for one in settings.events):
        return []
    if settings.projects and str((issue or {}).get("project") or "").casefold() not in {
        one.strip().casefold() for one in settings.projects
    }:
        return []
    about = issue or {}
    title = f"{about.get('key', '')} {about.get('summary', '')}".strip() or name
    return [
        Item(
            # The same for every time that the call is tried again
            key=(request.headers.get("x-atlassian-webhook-identifier") or hashlib.sha256(request.body).hexdigest())[
                :200
            ],
            title=title[:100],
            content={
                "event": name,
                "by": at(event, "user.displayName") or at(event, "comment.author.displayName"),
                **about,
                "comment": plain(at(event, "comment.body")),
                "changes": _changes(event),
                "whole": event,
            },
            subject=about.get("key"),
        )
    ]


def _issue(event: dict[str, Any], site: str) -> dict[str, Any] | None:
    if "issue" not in event:
        return None
    try:
        return told(msgspec.convert(event["issue"], Issue), site)
    except msgspec.ValidationError as error:
        raise SettingsError("The call is no event of Jira's: its issue is none.") from error


def _changes(event: dict[str, Any]) -> list[dict[str, Any]]:
    """Return which fields changed, from what to what, in words."""
    items = at(event, "changelog.items")
    return [
        {"field": one.get("field"), "from": one.get("fromString"), "to": one.get("toString")}
        for one in (items if isinstance(items, list) else [])
        if isinstance(one, dict)
    ]

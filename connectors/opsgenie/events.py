"""Events that Opsgenie's webhook integration sends as they happen; they are not signed, but bring a token."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Annotated, Any
from urllib.parse import quote

from connectors.opsgenie.connection import Connection
from connectors.sdk import Context, CredentialsError, Item, Settings, SettingsError, WebhookRequest, field
from connectors.sdk.network.calls import read, require_secret

ACTIONS = (
    *(
        "Create",
        "Acknowledge",
        "UnAcknowledge",
        "Close",
        "Delete",
        "AddNote",
        "AddTags",
        "RemoveTags",
        "AssignOwnership",
    ),
    *("TakeOwnership", "AddTeam", "AddResponder", "AddRecipient", "EscalateNext", "Snooze", "SnoozeEnded"),
    *("UpdatePriority", "UpdateMessage", "UpdateDescription"),
)


async def actions(context: Context[Any, Any]) -> Sequence[str]:  # noqa: ARG001  # all accounts have the same
    """Return what Opsgenie tells of; custom actions come under their own names."""
    return ACTIONS


class Events(Settings):
    """Which events start a run."""

    actions: Annotated[
        list[str],
        field("Actions", hint="Left out: all that Opsgenie sends.", example=["Create", "Close"], choices=actions),
    ] = []


def received(request: WebhookRequest, settings: Events, connection: Settings | None) -> list[Item]:
    """Return the event of a call that brings the token, none when it is not asked for."""
    if not isinstance(connection, Connection):
        raise CredentialsError("There is no connection, so nobody can tell that Opsgenie is calling.")
    given = request.headers.get(connection.webhook_header.strip().lower(), "")
    require_secret("Opsgenie", connection.webhook_token, [given], called="webhook token")
    event = read(request, dict[str, Any], "Opsgenie")
    alert, action = event.get("alert"), event.get("action")
    if not isinstance(alert, Mapping) or not isinstance(action, str) or not _text(alert, "alertId"):
        raise SettingsError("The call is no event of Opsgenie's: it names no alert, or nothing that happened to it.")
    if settings.actions and action.casefold() not in {one.casefold() for one in settings.actions}:
        return []
    content = _told(connection, action, alert, event)
    title = f"{action}: {content['title'] or content['id']}"
    return [Item(key=_key(request, action, alert), title=title[:100], content=content, subject=content["id"][:500])]


def _key(request: WebhookRequest, action: str, alert: Mapping[str, Any]) -> str:
    """Return what tells a repeat: what happened, and the nanosecond of it; without that, the whole call."""
    when = _text(alert, "updatedAt")
    told = f"{_text(alert, 'alertId')} {action} {when}" if when else ""
    return told if told and len(told) <= 200 else hashlib.sha256(request.body).hexdigest()


def _told(connection: Connection, action: str, alert: Mapping[str, Any], event: Mapping[str, Any]) -> dict[str, Any]:
    """Return the usual fields of an event under plain names."""
    identity, source, tags = _text(alert, "alertId"), event.get("source"), alert.get("tags")
    return {
        "action": action,
        "id": identity,
        "number": _text(alert, "tinyId"),
        "alias": _text(alert, "alias"),
        "title": _text(alert, "message"),
        "description": _text(alert, "description"),
        "priority": _text(alert, "priority"),
        "entity": _text(alert, "entity"),
        "tags": [one for one in tags if isinstance(one, str)] if isinstance(tags, list) else [],
        "details": alert["details"] if isinstance(alert.get("details"), Mapping) else {},
        "note": _text(alert, "note"),
        "owner": _text(alert, "owner"),
        "user": _text(alert, "username"),
        "source": _text(source if isinstance(source, Mapping) else {}, "name"),
        "created": _moment(alert.get("createdAt")),
        "changed": _moment(alert.get("updatedAt")),
        "url": connection.page(quote(identity, safe="")),
        "event": dict(event),
    }


def _text(values: Mapping[str, Any], name: str) -> str:
    found = values.get(name)
    return str(found) if isinstance(found, (str, int)) and not isinstance(found, bool) else ""


def _moment(value: Any) -> str | None:
    """Return a time, which comes in milliseconds since 1970, or in nanoseconds."""
    if not isinstance(value, (int, float)) or isinstance(value, bool):
        return None
    try:
        return datetime.fromtimestamp(value / (1e9 if value > 1e15 else 1e3), UTC).isoformat()
    except (ValueError, OverflowError, OSError):
        return None

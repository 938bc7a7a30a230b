"""Events that Zendesk sends as they happen, each call verified by its signature."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime, timedelta
from fnmatch import fnmatchcase
from typing import Annotated, Any

from connectors.sdk import CredentialsError, Item, Secret, Settings, WebhookRequest, field
from connectors.sdk.network.calls import at, first, prove, read
from connectors.zendesk.connection import Connection

# Zendesk tries again within minutes
OLDEST = timedelta(hours=1)
_EVENT, _SUBJECT = "zen:event-type:", "zen:"


class Sent(Settings):
    """Which of the events that Zendesk sends start a run."""

    events: Annotated[
        list[str],
        field(
            "Events",
            hint="Left out: all that come, also those that a trigger of Zendesk sends; * stands for anything.",
            example=["ticket.created", "ticket.status_changed"],
        ),
    ] = []


def received(request: WebhookRequest, settings: Sent, connection: Settings | None) -> list[Item]:
    """Verify a call and return its event as an item, none when it is not asked for."""
    secret = connection.webhook_secret if isinstance(connection, Connection) else None
    moment = request.headers.get("x-zendesk-webhook-signature-timestamp", "")
    given = [request.headers.get("x-zendesk-webhook-signature", "")]
    prove("Zendesk", secret or Secret(""), given, moment.encode() + request.body, written="base64")
    _require_fresh(moment)
    event = read(request, dict[str, Any], "Zendesk")
    kind = str(event.get("type") or "")
    name = kind.removeprefix(_EVENT) if kind.startswith(_EVENT) else ""
    if settings.events and not any(fnmatchcase(name, one) for one in settings.events):
        return []
    return [_item(request, event, name)]


def _item(request: WebhookRequest, event: dict[str, Any], name: str) -> Item:
    """Tell an event of Zendesk's by its fields; what a trigger of Zendesk sends is of its author's making."""
    about = str(event.get("subject") or "") if name else ""
    identity = first(event, "detail.id ticket.id ticket_id id") if not name else at(event, "detail.id")
    title = str(first(event, "detail.subject detail.name ticket.title title subject") or name or "")
    invocation = request.headers.get("x-zendesk-webhook-invocation-id") or hashlib.sha256(request.body).hexdigest()
    return Item(
        key=(str(event.get("id") or "") if name else invocation)[:200] or invocation[:200],
        title=title[:100],
        content={
            "event": name,
            "at": event.get("time") if name else None,
            "id": None if identity is None else str(identity),
            "fields": event.get("detail") if name else event,
            "change": event.get("event") if name else None,
        },
        subject=about.removeprefix(_SUBJECT) or (str(identity) if identity is not None else None),
    )


def _require_fresh(moment: str) -> None:
    try:
        age = datetime.now(UTC) - datetime.fromisoformat(moment).astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise CredentialsError("The call does not say when it was signed.") from error
    if abs(age) > OLDEST:
        raise CredentialsError("The call was signed more than an hour ago. Check this machine's clock.")

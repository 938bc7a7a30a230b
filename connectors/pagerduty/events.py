"""Events that PagerDuty sends as they happen, each known by a signature over what was sent."""

from __future__ import annotations

from fnmatch import fnmatchcase
from typing import Annotated, Any

import msgspec

from connectors.pagerduty.choosing import events
from connectors.pagerduty.connection import Connection
from connectors.pagerduty.incidents import Incident, Reference, told
from connectors.sdk import Item, Secret, Settings, SettingsError, WebhookRequest, field
from connectors.sdk.network.calls import prove
from connectors.sdk.texts import storable_json

# What PagerDuty sends when somebody tries a webhook
_PING = "pagey.ping"


class Sent(Settings):
    """Which of the events that PagerDuty sends start a run."""

    events: Annotated[
        list[str],
        field(
            "Events",
            hint="Left out: all that come; * stands for anything.",
            example=["incident.triggered", "incident.resolved"],
            choices=events,
        ),
    ] = []


class _Data(msgspec.Struct, kw_only=True):
    id: str = ""
    type: str = ""
    incident: Incident | None = None
    content: str | None = None
    message: str | None = None
    summary: str | None = None


class _Event(msgspec.Struct, kw_only=True):
    id: Annotated[str, msgspec.Meta(min_length=1, max_length=200)]
    event_type: str
    occurred_at: str = ""
    agent: Reference | None = None
    data: dict[str, Any]


class _Call(msgspec.Struct):
    event: _Event


def received(request: WebhookRequest, settings: Sent, connection: Settings | None) -> list[Item]:
    """Verify a call and return its event as an item, none when it is a test or not asked for."""
    # While a secret is exchanged there may be several signatures
    parts = [part.strip() for part in request.headers.get("x-pagerduty-signature", "").split(",")]
    secret = connection.webhook_secret if isinstance(connection, Connection) else Secret("")
    prove("PagerDuty", secret, [part.removeprefix("v1=") for part in parts if part.startswith("v1=")], request.body)
    try:
        event = msgspec.json.decode(storable_json(request.body), type=_Call).event
        data = msgspec.convert(event.data, _Data)
        incident = msgspec.convert(event.data, Incident) if data.type == "incident" else data.incident
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise SettingsError("The call is no event of PagerDuty's. Choose a webhook of version 3.") from error
    asked = settings.events
    if event.event_type == _PING or (asked and not any(fnmatchcase(event.event_type, one) for one in asked)):
        return []
    return [_item(event, data, incident)]


def _item(event: _Event, data: _Data, incident: Incident | None) -> Item:
    content = {
        "event": event.event_type,
        "at": event.occurred_at,
        "by": event.agent.text if event.agent else "",
        **told(incident or Incident(id=data.id, title=data.summary)),
        "text": data.content or data.message or "",
        "data": event.data,
    }
    about = incident.text if incident else data.summary or data.id
    return Item(
        key=event.id,
        title=f"{event.event_type} {about}".strip()[:100],
        content=content,
        subject=incident.id if incident else data.id or None,
    )

"""Events that HubSpot sends as they happen, many in one call, each call verified by its signature."""

from __future__ import annotations

import hashlib
import hmac
from datetime import UTC, datetime
from fnmatch import fnmatchcase
from typing import Annotated, Any

import msgspec

from connectors.hubspot.connection import Connection
from connectors.sdk import CredentialsError, Item, Settings, SettingsError, WebhookRequest, field
from connectors.sdk.network.calls import read

MOST = 1000
# The latest moment that a date can tell, in thousandths of a second
_LATEST = 253_402_300_000_000


class Sent(Settings):
    """Which of the events that HubSpot sends start a run."""

    events: Annotated[
        list[str],
        field(
            "Events",
            hint="Left out: all that come; * stands for anything.",
            example=["contact.creation", "deal.propertyChange"],
        ),
    ] = []
    properties: Annotated[list[str], field("Properties", hint="Of changes; left out: all.", example=["dealstage"])] = []


class Event(msgspec.Struct, kw_only=True):
    """One thing that happened in an account."""

    kind: Annotated[str, msgspec.Meta(min_length=1, max_length=200)] = msgspec.field(name="subscriptionType")
    event: int = msgspec.field(name="eventId")
    subscription: int = msgspec.field(default=0, name="subscriptionId")
    portal: int = msgspec.field(default=0, name="portalId")
    at: Annotated[int, msgspec.Meta(ge=0, le=_LATEST)] = msgspec.field(name="occurredAt")
    object: int | None = msgspec.field(default=None, name="objectId")
    object_type: str = msgspec.field(default="", name="objectTypeId")
    property: str | None = msgspec.field(default=None, name="propertyName")
    value: Any = msgspec.field(default=None, name="propertyValue")
    source: str = msgspec.field(default="", name="changeSource")


def received(request: WebhookRequest, settings: Sent, connection: Settings | None) -> list[Item]:
    """Verify a call and return those of its events that are asked for."""
    _prove(request, connection)
    events = read(request, list[Event], "HubSpot")
    if len(events) > MOST:
        raise SettingsError(f"A call may hold {MOST:,} events at most; this one holds {len(events):,}.")
    return [_item(one) for one in events if _wanted(one, settings)]


def _wanted(event: Event, settings: Sent) -> bool:
    return (not settings.events or any(fnmatchcase(event.kind, one) for one in settings.events)) and (
        not settings.properties or event.property is None or event.property in settings.properties
    )


def _item(event: Event) -> Item:
    identity = None if event.object is None else str(event.object)
    return Item(
        # HubSpot does not promise that its number of an event is unique
        key=f"{event.subscription}-{event.event}-{identity}-{event.at}",
        title=f"{event.kind} {identity or ''}".strip()[:100],
        content={
            "event": event.kind,
            "id": identity,
            "object_type": event.object_type,
            "property": event.property,
            "value": event.value,
            "source": event.source,
            "account": event.portal,
            "at": datetime.fromtimestamp(event.at / 1000, UTC).isoformat(),
        },
        subject=identity,
    )


def _prove(request: WebhookRequest, connection: Settings | None) -> None:
    """Raise unless the digest over the app's client secret and the body is right: HubSpot's signature v1.

    The newer ones also cover the address, which is another one where a hub stands behind a proxy.
    """
    secret = (connection.client_secret if isinstance(connection, Connection) else None) or None
    if secret is None or not secret.reveal().strip():
        raise CredentialsError("The connection has no client secret, so nobody can tell that HubSpot is calling.")
    digest = hashlib.sha256(secret.reveal().strip().encode() + request.body).hexdigest()
    given = request.headers.get("x-hubspot-signature", "")
    if not hmac.compare_digest(digest.encode(), given.encode(errors="replace")):
        raise CredentialsError("The call is not signed with this connection's client secret.")

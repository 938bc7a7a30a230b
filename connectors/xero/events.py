"""Events that Xero sends as they happen, many in one call, each call verified by its signature."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Any, Literal, get_args

import msgspec

from connectors.sdk import Item, Secret, Settings, WebhookRequest, field
from connectors.sdk.network.calls import prove, read
from connectors.sdk.texts import storable
from connectors.xero.connection import Connection, organisations

Thing = Literal["Contacts", "Invoices", "CreditNotes", "Subscriptions"]
Happened = Literal["created", "updated"]
_THINGS = {name.removesuffix("s").upper(): name for name in get_args(Thing)}
_HAPPENED = {"CREATE": "created", "UPDATE": "updated"}

_Text = Annotated[str, msgspec.Meta(max_length=200)]
_Name = Annotated[str, msgspec.Meta(min_length=1, max_length=200)]


class Sent(Settings):
    """Which of the events that Xero sends start a run."""

    objects: Annotated[
        list[str], field("Records", hint="Left out: all.", example=["Invoices"], choices=get_args(Thing))
    ] = []
    happened: Annotated[
        list[str], field("What happened", hint="Left out: everything.", choices=get_args(Happened))
    ] = []
    organisation: Annotated[
        str, field("Organisation", hint="Empty: all that the app is connected to.", choices=organisations)
    ] = ""


class _Event(msgspec.Struct, kw_only=True):
    resource: _Name = msgspec.field(name="resourceId")
    category: _Name = msgspec.field(name="eventCategory")
    kind: _Name = msgspec.field(name="eventType")
    tenant: _Name = msgspec.field(name="tenantId")
    time: _Text = msgspec.field(default="", name="eventDateUtc")
    more: dict[str, Any] | None = msgspec.field(default=None, name="data")


class _Call(msgspec.Struct):
    # Null, or empty, where Xero only tries whether the address is ours
    events: list[_Event] | None


def received(request: WebhookRequest, settings: Sent, connection: Settings | None) -> list[Item]:
    """Verify a call and return those of its events that are asked for, each once."""
    key = connection.webhooks_key if isinstance(connection, Connection) else Secret("")
    given = [request.headers.get("x-xero-signature", "").strip()]
    prove("Xero", key, given, request.body, written="base64", called="webhooks key")
    told = {item.key: item for item in map(_item, read(request, _Call, "Xero").events or ())}
    return [item for item in told.values() if _wanted(item.content, settings)]


def _wanted(content: dict[str, Any], settings: Sent) -> bool:
    return (
        (not settings.objects or content["object"] in settings.objects)
        and (not settings.happened or content["happened"] in settings.happened)
        and settings.organisation in {"", content["organisation"]}
    )


def _item(event: _Event) -> Item:
    category, kind = storable(event.category), storable(event.kind)
    content = {
        "object": _THINGS.get(category.upper(), category),
        "id": storable(event.resource),
        "happened": _HAPPENED.get(kind.upper(), kind.lower()),
        "time": _time(storable(event.time)),
        "organisation": storable(event.tenant),
        "data": event.more or {},
    }
    # Xero gives its events no ids; what it sends again differs in nothing of this
    key = " ".join((content["organisation"], category, content["id"], kind, storable(event.time)))
    title = f"{content['object'].removesuffix('s')} {content['id']} {content['happened']}"
    return Item(key=key, title=title[:100], content=content, subject=content["id"])


def _time(text: str) -> str:
    """Return a time of Xero's, which stands without a zone, as a time of the world."""
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return text
    return (found if found.tzinfo else found.replace(tzinfo=UTC)).isoformat()

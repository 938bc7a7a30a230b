"""Events that Pipedrive sends as they happen; they are not signed, but bring a password."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Annotated, Any, Literal, get_args

import msgspec

from connectors.pipedrive.connection import Connection
from connectors.pipedrive.records import values_of
from connectors.sdk import Item, Secret, Settings, SettingsError, WebhookRequest, field
from connectors.sdk.network.calls import password_of, read, require_secret
from connectors.sdk.records.entries import Entry, content_of
from connectors.sdk.texts import storable

Thing = Literal[
    "person", "organization", "deal", "lead", "activity", "note", "product", "project", "pipeline", "stage", "user"
]
Happened = Literal["created", "changed", "deleted"]
_HAPPENED = {"create": "created", "change": "changed", "delete": "deleted"}
_PAGES = frozenset({"person", "organization", "deal"})
_HOST = re.compile(r"[a-z0-9-]+(\.[a-z0-9-]+)*\.pipedrive\.com")

_Name = Annotated[str, msgspec.Meta(min_length=1, max_length=200)]
_Id = Annotated[str, msgspec.Meta(max_length=200)] | int


class Sent(Settings):
    """Which of the events that Pipedrive sends start a run."""

    objects: Annotated[
        list[str], field("Records", hint="Left out: all that come.", example=["deal"], choices=get_args(Thing))
    ] = []
    happened: Annotated[
        list[str], field("What happened", hint="Left out: everything.", choices=get_args(Happened))
    ] = []
    fields: Annotated[
        list[str], field("Changed fields", hint="Of changes; left out: all.", example=["stage_id", "status"])
    ] = []


class _Meta(msgspec.Struct, kw_only=True):
    action: _Name
    entity: _Name | None = None
    identity: _Id = msgspec.field(default="", name="entity_id")
    event: _Id = msgspec.field(default="", name="id")
    time: Annotated[str, msgspec.Meta(max_length=200)] | int = msgspec.field(default="", name="timestamp")
    by: _Id | None = msgspec.field(default=None, name="user_id")
    merged_to: _Id | None = msgspec.field(default=None, name="merged_to_id")
    merged_from: _Id | None = msgspec.field(default=None, name="merged_from_id")
    host: str = ""


class _Call(msgspec.Struct, kw_only=True):
    meta: _Meta
    now: dict[str, Any] | None = msgspec.field(default=None, name="data")
    before: dict[str, Any] | None = msgspec.field(default=None, name="previous")


def received(request: WebhookRequest, settings: Sent, connection: Settings | None) -> list[Item]:
    """Return the event of a call that brings the password, none when it is not asked for."""
    password = connection.webhook_password if isinstance(connection, Connection) else Secret("")
    require_secret("Pipedrive", password, [password_of(request)], called="webhook password")
    call = read(request, _Call, "Pipedrive")
    if call.meta.entity is None:
        raise SettingsError("The call is of version 1 of Pipedrive's webhooks. Make a webhook of version 2 there.")
    item = _item(call, storable(call.meta.entity))
    return [item] if _wanted(item.content, settings) else []


def _wanted(content: Mapping[str, Any], settings: Sent) -> bool:
    return (
        (not settings.objects or content["object"] in settings.objects)
        and (not settings.happened or content["happened"] in settings.happened)
        and (
            not settings.fields
            or content["happened"] != "changed"
            or any(name in content["previous"] for name in settings.fields)
        )
    )


def _item(call: _Call, thing: str) -> Item:
    meta = call.meta
    happened = _HAPPENED.get(meta.action, storable(meta.action))
    values = values_of((call.before if happened == "deleted" else call.now) or {})
    entry = _entry(values, thing, storable(str(meta.identity or values.get("id", ""))))
    merged = meta.merged_to or meta.merged_from
    content = {
        **content_of(entry),
        "url": None if happened == "deleted" else _page(meta.host, thing, entry.id),
        "object": thing,
        "happened": happened,
        "previous": values_of(call.before or {}) if happened == "changed" else {},
        "time": _time(meta.time),
        "by": None if meta.by is None else storable(str(meta.by)),
        "merged": None if merged is None else storable(str(merged)),
    }
    # What is sent again has the same; without them nobody can tell, and nothing may be lost
    told = f"{thing} {entry.id} {happened} {meta.event} {meta.time}" if meta.event or meta.time else None
    return Item(key=told, title=entry.title[:100], content=content, subject=f"{thing} {entry.id}")


def _entry(values: Mapping[str, Any], thing: str, identity: str) -> Entry:
    """Return the record of an event; of other kinds than the polled ones less is known."""
    named = next((values[name] for name in ("title", "name", "subject") if values.get(name)), None)
    return Entry(
        id=identity,
        values=values,
        title=str(named or f"{thing} {identity}"),
        created=_moment(values.get("add_time")),
        changed=_moment(values.get("update_time") or values.get("add_time")),
    )


def _page(host: str, thing: str, identity: str) -> str | None:
    """Return where people find a record, as far as the place of its page is known."""
    known = thing in _PAGES and identity.isdecimal() and _HOST.fullmatch(host)
    return f"https://{host}/{thing}/{identity}" if known else None


def _moment(value: Any) -> datetime | None:
    try:
        return datetime.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        return None


def _time(value: str | int) -> str:
    """Return when it happened; Pipedrive describes seconds since 1970 and sends a time in words."""
    try:
        return datetime.fromtimestamp(int(value), UTC).isoformat()
    except (ValueError, OverflowError, OSError):
        return storable(str(value))

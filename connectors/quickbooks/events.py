"""Events that QuickBooks sends: verified by their signature, in the form of CloudEvents or the one before it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Annotated, Any, Literal, get_args

import msgspec

from connectors.quickbooks.connection import Connection
from connectors.quickbooks.records import Thing, page_of
from connectors.sdk import CredentialsError, Item, Secret, Settings, SettingsError, WebhookRequest, field
from connectors.sdk.network.calls import prove
from connectors.sdk.texts import storable, storable_json

Happened = Literal["created", "updated", "deleted", "merged", "voided", "emailed"]
_KIND = re.compile(r"qbo\.([a-z]+)\.([a-z]+)\.v\d+")
# CloudEvents write kinds in small letters
_THINGS = {name.lower(): name for name in get_args(Thing)}
_BEFORE = {
    "create": "created",
    "update": "updated",
    "delete": "deleted",
    "merge": "merged",
    "void": "voided",
    "emailed": "emailed",
}
_LONGEST = 200

_Text = Annotated[str, msgspec.Meta(max_length=_LONGEST)]
_Name = Annotated[str, msgspec.Meta(min_length=1, max_length=_LONGEST)]


class Sent(Settings):
    """Which of the events that QuickBooks sends start a run."""

    objects: Annotated[
        list[str], field("Records", hint="Left out: all.", example=["Invoice", "Payment"], choices=get_args(Thing))
    ] = []
    happened: Annotated[
        list[str], field("What happened", hint="Left out: everything.", choices=get_args(Happened))
    ] = []


class _Event(msgspec.Struct, kw_only=True):
    id: _Name
    type: _Name
    time: _Text = ""
    entity: _Name = msgspec.field(name="intuitentityid")
    company: _Name = msgspec.field(name="intuitaccountid")
    about: dict[str, Any] | None = msgspec.field(default=None, name="data")


class _Entity(msgspec.Struct, kw_only=True):
    name: _Name
    id: _Name
    operation: _Name
    time: _Text = msgspec.field(default="", name="lastUpdated")
    deleted: _Text | None = msgspec.field(default=None, name="deletedId")


class _Entities(msgspec.Struct):
    entities: list[_Entity] = []


class _Notification(msgspec.Struct, kw_only=True):
    company: _Name = msgspec.field(name="realmId")
    changes: _Entities = msgspec.field(default_factory=_Entities, name="dataChangeEvent")


class _Notifications(msgspec.Struct):
    notifications: list[_Notification] = msgspec.field(name="eventNotifications")


class _Happening(msgspec.Struct, frozen=True, kw_only=True):
    key: str
    company: str
    content: dict[str, Any]


def received(request: WebhookRequest, settings: Sent, connection: Settings | None) -> list[Item]:
    """Verify a call and return its events of this company as items."""
    secret = connection.verifier if isinstance(connection, Connection) else None
    given = [request.headers.get("intuit-signature", "").strip()]
    prove("QuickBooks", secret or Secret(""), given, request.body, written="base64", called="verifier token")
    assert isinstance(connection, Connection)  # noqa: S101  # another kind has no such secret
    if not connection.company_id:
        raise CredentialsError("The connection does not know its company yet. Open the connection and connect it.")
    told: dict[str, _Happening] = {}
    for one in _read(request.body):
        wanted = not settings.objects or one.content["object"] in settings.objects
        wanted = wanted and (not settings.happened or one.content["happened"] in settings.happened)
        if wanted and one.company == connection.company_id:
            told[one.key] = one
    return [_item(one, connection.pages) for one in told.values()]


def _read(body: bytes) -> Iterator[_Happening]:
    """Yield what a call tells, in either form."""
    try:
        told = msgspec.json.decode(storable_json(body), type=list[_Event] | _Notifications)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise SettingsError("The call is no notification of QuickBooks.") from error
    if isinstance(told, _Notifications):
        for one in told.notifications:
            yield from _before(one.company, one.changes.entities)
        return
    for event in told:
        found = _KIND.fullmatch(event.type)
        if found is None:
            continue
        deleted = (event.about or {}).get("deletedid")
        yield _Happening(
            key=event.id,
            company=event.company,
            content=_content(_THINGS.get(found[1]) or str(found[1]), event.entity, found[2], event.time, deleted),
        )


def _before(company: str, entities: Sequence[_Entity]) -> Iterator[_Happening]:
    for one in entities:
        happened = _BEFORE.get(one.operation.lower(), one.operation.lower())
        yield _Happening(
            key=f"{one.name} {one.id} {happened} {one.time}",
            company=company,
            content=_content(one.name, one.id, happened, one.time, one.deleted),
        )


def _content(thing: str, identity: str, happened: str, time: str, deleted: Any) -> dict[str, Any]:
    return {
        "object": storable(thing),
        "id": storable(identity),
        "happened": happened,
        "time": storable(time),
        "merged": storable(deleted)[:_LONGEST] if isinstance(deleted, str) else None,
    }


def _item(one: _Happening, pages: str) -> Item:
    found = one.content
    gone = found["happened"] == "deleted" or not found["id"].isalnum()
    content = {**found, "url": None if gone else page_of(pages, found["object"], found["id"])}
    title = f"{content['object']} {content['id']} {content['happened']}"
    return Item(key=storable(one.key), title=title[:100], content=content, subject=content["id"])

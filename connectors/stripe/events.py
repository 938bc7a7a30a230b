"""Events of a Stripe account: asked for by a cursor, or sent by Stripe and verified by their signature."""

from __future__ import annotations

import hashlib
import hmac
import time
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from fnmatch import fnmatchcase
from typing import Annotated, Any, Literal

import msgspec

from connectors.sdk import CredentialsError, Item, Settings, SettingsError, Shape, WebhookRequest, field
from connectors.sdk.context import Context
from connectors.sdk.cursors.since import Since
from connectors.sdk.intervals import interval
from connectors.sdk.texts import storable_json
from connectors.stripe.connection import PAGE, Connection, call

TOLERANCE_SECONDS = 300
MOST_TYPES = 20
# The latest moment that a date can tell
_LATEST = 253_402_300_000

Types = Annotated[
    list[str],
    field("Events", hint="Left out: all; * stands for anything.", example=["invoice.paid", "customer.*"]),
]


class Follow(Settings):
    """Which events start a run."""

    types: Types = []
    existing: Annotated[
        Literal["read", "skip"],
        field("Already there", hint="What to do with events of the last 30 days when the recipe starts."),
    ] = "skip"
    every: Annotated[str, field("Ask every", hint="How often to look.", advanced=True, shape=Shape.DURATION)] = "5m"

    def __post_init__(self) -> None:
        """Refuse an interval that cannot be, and more events than Stripe can be asked for."""
        interval(self.every)
        if len(self.types) > MOST_TYPES:
            raise ValueError(f"Name {MOST_TYPES} events at most, or write them with a *.")


class Sent(Settings):
    """Which of the events that Stripe sends start a run."""

    types: Types = []
    live: Annotated[
        Literal["both", "live", "test"],
        field("Mode", hint="Events of live mode, of test mode, or both.", advanced=True),
    ] = "both"


class Concerned(msgspec.Struct):
    """What an event is about, and what of it was different before."""

    object: dict[str, Any]
    previous_attributes: dict[str, Any] | None = None


class Event(msgspec.Struct, kw_only=True):
    """Something that happened in the account."""

    id: Annotated[str, msgspec.Meta(min_length=1, max_length=200)]
    type: str
    created: Annotated[int, msgspec.Meta(ge=0, le=_LATEST)]
    livemode: bool = False
    account: str = ""
    data: Concerned

    @property
    def moment(self) -> datetime:
        """When it happened."""
        return datetime.fromtimestamp(self.created, UTC)


async def follow(context: Context[Connection, Follow], cursor: str | None) -> AsyncIterator[Item]:
    """Yield what is new since the cursor; Stripe lists the newest first, so a backlog is read in pieces downwards."""
    position = msgspec.json.decode(cursor, type=_Position) if cursor else _Position()
    since, place = Since.load(position.since or None), position.place
    start = datetime.fromisoformat(position.start) if position.start else None
    skips = cursor is None and context.settings.existing == "skip"
    while True:
        page = await _page(context, start, place)
        fresh = [one for one in reversed(page.data) if _is_new(one, since, start)]
        start = since.start if skips and start is None else start
        more = page.has_more and bool(page.data) and (start is None or page.data[-1].moment >= start)
        place = page.data[-1].id if more else ""
        start = start if more else since.start
        following = msgspec.json.encode(_Position(since.dump(), start.isoformat() if start else "", place)).decode()
        found = [] if skips else [one for one in fresh if _fits(one.type, context.settings.types)]
        for one in found:
            yield _item(one, following if one is found[-1] else None)
        if not found and following != cursor and (cursor is not None or skips or page.data):
            yield Item(content=None, cursor=following)
        if not more:
            return
        cursor = following


def received(request: WebhookRequest, settings: Sent, connection: Settings | None) -> list[Item]:
    """Verify a call and return its event as an item, none when it is not asked for."""
    if not isinstance(connection, Connection) or not connection.webhook_secret.reveal():
        raise CredentialsError("The connection has no signing secret, so nobody can tell that Stripe is calling.")
    _verify(request, connection.webhook_secret.reveal())
    try:
        event = msgspec.json.decode(storable_json(request.body), type=Event)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise SettingsError("The call is no event of Stripe's. Choose snapshot events for the destination.") from error
    if not _fits(event.type, settings.types) or settings.live == ("test" if event.livemode else "live"):
        return []
    return [_item(event)]


class _Events(msgspec.Struct):
    data: list[Event]
    has_more: bool = False


class _Position(msgspec.Struct, omit_defaults=True):
    """What was read, and while there is a backlog, down to when and from which event on it is being read."""

    since: str = ""
    start: str = ""
    place: str = ""


async def _page(context: Context[Connection, Follow], start: datetime | None, place: str) -> _Events:
    asked = [("limit", str(PAGE))]
    types = context.settings.types
    if not any("*" in one for one in types):
        asked += [("types[]", one) for one in types]
    if start is not None:
        asked.append(("created[gte]", str(int(start.timestamp()))))
    if place:
        asked.append(("starting_after", place))
    return (await call(context, "GET", "events", asked)).read(_Events)


def _is_new(event: Event, since: Since, start: datetime | None) -> bool:
    return (start is None or event.moment >= start) and since.is_new(event.id, event.moment)


def _fits(kind: str, types: list[str]) -> bool:
    return not types or any(fnmatchcase(kind, one) for one in types)


def _item(event: Event, cursor: str | None = None) -> Item:
    about = event.data.object
    content = {
        "id": event.id,
        "type": event.type,
        "created": event.moment.isoformat(),
        "is_live": event.livemode,
        "account": event.account,
        "object": about,
        "previous": event.data.previous_attributes or {},
    }
    identity = about.get("id")
    subject = identity if isinstance(identity, str) else None
    return Item(key=event.id, title=event.type[:100], content=content, cursor=cursor, subject=subject)


def _verify(request: WebhookRequest, secret: str) -> None:
    """Raise unless the call was signed in the last minutes; while a secret is exchanged there are two signatures."""
    parts = [part.strip().partition("=") for part in request.headers.get("stripe-signature", "").split(",")]
    moment = next((value for name, _, value in parts if name == "t"), "")
    if not (moment.isascii() and moment.isdecimal() and len(moment) < 16):
        raise CredentialsError("The call is not signed by Stripe.")
    if abs(time.time() - int(moment)) > TOLERANCE_SECONDS:
        raise CredentialsError("The call's signature is too old. Check this machine's clock.")
    digest = hmac.new(secret.strip().encode(), f"{moment}.".encode() + request.body, hashlib.sha256).hexdigest()
    given = [value.encode(errors="replace") for name, _, value in parts if name == "v1"]
    if not any(hmac.compare_digest(digest.encode(), one) for one in given):
        raise CredentialsError("The call is not signed with this connection's signing secret.")

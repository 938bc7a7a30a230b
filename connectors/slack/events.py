"""Events that Slack sends as they happen, each call verified by its signature."""

from __future__ import annotations

import hashlib
import hmac
import time
from collections.abc import Mapping
from typing import Annotated, Any, Literal

import msgspec

from connectors.sdk import Answer, CredentialsError, Item, Settings, SettingsError, WebhookRequest, field
from connectors.sdk.texts import storable_json
from connectors.slack.connection import Connection
from connectors.slack.messages import OURS
from connectors.slack.words import plain

OLDEST_SECONDS = 300
_SPOKEN = ("", "file_share", "me_message", "thread_broadcast", "bot_message")

EventName = Literal[
    "message",
    "app_mention",
    "reaction_added",
    "reaction_removed",
    "file_shared",
    "member_joined_channel",
    "channel_created",
    "team_join",
]


class Events(Settings):
    """Which events start a run."""

    events: Annotated[
        list[EventName], field("Events", hint="Subscribe the app to the same ones, under Event Subscriptions.")
    ] = msgspec.field(default_factory=lambda: list[EventName](["message"]))
    channels: Annotated[
        list[str], field("Channels", hint="By their ids; left out: all that the app is in.", example=["C0123"])
    ] = []
    apps: Annotated[
        bool, field("Messages of apps too", hint="What the app posts itself never starts a run.", advanced=True)
    ] = False


class Event(msgspec.Struct, omit_defaults=True):
    """What happened."""

    type: str
    subtype: str = ""
    user: Any = ""
    channel: Any = ""
    channel_id: str = ""
    text: str = ""
    ts: str = ""
    event_ts: str = ""
    thread_ts: str = ""
    reaction: str = ""
    file_id: str = ""
    bot_id: str | None = None
    app_id: str | None = None
    hidden: bool = False
    item: dict[str, Any] = {}
    metadata: dict[str, Any] = {}


class Call(msgspec.Struct):
    """What Slack sends."""

    type: str = ""
    challenge: str = ""
    event_id: str = ""
    api_app_id: str = ""
    team_id: str = ""
    event: Event | None = None


def received(request: WebhookRequest, settings: Events, connection: Settings | None) -> list[Item] | Answer:
    """Verify a call and return its event as an item, or what Slack wants to hear back when it asks for the address."""
    if not isinstance(connection, Connection) or not connection.signing_secret.reveal():
        raise CredentialsError("The connection has no signing secret, so nobody can tell that Slack is calling.")
    _verify(request, connection.signing_secret.reveal())
    try:
        content = storable_json(request.body)
        call = msgspec.json.decode(content, type=Call)
        raw = msgspec.json.decode(content)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise SettingsError("The call is no event of Slack's.") from error
    if call.type == "url_verification":
        return Answer(text=call.challenge[:200])
    if call.event is None or not _wanted(call, call.event, settings):
        return []
    return [_item(call, call.event, raw["event"])]


def _verify(request: WebhookRequest, secret: str) -> None:
    """Raise unless the call was signed within the last five minutes (version v0 of Slack's signatures)."""
    moment = request.headers.get("x-slack-request-timestamp", "")
    if not (moment.isdecimal() and len(moment) < 16) or abs(time.time() - int(moment)) > OLDEST_SECONDS:
        raise CredentialsError("The call's signature is too old or has no time. Check this machine's clock.")
    digest = hmac.new(secret.strip().encode(), f"v0:{moment}:".encode() + request.body, hashlib.sha256).hexdigest()
    given = request.headers.get("x-slack-signature", "")
    if not hmac.compare_digest(f"v0={digest}".encode(), given.encode()):
        raise CredentialsError("The call is not signed with this connection's signing secret.")


def _wanted(call: Call, event: Event, settings: Events) -> bool:
    channel = _channel(event)
    if event.type not in settings.events or (settings.channels and channel not in settings.channels):
        return False
    if event.type not in {"message", "app_mention"}:
        return True
    ours = event.metadata.get("event_type") == OURS or (call.api_app_id and event.app_id == call.api_app_id)
    is_app = bool(event.bot_id) or event.subtype == "bot_message"
    return not ours and event.subtype in _SPOKEN and not event.hidden and (settings.apps or not is_app)


def _item(call: Call, event: Event, raw: Mapping[str, Any]) -> Item:
    channel, text = _channel(event), plain(event.text)
    ts = event.ts or str(event.item.get("ts") or "")
    told = {
        "type": event.type,
        "text": text,
        "user": _id(event.user),
        "channel": channel,
        "ts": ts,
        "thread": event.thread_ts,
        "reaction": event.reaction,
        "file": event.file_id,
        "team": call.team_id,
        "event": raw,
    }
    title = text or (f":{event.reaction}:" if event.reaction else event.type.replace("_", " ").capitalize())
    subject = f"{channel}:{event.thread_ts or ts}" if ts else None
    return Item(key=call.event_id or None, title=title[:100], content=told, subject=subject)


def _channel(event: Event) -> str:
    return _id(event.channel) or event.channel_id or str(event.item.get("channel") or "")


def _id(value: Any) -> str:
    """Return an id that stands alone or in an object."""
    found = value.get("id", "") if isinstance(value, Mapping) else value
    return found if isinstance(found, str) else ""

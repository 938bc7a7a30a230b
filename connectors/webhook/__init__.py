"""Webhook: another service calls the hub, signed or not, and each event becomes an item."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Annotated, Any, Literal

import msgspec

from connectors.sdk import (
    Category,
    Connector,
    CredentialsError,
    Item,
    NoSettings,
    Settings,
    SettingsError,
    WebhookRequest,
    field,
)
from connectors.webhook.bodies import read_body
from connectors.webhook.presets import Sender, scheme_of, tell
from connectors.webhook.signatures import Connection, verify

MOST_ELEMENTS = 1000
LONGEST_KEY = 200
# What callers prove themselves with stays out of items
_CREDENTIALS = frozenset({"authorization", "cookie", "proxy-authorization", "x-api-key"})

connector = Connector(
    "webhook",
    "Webhook",
    icon="webhook",
    connection=Connection,
    connection_optional=True,
    category=Category.WEB,
    tried="calls signed after each sender's documentation",
)


class Received(Settings):
    """Who sends, and how to tell that the same event has come again."""

    sender: Annotated[
        Sender,
        field(
            "Sender",
            hint="A known one is verified in its own way with the connection's secret, and tells its fields by name.",
        ),
    ] = "any"
    dedupe: Annotated[
        Literal["header", "field", "content", "none"],
        field(
            "Recognise repeats by",
            hint="header: the id that the sender gives, as webhook-id or Idempotency-Key or in its own way; "
            "field: a value inside the event; "
            "content: the whole event; none: every call counts.",
        ),
    ] = "header"
    field: Annotated[
        str,
        field("Field", hint="Where the event's own id stands.", example="data.id", when={"dedupe": ("field",)}),
    ] = ""

    def __post_init__(self) -> None:
        if self.dedupe == "field" and not self.field:
            raise ValueError("Name the field that tells repeats, such as data.id.")


@connector.webhook("Event received")
def received(request: WebhookRequest, settings: Received, connection: Settings | None = None) -> list[Item]:
    """Start a run for each event that another service sends; an array gives one item for each element.

    Gives the `body` (JSON and forms as values, other types as text or file), the `headers` by small names, and the
    `query`; of a known sender also the `event`, and as `fields` what it usually tells, under plain names. A connection
    says how calls must be signed; without one, who knows the address may call.
    """
    if isinstance(connection, Connection):
        scheme = scheme_of(settings.sender)
        verify(request, msgspec.structs.replace(connection, scheme=scheme) if scheme else connection)
    elif connection is not None and not isinstance(connection, NoSettings):
        raise CredentialsError("The connection of this webhook is of another kind, so calls cannot be verified.")
    body = read_body(request)
    hidden = _CREDENTIALS | connection.hidden_headers if isinstance(connection, Connection) else _CREDENTIALS
    headers = {name: value for name, value in request.headers.items() if name not in hidden}
    if settings.sender != "any":
        return [_known(request, settings, body, {"body": body, "headers": headers, "query": request.query})]
    if not isinstance(body, list):
        content = {"body": body, "headers": headers, "query": request.query}
        return [Item(key=_key(request, settings, body, ""), title=_title(body), content=content)]
    if len(body) > MOST_ELEMENTS:
        raise SettingsError(f"An array may hold {MOST_ELEMENTS:,} events at most; this one holds {len(body):,}.")
    return [
        Item(
            key=_key(request, settings, element, f":{place}"),
            title=_title(element),
            content={"body": element, "headers": headers, "query": request.query},
        )
        for place, element in enumerate(body)
    ]


def _known(request: WebhookRequest, settings: Received, body: Any, content: dict[str, Any]) -> Item:
    """Return the event of a known sender; where it gives no id, the whole event tells a repeat."""
    told = tell(settings.sender, request, body)
    key = _short(told.key) if told.key and settings.dedupe == "header" else _key(request, settings, body, "")
    if key is None and settings.dedupe == "header":
        key = _digest(body)
    fields = {"event": told.event, "fields": dict(told.fields)}
    return Item(key=key, title=told.title[:100], subject=told.subject, content={**content, **fields})


def _key(request: WebhookRequest, settings: Received, event: Any, place: str) -> str | None:
    """Return what tells a repeat of this event; None when nothing does."""
    if settings.dedupe == "header":
        given = request.headers.get("webhook-id") or request.headers.get("idempotency-key")
        return _short(given) + place if given else None
    if settings.dedupe == "content":
        return _digest(event)
    if settings.dedupe == "field":
        value = _at(event, settings.field)
        return (
            None if value is None else _short(value if isinstance(value, str) else msgspec.json.encode(value).decode())
        )
    return None


def _digest(event: Any) -> str:
    return hashlib.sha256(msgspec.json.encode(event, order="deterministic")).hexdigest()


def _short(key: str) -> str:
    return key if len(key) <= LONGEST_KEY else hashlib.sha256(key.encode()).hexdigest()


def _at(event: Any, path: str) -> Any:
    for name in path.split("."):
        event = event.get(name) if isinstance(event, Mapping) else None
    return event


def _title(event: Any) -> str:
    """Name an item by what its event calls itself."""
    if not isinstance(event, Mapping):
        return ""
    named = (event.get(name) for name in ("title", "name", "subject", "type", "event", "number", "id"))
    return next((str(value)[:100] for value in named if isinstance(value, (str, int)) and value != ""), "")

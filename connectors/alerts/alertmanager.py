"""Alertmanager: alerts of Prometheus as they come or by asking, and silences."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime
from typing import Annotated, Any, Literal

import msgspec

from connectors.alerts._alert import Alert, Taken, items_of, told
from connectors.alerts._callers import Caller, basic, verify
from connectors.alerts._prometheus import Call, alert_of
from connectors.sdk import (
    Category,
    Change,
    ChangeKind,
    Connector,
    Context,
    Effect,
    Item,
    Receipt,
    Record,
    Settings,
    SettingsError,
    Shape,
    TemporaryError,
    WebhookRequest,
    field,
)
from connectors.sdk.intervals import interval
from connectors.sdk.network.http import Options
from connectors.sdk.network.urls import host_of, require_address

MOST_MATCHERS = 30


class Connection(Caller):
    """An Alertmanager; it calls, and is asked, with the same token or password."""

    address: Annotated[
        str,
        field(
            "Address",
            hint="Only to ask for alerts and to silence some; not needed for its calls.",
            example="https://alerts.example.com",
        ),
    ] = ""
    sends: Annotated[
        bool, field("Send the token or password too", hint="Where a proxy in front of it asks for one.")
    ] = False

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.address:
            require_address(self.address)


connector = Connector(
    "alertmanager",
    "Alertmanager",
    icon="notifications_active",
    connection=Connection,
    connection_optional=True,
    category=Category.MONITORING,
    tried="Alertmanager 0.25, told by Prometheus 2.42",
)


@connector.hosts
def hosts(connection: Connection) -> list[str]:
    """Name the host that is asked."""
    return [host_of(connection.address)] if connection.address else []


@connector.check
async def check(connection: Connection, context: Context[Connection, Any]) -> None:
    """Ask for its state."""
    if connection.address:
        await _ask(context, "GET", "status")


@connector.webhook("Alert")
def alert(request: WebhookRequest, settings: Taken, connection: Settings | None = None) -> list[Item]:
    """Start a run for each alert that fires or is resolved.

    Gives `fingerprint`, `status` (firing or resolved), `severity`, `title`, `summary`, `labels`, `annotations`,
    `starts_at`, `ends_at`, `source`, `url`, and as `raw` what was sent.
    """
    verify(request, connection)
    call = told(request, Call, "Alertmanager")
    return items_of([alert_of(one, "alertmanager", call.externalURL) for one in call.alerts], settings)


class Active(Taken):
    """Which alerts to ask for."""

    labels: Annotated[list[str], field("Labels", hint="Only alerts with all of these.", example=['team="shop"'])] = []
    silenced: Annotated[bool, field("Silenced ones too")] = False
    inhibited: Annotated[bool, field("Inhibited ones too")] = False
    every: Annotated[str, field("Ask every", hint="How often to look.", advanced=True, shape=Shape.DURATION)] = "1m"

    def __post_init__(self) -> None:
        interval(self.every)


class Cursor(msgspec.Struct):
    """The alerts that were active at the last look."""

    active: list[Alert]


@connector.trigger("Alert found", every=60.0)
async def active(context: Context[Connection, Active], cursor: str | None) -> AsyncIterator[Item]:
    """Start a run for each alert that has become active, or is no longer; for hubs that cannot be called.

    Gives `fingerprint`, `status` (firing or resolved), `severity`, `title`, `summary`, `labels`, `annotations`,
    `starts_at`, `ends_at`, `source`, `url`, and as `raw` what was sent.
    """
    settings = context.settings
    before = {one.fingerprint: one for one in msgspec.json.decode(cursor, type=Cursor).active} if cursor else {}
    chosen = {"active": "true", "silenced": settings.silenced, "inhibited": settings.inhibited}
    params = [(name, str(value).lower()) for name, value in chosen.items()] + [
        ("filter", one) for one in settings.labels
    ]
    found = await _ask(context, "GET", "alerts", Options(params=params))
    if not isinstance(found, list) or not all(isinstance(one, dict) for one in found):
        raise TemporaryError("Alertmanager sent no list of alerts.")
    now = {one.fingerprint: one for one in (alert_of({**one, "status": "firing"}, "alertmanager") for one in found)}
    fresh = [one for name, one in now.items() if name not in before or before[name].starts_at != one.starts_at]
    over = [_over(one) for name, one in before.items() if name not in now]
    for item in items_of([*fresh, *over], settings):
        yield item
    kept = [msgspec.structs.replace(one, raw=None) for one in now.values()]
    encoded = msgspec.json.encode(Cursor(kept)).decode()
    if encoded != cursor:
        yield Item(content=None, cursor=encoded)


def _over(alert: Alert) -> Alert:
    """When it ended nobody says: it is gone from the list."""
    return msgspec.structs.replace(alert, status="resolved")


class Silence(Settings):
    """What to silence, and for how long."""

    labels: Annotated[
        dict[str, str],
        field(
            "Labels",
            hint="Alerts with all of these are silenced.",
            example={"alertname": "{{ trigger.title }}", "instance": "{{ trigger.labels.instance }}"},
            templated=True,
        ),
    ]
    length: Annotated[str, field("For", example="2h", shape=Shape.DURATION)] = "2h"
    comment: Annotated[str, field("Comment", example="Known, see the ticket.", templated=True)] = (
        "Silenced by a recipe."
    )
    author: Annotated[str, field("Author", advanced=True)] = "Patchdeck"

    def __post_init__(self) -> None:
        interval(self.length)
        if not 1 <= len(self.labels) <= MOST_MATCHERS:
            raise ValueError(f"Name 1 to {MOST_MATCHERS} labels, so that not everything falls silent.")


@connector.target("Silence", effect=Effect.CREATE)
async def silence(context: Context[Connection, Silence], record: Record) -> Receipt:
    """Silence the alerts that have some labels for a while.

    Gives the `id` of the silence and when it ends.
    """
    written = _silence(context.settings, record)
    answer = await _ask(context, "POST", "silences", Options(json=written))
    made = answer.get("silenceID") if isinstance(answer, dict) else None
    if not made:
        raise TemporaryError("Alertmanager did not say which silence it made.", uncertain=True)
    return _receipt(str(made), written)


@silence.preview
async def _preview(context: Context[Connection, Silence], records: Sequence[Record]) -> list[list[Change]]:
    return [[Change(kind=ChangeKind.ADD, after=_silence(context.settings, record))] for record in records]


@silence.find
async def _find(context: Context[Connection, Silence], record: Record, _: str | None) -> Receipt | None:
    """The key stands at the end of the comment."""
    mark = _mark(record)
    known = await _ask(context, "GET", "silences")
    if not isinstance(known, list):
        raise TemporaryError("Alertmanager sent no list of silences.")
    found = next((one for one in known if isinstance(one, dict) and str(one.get("comment", "")).endswith(mark)), None)
    return _receipt(str(found["id"]), found) if found else None


@silence.undo
async def _undo(context: Context[Connection, Silence], receipt: Receipt) -> Receipt:
    known = await _ask(context, "GET", f"silence/{receipt.reference}")
    if isinstance(known, dict) and known.get("status", {}).get("state") == "expired":
        raise SettingsError("The silence is over already.")
    await _ask(context, "DELETE", f"silence/{receipt.reference}")
    return Receipt(reference=receipt.reference)


def _silence(settings: Silence, record: Record) -> dict[str, Any]:
    empty = [name for name, value in settings.labels.items() if value == ""]
    if empty:
        raise SettingsError(f"The label {empty[0]} is empty, which would silence alerts that have no such label.")
    now = datetime.now(UTC)
    return {
        "matchers": [
            {"name": name, "value": str(value), "isRegex": False, "isEqual": True}
            for name, value in settings.labels.items()
        ],
        "startsAt": now.isoformat(),
        "endsAt": (now + interval(settings.length)).isoformat(),
        "createdBy": settings.author,
        "comment": f"{settings.comment} {_mark(record)}",
    }


def _mark(record: Record) -> str:
    return f"[{record.key}]"


def _receipt(reference: str, silence: Any) -> Receipt:
    return Receipt(reference=reference, output={"id": reference, "ends_at": silence["endsAt"]})


async def _ask(
    context: Context[Connection, Any],
    method: Literal["GET", "POST", "DELETE"],
    path: str,
    options: Options | None = None,
) -> Any:
    connection = context.connection
    if not isinstance(connection, Connection) or not connection.address:
        raise SettingsError("Choose a connection with the address of the Alertmanager.")
    options = options or Options()
    if connection.sends:
        secret = connection.secret.reveal().strip()
        options["headers"] = {
            "bearer": {"Authorization": f"Bearer {secret}"},
            "basic": {"Authorization": f"Basic {basic(connection.username, secret)}"},
            "header": {connection.header: secret},
        }[connection.kind]
    answer = await context.http.request(method, f"{connection.address.rstrip('/')}/api/v2/{path}", **options)
    return answer.json() if answer.content else None

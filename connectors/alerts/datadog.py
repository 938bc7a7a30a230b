"""Datadog: monitors that trigger and recover, sent by its webhooks integration."""

from __future__ import annotations

from typing import Any

import msgspec

from connectors.alerts._alert import Alert, Status, Taken, digest, items_of, moment_of, severity_of, told
from connectors.alerts._callers import Caller, verify
from connectors.sdk import Category, Connector, Item, Settings, WebhookRequest

connector = Connector(
    "datadog",
    "Datadog",
    icon="pets",
    connection=Caller,
    connection_optional=True,
    category=Category.MONITORING,
    tried="calls written after Datadog's documentation",
)


class Call(msgspec.Struct, kw_only=True):
    """The payload of the set-up steps, with Datadog's variables filled in."""

    title: str
    transition: str
    alert_id: str = ""
    key: str = ""
    cycle: str = ""
    type: str = ""
    priority: str = ""
    body: str = ""
    tags: str = ""
    scope: str = ""
    metric: str = ""
    host: str = ""
    date: str = ""
    updated: str = ""
    link: str = ""


@connector.webhook("Alert")
def alert(request: WebhookRequest, settings: Taken, connection: Settings | None = None) -> list[Item]:
    """Start a run for each monitor that triggers or recovers.

    Gives `fingerprint`, `status` (firing or resolved), `severity`, `title`, `summary`, `labels`, `annotations`,
    `starts_at`, `ends_at`, `source`, `url`, and as `raw` what was sent.
    """
    verify(request, connection)
    raw = told(request, dict[str, Any], "Datadog")
    call = told(request, Call, "Datadog")
    status: Status = "resolved" if "recovered" in call.transition.lower() else "firing"
    found = Alert(
        fingerprint=call.key or digest(call.alert_id or call.title, call.scope),
        status=status,
        severity=(severity_of(call.priority) or severity_of(call.type)) if status == "firing" else "",
        title=call.title,
        summary=call.body,
        labels=_labels(call),
        starts_at=moment_of(call.date) if status == "firing" else None,
        ends_at=moment_of(call.updated or call.date) if status == "resolved" else None,
        source="datadog",
        url=call.link,
        raw=raw,
    )
    return items_of([found], settings, call.cycle)


def _labels(call: Call) -> dict[str, str]:
    """Return the tags by name, and what else tells where it is."""
    tags = (tag.strip().partition(":") for tag in call.tags.split(",") if tag.strip())
    own = {"host": call.host, "metric": call.metric, "scope": call.scope, "transition": call.transition}
    return {**{name: value for name, _, value in tags}, **{name: value for name, value in own.items() if value}}

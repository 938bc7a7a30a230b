"""Sentry: issues and alerts, sent by an internal integration and signed with its client secret."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

import msgspec

from connectors.alerts._alert import Alert, Status, Taken, items_of, moment_of, severity_of, told
from connectors.alerts._callers import signed
from connectors.sdk import (
    Category,
    Connector,
    CredentialsError,
    Item,
    Secret,
    Settings,
    SettingsError,
    WebhookRequest,
    field,
)


class Connection(Settings):
    """The integration that sends."""

    secret: Annotated[
        Secret, field("Client secret", hint="On the page of the internal integration, under Credentials.")
    ]


connector = Connector(
    "sentry",
    "Sentry",
    icon="bug_report",
    connection=Connection,
    category=Category.MONITORING,
    tried="calls written after Sentry's documentation",
)

_ISSUE: Mapping[str, Status] = {
    "created": "firing",
    "unresolved": "firing",
    "resolved": "resolved",
    "archived": "resolved",
    "ignored": "resolved",
}


class Call(msgspec.Struct, kw_only=True):
    """What happened, and to what."""

    action: str
    data: dict[str, Any] = {}


@connector.webhook("Alert")
def alert(request: WebhookRequest, settings: Taken, connection: Settings | None = None) -> list[Item]:
    """Start a run for each issue, issue alert or metric alert that Sentry tells of.

    Gives `fingerprint`, `status` (firing or resolved), `severity`, `title`, `summary`, `labels`, `annotations`,
    `starts_at`, `ends_at`, `source`, `url`, and as `raw` what was sent.
    """
    if not isinstance(connection, Connection):
        raise CredentialsError("Choose the connection with the integration's client secret.")
    given = request.headers.get("sentry-hook-signature", "")
    if not signed(given, connection.secret.reveal().strip(), request.body):
        raise CredentialsError("The call is not signed with this connection's client secret. Check the integration.")
    call = told(request, Call, "Sentry")
    match request.headers.get("sentry-hook-resource", ""):
        case "issue":
            return _issue(call, settings)
        case "event_alert":
            return _event(call, settings)
        case "metric_alert":
            return _metric(call, settings)
        case _:
            return []  # installations, comments and the like are no alerts


def _issue(call: Call, settings: Taken) -> list[Item]:
    issue, status = _mapping(call.data, "issue"), _ISSUE.get(call.action)
    if status is None:
        return []
    found = Alert(
        fingerprint=f"issue-{_text(issue, 'id')}",
        status=status,
        severity=severity_of(issue.get("level")),
        title=_text(issue, "title"),
        summary=_text(issue, "culprit"),
        labels=_labels(issue, "shortId", "platform", "level", "logger"),
        starts_at=moment_of(issue.get("firstSeen")),
        ends_at=moment_of(issue.get("lastSeen")) if status == "resolved" else None,
        source="sentry",
        url=_text(issue, "web_url") or _text(issue, "permalink"),
        raw=issue,
    )
    # An issue that comes back is another event than its creation
    return items_of([found], settings, f"{call.action} {_text(issue, 'lastSeen')}")


def _event(call: Call, settings: Taken) -> list[Item]:
    event = _mapping(call.data, "event")
    tags = [tag for tag in event.get("tags") or () if isinstance(tag, list) and len(tag) == 2]
    found = Alert(
        fingerprint=f"issue-{_text(event, 'issue_id')}",
        status="firing",
        severity=severity_of(event.get("level")),
        title=_text(event, "title"),
        summary=_text(event, "message") or _text(event, "culprit"),
        labels={**{str(name): str(value) for name, value in tags}, **_labels(event, "environment", "platform")},
        annotations={"rule": str(call.data.get("triggered_rule") or "")},
        starts_at=moment_of(event.get("datetime")),
        source="sentry",
        url=_text(event, "web_url"),
        raw=event,
    )
    return items_of([found], settings, f"{_text(event, 'event_id')} {call.data.get('triggered_rule')}")


def _metric(call: Call, settings: Taken) -> list[Item]:
    metric = _mapping(call.data, "metric_alert")
    rule = metric.get("alert_rule") if isinstance(metric.get("alert_rule"), dict) else {}
    status: Status = "resolved" if call.action == "resolved" else "firing"
    found = Alert(
        fingerprint=f"metric-{_text(metric, 'identifier') or _text(metric, 'id')}",
        status=status,
        severity=severity_of(call.action),
        title=str(call.data.get("description_title") or _text(rule, "name")),
        summary=str(call.data.get("description_text") or ""),
        labels=_labels(rule, "name", "dataset", "aggregate", "environment"),
        starts_at=moment_of(metric.get("date_started")),
        ends_at=moment_of(metric.get("date_closed")) if status == "resolved" else None,
        source="sentry",
        url=str(call.data.get("web_url") or ""),
        raw=metric,
    )
    return items_of([found], settings)


def _mapping(values: Mapping[str, Any], name: str) -> dict[str, Any]:
    found = values.get(name)
    if not isinstance(found, dict):
        raise SettingsError(f"This is no call as Sentry sends it: there is no {name} in it.")
    return found


def _labels(values: Any, *names: str) -> dict[str, str]:
    return {name: text for name in names if (text := _text(values, name))}


def _text(values: Any, name: str) -> str:
    found = values.get(name) if isinstance(values, Mapping) else None
    return "" if found is None or isinstance(found, (dict, list)) else str(found)

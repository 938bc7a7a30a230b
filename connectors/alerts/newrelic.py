"""New Relic: issues that are opened and closed, sent by a workflow's webhook."""

from __future__ import annotations

from typing import Any

import msgspec

from connectors.alerts._alert import Alert, Status, Taken, items_of, moment_of, severity_of, told
from connectors.alerts._callers import Caller, verify
from connectors.sdk import Category, Connector, Item, Settings, WebhookRequest

connector = Connector(
    "newrelic",
    "New Relic",
    icon="speed",
    connection=Caller,
    connection_optional=True,
    category=Category.MONITORING,
    tried="calls after New Relic's default payload",
)


class Call(msgspec.Struct, kw_only=True):
    """The default payload of a workflow's webhook; what it leaves out is empty."""

    id: str
    state: str
    title: str | list[str] | None = ""
    priority: str | None = ""
    issueUrl: str | None = ""  # noqa: N815  # the sender's names
    createdAt: int | str | None = None  # noqa: N815
    updatedAt: int | str | None = None  # noqa: N815
    closedAt: int | str | None = None  # noqa: N815
    workflowName: str | None = ""  # noqa: N815
    impactedEntities: list[str] | None = None  # noqa: N815
    alertPolicyNames: list[str] | None = None  # noqa: N815
    alertConditionNames: list[str] | None = None  # noqa: N815


@connector.webhook("Alert")
def alert(request: WebhookRequest, settings: Taken, connection: Settings | None = None) -> list[Item]:
    """Start a run for each issue that is opened or closed.

    Gives `fingerprint`, `status` (firing or resolved), `severity`, `title`, `summary`, `labels`, `annotations`,
    `starts_at`, `ends_at`, `source`, `url`, and as `raw` what was sent.
    """
    verify(request, connection)
    raw = told(request, dict[str, Any], "New Relic")
    call = told(request, Call, "New Relic")
    status: Status = "resolved" if call.state.upper() in {"CLOSED", "RESOLVED"} else "firing"
    title = call.title if isinstance(call.title, str) else _together(call.title)
    found = Alert(
        fingerprint=call.id,
        status=status,
        severity=severity_of(call.priority),
        title=title,
        summary=_together(call.alertConditionNames),
        labels={
            name: value
            for name, value in (
                ("workflow", call.workflowName or ""),
                ("policy", _together(call.alertPolicyNames)),
                ("condition", _together(call.alertConditionNames)),
                ("entity", _together(call.impactedEntities)),
            )
            if value
        },
        starts_at=moment_of(call.createdAt),
        ends_at=moment_of(call.closedAt or call.updatedAt) if status == "resolved" else None,
        source="newrelic",
        url=call.issueUrl or "",
        raw=raw,
    )
    return items_of([found], settings, call.id)


def _together(names: list[str] | None) -> str:
    return ", ".join(names or ())

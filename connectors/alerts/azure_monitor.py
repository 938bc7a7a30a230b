"""Azure Monitor: alerts in its common schema, sent by an action group."""

from __future__ import annotations

from typing import Any

import msgspec

from connectors.alerts._alert import Alert, Status, Taken, items_of, moment_of, severity_of, texts, told
from connectors.alerts._callers import Caller, verify
from connectors.sdk import Category, Connector, Item, Settings, WebhookRequest

connector = Connector(
    "azure_monitor",
    "Azure Monitor",
    icon="cloud_circle",
    connection=Caller,
    connection_optional=True,
    category=Category.MONITORING,
    tried="calls written after Microsoft's documentation of the common alert schema",
)


class Essentials(msgspec.Struct, kw_only=True):
    """What every alert of Azure's tells in the same way."""

    alertId: str  # noqa: N815  # the sender's names
    monitorCondition: str  # noqa: N815
    alertRule: str = ""  # noqa: N815
    severity: str = ""
    signalType: str = ""  # noqa: N815
    monitoringService: str = ""  # noqa: N815
    alertTargetIDs: list[str] | None = None  # noqa: N815
    configurationItems: list[str] | None = None  # noqa: N815
    firedDateTime: str = ""  # noqa: N815
    resolvedDateTime: str = ""  # noqa: N815
    description: str | None = ""


class Content(msgspec.Struct, kw_only=True):
    """The essentials and what the rule's author has added."""

    essentials: Essentials
    customProperties: dict[str, Any] | None = None  # noqa: N815


class Call(msgspec.Struct):
    """One alert in the common schema."""

    data: Content


@connector.webhook("Alert")
def alert(request: WebhookRequest, settings: Taken, connection: Settings | None = None) -> list[Item]:
    """Start a run for each alert that fires or is resolved.

    Gives `fingerprint`, `status` (firing or resolved), `severity`, `title`, `summary`, `labels`, `annotations`,
    `starts_at`, `ends_at`, `source`, `url`, and as `raw` what was sent.
    """
    verify(request, connection)
    raw = told(request, dict[str, Any], "Azure Monitor")
    call = told(request, Call, "Azure Monitor").data
    said = call.essentials
    status: Status = "resolved" if said.monitorCondition.lower() == "resolved" else "firing"
    found = Alert(
        fingerprint=said.alertId.rpartition("/")[2],
        status=status,
        severity=severity_of(said.severity),
        title=said.alertRule,
        summary=said.description or "",
        labels={
            name: value
            for name, value in (
                ("service", said.monitoringService),
                ("signal", said.signalType),
                ("target", ", ".join(said.alertTargetIDs or ())),
                ("resource", ", ".join(said.configurationItems or ())),
            )
            if value
        },
        annotations=texts(call.customProperties),
        starts_at=moment_of(said.firedDateTime),
        ends_at=moment_of(said.resolvedDateTime) if status == "resolved" else None,
        source="azure_monitor",
        url=f"https://portal.azure.com/#blade/Microsoft_Azure_Monitoring/AlertDetailsTemplateBlade/alertId/{said.alertId}",
        raw=raw,
    )
    return items_of([found], settings)

"""Grafana: alerts of its alerting, signed by the webhook contact point."""

from __future__ import annotations

from typing import Annotated

from connectors.alerts._alert import Taken, items_of, told
from connectors.alerts._callers import fresh, signed
from connectors.alerts._prometheus import Call, alert_of
from connectors.sdk import (
    Category,
    Connector,
    CredentialsError,
    Item,
    NoSettings,
    Secret,
    Settings,
    WebhookRequest,
    field,
)


class Connection(Settings):
    """What the contact point signs its calls with."""

    secret: Annotated[Secret, field("Secret", hint="The one under HMAC signature of the contact point.")]
    header: Annotated[str, field("Signature header", advanced=True)] = "X-Grafana-Alerting-Signature"
    time_header: Annotated[
        str, field("Timestamp header", hint="As in the contact point; old calls are then refused.", advanced=True)
    ] = ""
    tolerance: Annotated[int, field("Oldest call", hint="In seconds; only where a time is signed.", advanced=True)] = (
        300
    )


connector = Connector(
    "grafana",
    "Grafana",
    icon="insights",
    connection=Connection,
    connection_optional=True,
    category=Category.MONITORING,
    tried="calls and signatures after the source of Grafana's notifier",
)


@connector.webhook("Alert")
def alert(request: WebhookRequest, settings: Taken, connection: Settings | None = None) -> list[Item]:
    """Start a run for each alert that fires or is resolved.

    Gives `fingerprint`, `status` (firing or resolved), `severity`, `title`, `summary`, `labels`, `annotations`,
    `starts_at`, `ends_at`, `source`, `url`, and as `raw` what was sent.
    """
    _verify(request, connection)
    call = told(request, Call, "Grafana")
    return items_of([alert_of(one, "grafana", call.externalURL) for one in call.alerts], settings)


def _verify(request: WebhookRequest, connection: Settings | None) -> None:
    if connection is None or isinstance(connection, NoSettings):
        return
    if not isinstance(connection, Connection):
        raise CredentialsError("The connection of this recipe is of another kind, so calls cannot be verified.")
    content, given = request.body, request.headers.get(connection.header.lower(), "")
    if connection.time_header:
        moment = request.headers.get(connection.time_header.lower(), "")
        if not fresh(moment, connection.tolerance):
            raise CredentialsError("The call's signature is too old or has no time. Check Grafana's clock.")
        content = moment.encode() + b":" + content
    if not signed(given, connection.secret.reveal().strip(), content):
        raise CredentialsError("The call is not signed with this connection's secret. Check the contact point.")

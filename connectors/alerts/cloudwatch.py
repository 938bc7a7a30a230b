"""CloudWatch: alarms of Amazon Web Services, sent by its notification service and signed by it."""

from __future__ import annotations

from typing import Annotated, Any

import msgspec

from connectors.alerts._alert import Alert, Status, Taken, items_of, moment_of, told
from connectors.alerts._sns import (
    Message,
    require_certificate_place,
    require_place,
    require_signature,
    require_subscription,
)
from connectors.sdk import (
    Category,
    Connector,
    Context,
    CredentialsError,
    Item,
    NoSettings,
    Settings,
    SettingsError,
    WebhookRequest,
    field,
)
from connectors.sdk.network.urls import require_address

LARGEST_CERTIFICATE = 64 * 1024
_STATES = {"ALARM": "firing", "OK": "resolved"}

connector = Connector(
    "cloudwatch",
    "Amazon CloudWatch",
    icon="visibility",
    category=Category.MONITORING,
    tried="messages signed by a certificate of our own after Amazon's documentation",
)


class Alarms(Taken):
    """Whose alarms to take."""

    topic: Annotated[
        str,
        field(
            "Topic",
            hint="The ARN of the notification topic; calls of any other are refused.",
            example="arn:aws:sns:eu-central-1:123456789012:alarms",
        ),
    ]
    no_data: Annotated[
        bool, field("Missing data too", hint="Take an alarm that has too little data for one that fires.")
    ] = False
    address: Annotated[
        str, field("Stand-in", hint="Only for a stand-in of the notification service.", advanced=True)
    ] = ""

    def __post_init__(self) -> None:
        if not self.topic.startswith("arn:"):
            raise ValueError("A topic begins with arn:, such as arn:aws:sns:eu-central-1:123456789012:alarms.")
        if self.address:
            require_address(self.address)


class Place(msgspec.Struct):
    """One dimension of a metric, in either way of writing it."""

    name: str = ""
    value: str = ""


class Metric(msgspec.Struct, kw_only=True):
    """What is watched."""

    MetricName: str = ""
    Namespace: str = ""
    Dimensions: list[Place] | None = None


class Alarm(msgspec.Struct, kw_only=True):
    """An alarm whose state has changed."""

    AlarmName: str
    NewStateValue: str
    StateChangeTime: str
    AlarmArn: str = ""
    AlarmDescription: str | None = None
    NewStateReason: str | None = None
    AWSAccountId: str = ""
    Region: str = ""
    Trigger: Metric | None = None


@connector.webhook("Alert")
async def alert(
    request: WebhookRequest,
    settings: Alarms,
    connection: Settings | None,  # noqa: ARG001  # the hub gives it to every webhook; the signature proves enough
    context: Context[NoSettings, Alarms],
) -> list[Item]:
    """Start a run for each alarm that goes off or is over; the topic's subscription is confirmed by itself.

    Gives `fingerprint`, `status` (firing or resolved), `severity`, `title`, `summary`, `labels`, `annotations`,
    `starts_at`, `ends_at`, `source`, `url`, and as `raw` what was sent.
    """
    message = told(request, Message, "Amazon's notification service")
    if message.TopicArn != settings.topic:
        raise CredentialsError("The call is for another topic than the one that the recipe names.")
    require_certificate_place(message.SigningCertURL, settings.address)
    certificate = await context.http.get(message.SigningCertURL, limit=LARGEST_CERTIFICATE)
    require_signature(message, certificate.content)
    if message.Type == "SubscriptionConfirmation":
        place = require_subscription(message)
        require_place(place, settings.address)
        await context.http.get(place)
        return []
    return items_of(_alerts(message, settings), settings) if message.Type == "Notification" else []


def _alerts(message: Message, settings: Alarms) -> list[Alert]:
    try:
        said = msgspec.json.decode(message.Message, type=Alarm)
        raw: Any = msgspec.json.decode(message.Message)
    except (msgspec.DecodeError, RecursionError) as error:
        raise SettingsError("This is no alarm of CloudWatch. Send nothing else to the topic.") from error
    status = _STATES.get(said.NewStateValue)
    if status is None and not settings.no_data:
        return []
    firing = status != "resolved"
    moment = moment_of(said.StateChangeTime)
    kind: Status = "firing" if firing else "resolved"
    return [
        Alert(
            fingerprint=said.AlarmArn or f"{said.AWSAccountId}:{said.Region}:{said.AlarmName}",
            status=kind,
            severity=("error" if status else "warning") if firing else "",
            title=said.AlarmName,
            summary=said.NewStateReason or "",
            labels=_labels(said),
            annotations={"description": said.AlarmDescription} if said.AlarmDescription else {},
            starts_at=moment if firing else None,
            ends_at=None if firing else moment,
            source="cloudwatch",
            raw=raw,
        )
    ]


def _labels(said: Alarm) -> dict[str, str]:
    metric = said.Trigger or Metric()
    own = {
        "account": said.AWSAccountId,
        "region": said.Region,
        "metric": metric.MetricName,
        "namespace": metric.Namespace,
    }
    places = {place.name: place.value for place in metric.Dimensions or ()}
    return {name: value for name, value in {**own, **places}.items() if name and value}

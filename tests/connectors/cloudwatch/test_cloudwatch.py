"""Alarms over Amazon's notification service: signatures of both versions, subscriptions, and calls that lie."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from typing import Any

import pytest

from connectors.alerts.cloudwatch import Alarms, alert
from connectors.sdk import CredentialsError, Item, SettingsError, TemporaryError, WebhookRequest, fill
from connectors.sdk.network.guard import Guard
from tests.peers.sns import TOPIC, NotificationService, notification_peer
from tests.peers.surroundings import Surroundings, surroundings

ARN = "arn:aws:cloudwatch:eu-central-1:123456789012:alarm:CPU"


@pytest.fixture(scope="module")
async def peer() -> AsyncIterator[NotificationService]:
    async with notification_peer() as running:
        yield running


@pytest.fixture
async def around(peer: NotificationService) -> AsyncIterator[Surroundings]:
    peer.asked.clear()
    async with surroundings() as made:
        yield made


def alarm(state: str, moment: str = "2026-11-20T10:00:00.236+0000", **more: Any) -> str:
    """Write an alarm as CloudWatch does."""
    return json.dumps(
        {
            "AlarmName": "CPU",
            "AlarmDescription": "CPU of the shop",
            "AWSAccountId": "123456789012",
            "NewStateValue": state,
            "NewStateReason": "Threshold Crossed",
            "StateChangeTime": moment,
            "Region": "EU (Frankfurt)",
            "AlarmArn": ARN,
            "OldStateValue": "OK",
            "Trigger": {
                "MetricName": "CPUUtilization",
                "Namespace": "AWS/EC2",
                "Dimensions": [{"value": "i-1", "name": "InstanceId"}],
                "Threshold": 90.0,
            },
            **more,
        }
    )


async def take(around: Surroundings, peer: NotificationService, call: WebhookRequest, **given: Any) -> list[Item]:
    settings = fill(Alarms, {"topic": TOPIC, "address": peer.base, **given})
    found: list[Item] = await alert.function(call, settings, None, around.context(settings))
    return found


@pytest.mark.parametrize("version", ["1", "2"])
async def test_alert_goes_off_and_is_over(version, peer, around):
    (first,) = await take(around, peer, peer.call(alarm("ALARM"), SignatureVersion=version))
    (again,) = await take(around, peer, peer.call(alarm("ALARM"), SignatureVersion=version))
    (over,) = await take(around, peer, peer.call(alarm("OK", "2026-11-20T10:05:00.000+0000")))
    assert (first.key, first.subject) == (again.key, over.subject) == (again.key, ARN)
    assert over.key != first.key
    told = {name: first.content[name] for name in ("status", "severity", "title", "summary", "starts_at", "ends_at")}
    assert told == {
        "status": "firing",
        "severity": "error",
        "title": "CPU",
        "summary": "Threshold Crossed",
        "starts_at": "2026-11-20T10:00:00.236000Z",
        "ends_at": None,
    }
    assert first.content["labels"]["InstanceId"] == "i-1"
    assert (over.content["status"], over.content["ends_at"]) == ("resolved", "2026-11-20T10:05:00Z")


async def test_alert_confirms_the_subscription_of_its_topic(peer, around):
    assert await take(around, peer, peer.confirmation()) == []
    assert peer.asked == ["/cert.pem", f"/?Action=ConfirmSubscription&TopicArn={TOPIC}&Token=t0ken"]


@pytest.mark.parametrize(
    ("changed", "error"),
    [
        ({"TopicArn": "arn:aws:sns:eu-central-1:999999999999:theirs"}, CredentialsError),
        ({"SigningCertURL": "https://evil.example/cert.pem"}, CredentialsError),
        ({"SignatureVersion": "3"}, CredentialsError),
    ],
)
async def test_alert_refuses_who_may_not_send(changed, error, peer, around):
    with pytest.raises(error):
        await take(around, peer, peer.call(alarm("ALARM"), **changed))


@pytest.mark.parametrize("unsigned", [{"Message": alarm("OK")}, {"Signature": "AAAA"}, {"Signature": "not base64!"}])
async def test_alert_refuses_what_was_changed_on_the_way(unsigned, peer, around):
    call = peer.post({"Type": "Notification", "Message": alarm("ALARM")}, **unsigned)
    with pytest.raises(CredentialsError, match="not signed by Amazon"):
        await take(around, peer, call)


@pytest.mark.parametrize(
    "place",
    [
        "https://evil.example/?Action=ConfirmSubscription&TopicArn={topic}",
        "{base}/?Action=Unsubscribe&TopicArn={topic}",
        "{base}/?Action=ConfirmSubscription&TopicArn=arn:another",
        "{base}.evil.example/?Action=ConfirmSubscription&TopicArn={topic}",
    ],
)
async def test_alert_visits_no_other_place_to_confirm(place, peer, around):
    call = peer.confirmation(SubscribeURL=place.format(base=peer.base, topic=TOPIC))
    with pytest.raises((CredentialsError, SettingsError)):
        await take(around, peer, call)
    assert peer.asked == ["/cert.pem"]


@pytest.mark.parametrize(
    "place",
    [
        "http://sns.eu-central-1.amazonaws.com/cert.pem",
        "https://sns.eu-central-1.amazonaws.com.evil.example/cert.pem",
        "https://sns.eu-central-1.amazonaws.com@evil.example/cert.pem",
        "https://sns.eu-central-1.amazonaws.com:8443/cert.pem",
        "https://evil.s3.amazonaws.com/cert.pem",
        "https://sns.eu-central-1.amazonaws.com/?Action=GetTopicAttributes&X-Amz-Signature=00",
        "https://sns.eu-central-1.amazonaws.com/SimpleNotificationService-0.pem?Action=GetTopicAttributes",
        "https://sns.evil.example/sns.eu-central-1.amazonaws.com/cert.pem",
        "",
    ],
)
async def test_alert_takes_certificates_from_amazon_only(place, peer, around):
    with pytest.raises(CredentialsError, match="not signed by Amazon"):
        await take(around, peer, peer.call(alarm("ALARM"), SigningCertURL=place), address="")
    assert peer.asked == []


async def test_alert_asks_amazon_itself_for_the_certificate(peer):
    asked: list[str] = []

    async def resolve(host: str, port: int) -> list[str]:
        asked.append(f"{host}:{port}")
        raise TemporaryError(f"The name {host} cannot be looked up at the moment.")

    place = "https://sns.eu-central-1.amazonaws.com/SimpleNotificationService-1.pem"
    async with surroundings(guard=Guard(resolve=resolve)) as around:
        with pytest.raises(TemporaryError):
            await take(around, peer, peer.call(alarm("ALARM"), SigningCertURL=place), address="")
    assert asked == ["sns.eu-central-1.amazonaws.com:443"]


async def test_alert_leaves_missing_data_alone_unless_told(peer, around):
    call = peer.call(alarm("INSUFFICIENT_DATA"))
    assert await take(around, peer, call) == []
    (item,) = await take(around, peer, call, no_data=True)
    assert (item.content["status"], item.content["severity"]) == ("firing", "warning")


@pytest.mark.parametrize("message", ["hello", "[]", '{"a": 1}', "[" * 10_000])
async def test_alert_says_that_it_is_no_alarm(message, peer, around):
    with pytest.raises(SettingsError, match="no alarm of CloudWatch"):
        await take(around, peer, peer.call(message))


@pytest.mark.parametrize("body", [b"", b"{}", b"\xff", b'{"Type": 1}'])
async def test_alert_says_that_it_is_no_message(body, peer, around):
    with pytest.raises(SettingsError, match="no alert as Amazon"):
        await take(around, peer, WebhookRequest(body=body, headers={}, query={}))

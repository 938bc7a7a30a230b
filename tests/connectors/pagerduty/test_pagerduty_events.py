"""Events that PagerDuty sends: known by a signature, also while a secret is exchanged, and what they tell."""

import hashlib
import hmac
import json
from typing import Any

import msgspec
import pytest

from connectors.pagerduty import event_received
from connectors.pagerduty.events import Sent
from connectors.sdk import CredentialsError, Secret, SettingsError, WebhookRequest, fill
from tests.peers.pagerduty import WEBHOOK_SECRET

EVENT: dict[str, Any] = {
    "id": "01EVENT",
    "event_type": "incident.acknowledged",
    "resource_type": "incident",
    "occurred_at": "2026-11-22T08:00:00.000Z",
    "agent": {"id": "PXPGF42", "type": "user_reference", "summary": "Earline Greenholt"},
    "client": None,
    "data": {
        "id": "Q000001INC",
        "type": "incident",
        "number": 1,
        "status": "acknowledged",
        "title": "Disk full",
        "service": {"id": "PWIXJZS", "summary": "Mail"},
        "assignees": [{"id": "PXPGF42", "summary": "Earline Greenholt"}],
        "priority": None,
        "html_url": "https://acme.pagerduty.com/incidents/Q000001INC",
    },
}


def called(event, **headers):
    body = event if isinstance(event, bytes) else json.dumps({"event": event}).encode()
    signature = hmac.new(WEBHOOK_SECRET.encode(), body, hashlib.sha256).hexdigest()
    return WebhookRequest(body=body, headers={"x-pagerduty-signature": f"v1={signature}", **headers}, query={})


def test_takes_signed_events_also_while_a_secret_is_exchanged(connection):
    [item] = event_received(called(EVENT), Sent(), connection)
    assert (item.key, item.title, item.subject) == ("01EVENT", "incident.acknowledged #1 Disk full", "Q000001INC")
    assert (item.content["service"], item.content["assignees"], item.content["by"]) == (
        *("Mail", ["Earline Greenholt"], "Earline Greenholt"),
    )
    rotating = msgspec.structs.replace(connection, webhook_secret=Secret(f"old-one\n {WEBHOOK_SECRET}\n"))
    signature = called(EVENT).headers["x-pagerduty-signature"]
    several = called(EVENT, **{"x-pagerduty-signature": f"v1={'0' * 64}, {signature},v2=x"})
    assert len(event_received(several, Sent(), rotating)) == 1
    note = {"type": "incident_note", "id": "P1", "content": "Hello", "incident": {"id": "Q1", "summary": "Disk full"}}
    noted = {**EVENT, "event_type": "incident.annotated", "data": note}
    [item] = event_received(called(noted), Sent(), connection)
    assert (item.subject, item.content["text"], item.content["title"]) == ("Q1", "Hello", "Disk full")


def test_starts_no_run_from_a_test_or_what_is_not_asked_for(connection):
    ping = {**EVENT, "event_type": "pagey.ping", "data": {"message": "Hello from your friend Pagey!", "type": "ping"}}
    assert event_received(called(ping), Sent(), connection) == []
    assert event_received(called(EVENT), fill(Sent, {"events": ["incident.res*"]}), connection) == []
    assert len(event_received(called(EVENT), fill(Sent, {"events": ["incident.*"]}), connection)) == 1


@pytest.mark.parametrize("signature", ["", "v1=", f"v1={'0' * 64}", "v2=x", "v1=ä,v1=ö"])
def test_refuses_calls_that_are_not_signed(connection, signature):
    with pytest.raises(CredentialsError, match="is not signed"):
        event_received(called(EVENT, **{"x-pagerduty-signature": signature}), Sent(), connection)
    with pytest.raises(CredentialsError, match="no webhook secret"):
        event_received(called(EVENT), Sent(), msgspec.structs.replace(connection, webhook_secret=Secret(" ")))


@pytest.mark.parametrize("body", [b"", b"[]", b'{"event": {}}', b"[" * 100_000, b"\xff"])
def test_refuses_calls_that_are_no_events(connection, body):
    with pytest.raises(SettingsError, match="no event of PagerDuty's"):
        event_received(called(body), Sent(), connection)

"""Calls of Zendesk, Jira, HubSpot and Xero: signed, read as documented, known again when repeated, refused when forged.

The bodies are written after each vendor's documentation: Zendesk "Webhook event types: ticket events" and "Verifying
webhooks", Jira "Webhooks" (secure admin webhooks), HubSpot "Webhooks API" and "Validating requests" (signature v1),
Xero's OpenAPI description of its webhooks 12.0.2 and "Configuring your server".
"""

import base64
import hashlib
import hmac
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import pytest

from connectors.hubspot import event_received as from_hubspot
from connectors.hubspot.connection import Connection as HubSpot
from connectors.hubspot.events import Sent as HubSpotSent
from connectors.jira import event_received as from_jira
from connectors.jira.connection import Connection as Jira
from connectors.jira.events import Events as JiraEvents
from connectors.sdk import CredentialsError, Item, Secret, Settings, SettingsError, WebhookRequest, fill
from connectors.xero import event_received as from_xero
from connectors.xero.connection import Connection as Xero
from connectors.xero.events import Sent as XeroSent
from connectors.zendesk import event_received as from_zendesk
from connectors.zendesk.connection import Connection as Zendesk
from connectors.zendesk.events import Sent as ZendeskSent

SECRET = "It's a Secret to Everybody"
ZENDESK = fill(Zendesk, {"subdomain": "acme", "email": "a@example.com", "token": "t", "webhook_secret": SECRET})
JIRA = fill(Jira, {"site": "https://acme.atlassian.net", "email": "a@example.com", "webhook_secret": SECRET})
HUBSPOT = fill(HubSpot, {"token": "pat-1", "client_secret": SECRET})
XERO = fill(Xero, {"client_id": "c", "client_secret": "s", "webhooks_key": SECRET})

TICKET = {
    "type": "zen:event-type:ticket.status_changed",
    "account_id": 22129848,
    "id": "2b24ef10-19b2-4d2b-8ee6-9f4e9d2a4b1c",
    "time": "2026-11-22T08:00:00Z",
    "zendesk_event_version": "2022-06-20",
    "subject": "zen:ticket:35436",
    "detail": {"id": "35436", "subject": "Help, my printer is on fire!", "status": "OPEN", "priority": "HIGH"},
    "event": {"current": "OPEN", "previous": "NEW"},
}
ISSUE = {
    "timestamp": 1795334400000,
    "webhookEvent": "jira:issue_updated",
    "user": {"accountId": "5b10", "displayName": "Mia Krystof"},
    "issue": {
        "id": "99291",
        "key": "SHOP-17",
        "fields": {"summary": "Order lost", "description": "Where?", "project": {"key": "SHOP"}, "labels": ["bug"]},
    },
    "changelog": {"items": [{"field": "status", "fromString": "To Do", "toString": "Done"}]},
    "comment": {"body": "Found it.", "author": {"displayName": "Mia Krystof"}},
}
CHANGE = {
    "eventId": 100,
    "subscriptionId": 1234,
    "portalId": 62515,
    "appId": 54321,
    "occurredAt": 1795334400000,
    "subscriptionType": "deal.propertyChange",
    "attemptNumber": 0,
    "objectId": 123,
    "propertyName": "dealstage",
    "propertyValue": "closedwon",
    "changeSource": "CRM",
}
RECORD = {
    "resourceUrl": "https://api.xero.com/api.xro/2.0/Contacts/717f2bfc-c6d4-41fd-b238-3f2f0c0cf777",
    "resourceId": "717f2bfc-c6d4-41fd-b238-3f2f0c0cf777",
    "eventDateUtc": "2026-11-22T08:00:00.902",
    "eventType": "UPDATE",
    "eventCategory": "CONTACT",
    "tenantId": "c2cc9b6e-9458-4c7d-93cc-f02b81b0594f",
    "tenantType": "ORGANISATION",
}


def _zendesk(body: bytes, secret: str = SECRET, moment: datetime | None = None) -> WebhookRequest:
    at = (moment or datetime.now(UTC)).strftime("%Y-%m-%dT%H:%M:%SZ")
    digest = hmac.new(secret.encode(), at.encode() + body, hashlib.sha256).digest()
    headers = {
        "x-zendesk-webhook-signature": base64.b64encode(digest).decode(),
        "x-zendesk-webhook-signature-timestamp": at,
        "x-zendesk-webhook-invocation-id": "01EV3",
    }
    return WebhookRequest(body=body, headers=headers, query={})


def _jira(body: bytes, secret: str = SECRET) -> WebhookRequest:
    digest = hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
    headers = {"x-hub-signature": f"sha256={digest}", "x-atlassian-webhook-identifier": "w-1"}
    return WebhookRequest(body=body, headers=headers, query={})


def _hubspot(body: bytes, secret: str = SECRET) -> WebhookRequest:
    digest = hashlib.sha256(secret.encode() + body).hexdigest()
    return WebhookRequest(
        body=body, headers={"x-hubspot-signature": digest, "x-hubspot-signature-version": "v1"}, query={}
    )


def _xero(body: bytes, secret: str = SECRET) -> WebhookRequest:
    digest = hmac.new(secret.encode(), body, hashlib.sha256).digest()
    return WebhookRequest(body=body, headers={"x-xero-signature": base64.b64encode(digest).decode()}, query={})


def _sent(*events: Any) -> Any:
    return {"events": list(events), "firstEventSequence": 1, "lastEventSequence": len(events), "entropy": "S0m3r4Nd0m"}


class Caller(msgspec.Struct, frozen=True):
    """One service that calls: how it signs, what it sends, and who takes it."""

    sign: Callable[..., WebhookRequest]
    taken: Callable[..., list[Item]]
    connection: Settings
    settings: Settings
    event: Any
    secret: str
    chosen_by: str = "events"

    def take(self, body: Any, **asked: Any) -> list[Item]:
        return self.taken(self.sign(msgspec.json.encode(body)), fill(type(self.settings), asked), self.connection)


CALLERS = {
    "zendesk": Caller(_zendesk, from_zendesk, ZENDESK, ZendeskSent(), TICKET, "webhook_secret"),
    "jira": Caller(_jira, from_jira, JIRA, JiraEvents(), ISSUE, "webhook_secret"),
    "hubspot": Caller(_hubspot, from_hubspot, HUBSPOT, HubSpotSent(), [CHANGE], "client_secret"),
    "xero": Caller(_xero, from_xero, XERO, XeroSent(), _sent(RECORD), "webhooks_key", "objects"),
}


@pytest.fixture(params=CALLERS)
def caller(request: pytest.FixtureRequest) -> Caller:
    """Each service in turn."""
    return CALLERS[request.param]


def test_tells_what_happened_at_zendesk():
    [item] = CALLERS["zendesk"].take(TICKET, events=["ticket.*"])
    assert (item.key, item.title, item.subject) == (TICKET["id"], "Help, my printer is on fire!", "ticket:35436")
    assert item.content["event"] == "ticket.status_changed"
    assert (item.content["id"], item.content["fields"]["priority"]) == ("35436", "HIGH")
    assert item.content["change"] == {"current": "OPEN", "previous": "NEW"}


def test_takes_what_a_trigger_of_zendesk_sends_as_its_author_wrote_it():
    [item] = CALLERS["zendesk"].take({"ticket_id": 7, "title": "Fire", "type": "ours"})
    assert (item.key, item.title, item.subject) == ("01EV3", "Fire", "7")
    assert item.content["fields"] == {"ticket_id": 7, "title": "Fire", "type": "ours"}


def test_tells_what_happened_at_jira():
    [item] = CALLERS["jira"].take(ISSUE, events=["jira:issue_*"], projects=["shop"])
    content = item.content
    assert (item.key, item.title, item.subject) == ("w-1", "SHOP-17 Order lost", "SHOP-17")
    assert (content["by"], content["text"], content["comment"]) == ("Mia Krystof", "Where?", "Found it.")
    assert content["changes"] == [{"field": "status", "from": "To Do", "to": "Done"}]
    assert content["url"] == "https://acme.atlassian.net/browse/SHOP-17"


def test_tells_what_happened_at_hubspot():
    later = CHANGE | {"eventId": 101, "propertyName": "amount"}
    made = CHANGE | {"subscriptionType": "contact.creation", "propertyName": None}
    first, second = CALLERS["hubspot"].take([CHANGE, later, made], properties=["dealstage"])
    assert (first.key, first.subject) == ("1234-100-123-1795334400000", "123")
    assert (first.content["property"], first.content["value"]) == ("dealstage", "closedwon")
    assert first.content["at"] == "2026-11-22T08:00:00+00:00"
    assert second.content["event"] == "contact.creation"


def test_tells_what_happened_at_xero():
    note = {**RECORD, "eventCategory": "CREDITNOTE", "eventType": "CREATE", "data": {"Status": "DRAFT"}}
    later = {**RECORD, "eventDateUtc": "2026-11-22T08:00:01", "tenantId": "other"}
    first, second, third = CALLERS["xero"].take(_sent(RECORD, RECORD, note, later))
    assert (first.title, first.subject) == (f"Contact {RECORD['resourceId']} updated", RECORD["resourceId"])
    told = {"object": "Contacts", "id": RECORD["resourceId"], "happened": "updated", "data": {}}
    assert first.content == told | {"time": "2026-11-22T08:00:00.902000+00:00", "organisation": RECORD["tenantId"]}
    assert (second.content["object"], second.content["happened"]) == ("CreditNotes", "created")
    assert second.content["data"] == {"Status": "DRAFT"}
    assert [one.key for one in CALLERS["xero"].take(_sent(RECORD, later), organisation="other")] == [third.key]
    assert len({first.key, second.key, third.key}) == 3


@pytest.mark.parametrize("events", [[], None])
def test_takes_it_when_xero_only_tries_the_address(events: Any):
    assert CALLERS["xero"].take(_sent() | {"events": events, "firstEventSequence": 0}) == []


def test_knows_a_call_that_is_tried_again(caller: Caller):
    assert [item.key for item in caller.take(caller.event)] == [item.key for item in caller.take(caller.event)]


def test_leaves_out_what_is_not_asked_for(caller: Caller):
    assert caller.take(caller.event, **{caller.chosen_by: ["nothing.of.this"]}) == []


def test_refuses_calls_that_others_signed_or_nobody(caller: Caller):
    body = msgspec.json.encode(caller.event)
    signed = caller.sign(body)
    forged = [
        caller.sign(body, secret="guessed"),
        msgspec.structs.replace(signed, body=body.replace(b"1", b"2")),
        WebhookRequest(body=body, headers={}, query={}),
        msgspec.structs.replace(signed, headers=dict.fromkeys(signed.headers, "sha256=ä")),
    ]
    for call in forged:
        with pytest.raises(CredentialsError, match="not signed"):
            caller.taken(call, caller.settings, caller.connection)


def test_refuses_every_call_while_there_is_no_secret(caller: Caller):
    bare = msgspec.structs.replace(caller.connection, **{caller.secret: Secret("")})
    call = caller.sign(msgspec.json.encode(caller.event), secret="")
    for connection in (bare, None):
        with pytest.raises(CredentialsError, match="nobody can tell"):
            caller.taken(call, caller.settings, connection)


@pytest.mark.parametrize("body", [b"", b"7", b"[[[", b'[{"eventId": "x"}]', b"[" * 100_000])
def test_refuses_what_is_no_event(caller: Caller, body: bytes):
    with pytest.raises(SettingsError, match="no event of"):
        caller.taken(caller.sign(body), caller.settings, caller.connection)


def test_refuses_an_event_of_jira_whose_issue_is_none():
    with pytest.raises(SettingsError, match="its issue is none"):
        CALLERS["jira"].take({"webhookEvent": "jira:issue_created", "issue": 7})


def test_takes_both_secrets_while_one_is_exchanged():
    both = fill(
        Jira, {"site": "https://acme.atlassian.net", "email": "a@example.com", "webhook_secret": f"x\n{SECRET}"}
    )
    assert len(from_jira(_jira(msgspec.json.encode(ISSUE)), JiraEvents(), both)) == 1


def test_refuses_calls_that_zendesk_signed_long_ago():
    call = _zendesk(msgspec.json.encode(TICKET), moment=datetime.now(UTC) - timedelta(hours=2))
    with pytest.raises(CredentialsError, match="more than an hour ago"):
        from_zendesk(call, ZendeskSent(), ZENDESK)

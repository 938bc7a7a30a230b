"""Known senders: their events as they document them, signed in their way, with their fields under plain names."""

from __future__ import annotations

import base64
import hashlib
import hmac
import time
from typing import Any

import msgspec
import pytest

from connectors.sdk import CredentialsError, Item, SettingsError, WebhookRequest, fill
from connectors.webhook import Received, received
from connectors.webhook.signatures import Connection

SECRET = "correct horse battery staple"
# The connection says nothing of the way: the sender that is chosen in the trigger does
CONNECTION = fill(Connection, {"secret": SECRET, "scheme": "github"})
INVITEE = "https://api.calendly.com/scheduled_events/E/invitees/I"
EVENTS: dict[str, tuple[Any, dict[str, str]]] = {
    "calendly": (
        {
            "event": "invitee.created",
            "created_at": "2026-11-20T10:00:00Z",
            "payload": {
                "uri": INVITEE,
                "name": "Ann Fox",
                "email": "ann@example.com",
                "status": "active",
                "cancel_url": "https://calendly.com/cancellations/I",
                "questions_and_answers": [{"question": "Topic?", "answer": "Prices", "position": 0}],
                "scheduled_event": {
                    "name": "15 Minutes",
                    "start_time": "2026-12-01T09:00:00Z",
                    "end_time": "2026-12-01T09:15:00Z",
                    "location": {"type": "physical", "location": "Room 2"},
                },
            },
        },
        {},
    ),
    "typeform": (
        {
            "event_id": "01H",
            "event_type": "form_response",
            "form_response": {
                "form_id": "lT4Z3j",
                "token": "a3a12",
                "submitted_at": "2026-11-20T10:00:00Z",
                "hidden": {"user": "7"},
                "calculated": {"score": 9},
                "definition": {
                    "title": "Survey",
                    "fields": [
                        {"id": "f1", "title": "How are you?", "type": "long_text"},
                        {"id": "f2", "title": "Which?", "type": "multiple_choice"},
                        {"id": "f3", "title": "Which ones?", "type": "multiple_choice"},
                    ],
                },
                "answers": [
                    {"type": "text", "text": "Fine", "field": {"id": "f1", "type": "long_text"}},
                    {"type": "choice", "choice": {"label": "London"}, "field": {"id": "f2"}},
                    {"type": "choices", "choices": {"labels": ["A"], "other": "B"}, "field": {"id": "f3"}},
                    {"type": "number", "number": 5, "field": {"id": "unknown", "ref": "stars"}},
                ],
            },
        },
        {},
    ),
    "stripe": (
        {
            "id": "evt_1",
            "object": "event",
            "type": "checkout.session.completed",
            "data": {
                "object": {
                    "id": "cs_1",
                    "object": "checkout.session",
                    "amount_total": 4200,
                    "currency": "eur",
                    "customer_details": {"email": "ann@example.com"},
                    "status": "complete",
                }
            },
        },
        {},
    ),
    "github": (
        {
            "action": "opened",
            "issue": {"number": 7, "title": "It breaks", "html_url": "https://github.com/o/r/issues/7", "body": "Look"},
            "repository": {"full_name": "o/r"},
            "sender": {"login": "ann"},
        },
        {"x-github-event": "issues", "x-github-delivery": "72d3162e"},
    ),
    "shopify": (
        {
            "id": 820982911946154508,
            "admin_graphql_api_id": "gid://shopify/Order/820982911946154508",
            "name": "#9999",
            "contact_email": "ann@example.com",
            "total_price": "388.00",
            "currency": "USD",
            "financial_status": "paid",
        },
        {
            "x-shopify-topic": "orders/paid",
            "x-shopify-event-id": "98880550",
            "x-shopify-shop-domain": "a.myshopify.com",
        },
    ),
}
TOLD: dict[str, tuple[str, str, str | None, str, dict[str, Any]]] = {
    "calendly": (
        "invitee.created",
        f"invitee.created:{INVITEE}",
        INVITEE,
        "Ann Fox",
        {
            "email": "ann@example.com",
            "starts_at": "2026-12-01T09:00:00Z",
            "place": "Room 2",
            "answers": {"Topic?": "Prices"},
        },
    ),
    "typeform": (
        "form_response",
        "form_response:a3a12",
        "a3a12",
        "Survey",
        {
            "score": 9,
            "hidden": {"user": "7"},
            "answers": {"How are you?": "Fine", "Which?": "London", "Which ones?": ["A", "B"], "stars": 5},
        },
    ),
    "stripe": (
        "checkout.session.completed",
        "evt_1",
        "cs_1",
        "checkout.session.completed",
        {"amount": 4200, "currency": "eur", "email": "ann@example.com", "status": "complete", "customer": None},
    ),
    "github": (
        "issues",
        "72d3162e",
        "https://github.com/o/r/issues/7",
        "It breaks",
        {"action": "opened", "repository": "o/r", "sender": "ann", "number": 7, "text": "Look"},
    ),
    "shopify": (
        "orders/paid",
        "98880550",
        "gid://shopify/Order/820982911946154508",
        "#9999",
        {"email": "ann@example.com", "total": "388.00", "status": "paid", "shop": "a.myshopify.com"},
    ),
}


def digest(content: bytes) -> bytes:
    return hmac.new(SECRET.encode(), content, hashlib.sha256).digest()


def call(sender: str, body: bytes, headers: dict[str, str]) -> WebhookRequest:
    """Sign an event as its sender does."""
    moment = str(int(time.time()))
    timed = f"t={moment},v1={digest(f'{moment}.'.encode() + body).hex()}"
    signature = {
        "calendly": {"calendly-webhook-signature": timed},
        "typeform": {"typeform-signature": f"sha256={base64.b64encode(digest(body)).decode()}"},
        "stripe": {"stripe-signature": timed},
        "github": {"x-hub-signature-256": f"sha256={digest(body).hex()}"},
        "shopify": {"x-shopify-hmac-sha256": base64.b64encode(digest(body)).decode()},
    }[sender]
    return WebhookRequest(body=body, headers={"content-type": "application/json", **headers, **signature}, query={})


def take(sender: str, body: Any, headers: dict[str, str], **given: str) -> Item:
    settings = fill(Received, {"sender": sender, **given})
    found: list[Item] = received.function(call(sender, msgspec.json.encode(body), headers), settings, CONNECTION)
    return found[0]


@pytest.mark.parametrize("sender", EVENTS)
def test_a_known_sender_tells_its_fields_by_name(sender):
    body, headers = EVENTS[sender]
    item = take(sender, body, headers)
    event, key, subject, title, fields = TOLD[sender]
    assert (item.content["event"], item.key, item.subject, item.title) == (event, key, subject, title)
    assert {name: item.content["fields"][name] for name in fields} == fields
    assert item.content["body"] == body


@pytest.mark.parametrize("sender", EVENTS)
def test_a_known_sender_is_verified_in_its_own_way(sender):
    body, headers = EVENTS[sender]
    other = next(name for name in EVENTS if name != sender)
    request = call(other, msgspec.json.encode(body), headers)
    with pytest.raises(CredentialsError):
        received.function(request, fill(Received, {"sender": sender}), CONNECTION)


@pytest.mark.parametrize("sender", EVENTS)
@pytest.mark.parametrize("body", [[], "text", None, 7])
def test_what_is_no_event_of_the_sender_is_refused(sender, body):
    with pytest.raises(SettingsError, match="no event as"):
        take(sender, body, EVENTS[sender][1])


@pytest.mark.parametrize("sender", EVENTS)
def test_events_with_odd_contents_are_taken_as_they_are(sender):
    odd = {
        "event": "e",
        "event_type": "e",
        "type": "e",
        "payload": [1],
        "data": 3,
        "form_response": {"answers": [1, {}]},
    }
    item = take(sender, odd, EVENTS[sender][1])
    assert item.key
    assert item.content["body"] == odd


def test_another_way_to_tell_repeats_is_respected():
    body, headers = EVENTS["github"]
    assert take("github", body, headers, dedupe="field", field="issue.number").key == "7"
    assert take("github", body, headers, dedupe="none").key is None

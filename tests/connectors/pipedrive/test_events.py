"""Events of Pipedrive: read in the shape of the polled records, known when repeated, and only with the password.

The bodies are written after Pipedrive's "Guide for Webhooks v2" and its "Webhooks v2 migration guide".
"""

import base64
from typing import Any

import msgspec
import pytest

from connectors.pipedrive import event_received
from connectors.pipedrive.connection import Connection
from connectors.pipedrive.events import Sent
from connectors.sdk import CredentialsError, Item, Secret, SettingsError, WebhookRequest, fill

PASSWORD = "pass: with a colon"
CONNECTION = fill(Connection, {"token": "t", "webhook_password": PASSWORD})
COLOUR, PRICE, KINDS, NOTE, GONE, WEEK = (letter * 40 for letter in "abcdef")
META = {
    "action": "change",
    "entity": "deal",
    "company_id": "12345",
    "correlation_id": "8a3b0b5e-3c1c-4b6e-8f0a-1d2c3b4a5f60",
    "entity_id": "7",
    "id": "0c7bb0b4-6a4e-4b0a-9a50-1d9e8a9d9a11",
    "is_bulk_edit": False,
    "timestamp": "2026-11-22T08:00:01.754Z",
    "type": "general",
    "user_id": "42",
    "version": "2.0",
    "webhook_id": "99",
    "webhook_owner_id": "42",
    "change_source": "app",
    "permitted_user_ids": ["42"],
    "attempt": 1,
    "host": "acme.pipedrive.com",
}
OWN = {
    COLOUR: {"type": "enum", "id": 3},
    PRICE: {"type": "monetary", "value": 12.5, "currency": "EUR"},
    KINDS: {"type": "set", "values": [{"id": 1}, {"id": 2}]},
    NOTE: {"type": "text", "value": "Blue"},
    GONE: None,
    WEEK: {"type": "daterange", "from": "2026-11-02", "until": "2026-11-08"},
}
DEAL = {"id": 7, "title": "Roof", "stage_id": 2, "add_time": "2026-11-20T08:00:00Z", "custom_fields": OWN}
PERSON = {"id": 5, "name": "Anna", "emails": [{"value": "a@example.com", "primary": True}], "phones": []}
CHANGED = {"meta": META, "data": DEAL, "previous": {"stage_id": 1, "custom_fields": {NOTE: None}}}
CREATED = {"meta": META | {"action": "create", "entity": "person", "entity_id": "5"}, "data": PERSON, "previous": None}
DELETED = {"meta": META | {"action": "delete", "merged_to_id": "8"}, "data": None, "previous": DEAL}


def call(body: Any, password: str = PASSWORD) -> WebhookRequest:
    content = body if isinstance(body, bytes) else msgspec.json.encode(body)
    pair = base64.b64encode(f"patchdeck:{password}".encode()).decode()
    return WebhookRequest(body=content, headers={"authorization": f"Basic {pair}"}, query={})


def take(body: Any, **asked: Any) -> list[Item]:
    items: list[Item] = event_received(call(body), fill(Sent, asked), CONNECTION)
    return items


def test_reads_a_change_as_polled_records_are_read():
    [item] = take(CHANGED)
    content = item.content
    assert (item.title, item.subject) == ("Roof", "deal 7")
    assert (content["id"], content["object"], content["happened"], content["by"]) == ("7", "deal", "changed", "42")
    assert (content["created"], content["url"]) == ("2026-11-20T08:00:00+00:00", "https://acme.pipedrive.com/deal/7")
    own = {COLOUR: 3, PRICE: {"value": 12.5, "currency": "EUR"}, KINDS: [1, 2], NOTE: "Blue", GONE: None}
    own |= {WEEK: {"from": "2026-11-02", "until": "2026-11-08"}}
    assert content["fields"] == {**{name: one for name, one in DEAL.items() if name != "custom_fields"}, **own}
    assert content["previous"] == {"stage_id": 1, NOTE: None}


def test_reads_what_was_created_and_deleted():
    [created], [deleted] = take(CREATED), take(DELETED)
    assert (created.title, created.content["happened"], created.content["previous"]) == ("Anna", "created", {})
    assert (created.content["fields"]["email"], created.content["fields"]["phone"]) == ("a@example.com", None)
    assert (deleted.title, deleted.content["happened"], deleted.content["url"]) == ("Roof", "deleted", None)
    assert (deleted.content["fields"]["stage_id"], deleted.content["merged"]) == (2, "8")


def test_knows_a_call_that_is_tried_again_and_loses_none_that_is_not():
    again = {**CHANGED, "meta": META | {"attempt": 2}}
    later = {**CHANGED, "meta": META | {"timestamp": 1795334402}}
    untold = {**CHANGED, "meta": META | {"timestamp": "", "id": ""}}
    first, second, third, fourth = (take(one)[0] for one in (CHANGED, again, later, untold))
    assert first.key == second.key
    assert (third.content["time"], third.key != first.key, fourth.key) == ("2026-11-22T08:00:02+00:00", True, None)


@pytest.mark.parametrize(
    ("asked", "taken"),
    [
        ({"objects": ["deal"]}, [True, False, True]),
        ({"happened": ["created", "deleted"]}, [False, True, True]),
        ({"fields": ["stage_id", "value"]}, [True, True, True]),
        ({"fields": ["value"]}, [False, True, True]),
    ],
)
def test_takes_what_is_asked_for(asked, taken):
    assert [bool(take(one, **asked)) for one in (CHANGED, CREATED, DELETED)] == taken


def test_takes_kinds_of_records_that_it_does_not_know():
    strange = {"add_time": "soon", "name": {"a": 1}, "custom_fields": 7, "emails": [7], "phones": None}
    [item] = take({"meta": {"action": "blink", "entity": "robot", "host": "evil.example"}, "data": strange})
    assert (item.title, item.content["happened"], item.content["url"]) == ("{'a': 1}", "blink", None)
    assert (item.content["created"], item.content["fields"]["email"], item.key) == (None, None, None)


@pytest.mark.parametrize("password", ["guessed", "", "pass", f"{PASSWORD}x", "ä"])
def test_refuses_calls_without_the_password(password):
    with pytest.raises(CredentialsError, match="does not bring this connection's webhook password"):
        event_received(call(CHANGED, password), Sent(), CONNECTION)


@pytest.mark.parametrize("header", ["", "Basic", "Basic ?", "Basic /w==", f"Bearer {PASSWORD}"])
def test_refuses_calls_that_do_not_sign_in(header):
    request = WebhookRequest(body=msgspec.json.encode(CHANGED), headers={"authorization": header}, query={})
    with pytest.raises(CredentialsError, match="does not bring"):
        event_received(request, Sent(), CONNECTION)


@pytest.mark.parametrize("connection", [msgspec.structs.replace(CONNECTION, webhook_password=Secret("")), None])
def test_refuses_every_call_while_there_is_no_password(connection):
    with pytest.raises(CredentialsError, match="no webhook password, so nobody can tell that Pipedrive is calling"):
        event_received(call(CHANGED, ""), Sent(), connection)


@pytest.mark.parametrize("body", [b"", b"7", b"[]", b"{}", b'{"meta": {"entity": "deal"}}', b"\xff", b"[" * 100_000])
def test_refuses_what_is_no_event(body):
    with pytest.raises(SettingsError, match="no event of Pipedrive"):
        take(body)


def test_says_when_the_webhook_is_of_the_old_version():
    old = {
        "v": 1,
        "meta": {"v": 1, "action": "added", "object": "deal", "id": 7, "timestamp": 1795334400},
        "current": {},
    }
    with pytest.raises(SettingsError, match="Make a webhook of version 2"):
        take(old)

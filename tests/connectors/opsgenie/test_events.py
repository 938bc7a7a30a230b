"""Events that Opsgenie sends: known by a token, told under plain names, each taken once, and bodies that lie."""

import msgspec
import pytest

from connectors.opsgenie import event_received
from connectors.opsgenie.connection import Connection
from connectors.opsgenie.events import Events
from connectors.sdk import CredentialsError, NoSettings, SettingsError, WebhookRequest, fill
from tests.peers.opsgenie import KEY

TOKEN = "s3cret-t0ken"
ALERT = {
    "alertId": "a1",
    "tinyId": "23",
    "alias": "disk",
    "message": "Disk full",
    "createdAt": 1420452191104,
    "updatedAt": 1420452193166002000,
    "tags": ["prod", 7],
    "username": "anna@example.com",
    "details": {"host": "web-1"},
    "note": "Seen.",
}
EVENT = {"action": "Acknowledge", "alert": ALERT, "source": {"name": "web", "type": "API"}}


def call(event=EVENT, token=TOKEN, header="x-token"):
    content = event if isinstance(event, bytes) else msgspec.json.encode(event)
    return WebhookRequest(body=content, headers={header: token, "content-type": "application/json"}, query={})


def take(request, connection=None, **settings):
    known = connection or fill(Connection, {"key": KEY, "webhook_token": TOKEN, "region": "eu"})
    return event_received.function(request, fill(Events, settings), known)


def test_tells_what_happened_under_plain_names():
    [item] = take(call())
    content = item.content
    assert (item.key, item.subject, item.title) == (
        "a1 Acknowledge 1420452193166002000",
        "a1",
        "Acknowledge: Disk full",
    )
    assert (content["number"], content["tags"], content["user"]) == ("23", ["prod"], "anna@example.com")
    assert (content["created"], content["source"]) == ("2015-01-05T10:03:11.104000+00:00", "web")
    assert content["url"] == "https://app.eu.opsgenie.com/alert/detail/a1/details"
    assert content["event"] == EVENT


def test_takes_a_repeat_for_the_same_event_and_another_moment_for_another():
    later = {**EVENT, "alert": {**ALERT, "updatedAt": 1420452193166002001}}
    untimed = {"action": "Create", "alert": {"alertId": "a1"}}
    keys = [take(call(event))[0].key for event in (EVENT, EVENT, later, untimed, untimed)]
    assert keys[0] == keys[1] != keys[2]
    assert keys[3] == keys[4]


def test_takes_only_what_is_asked_for():
    assert take(call(), actions=["Create", "Close"]) == []
    assert len(take(call(), actions=["acknowledge"])) == 1


@pytest.mark.parametrize(
    "request_",
    [call(token="another"), call(token=""), call(header="authorization"), call(token="s3cret-t0ken\udcff")],
)
def test_refuses_whoever_brings_no_token(request_):
    with pytest.raises(CredentialsError, match="does not bring this connection's webhook token"):
        take(request_)


@pytest.mark.parametrize("connection", [fill(Connection, {"key": KEY}), NoSettings()])
def test_refuses_all_while_there_is_no_token(connection):
    with pytest.raises(CredentialsError, match="nobody can tell that Opsgenie is calling"):
        take(call(token=""), connection)


@pytest.mark.parametrize(
    "body",
    [b"", b"[]", b"{}", b"\xff", b"[" * 50_000, b'{"alert": 1}', b'{"alert": {"alertId": []}, "action": "Create"}'],
)
def test_refuses_what_is_no_event(body):
    with pytest.raises(SettingsError, match="no event of Opsgenie's") as refused:
        take(call(body))
    assert refused.value.message.endswith(".")


def test_takes_odd_values_as_they_are():
    odd = {"alertId": "../x?\0", "message": ["a"], "tags": "x", "details": [1], "createdAt": 1e300, "updatedAt": "soon"}
    [item] = take(call({"action": "Create", "alert": odd, "source": 1}))
    content = item.content
    assert (content["title"], content["tags"], content["details"], content["created"]) == ("", [], {}, None)
    assert content["url"].endswith("/alert/detail/..%2Fx%3F/details")

"""Slack calling the hub: it signs each request, is written down once, and acknowledged at once."""

from __future__ import annotations

import json
import time
from collections.abc import AsyncIterator

import httpx
import msgspec
import pytest

from bots.slack.payloads import received
from bots.slack.receiving import LIMIT, SlackApplication
from hub.composition import Built, Services
from hub.config import Config
from hub.config.load import load
from hub.database import execute, fetch
from hub.errors import InvalidError
from hub.identities.carriers import manifest
from hub.serving import chat_addresses
from tests.bots.slack_bot import at_work
from tests.conftest import Members
from tests.peers.slack import APP_TOKEN, TOKEN, slack_api
from tests.peers.slack_people import SIGNING_SECRET, People, encoded, signed, words

PEOPLE = People("http://127.0.0.1:1")


@pytest.fixture
async def hub(database: str) -> AsyncIterator[httpx.AsyncClient]:
    await execute("truncate chat_updates")
    transport = httpx.ASGITransport(app=SlackApplication(TOKEN, SIGNING_SECRET))
    async with httpx.AsyncClient(transport=transport, base_url="http://hub.test") as client:
        yield client


async def post(hub: httpx.AsyncClient, body: bytes, **how: object) -> httpx.Response:
    return await hub.post("/slack/events", content=body, headers=signed(body, **how))  # type: ignore[arg-type]  # by name


async def stored() -> int:
    return len(await fetch("select number from chat_updates"))


async def test_slack_checks_the_address_once(hub: httpx.AsyncClient):
    answer = await post(hub, json.dumps({"type": "url_verification", "token": "t", "challenge": "3eZbrw1aB"}).encode())
    assert (answer.status_code, answer.text) == (200, '{"challenge": "3eZbrw1aB"}')
    assert await stored() == 0


@pytest.mark.parametrize(
    "payload",
    [
        PEOPLE.message("U1", "recipes"),
        PEOPLE.mention("U1", "recipes"),
        PEOPLE.command("U1", "recipes"),
        PEOPLE.press("U1", {"blocks": [{"type": "actions", "elements": [
            {"type": "button", "text": {"type": "plain_text", "text": "Go"}, "action_id": "a", "value": "b"}]}]}, "Go"),
        PEOPLE.shortcut("U1", {"ts": "1.000001", "files": []}),
    ],
)  # fmt: skip
async def test_what_is_signed_is_stored_once_however_often_it_comes(hub: httpx.AsyncClient, payload):
    body = encoded(payload)
    retried = {"X-Slack-Retry-Num": "1", "X-Slack-Retry-Reason": "http_timeout"}
    answers = [await post(hub, body)]
    answers += [await hub.post("/slack/events", content=body, headers=signed(body) | retried) for _ in range(2)]
    assert [(one.status_code, one.content) for one in answers] == [(200, b"")] * 3
    assert await stored() == 1


@pytest.mark.parametrize(
    "how", [{"secret": "another"}, {"age": 301}, {"age": -600}, {"age": 60 * 60 * 24 * 365}], ids=str
)
async def test_wrong_signatures_and_replays_are_refused(hub: httpx.AsyncClient, how):
    answer = await post(hub, encoded(PEOPLE.message("U1", "recipes")), **how)
    assert answer.status_code == 401
    assert await stored() == 0


@pytest.mark.parametrize(
    "change",
    [
        {"X-Slack-Signature": ""}, {"X-Slack-Signature": "v0=0"}, {"X-Slack-Request-Timestamp": "now"},
        {"X-Slack-Request-Timestamp": ""}, {"X-Slack-Request-Timestamp": str(int(time.time()) - 1)},
    ],
)  # fmt: skip
async def test_headers_that_do_not_fit_are_refused(hub: httpx.AsyncClient, change):
    body = encoded(PEOPLE.command("U1", "recipes"))
    answer = await hub.post("/slack/events", content=body, headers=signed(body) | change)
    assert answer.status_code in {400, 401}
    assert await stored() == 0


async def test_a_body_that_was_changed_is_refused(hub: httpx.AsyncClient):
    body = encoded(PEOPLE.command("U1", "status"))
    answer = await hub.post("/slack/events", content=body.replace(b"status", b"runner"), headers=signed(body))
    assert answer.status_code == 401


@pytest.mark.parametrize(
    "body",
    [
        b"", b"{", b"[]", b"[" * 50_000, b"payload=%7B", b'{"type": 5}', b'{"type": "event_callback"}',
        b'{"type": "event_callback", "event": {"type": "message", "user": ["U1"]}}', b"null", b'"text"',
        b'{"type": "event_callback", "event": {"type": "message", "channel_type": "im", "user": "U1", "ts": "1e999"}}',
    ],
)  # fmt: skip
async def test_what_is_no_request_breaks_nothing(hub: httpx.AsyncClient, body):
    answer = await post(hub, body)
    assert answer.status_code in {200, 400, 401}
    assert await stored() <= 1


async def test_what_is_no_text_is_refused(hub: httpx.AsyncClient):
    answer = await hub.post("/slack/events", content=b"\xff\xfe", headers=signed(b"x"))
    assert answer.status_code == 400


async def test_too_much_is_refused_before_anything_is_read(hub: httpx.AsyncClient):
    assert (await post(hub, b"x" * (LIMIT + 1))).status_code == 413


@pytest.mark.parametrize(("path", "method", "status"), [("/slack/events", "GET", 405), ("/slack/other", "POST", 404)])
async def test_other_ways_lead_nowhere(hub: httpx.AsyncClient, path, method, status):
    assert (await hub.request(method, path)).status_code == status


def test_events_of_one_person_are_numbered_in_their_order():
    numbers = [received(PEOPLE.message("U1", "x")) for _ in range(5)]
    assert all(one is not None and one.conversation == "T0TEAM/U1" for one in numbers)
    assert [one.number for one in numbers if one] == sorted(one.number for one in numbers if one)


async def test_without_an_app_token_slack_calls_and_is_answered(built: Built, services: Services, members: Members):
    application = SlackApplication(TOKEN, SIGNING_SECRET)
    async with slack_api() as api, at_work(built, api, None):
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app=application), base_url="http://hub.test") as hub:
            await post(hub, encoded(api.people.command("U900", "recipes")))
            await api.until(lambda: api.responses)
        assert "I do not know you yet" in words(api.responses[0]["blocks"])
        assert api.sockets == []
    assert api.violations == []


@pytest.mark.parametrize(("secret", "served"), [(SIGNING_SECRET, ["/slack"]), (None, [])])
def test_the_address_is_served_only_where_it_is_set_up(config: Config, secret, served):
    changed = msgspec.structs.replace(config, slack_bot_token=TOKEN, slack_signing_secret=secret)
    assert list(chat_addresses(changed)) == served


def test_a_bot_token_alone_is_not_enough():
    with pytest.raises(InvalidError, match=r"PATCHDECK_SLACK_APP_TOKEN .* or PATCHDECK_SLACK_SIGNING_SECRET"):
        load({"PATCHDECK_SLACK_BOT_TOKEN": TOKEN}, None)
    made = load({"PATCHDECK_SLACK_BOT_TOKEN": TOKEN, "PATCHDECK_SLACK_APP_TOKEN": APP_TOKEN}, None)
    assert TOKEN not in repr(made)


@pytest.mark.parametrize("way", ["http", "socket"])
def test_the_manifest_asks_for_what_the_bot_uses(way):
    import yaml

    made = yaml.safe_load(manifest("https://hub.example.org/", way))
    settings, address = made["settings"], "https://hub.example.org/slack/events"
    wanted = address if way == "http" else None
    assert settings["socket_mode_enabled"] is (way == "socket")
    assert settings["event_subscriptions"].get("request_url") == wanted
    assert settings["interactivity"].get("request_url") == wanted
    assert made["features"]["slash_commands"][0].get("url") == wanted
    assert settings["event_subscriptions"]["bot_events"] == ["app_home_opened", "app_mention", "message.im"]
    assert {"chat:write", "commands", "files:read", "im:history", "users:read"} <= set(
        made["oauth_config"]["scopes"]["bot"]
    )

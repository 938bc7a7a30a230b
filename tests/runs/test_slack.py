"""Slack through the whole hub: it asks for the address, calls with events, and gets its answer once."""

import json

import pytest

from hub.ids import parse
from tests.peers.slack_people import SIGNING_SECRET, People, encoded, signed
from tests.peers.slack_workspace import GENERAL, TOKEN, slack_workspace

SPEC = """
spec:
  trigger: {uses: slack.event_received, connection: chat, with: {events: [app_mention]}}
  steps:
  - id: answer
    uses: slack.post_message
    connection: chat
    with: {channel: C00GENERAL, text: "**Noted:** {{ trigger.text }}"}
"""


@pytest.fixture
async def slack():
    async with slack_workspace() as running:
        yield running
        assert running.violations == []


async def test_slack_calls_and_is_answered_once_and_what_was_said_is_taken_back(hub, members, slack):
    values = {"token": TOKEN, "signing_secret": SIGNING_SECRET, "address": slack.url}
    await hub.services.connections.add(members.owner, "chat", "slack", values)
    recipe = await hub.publish(members.owner, SPEC, "mentions")

    async def send(body, **how):
        return await hub.call(f"/hooks/{recipe.token}", content=body, headers=signed(body, **how))

    asked = await send(json.dumps({"type": "url_verification", "challenge": "3eZbrw1a"}).encode())
    assert (asked.status_code, asked.text, asked.headers["content-type"]) == (200, "3eZbrw1a", "text/plain")
    mention = encoded(People(slack.url).mention("U1", "<b>pay</b>"))
    answers = [await send(mention), await send(mention), await send(mention, age=400), await send(b"{}")]
    assert [answer.status_code for answer in answers] == [202, 202, 401, 202]
    assert answers[1].json()["duplicate"]
    await hub.ended(recipe)
    assert [one["text"] for one in slack.messages[GENERAL]] == ["*Noted:* @U0BOT &lt;b&gt;pay&lt;/b&gt;"]
    [run] = await hub.runs(recipe)
    undone = await hub.services.runs.undo(members.owner, parse("run", run.id))
    await hub.run_ended(members.owner, undone.id)
    assert slack.messages[GENERAL] == []

"""Telegram through the whole hub: what somebody writes to the bot is answered, each message once."""

import pytest

from tests.peers.telegram import TOKEN, bot_api

SPEC = """
spec:
  trigger: {uses: telegram.message_received, connection: bot}
  steps:
  - id: answer
    uses: telegram.send_message
    connection: bot
    with: {chat: "{{ trigger.chat }}", reply_to: "{{ trigger.message }}", text: "Noted: **{{ trigger.text }}**"}
"""


@pytest.fixture
async def api():
    async with bot_api() as running:
        yield running
        assert running.violations == []


async def test_answers_in_the_chat_in_which_somebody_wrote(hub, members, api):
    await hub.services.connections.add(members.owner, "bot", "telegram", {"token": TOKEN, "address": api.url})
    said = [api.message(77, "INV-17 <b>now</b>"), api.message(78, "INV-18")]
    await api.push(*said)
    recipe = await hub.publish(members.owner, SPEC, "answers")
    await hub.hurry(recipe)
    await hub.ended(recipe, 2)
    await hub.hurry(recipe)
    await api.until(lambda: not api.updates)
    answers = sorted((one["chat_id"], one["text"], one["reply_parameters"]["message_id"]) for one in api.sent)
    assert answers == [
        ("77", "Noted: <b>INV-17 &lt;b&gt;now&lt;/b&gt;</b>", said[0]["message"]["message_id"]),
        ("78", "Noted: <b>INV-18</b>", said[1]["message"]["message_id"]),
    ]

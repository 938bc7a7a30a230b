"""Freshdesk through the whole hub: a rule's call gives the ticket, asked for with the connection, and leaves a note."""

import pytest

from tests.peers.freshworks import API_KEY, WEBHOOK_SECRET, FreshdeskPeer
from tests.peers.openapi import openapi_peer

SPEC = """
spec:
  trigger: {uses: freshdesk.ticket_received, connection: desk}
  steps:
  - id: note
    uses: freshdesk.add_note
    connection: desk
    with: {ticket: "{{ trigger.id }}", text: "Heard of {{ trigger.title }}."}
"""


@pytest.fixture
async def desk():
    async with openapi_peer(FreshdeskPeer()) as running:
        yield running
    assert running.violations == []


async def test_answers_a_rules_call_with_a_note_once(hub, members, desk):
    values = {"key": API_KEY, "webhook_secret": WEBHOOK_SECRET, "address": desk.base}
    await hub.services.connections.add(members.owner, "desk", "freshdesk", values)
    recipe = await hub.publish(members.owner, SPEC, "heard")
    ticket = desk.kept.add({"subject": "Fire", "tags": []})["id"]

    async def call(secret):
        body, headers = f'{{"ticket_id": "{ticket}"}}', {"X-Webhook-Secret": secret}
        return (await hub.call(f"/hooks/{recipe.token}", content=body, headers=headers)).status_code

    assert [await call(secret) for secret in ("guessed", WEBHOOK_SECRET, WEBHOOK_SECRET)] == [401, 202, 202]
    await hub.ended(recipe)
    assert [one["body_text"] for one in desk.said] == ["Heard of Fire."]

"""Salesforce through the whole hub: a flow's message gives the contact, is acknowledged, and changes it once."""

import pytest

from tests.peers.openapi import openapi_peer
from tests.peers.salesforce import SalesforcePeer
from tests.peers.salesforce_outbound import ORGANISATION, WEBHOOK_SECRET, acknowledged, message
from tests.peers.salesforce_tokens import KEY, SECRET

SPEC = """
spec:
  trigger: {uses: salesforce.event_received, connection: crm}
  steps:
  - id: greet
    uses: salesforce.write_record
    connection: crm
    with: {columns: {Number__c: "{{ trigger.fields.Number__c }}", Note__c: Heard of}, mode: update, key: Number__c}
"""


@pytest.fixture
async def crm():
    async with openapi_peer(SalesforcePeer()) as running:
        yield running
    assert running.violations == []


async def test_acknowledges_a_message_and_changes_the_record_once(hub, members, crm):
    values = {"kind": "client_credentials", "client_id": KEY, "client_secret": SECRET, "address": crm.base}
    values |= {"webhook_secret": WEBHOOK_SECRET, "organisation": ORGANISATION}
    await hub.services.connections.add(members.owner, "crm", "salesforce", values)
    recipe = await hub.publish(members.owner, SPEC, "told")
    row = crm.kept.add({"LastName": "Ada", "Number__c": "n1"})

    async def call(secret):
        path = f"/hooks/{recipe.token}?secret={secret}"
        return await hub.call(path, content=message([row["id"]]), headers={"content-type": "text/xml"})

    refused, first, again = [await call(secret) for secret in ("guessed", WEBHOOK_SECRET, WEBHOOK_SECRET)]
    assert (refused.status_code, first.status_code, again.status_code) == (401, 200, 200)
    assert acknowledged(first.content)
    assert acknowledged(again.content)
    await hub.ended(recipe)
    assert (row["values"]["Note__c"], crm.writes) == ("Heard of", 1)

"""Xero through the whole hub: its calls are answered as it wants, and the record that one names is read once."""

import base64
import hashlib
import hmac
import json

import pytest

from tests.peers.openapi import openapi_peer
from tests.peers.xero import TENANT, XeroPeer

KEY = "the-webhooks-key"
INVOICE = "55d84274-a3da-4829-a7c0-0cab601b95cc"
SPEC = """
spec:
  trigger: {uses: xero.event_received, connection: books, with: {objects: [Invoices]}}
  steps:
  - id: found
    uses: xero.find_records
    connection: books
    with: {object: Invoices, organisation: "{{ trigger.organisation }}", where: {InvoiceID: "{{ trigger.id }}"}}
  - id: note
    uses: dataset.write_rows
    with: {dataset: heard, key: [number], columns: {number: "{{ found.first.title }}"}}
  - id: answer
    uses: respond
    with: {status: 418, body: what Xero does not understand}
"""


@pytest.fixture
async def xero():
    async with openapi_peer(XeroPeer()) as running:
        yield running
    assert running.violations == []


def told(*events):
    return json.dumps({"events": events, "firstEventSequence": 1, "lastEventSequence": 1, "entropy": "S0m3r4Nd0m"})


async def test_answers_xero_as_it_wants_and_reads_what_a_call_names(hub, members, xero):
    values = {"kind": "custom", "client_id": "c", "client_secret": "s", "webhooks_key": KEY, "address": xero.base}
    await hub.services.connections.add(members.owner, "books", "xero", values)
    changed = "/Date(1763769600000+0000)/"
    xero.invoices = [
        {"InvoiceID": one, "InvoiceNumber": number, "Status": "PAID", "Type": "ACCREC", "UpdatedDateUTC": changed}
        for one, number in ((INVOICE, "INV-1"), (TENANT, "INV-2"))
    ]
    recipe = await hub.publish(members.owner, SPEC, "from-xero")

    async def call(body, key=KEY):
        signature = base64.b64encode(hmac.new(key.encode(), body.encode(), hashlib.sha256).digest()).decode()
        answer = await hub.call(f"/hooks/{recipe.token}", content=body, headers={"x-xero-signature": signature})
        return answer.status_code, answer.content, answer.headers.get("set-cookie"), "content-type" in answer.headers

    taken, refused = (200, b"", None, False), (401, b"", None, False)
    assert [await call(told(), key) for key in ("guessed", KEY, "", "other")] == [refused, taken, refused, refused]
    event = {"resourceId": INVOICE, "eventDateUtc": "2026-11-22T08:00:00.902", "eventType": "CREATE"}
    event |= {"eventCategory": "INVOICE", "tenantId": TENANT, "tenantType": "ORGANISATION"}
    assert [await call(told(event)), await call(told(event))] == [taken, taken]
    assert await call(told({"eventCategory": 7})) == (422, b"", None, False)
    [item] = await hub.ended(recipe)
    assert item.item.state == "delivered"
    assert [row["number"] for row in await hub.rows(members.owner, "heard")] == ["INV-1"]

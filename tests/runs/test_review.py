"""Reviews: unsure records wait for a person and go on corrected; sure ones pass; nothing is asked or answered twice."""

import asyncio

import pytest

from hub.database import execute, fetch
from hub.decisions import Answer, Change, Wanted
from hub.errors import ConflictError, ForbiddenError, NotFoundError
from tests.runs.hub import states

TEXT = "Invoice number: INV-17\nInvoice date: 2026-01-05\nTotal: 118.00 EUR"
SPEC = """
spec:
  trigger: {uses: webhook.received}
  steps:
    - {id: read, uses: extract, with: {schema: receipt_of_test, source: "{{ trigger.body.text }}", engine: local}}
    - {id: check, uses: review, with: {SETTINGS}}
    - {id: keep, uses: dataset.write_rows, with: {dataset: kept, mode: insert,
        columns: {number: "{{ read.number }}", total: "{{ check.total }}", by: "{{ check.review.decided_by }}",
        how: "{{ check.review.decision }}"}}}
"""
SCHEMA = """
apiVersion: patchdeck/v1
kind: Schema
metadata: {name: receipt_of_test}
spec:
  fields:
    - {name: number, type: string, required: true, labels: [Invoice number]}
    - {name: total, type: money, labels: [Total]}
"""


@pytest.fixture
async def reviewed(hub, member):
    await hub.services.schemas.create(member, SCHEMA)

    async def publish(settings):
        return await hub.publish(member, SPEC.replace("SETTINGS", settings))

    return publish


async def test_a_record_waits_and_goes_on_with_what_was_corrected(hub, reviewed, member):
    recipe = await reviewed("always: true")
    await hub.post(recipe, {"text": TEXT})
    (waiting,) = await hub.reached(recipe, "waiting_for")
    assert (waiting.item.step, waiting.item.reason_kind) == ("check", "review")
    (asked,) = (await hub.services.decisions.list(member, Wanted(kind="review"))).entries
    answer = Answer(decision="accept", changes=[Change(path="total", value=119.5)])
    await hub.services.decisions.answer(member, "review", asked.id, answer)
    (item,) = await hub.ended(recipe)
    assert item.item.state == "delivered"
    (row,) = await hub.rows(member, "kept")
    assert (row["number"], float(row["total"]), row["how"]) == ("INV-17", 119.5, "accepted")

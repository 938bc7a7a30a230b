"""What happens in a hub reaches a receiver, also when the hub is killed on the way."""

import asyncio

import pytest

from hub.client import AsyncPatchdeck
from tests.spine.running_hub import RunningHub
from tests.subscriptions.receiver import Receiver, Says, served

RECIPE = """
apiVersion: patchdeck/v1
kind: Recipe
metadata: {name: told}
spec:
  trigger: {uses: manual.submitted}
  steps:
    - {id: note, uses: set, with: {fields: {total: "{{ trigger.total }}"}}}
"""
WANTED = {"kinds": ["run.*", "extraction.done"]}


async def _subscribed(hub: RunningHub, receiver: Receiver) -> str:
    made = await asyncio.to_thread(hub.http.post, "/api/v1/webhooks", json={**WANTED, "url": receiver.url})
    receiver.secrets.add(made.json()["secret"])
    return made.headers["location"]


@pytest.mark.timeout(900)
async def test_tells_of_runs_and_extractions_over_a_kill(hub: RunningHub) -> None:
    key = hub.http.headers["authorization"].removeprefix("Bearer ")
    async with served() as receiver, AsyncPatchdeck(hub.url, key) as client:
        webhook = await _subscribed(hub, receiver)
        await client.recipes.apply(RECIPE, publish=True)
        await client.recipes.run("told", {"total": 12})
        made = await client.extractions.create("invoice", text="Invoice number: INV-17")
        await receiver.count(2)
        receiver.says(Says(status=503, headers={"retry-after": "1"}))
        await client.recipes.run("told", {"total": 13})
        await receiver.count(3)
        await asyncio.to_thread(hub.kill, "_serve")
        await asyncio.to_thread(hub.ready)
        await receiver.count(4)
        await asyncio.to_thread(hub.http.delete, webhook)
    assert [one.type for one in receiver.got if one.data["id"] != made.id] == ["run.done"] * 3
    assert receiver.got[-1].id == receiver.got[-2].id
    assert receiver.forged == 0

"""A service that fails in the middle of a list: what came before is kept, and the rest follows."""

from __future__ import annotations

from collections.abc import AsyncIterator

import msgspec
import pytest

from tests.peers.faults import Fault
from tests.peers.orders import TOKEN, Shop, shop_peer


@pytest.fixture
async def shop() -> AsyncIterator[Shop]:
    async with shop_peer() as running:
        yield running


async def test_what_was_read_before_a_failure_is_kept(hub, members, shop):
    await hub.services.connections.add(members.admin, "shop", "http", {"hosts": ["127.0.0.1"], "secret": TOKEN})
    shop.add(150)
    shop.faults.add(Fault(status=500, skip=1))
    settings = {"url": f"{shop.base}/orders", "paging": {"style": "page", "items": "data"}, "every": "1h"}
    trigger = {"uses": "http.new_element", "connection": "shop", "with": settings}
    step = {"id": "shape", "uses": "set", "with": {"fields": {"id": "{{ trigger.id }}"}}}
    spec = msgspec.json.encode({"trigger": trigger, "steps": [step]}).decode()
    recipe = await hub.publish(members.owner, f"spec: {spec}", "partly-read")
    failed = await hub.until("select message from triggers where recipe = $1 and failures > 0", recipe.id)
    await hub.ended(recipe, 100)
    assert "500" in failed["message"]
    shop.faults.clear()
    await hub.services.triggers.poll(members.owner, recipe.id)
    items = await hub.ended(recipe, 150)
    assert (len(items), (await hub.trigger(recipe))["duplicates"]) == (150, 0)

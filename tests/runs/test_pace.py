"""How fast a connection may be used: its rate limit, and what its service asks for, over all workers."""

import asyncio
import time
from datetime import UTC, datetime, timedelta

import pytest

from hub.database import execute
from hub.ids import parse
from hub.runs.pace import Pace
from tests.runs.hub import attempts, states
from tests.runs.sink import Says

POST = """
spec:
  trigger: {{uses: webhook.received}}
  steps:
    - {{id: post, uses: http.send, connection: office, retry: {{first: 10ms}},
        with: {{url: "{url}", json: "{{{{ trigger.body.n }}}}"}}}}
"""
# Two clocks differ by so much within some seconds
EARLY = 0.02
ASK = """
spec:
  trigger: {{uses: webhook.received}}
  steps:
    - {{id: ask, uses: http.request, connection: office, retry: {{first: 10ms}}, with: {{url: "{url}"}}}}
"""


@pytest.fixture
def office(hub, member):
    async def add(rate_limit=None):
        settings = {"hosts": ["127.0.0.1"], "kind": "bearer", "secret": "x"}
        made = await hub.services.connections.add(member, "office", "http", settings, rate_limit)
        return parse("con", made.id)

    return add


async def test_sends_no_faster_than_the_connection_allows(hub, member, sink, office):
    await office(10)
    recipe = await hub.publish(member, POST.format(url=sink.url))
    began = asyncio.get_running_loop().time()
    await hub.post(recipe, [{"n": number} for number in range(35)])
    assert states(await hub.ended(recipe, 35)) == ["delivered"] * 35
    times = sorted(one.at - began for one in sink.got)
    # A second's worth goes at once; a busy machine makes requests late, and never early
    assert all(at >= (number - 9) / 10 - EARLY for number, at in enumerate(times))


async def test_asks_no_faster_than_the_connection_allows(hub, member, sink, office):
    await office(10)
    recipe = await hub.publish(member, ASK.format(url=sink.url))
    began = asyncio.get_running_loop().time()
    await hub.post(recipe, [{"n": number} for number in range(8)])
    await hub.ended(recipe, 8)
    times = sorted(one.at - began for one in sink.got)
    assert all(at >= number / 10 - EARLY for number, at in enumerate(times))


@pytest.mark.xdist_group("alone")
async def test_two_workers_share_the_rate_of_a_connection(hub, idle, member, office):
    connection = await office(5)
    opened = [await one.services.connections.open(member.workspace, connection) for one in (hub, idle)]
    began = time.monotonic()
    await asyncio.gather(*(Pace().wait(opened[number % 2]) for number in range(6)))
    assert 0.95 <= time.monotonic() - began < 5


async def test_what_would_wait_for_long_leaves_its_run_and_that_is_no_try(hub, member, sink, office):
    connection = await office(0.01)
    recipe = await hub.publish(member, POST.format(url=sink.url))
    await hub.post(recipe, [{"n": 1}, {"n": 2}])
    first, second = await hub.reached(recipe, "delivered", "waiting_until", count=2)
    assert (first.item.state, second.item.state) == ("delivered", "waiting_until")
    assert (second.item.tries, second.item.reason_kind, attempts(second, "post")) == (0, "RateLimit", [])
    assert [one.state for one in second.deliveries] == []
    await execute("update connections set blocked_until = null where id = $1", connection)
    await hub.hurry(recipe)
    assert states(await hub.ended(recipe, 2)) == ["delivered"] * 2


@pytest.mark.parametrize("text", [POST, ASK])
async def test_a_service_that_is_too_busy_is_left_alone_by_every_item(hub, idle, member, sink, office, text):
    connection = await office()
    sink.says(Says(status=429, headers={"Retry-After": "1200"}))
    recipe = await hub.publish(member, text.format(url=sink.url))
    await hub.post(recipe, {"n": 1})
    await hub.reached(recipe, "waiting_until")
    await hub.post(recipe, {"n": 2})
    (_, second) = await hub.reached(recipe, "waiting_until", count=2)
    assert (second.item.tries, second.item.reason_kind, len(sink.got)) == (0, "RateLimit", 1)
    assert timedelta(minutes=18) < second.item.due_at - datetime.now(UTC) < timedelta(seconds=1205)
    opened = await idle.services.connections.open(member.workspace, connection)
    assert timedelta(minutes=18) < timedelta(seconds=opened.blocked_for) < timedelta(seconds=1205)

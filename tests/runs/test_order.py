"""Batches, order and subjects: how items are put together makes no difference to what becomes of them."""

import secrets

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some

from hub.database import fetch
from hub.ids import new_id
from tests.runs.hub import states
from tests.runs.sink import Says

WHOLE = """
spec:
  trigger: {{uses: webhook.received}}
  steps:
    - {{id: kept, uses: filter, with: {{left: "{{{{ trigger.body.n }}}}", is: less, right: 8}}}}
    - {{id: once, uses: dedupe, with: {{key: "{{{{ trigger.body.n }}}}"}}}}
    - {{id: ask, uses: approve, with: {{question: "Keep it?", expires_in: 1ms, on_expiry: approve}}}}
    - {{id: keep, uses: dataset.write_rows, with: {{dataset: "{name}", mode: upsert, key: [n],
        columns: {{n: "{{{{ trigger.body.n }}}}", size: "{{{{ trigger.body.lines | size }}}}"}}}}}}
    - {{id: post, uses: http.send, each: "{{{{ trigger.body.lines }}}}", as: line, retry: {{attempts: 1}},
        with: {{url: "{url}", json: {{n: "{{{{ trigger.body.n }}}}", line: "{{{{ line }}}}"}}}}}}
  {settings}
"""
EVENTS = some.lists(
    some.fixed_dictionaries({"n": some.integers(0, 9), "lines": some.lists(some.sampled_from("ab!"), max_size=3)}),
    min_size=1,
    max_size=12,
)


@given(events=EVENTS)
@settings(max_examples=5, suppress_health_check=[HealthCheck.function_scoped_fixture])
async def test_runs_of_one_and_of_many_give_the_same(hub, member, sink, events):
    sink.always(Says())
    seen = [await outcome(hub, member, sink, events, f"by{size}", size) for size in (1, 300)]
    assert seen[0] == seen[1]


async def outcome(hub, member, sink, events, name, size):
    """Carry events in runs of a size and return everything that can be seen of it."""
    marker = f"{name}-{new_id().hex}"
    limit = "settings: {concurrency: 1}" if size == 1 else ""
    recipe = await hub.publish(member, WHOLE.format(url=sink.url, name=marker, settings=limit), marker)
    await hub.services.recipes.pause(member, marker)
    refuse = {"n": 3, "line": "!"}
    sink.says_to(refuse, *[Says(status=422)] * 20)
    before = len(sink.got)
    await hub.post(recipe, events)
    await hub.services.recipes.resume(member, marker)
    items = await hub.ended(recipe, len(events))
    rows = await fetch(
        "select d.step, d.path, d.generation, d.state, d.target, dense_rank() over (order by d.item) as nth"
        " from deliveries d where d.recipe = $1 order by d.item, d.step, d.path", recipe.id,
    )  # fmt: skip
    return {
        "states": [(one.item.state, one.item.step, one.item.reason_kind) for one in items],
        "rows": await hub.rows(member, marker),
        "posted": sorted(msgspec.json.encode(one.body) for one in sink.got[before:]),
        "ledger": [tuple(row) for row in rows],
    }


ORDERED = """
spec:
  trigger: {{uses: webhook.received}}
  steps:
    - {{id: post, uses: http.send, retry: {{first: 50ms}}, with: {{url: "{url}", json: "{{{{ trigger.body.n }}}}"}}}}
  settings: {{concurrency: {concurrency}}}
"""


async def test_a_concurrency_of_one_keeps_the_order_of_acceptance_also_when_one_has_to_be_tried_again(
    hub, member, sink
):
    recipe = await hub.publish(member, ORDERED.format(url=sink.url, concurrency=1))
    sink.says_to(2, Says(status=500), Says(status=500))
    await hub.post(recipe, [{"n": number} for number in range(4)])
    await hub.post(recipe, {"n": 4})
    assert states(await hub.ended(recipe, 5)) == ["delivered"] * 5
    assert (sink.bodies, sink.busiest) == ([0, 1, 2, 2, 2, 3, 4], 1)


async def test_works_on_no_more_items_at_once_than_the_recipe_says(hub, member, sink):
    sink.always(Says(delay=0.05))
    recipe = await hub.publish(member, ORDERED.format(url=sink.url, concurrency=3))
    await hub.post(recipe, [{"n": number} for number in range(20)])
    assert states(await hub.ended(recipe, 20)) == ["delivered"] * 20
    assert sink.busiest == 3


async def test_many_items_go_in_few_runs(hub, member, sink):
    recipe = await hub.publish(member, ORDERED.format(url=sink.url, concurrency=500))
    await hub.services.recipes.pause(member, recipe.name)
    await hub.post(recipe, [{"n": number} for number in range(400)])
    await hub.services.recipes.resume(member, recipe.name)
    await hub.ended(recipe, 400)
    assert len(await hub.runs(recipe)) <= 4
    assert len(sink.keys) == 400


SUBJECT = """
spec:
  trigger: {{uses: webhook.received}}
  steps:
    - {{id: later, uses: wait, with: {{duration: 1h}}}}
    - {{id: post, uses: http.send, with: {{url: "{url}", json: "{{{{ trigger.body.n }}}}"}}}}
  settings: {{subject: {{key: "{{{{ trigger.body.about }}}}", live: {live}}}}}
"""


@pytest.mark.parametrize(
    ("live", "expected"),
    [
        ("start", [("waiting_until", None)] * 3),
        ("join", [("waiting_until", None), ("filtered", "joined"), ("waiting_until", None)]),
        ("ignore", [("waiting_until", None), ("filtered", "ignored"), ("waiting_until", None)]),
    ],
)
async def test_an_item_about_a_live_subject_starts_joins_or_is_ignored(hub, member, sink, live, expected):
    recipe = await hub.publish(member, SUBJECT.format(url=sink.url, live=live))
    await hub.post(recipe, [{"n": 1, "about": "a"}, {"n": 2, "about": "a"}, {"n": 3, "about": "b"}])
    items = await hub.reached(recipe, "waiting_until", "filtered", count=3)
    assert [(one.item.state, one.item.reason_kind) for one in items] == expected
    assert [one.item.subject for one in items] == ["a", "a", "b"]


async def test_an_item_may_be_about_something_with_a_very_long_name(hub, member, sink):
    recipe = await hub.publish(member, SUBJECT.format(url=sink.url, live="ignore"))
    long = secrets.token_urlsafe(6000)
    await hub.post(recipe, [{"n": number, "about": f"{long}{about}"} for number, about in enumerate("aab")])
    items = await hub.reached(recipe, "waiting_until", "filtered", count=3)
    assert [one.item.reason_kind for one in items] == [None, "ignored", None]


async def test_a_subject_is_free_again_when_its_item_has_ended(hub, member, sink):
    recipe = await hub.publish(member, SUBJECT.format(url=sink.url, live="ignore"))
    await hub.post(recipe, {"n": 1, "about": "a"})
    await hub.reached(recipe, "waiting_until")
    await hub.hurry(recipe)
    await hub.ended(recipe)
    await hub.post(recipe, {"n": 2, "about": "a"})
    assert states(await hub.reached(recipe, "delivered", "waiting_until", count=2)) == ["delivered", "waiting_until"]

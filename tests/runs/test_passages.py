"""A run step by step: how many items each step let through, failed on and holds, and which cases were taken."""

import pytest

from hub.errors import NotFoundError
from hub.ids import new_id, parse
from hub.runs import Filter
from hub.runs.passages import Passages

SORTED = """
spec:
  trigger: {uses: webhook.received}
  steps:
    - id: kind
      uses: branch
      with: {cases: {big: {all: [{left: "{{ trigger.body.n }}", is: greater, right: 9}]}}, else: rest}
    - {id: first, uses: set, after: [{step: kind, case: big}], with: {fields: {case: "{{ trigger.body.n }}", n: 1}}}
    - {id: halt, uses: stop, with: {outcome: dead, reason: The shop is closed.}}
    - {id: meet, uses: join, after: [halt, {step: kind, case: rest}]}
"""


@pytest.fixture
async def run(hub, member):
    """A run of three items: two small ones and a big one that fails."""
    recipe = await hub.publish(member, SORTED)
    await hub.post(recipe, [{"n": 1}, {"n": 2}, {"n": 30}])
    await hub.ended(recipe, 3)
    found = await hub.services.history.list(member, Filter(recipe=recipe.id, limit=1))
    return parse("run", found.entries[0].id)


async def test_tells_what_each_step_did_and_which_way_was_taken(hub, member, run):
    passage = await Passages().show(member, run)
    steps = {one.step: one for one in passage.steps}
    assert set(steps) == {"kind", "first", "meet", "halt"}
    assert (steps["kind"].done, steps["kind"].cases) == (3, {"rest": 2, "big": 1})
    assert (steps["first"].done, steps["first"].cases, steps["meet"].done) == (1, {}, 2)
    assert (steps["halt"].done, steps["halt"].failed, steps["halt"].reason) == (0, 1, "The shop is closed.")
    assert passage.running == 0


async def test_shows_what_a_step_did_to_items_those_it_failed_on_first(hub, member, run):
    passed = await Passages().items(member, run, "kind")
    assert sorted(one.attempt.output["case"] for one in passed if one.attempt) == ["big", "rest", "rest"]
    (halted,) = await Passages().items(member, run, "halt")
    assert (halted.item.state, halted.item.reason) == ("dead", "The shop is closed.")
    assert await Passages().items(member, run, "'; drop table items; --") == []
    assert len(await Passages().items(member, run, "kind", limit=2)) == 2


async def test_an_unknown_run_is_not_found(member):
    with pytest.raises(NotFoundError):
        await Passages().show(member, new_id())
    with pytest.raises(NotFoundError):
        await Passages().items(member, new_id(), "kind")

"""Trying steps of a draft: lookups are real, writes only shown, and what was found is kept, pinned, marked stale."""

import json
from pathlib import Path

import pytest

from hub.database import execute, fetch
from hub.decisions import Due
from hub.errors import ConflictError, ForbiddenError, InvalidError, NotFoundError, TooLargeError
from hub.ids import parse
from hub.members import Member, Role
from hub.recipes import parse as parse_recipe
from hub.runs import Replay
from hub.runs.sweep import SAMPLES_KEPT, Sweep
from hub.runs.trying import Attempted, scope_of
from hub.sealing import MasterKeys, Vault, rotate
from tests.runs.sink import Says

STEPS = """
spec:
  trigger: {{uses: webhook.received}}
  steps:
    - {{id: ask, uses: http.request, with: {{url: "{url}/ask"}}}}
    - {{id: big, uses: filter, with: {{all: [{{left: "{{{{ trigger.body.n }}}}", is: at_least, right: 1}}]}}}}
    - {{id: named, uses: set, with: {{fields: {{who: "{{{{ ask.body.said }}}}", n: "{{{{ trigger.body.n }}}}"}}}}}}
    - {{id: keep, uses: dataset.write_rows, with: {{dataset: kept, mode: upsert, key: [n],
        columns: {{n: "{{{{ named.n }}}}", who: "{{{{ named.who }}}}"}}}}}}
    - {{id: post, uses: http.send, with: {{url: "{url}/post", json: {{n: "{{{{ named.n }}}}"}}}}}}
    - {{id: after, uses: set, with: {{fields: {{made: "{{{{ post.body.id }}}}"}}}}}}
"""

MANY = """
insert into items (id, workspace, recipe, version, state, reason, reason_kind, ended_at, test, title, content)
select uuid_of, workspace, recipe, version, state, reason, reason_kind, ended_at, test, title, content
from items, lateral (select ('ffffffff-ffff-7fff-8fff-' || lpad(n::text, 12, '0'))::uuid as uuid_of
    from generate_series(1, $2) as n) many where recipe = $1"""


def spec(sink, before="", after=""):
    return STEPS.format(url=sink.url).replace(before, after) if before else STEPS.format(url=sink.url)


@pytest.fixture
async def drafted(hub, member, sink):
    """A recipe that is published, and can be drafted anew."""
    sink.always(Says(json={"said": "yes"}))
    return await hub.publish(member, spec(sink))


async def redraft(hub, member, text):
    document = parse_recipe(f"apiVersion: patchdeck/v1\nkind: Recipe\nmetadata: {{name: orders}}\n{text}")
    await hub.services.recipes.apply(member, document)


def states(result):
    return [(one.step, one.state) for one in result.steps]


async def attempt(hub, recipe, step, **wish):
    return await hub.services.tries.attempt(recipe.member, recipe.id, step, Attempted(**wish))


async def test_a_try_does_what_is_missing_before_it_and_writes_nothing(hub, drafted, sink, member):
    made = await attempt(hub, drafted, "keep", content={"body": {"n": 1}})
    assert states(made) == [("ask", "done"), ("big", "done"), ("named", "done"), ("keep", "done")]
    assert made.steps[-1].changes[0].after == {"n": 1, "who": "yes"}
    assert [one.path for one in sink.got] == ["/ask"]
    assert await hub.rows(member, "kept") == []
    assert made.sample.origin == "test"


async def test_what_was_found_before_is_taken_again_unless_all_is_done_anew(hub, drafted, sink):
    first = await attempt(hub, drafted, "named", content={"body": {"n": 1}})
    again = await attempt(hub, drafted, "named", item=first.sample.id)
    assert (states(again), len(sink.got)) == ([("named", "done")], 1)
    assert any("ask: taken from an earlier try" in line for line in again.steps[-1].log)
    anew = await attempt(hub, drafted, "named", item=first.sample.id, up_to=True)
    assert (len(anew.steps), len(sink.got)) == (3, 2)


async def test_what_a_write_would_answer_is_unknown_until_it_is_pinned(hub, drafted, member, sink):
    made = await attempt(hub, drafted, "after", content={"body": {"n": 1}})
    assert (made.steps[-1].state, "post" in made.steps[-1].message) == ("unknown", True)
    await hub.services.pins.put(member, drafted.id, "post", {"body": {"id": 7}})
    pinned = await attempt(hub, drafted, "after", item=made.sample.id)
    assert (pinned.steps[-1].state, pinned.steps[-1].output) == ("done", {"made": 7})


async def test_a_live_run_never_looks_at_pins(hub, drafted, member, sink):
    await hub.services.pins.put(member, drafted.id, "ask", {"body": {"said": "pinned"}})
    tried = await attempt(hub, drafted, "named", content={"body": {"n": 1}})
    assert (tried.steps[-1].output["who"], sink.got) == ("pinned", [])
    await hub.post(drafted, {"n": 5})
    await hub.until("select 1 from items where recipe = $1 and state = 'delivered'", drafted.id)
    assert await hub.rows(member, "kept") == [{"n": 5, "who": "yes"}]


async def test_a_sample_that_is_filtered_out_ends_there_and_says_so(hub, drafted):
    made = await attempt(hub, drafted, "keep", content={"body": {"n": 0}})
    assert states(made) == [("ask", "done"), ("big", "filtered"), ("keep", "skipped")]
    assert "big" in made.steps[-1].message


async def test_an_item_that_a_run_has_filtered_out_ends_there_in_a_try_as_well(hub, drafted):
    await hub.post(drafted, {"n": 0})
    (item,) = await hub.ended(drafted)
    made = await attempt(hub, drafted, "named", item=item.item.id)
    assert states(made) == [("big", "filtered"), ("named", "skipped")]


CASES = """
spec:
  trigger: {uses: webhook.received}
  steps:
    - {id: kind, uses: branch, with: {cases: {big: {all: [{left: "{{ trigger.body.n }}", is: at_least, right: 5}]}},
        else: small}}
    - {id: one, uses: set, after: [{step: kind, case: big}], with: {fields: {is: large}}}
    - {id: other, uses: set, after: [{step: kind, case: small}], with: {fields: {is: small}}}
    - {id: wrong, uses: set, after: [one, other], each: "{{ trigger.body.n }}", on_error: continue,
        with: {fields: {n: 1}}}
    - {id: met, uses: set, after: wrong, with: {fields: {is: "{{ one.is | default: other.is }}"}}}
"""


async def test_a_try_goes_the_way_of_the_sample_and_says_what_it_passes_by(hub, member):
    recipe = await hub.publish(member, CASES)
    made = await attempt(hub, recipe, "met", content={"body": {"n": 2}}, up_to=True)
    way = [("kind", "done"), ("one", "skipped"), ("other", "done"), ("wrong", "failed"), ("met", "done")]
    assert states(made) == way
    assert made.steps[-1].output == {"is": "small"}
    beside = await attempt(hub, recipe, "one", item=made.sample.id)
    assert (beside.steps[-1].state, beside.steps[-1].message) == ("skipped", "The sample does not come this way.")
    assert not any(mark.stale for mark in (await hub.services.tries.marks(member, recipe.id)).values())


async def test_a_failed_step_says_why_and_is_done_again(hub, drafted, sink):
    sink.says(Says(status=503))
    failed = await attempt(hub, drafted, "named", content={"body": {"n": 1}})
    assert (states(failed), failed.steps[-1].problem) == ([("ask", "failed")], "TemporaryError")
    assert states(await attempt(hub, drafted, "named", item=failed.sample.id))[0] == ("ask", "done")


async def test_outputs_of_the_latest_run_are_taken_where_nothing_was_tried(hub, drafted, sink, member):
    await hub.post(drafted, {"n": 3})
    (item,) = await hub.ended(drafted)
    calls = len(sink.got)
    made = await attempt(hub, drafted, "after", item=item.item.id)
    assert (states(made)[-1], len(sink.got)) == (("after", "done"), calls)
    (known,) = await hub.services.tries.known(member, drafted.id, "named")
    assert [(one.step, one.source, one.stale) for one in known.outputs] == [
        ("ask", "run", False),
        ("big", "try", False),
    ]
    assert scope_of(known)["ask"]["body"] == {"said": "yes"}


async def test_a_change_upstream_makes_what_follows_stale(hub, drafted, member, sink):
    made = await attempt(hub, drafted, "keep", content={"body": {"n": 1}})
    await redraft(hub, member, spec(sink, "/ask", "/other"))
    marks = await hub.services.tries.marks(member, drafted.id)
    assert [step for step, mark in marks.items() if mark.stale] == ["ask", "big", "named", "keep"]
    assert {mark.tried for mark in marks.values()} == {"ok", None}
    await attempt(hub, drafted, "keep", item=made.sample.id)
    assert not any(mark.stale for mark in (await hub.services.tries.marks(member, drafted.id)).values())
    assert [one.path for one in sink.got] == ["/ask", "/other"]


async def test_words_about_a_step_make_nothing_stale(hub, drafted, member, sink):
    await attempt(hub, drafted, "named", content={"body": {"n": 1}})
    await redraft(hub, member, spec(sink, "{id: ask,", "{id: ask, title: Ask them, retry: {attempts: 9},"))
    assert not any(mark.stale for mark in (await hub.services.tries.marks(member, drafted.id)).values())


async def test_another_output_before_it_makes_a_step_stale(hub, drafted, member):
    await attempt(hub, drafted, "named", content={"body": {"n": 1}})
    await hub.services.pins.put(member, drafted.id, "ask", {"body": {"said": "no"}})
    marks = await hub.services.tries.marks(member, drafted.id)
    assert (marks["ask"].pinned, marks["ask"].stale, marks["named"].stale) == (True, False, True)


async def test_a_run_of_another_definition_is_stale(hub, drafted, member, sink):
    await hub.post(drafted, {"n": 3})
    await hub.ended(drafted)
    await redraft(hub, member, spec(sink, "ask.body.said", "ask.body.said | upcase"))
    (known,) = await hub.services.tries.known(member, drafted.id)
    stale = {one.step for one in known.outputs if one.stale}
    assert stale == {"named", "keep", "post", "after"}


LOOP = """
spec:
  trigger: {{uses: webhook.received}}
  steps:
    - {{id: each, uses: http.request, each: "{{{{ trigger.body.lines }}}}", as: line,
        with: {{url: "{url}/line/{{{{ line.n }}}}"}}}}
    - {{id: all, uses: set, with: {{fields: {{count: "{{{{ each | size }}}}"}}}}}}
"""


async def test_one_loop_element_is_tried_by_itself(hub, member, sink):
    sink.always(Says(json={"ok": True}))
    recipe = await hub.publish(member, LOOP.format(url=sink.url))
    lines = {"body": {"lines": [{"n": 10}, {"n": 11}, {"n": 12}]}}
    one = await attempt(hub, recipe, "each", content=lines, element=1)
    assert [call.path for call in sink.got] == ["/line/11"]
    assert (one.steps[-1].element, one.steps[-1].elements, one.steps[-1].output["status"]) == (1, 3, 200)
    whole = await attempt(hub, recipe, "all", item=one.sample.id)
    assert (whole.steps[-1].output, len(sink.got)) == ({"count": 3}, 4)
    with pytest.raises(InvalidError, match="3 elements"):
        await attempt(hub, recipe, "each", item=one.sample.id, element=3)
    with pytest.raises(InvalidError, match="does not loop"):
        await attempt(hub, recipe, "all", item=one.sample.id, element=0)


async def test_a_step_can_be_tried_while_a_later_one_is_unfinished(hub, member, sink, drafted):
    broken = spec(sink, "uses: dataset.write_rows, with: {dataset: kept,", "uses: dataset.write_rows, with: {")
    document = parse_recipe(f"apiVersion: patchdeck/v1\nkind: Recipe\nmetadata: {{name: orders}}\n{broken}")
    await hub.services.recipes.save(member, drafted.id, document, revision=None)
    assert states(await attempt(hub, drafted, "named", content={"body": {"n": 1}}))[-1] == ("named", "done")
    with pytest.raises(InvalidError, match="mend"):
        await attempt(hub, drafted, "keep", content={"body": {"n": 1}})


async def test_outputs_are_sealed_and_open_after_rotation(hub, config, drafted, member):
    await attempt(hub, drafted, "named", content={"body": {"n": 1}})
    await hub.services.pins.put(member, drafted.id, "ask", {"secret": "swordfish"})
    (row,) = await fetch("select kept from pins where recipe = $1", drafted.id)
    assert b"swordfish" not in row["kept"]
    await rotate(Vault(MasterKeys.from_file(Path(config.data_dir) / "master.key")))
    assert [one.value for one in await hub.services.pins.list(member, drafted.id)] == [{"secret": "swordfish"}]
    assert (await hub.services.tries.tried(member, drafted.id)).steps[-1].output["who"] == "yes"


async def test_a_pin_is_neither_huge_nor_bottomless(hub, drafted, member):
    deep = json.loads("[" * 200 + "]" * 200)
    with pytest.raises(InvalidError, match="pinned"):
        await hub.services.pins.put(member, drafted.id, "ask", deep)
    with pytest.raises(TooLargeError):
        await hub.services.pins.put(member, drafted.id, "ask", "x" * 1_100_000)
    with pytest.raises(NotFoundError, match="no step"):
        await hub.services.pins.put(member, drafted.id, "nowhere", 1)


async def test_a_pin_that_is_taken_away_is_gone(hub, drafted, member):
    await hub.services.pins.put(member, drafted.id, "ask", 1)
    await hub.services.pins.put(member, drafted.id, "ask", 2)
    assert [(one.step, one.value) for one in await hub.services.pins.list(member, drafted.id)] == [("ask", 2)]
    await hub.services.pins.remove(member, drafted.id, "ask")
    with pytest.raises(NotFoundError, match="no pin"):
        await hub.services.pins.remove(member, drafted.id, "ask")


async def test_samples_are_the_last_items_and_those_kept_by_hand(hub, drafted, member):
    await hub.post(drafted, {"n": 3})
    (item,) = await hub.ended(drafted)
    kept = await hub.services.tries.keep(member, drafted.id, {"body": {"n": 9}}, "Nine")
    await hub.services.runs.plan(member, drafted.id, {"body": {"n": 4}})
    found = await hub.services.tries.samples(member, drafted.id)
    assert [(one.id, one.origin) for one in found] == [(kept.id, "test"), (item.item.id, "live")]
    await hub.services.tries.forget(member, drafted.id, parse("itm", kept.id))
    assert len(await hub.services.tries.samples(member, drafted.id)) == 1
    await execute("delete from items where recipe = $1", drafted.id)
    with pytest.raises(InvalidError, match="no item"):
        await attempt(hub, drafted, "named")


async def test_a_sample_is_never_run(hub, drafted, member):
    kept = await hub.services.tries.keep(member, drafted.id, {"body": {"n": 9}}, "Nine")
    with pytest.raises(ConflictError, match="tried and never run"):
        await hub.services.runs.replay(member, parse("itm", kept.id), Replay())


async def test_of_many_samples_the_newest_stay(hub, drafted, member):
    kept = await hub.services.tries.keep(member, drafted.id, {"body": {"n": 9}}, "Nine")
    await execute(MANY, drafted.id, SAMPLES_KEPT)
    async with hub.sweeping:
        await Sweep(hub.running.dispatcher, hub.engine, Due(hub.services.audit)).once()
    rows = await fetch("select id from items where recipe = $1 order by id desc", drafted.id)
    assert len(rows) == SAMPLES_KEPT
    assert parse("itm", kept.id) not in {row["id"] for row in rows}


async def test_a_viewer_may_look_but_not_try(hub, drafted, member):
    viewer = Member(workspace=member.workspace, user=member.user, role=Role.VIEWER)
    assert await hub.services.tries.samples(viewer, drafted.id) == []
    with pytest.raises(ForbiddenError):
        await hub.services.tries.attempt(viewer, drafted.id, "named", Attempted(content={}))
    with pytest.raises(ForbiddenError):
        await hub.services.pins.put(viewer, drafted.id, "ask", 1)

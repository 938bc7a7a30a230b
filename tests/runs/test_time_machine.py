"""The time machine: a draft beside what was written, without writing; asked anew only where it asks something else."""

import pytest

from hub.database import execute, fetch, fetch_one
from hub.errors import ConflictError, ForbiddenError, InvalidError, NotFoundError
from hub.ids import parse
from hub.recipes import parse as parse_recipe
from hub.runs.past import Wanted
from tests.runs.sink import Says

HEAD = "apiVersion: patchdeck/v1\nkind: Recipe\nmetadata: {name: orders}\n"
LIVE = """
spec:
  trigger: {{uses: webhook.received}}
  steps:
    - {{id: ask, uses: http.request, with: {{url: "{url}/ask?n={{{{ trigger.body.n }}}}"}}}}
    - {{id: once, uses: dedupe, with: {{key: "{{{{ trigger.body.n }}}}"}}}}
    - {{id: large, uses: filter, with: {{left: "{{{{ trigger.body.n }}}}", is: at_least, right: {limit}}}}}
    - {{id: keep, uses: dataset.write_rows, with: {{dataset: kept, mode: upsert, key: [n],
        columns: {{n: "{{{{ trigger.body.n }}}}", said: "{said}"}}}}}}
    - {{id: post, uses: http.send, with: {{url: "{url}/post", json: {{n: "{{{{ trigger.body.n }}}}"}}}}}}
    - {{id: after, uses: dataset.write_rows, with: {{dataset: posted, mode: insert,
        columns: {{id: "{{{{ post.body.id }}}}"}}}}}}
"""
SAID = "{{ ask.body.said }}"


def text(sink, *, said=SAID, limit=2):
    return LIVE.format(url=sink.url, said=said, limit=limit)


@pytest.fixture
async def past(hub, member, sink):
    """Three items of a live recipe: the first is too small, the two others were written."""
    sink.always(Says(json={"said": "yes", "id": "a1"}))
    recipe = await hub.publish(member, text(sink))
    await hub.post(recipe, {"n": 1})
    await hub.post(recipe, {"n": 2})
    await hub.post(recipe, {"n": 3})
    await hub.ended(recipe, 3)
    sink.got.clear()
    return recipe


@pytest.fixture
def compare(hub):
    """Save a draft, compare it with the past and wait for the end."""

    async def run(recipe, draft, **wanted):
        await hub.services.recipes.save(recipe.member, recipe.id, parse_recipe(HEAD + draft))
        started = await hub.services.time_machine.start(recipe.member, recipe.id, Wanted(**wanted))
        identity = parse("cmp", started.id)
        await hub.until("select id from runs where id = $1 and state <> 'running'", identity)
        ended = await hub.services.time_machine.show(recipe.member, recipe.id, identity)
        page = await hub.services.time_machine.items(recipe.member, recipe.id, identity)
        return ended, page.items

    return run


async def test_an_unchanged_draft_differs_in_nothing_and_asks_nobody(past, compare, sink):
    ended, items = await compare(past, text(sink))
    assert (ended.state, ended.total, ended.compared, ended.differing) == ("done", 3, 3, 0)
    assert (ended.counts.same, ended.counts.differing) == (6, 0)
    assert [item.state_now for item in items] == ["delivered", "delivered", "filtered"]
    assert sink.got == []
    assert [(item.taken, item.anew) for item in items] == [(2, 0), (2, 0), (2, 0)]


async def test_a_changed_value_is_told_with_old_and_new(past, compare, sink):
    ended, items = await compare(past, text(sink, said="{{ ask.body.said | upcase }}"))
    assert (ended.differing, ended.outcomes, ended.counts.changed, ended.counts.same) == (2, 0, 2, 4)
    changed = next(record for record in items[0].records if record.kind == "changed")
    assert (changed.step, changed.target, changed.label) == ("keep", "dataset.write_rows", "3")
    assert [(one.path, one.before, one.after) for one in changed.fields] == [("said", "yes", "YES")]


async def test_items_that_would_pass_or_stay_behind_are_added_or_missing(past, compare, sink):
    wider, items = await compare(past, text(sink, limit=1))
    assert (wider.counts.added, wider.counts.missing, wider.outcomes) == (2, 0, 1)
    assert {record.kind for record in items[-1].records} == {"added"}
    narrower, items = await compare(past, text(sink, limit=3))
    assert (narrower.counts.added, narrower.counts.missing, narrower.outcomes) == (0, 3, 1)
    assert (items[1].state_then, items[1].state_now) == ("delivered", "filtered")


async def test_what_needs_the_answer_of_a_new_write_is_unknown(past, compare, sink):
    _, items = await compare(past, text(sink).replace("json: {n:", "json: {number:"))
    assert items[0].unknown == ["after"]
    kinds = {(record.step, str(record.kind)) for record in items[0].records}
    assert kinds == {("keep", "same"), ("post", "changed"), ("after", "missing")}


async def test_a_lookup_that_asks_something_else_is_asked_anew(past, compare, sink):
    sink.always(Says(json={"said": "no", "id": "a1"}))
    ended, items = await compare(past, text(sink).replace("/ask?n=", "/ask?number="))
    assert [one.path for one in sink.got] == ["/ask"] * 3
    assert (items[0].anew, items[0].taken, ended.counts.changed) == (1, 1, 2)


async def test_nothing_is_written_no_key_is_used_up_and_no_item_is_made(hub, past, compare, sink, member):
    before = await hub.rows(member, "kept")
    counted = (
        "select (select count(*) from dedupe_keys where recipe = $1) as keys, count(*) as items"
        " from items where recipe = $1"
    )
    held = await fetch_one(counted, past.id)
    await compare(past, text(sink, limit=1, said="other").replace('key: "{{ trigger.body.n }}"', 'key: "always"'))
    assert await hub.rows(member, "kept") == before
    assert await fetch_one(counted, past.id) == held
    assert sink.got == []
    assert [run.kind for run in await hub.runs(past)] == ["live"] * len(await hub.runs(past))


async def test_a_new_dedupe_key_lets_each_pass_once_among_the_items_compared(past, compare, sink):
    _, items = await compare(past, text(sink).replace('key: "{{ trigger.body.n }}"', 'key: "always"'))
    assert [item.state_now for item in items] == ["filtered", "filtered", "filtered"]
    assert [item.reason for item in items][:2] == ["An item with the same key has passed before."] * 2


async def test_now_means_the_moment_of_the_item(hub, past, compare, sink):
    await execute("update items set accepted_at = now() - interval '3 days' where recipe = $1", past.id)
    draft = text(sink, said="{{ 'now' | date: '%Y-%m-%d' }}")
    _, items = await compare(past, draft)
    changed = next(record for record in items[0].records if record.kind == "changed")
    assert changed.fields[0].after == items[0].accepted_at.strftime("%Y-%m-%d")


async def test_only_the_newest_are_compared_and_only_those_that_differ_shown(hub, past, compare, sink):
    ended, _ = await compare(past, text(sink, limit=3), items=2, days=1)
    shown = await hub.services.time_machine.items(past.member, past.id, parse("cmp", ended.id), differing=True)
    assert (ended.total, [item.state_then for item in shown.items]) == (2, ["delivered"])


async def test_survives_a_restart_between_two_portions(hub, idle, past, sink):
    await idle.services.recipes.save(past.member, past.id, parse_recipe(HEAD + text(sink, said="other")))
    async with hub.sweeping:
        started = await idle.services.time_machine.start(past.member, past.id, Wanted())
        identity = parse("cmp", started.id)
        await execute("update comparisons set items = items[1:1] where run = $1", identity)
        assert await idle.running.stages.run_stage(str(identity), 0) == (2, 0)
        await execute(
            "update comparisons set items = array(select id from items where recipe = $2 and not test order by id)"
            " where run = $1", identity, past.id,
        )  # fmt: skip
        await hub.lapse(identity)
    await hub.until("select id from runs where id = $1 and state = 'done'", identity)
    ended = await hub.services.time_machine.show(past.member, past.id, identity)
    assert (ended.compared, ended.counts.changed, ended.counts.same) == (3, 2, 4)


async def test_cancels_and_keeps_what_was_compared(hub, idle, past, sink):
    await idle.services.recipes.save(past.member, past.id, parse_recipe(HEAD + text(sink)))
    machine = idle.services.time_machine
    async with hub.sweeping:
        started = await machine.start(past.member, past.id, Wanted())
        with pytest.raises(ConflictError, match="being compared already"):
            await machine.start(past.member, past.id, Wanted())
        cancelled = await machine.cancel(past.member, past.id, parse("cmp", started.id))
    assert cancelled.state == "cancelled"
    assert await idle.running.stages.run_stage(str(parse("cmp", started.id)), 0) == (0, 0)
    with pytest.raises(ConflictError, match="ended already"):
        await machine.cancel(past.member, past.id, parse("cmp", started.id))


@pytest.mark.parametrize("wanted", [Wanted(items=0), Wanted(items=1001), Wanted(days=31)])
async def test_refuses_more_than_the_limits(hub, past, wanted):
    with pytest.raises(InvalidError) as refused:
        await hub.services.time_machine.start(past.member, past.id, wanted)
    assert refused.value.errors


async def test_refuses_a_draft_with_problems_a_recipe_without_items_and_strangers(hub, past, sink, member, members):
    machine = hub.services.time_machine
    await hub.services.recipes.save(member, past.id, parse_recipe(HEAD + text(sink).replace("http.send", "http.sent")))
    with pytest.raises(InvalidError, match="mend its problems"):
        await machine.start(member, past.id, Wanted())
    await hub.publish(member, text(sink), "empty")
    empty = await hub.services.recipes.identify(member, "empty")
    with pytest.raises(InvalidError, match="nothing to compare"):
        await machine.start(member, empty, Wanted())
    with pytest.raises(NotFoundError):
        await machine.start(members.outsider, past.id, Wanted())
    with pytest.raises(ForbiddenError):
        await machine.start(members.viewer, past.id, Wanted())


READS = """
spec:
  trigger: {uses: webhook.received}
  steps:
    - {id: read, uses: extract, with: {schema: invoice, source: "{{ trigger.body.text }}", engine: local}}
    - {id: keep, uses: dataset.write_rows, with: {dataset: read, mode: insert, columns: {total: "{{ read.total }}"}}}
"""
BILL = "Invoice INV-7\nIssue date: 2026-03-01\nTotal: 118.00 EUR"


async def test_an_extraction_is_taken_from_then_until_its_question_changes(hub, member, compare):
    recipe = await hub.publish(member, READS)
    await hub.post(recipe, {"text": BILL})
    await hub.ended(recipe)
    before = await _extractions(member)
    ended, items = await compare(recipe, READS)
    assert (ended.differing, items[0].taken, items[0].anew) == (0, 1, 0)
    assert await _extractions(member) == before
    ended, items = await compare(recipe, READS.replace("engine: local", "engine: local, language: en"))
    assert (items[0].taken, items[0].anew, ended.counts.same) == (0, 1, 1)
    assert await _extractions(member) == before + 1


async def test_huge_rows_are_counted_and_only_some_are_kept(hub, member, compare):
    rows = """
spec:
  trigger: {uses: webhook.received}
  steps:
    - {id: keep, uses: dataset.write_rows, with: {dataset: huge, mode: upsert, key: [n],
        rows: "{{ trigger.body.rows }}", columns: {n: "{{ row.n }}", text: "{{ row.text }}"}}}
"""
    recipe = await hub.publish(member, rows)
    await hub.post(recipe, {"rows": [{"n": number, "text": "x" * 3000} for number in range(500)]})
    await hub.ended(recipe)
    ended, items = await compare(recipe, rows.replace('"{{ row.text }}"', '"{{ row.text }}y"'))
    assert (ended.counts.changed, ended.differing) == (500, 1)
    assert 10 < len(items[0].records) < 200
    assert len(items[0].records[0].fields[0].after) == 2001


async def _extractions(member) -> int:
    (row,) = await fetch("select count(*)::int as made from extractions where workspace = $1", member.workspace)
    return int(row["made"])

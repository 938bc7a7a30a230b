"""Plans: what would be written is shown and nothing is; apply does just that, once; undo takes it back."""

import pytest

from hub.database import execute, fetch_one
from hub.errors import ConflictError, InvalidError
from hub.ids import new_id, parse
from hub.recipes import parse as parse_recipe
from hub.runs import Replay
from tests.peers.postgres import postgres_server
from tests.runs.hub import states
from tests.runs.sink import Says

__all__ = ["postgres_server"]

WRITES = """
spec:
  trigger: {{uses: webhook.received}}
  steps:
    - {{id: ask, uses: http.request, with: {{url: "{url}/ask"}}}}
    - {{id: once, uses: dedupe, with: {{key: "{{{{ trigger.body.n }}}}"}}}}
    - {{id: keep, uses: dataset.write_rows, with: {{dataset: kept, mode: upsert, key: [n],
        columns: {{n: "{{{{ trigger.body.n }}}}", said: "{{{{ ask.body.said }}}}"}}}}}}
    - {{id: post, uses: http.send, with: {{url: "{url}/post", json: {{n: "{{{{ trigger.body.n }}}}"}}}}}}
    - {{id: after, uses: set, with: {{fields: {{made: "{{{{ post.body.id }}}}"}}}}}}
"""


@pytest.fixture
async def writes(hub, member, sink):
    sink.always(Says(json={"said": "yes"}))
    return await hub.publish(member, WRITES.format(url=sink.url))


@pytest.fixture
async def plan(hub, writes):
    return await hub.services.runs.plan(writes.member, writes.id, {"body": {"n": 1}})


async def test_a_plan_reads_for_real_and_writes_nothing(hub, writes, plan, sink, member):
    assert [one.path for one in sink.got] == ["/ask"]
    assert await hub.rows(member, "kept") == []
    assert [(one.step, one.state) for one in plan.writes] == [("keep", "planned"), ("post", "planned")]
    assert plan.writes[0].changes[0]["kind"] == "add"
    assert plan.writes[0].changes[0]["after"] == {"n": 1, "said": "yes"}
    assert plan.writes[1].request["settings"]["json"] == {"n": 1}
    assert (plan.run.kind, plan.run.state) == ("plan", "done")


async def test_a_plan_says_what_is_unknown_until_it_is_applied(plan):
    unknown = [one for one in plan.item.attempts if one.state == "unknown"]
    assert [one.step for one in unknown] == ["after"]
    assert "post" in unknown[0].message


async def test_a_plan_uses_up_no_dedupe_key(hub, writes, plan, sink):
    await hub.services.runs.plan(writes.member, writes.id, {"body": {"n": 1}})
    await hub.post(writes, {"n": 1})
    assert states([one for one in await hub.ended(writes, 3) if one.item.run != plan.run.id])[-1] == "delivered"


async def test_a_plan_tells_that_a_key_has_passed_before(hub, writes):
    await hub.post(writes, {"n": 1})
    await hub.ended(writes)
    again = await hub.services.runs.plan(writes.member, writes.id, {"body": {"n": 1}})
    assert (again.item.item.state, again.writes) == ("filtered", [])


async def test_a_live_read_moves_no_cursor(hub, member, sink):
    folder = hub.root / new_id().hex
    folder.mkdir()
    (folder / "a.txt").write_text("hello")
    recipe = await hub.publish(member, f"""
spec:
  trigger: {{uses: folder.file_added, with: {{directory: "{folder}", every: 1h}}}}
  steps: [{{id: post, uses: http.send, with: {{url: "{sink.url}", json: "{{{{ trigger.file.name }}}}"}}}}]
""")  # fmt: skip
    await hub.ended(recipe)
    before = dict(await hub.trigger(recipe))
    planned = await hub.services.runs.plan(member, recipe.id, None)
    after = dict(await hub.trigger(recipe))
    assert (after["cursor"], after["next_due_at"]) == (before["cursor"], before["next_due_at"])
    assert planned.writes[0].request["settings"]["json"] == "a.txt"
    assert sink.bodies == ["a.txt"]


async def test_apply_performs_exactly_the_plan_once(hub, writes, plan, sink, member):
    run = await hub.services.runs.apply(member, parse("run", plan.run.id))
    ended = await hub.run_ended(member, run.id)
    assert (ended.counts.delivered, ended.counts.dead) == (2, 0)
    assert [one.path for one in sink.got] == ["/ask", "/post"]
    assert await hub.rows(member, "kept") == [{"n": 1, "said": "yes"}]
    shown = await hub.services.history.planned(member, parse("run", plan.run.id))
    assert [one.state for one in shown.writes] == ["applied", "applied"]
    with pytest.raises(ConflictError):
        await hub.services.runs.apply(member, parse("run", plan.run.id))


async def test_apply_refuses_and_shows_a_write_whose_target_has_changed(hub, writes, plan, member, sink):
    await hub.post(writes, {"n": 1})
    await hub.ended(writes)
    ended = await hub.run_ended(member, (await hub.services.runs.apply(member, parse("run", plan.run.id))).id)
    shown = await hub.services.history.planned(member, parse("run", plan.run.id))
    assert [one.state for one in shown.writes] == ["refused", "applied"]
    assert "changed" in shown.writes[0].message
    assert (ended.counts.delivered, ended.counts.dead) == (1, 1)


async def test_apply_refuses_a_plan_that_is_older_than_a_day(hub, plan, member):
    run = parse("run", plan.run.id)
    await execute("update runs set started_at = now() - interval '25 hours' where id = $1", run)
    with pytest.raises(ConflictError, match="older"):
        await hub.services.runs.apply(member, run)


async def test_apply_goes_on_after_a_crash_without_doing_anything_twice(hub, idle, plan, member, sink):
    async with hub.sweeping:
        run = parse("run", (await idle.services.runs.apply(member, parse("run", plan.run.id))).id)
        await idle.running.stages.run_stage(str(run), 0)
        await execute("update runs set state = 'running', leased_until = now(), ended_at = null where id = $1", run)
        await execute("update deliveries set state = 'applying' where run = $1", parse("run", plan.run.id))
    await hub.run_ended(member, (await hub.runs_of(member, "apply"))[0].id)
    shown = await hub.services.history.planned(member, parse("run", plan.run.id))
    assert [one.state for one in shown.writes] == ["applied", "applied"]
    assert [one.path for one in sink.got] == ["/ask", "/post"]


async def test_only_a_plan_can_be_applied(hub, writes, member):
    await hub.post(writes, {"n": 1})
    await hub.ended(writes)
    (run,) = await hub.runs(writes)
    with pytest.raises(ConflictError):
        await hub.services.runs.apply(member, parse("run", run.id))


async def test_a_plan_of_a_draft_does_not_touch_the_live_version(hub, writes, member, sink):
    text = WRITES.format(url=sink.url).replace("/post", "/draft")
    document = parse_recipe(f"apiVersion: patchdeck/v1\nkind: Recipe\nmetadata: {{name: orders}}\n{text}")
    await hub.services.recipes.apply(member, document)
    draft = await hub.services.runs.plan(member, writes.id, {"body": {"n": 1}})
    live = await hub.services.runs.plan(member, writes.id, {"body": {"n": 1}}, draft=False)
    urls = [one.writes[1].request["settings"]["url"].rpartition("/")[2] for one in (draft, live)]
    assert urls == ["draft", "post"]


async def test_a_plan_without_anything_to_plan_with_asks_for_a_sample(hub, writes, member):
    with pytest.raises(InvalidError):
        await hub.services.runs.plan(member, writes.id, None)


async def test_undo_takes_back_what_a_run_wrote(hub, writes, member):
    await hub.post(writes, {"n": 1})
    await hub.ended(writes)
    (run,) = await hub.runs(writes)
    undone = await hub.run_ended(member, (await hub.services.runs.undo(member, parse("run", run.id))).id)
    assert (undone.counts.delivered, undone.counts.dead) == (1, 0)
    assert await hub.rows(member, "kept") == []
    with pytest.raises(ConflictError):
        await hub.services.runs.undo(member, parse("run", run.id))


async def test_undo_leaves_what_has_changed_meanwhile_and_says_so(hub, writes, member, sink):
    await hub.post(writes, {"n": 1})
    await hub.ended(writes)
    (run,) = await hub.runs(writes)
    await execute(
        "update dataset_rows set content = content || '{\"said\": \"no\"}', revision = nextval('dataset_revision')"
        " where workspace = $1", member.workspace,
    )  # fmt: skip
    undone = await hub.run_ended(member, (await hub.services.runs.undo(member, parse("run", run.id))).id)
    assert (undone.counts.delivered, undone.counts.dead) == (0, 1)
    assert undone.message
    assert await hub.rows(member, "kept") == [{"n": 1, "said": "no"}]


BOOK = """
spec:
  trigger: {{uses: webhook.received}}
  steps:
    - {{id: book, uses: postgres.write_rows, connection: books, with: {{table: {table}, mode: upsert, key: [number],
        columns: {{number: "{{{{ trigger.body.n }}}}", total: "{{{{ trigger.body.total }}}}"}}}}}}
"""


@pytest.fixture
async def book(hub, member, postgres_server):
    table = f"t{new_id().hex}"
    beside = await postgres_server.connect()
    await beside.execute(f"create table {table} (number int primary key, total numeric)")
    settings = {
        "host": "127.0.0.1", "port": postgres_server.port, "database": "postgres",
        "user": postgres_server.user, "password": postgres_server.password, "sslmode": "disable",
    }  # fmt: skip
    await hub.services.connections.add(member, "books", "postgres", settings)
    recipe = await hub.publish(member, BOOK.format(table=table))

    async def rows(sql="select number, total::int from {} order by number"):
        return [tuple(row) for row in await beside.fetch(sql.format(table))]

    yield recipe, rows
    await beside.close()


async def test_undo_puts_rows_of_a_database_back_but_for_one_that_has_changed(hub, book, member):
    recipe, rows = book
    await rows("insert into {} values (1, 10), (2, 20)")
    await hub.post(recipe, [{"n": 1, "total": 11}, {"n": 2, "total": 22}, {"n": 3, "total": 33}])
    items = await hub.ended(recipe, 3)
    assert await rows() == [(1, 11), (2, 22), (3, 33)]
    await rows("update {} set total = 99 where number = 2")
    runs = {item.item.run for item in items}
    undone = [await hub.run_ended(member, (await hub.services.runs.undo(member, parse("run", run))).id) for run in runs]
    assert await rows() == [(1, 10), (2, 99)]
    assert sum(one.counts.delivered for one in undone) == 2
    assert sum(one.counts.dead for one in undone) == 1


async def test_apply_writes_the_planned_rows_into_a_database(hub, book, member):
    recipe, rows = book
    planned = await hub.services.runs.plan(member, recipe.id, {"body": {"n": 5, "total": 50}})
    assert await rows() == []
    await hub.run_ended(member, (await hub.services.runs.apply(member, parse("run", planned.run.id))).id)
    assert await rows() == [(5, 50)]


async def test_apply_tells_when_the_connection_is_gone(hub, book, member):
    recipe, _ = book
    planned = await hub.services.runs.plan(member, recipe.id, {"body": {"n": 5, "total": 50}})
    await execute("delete from connections where workspace = $1", member.workspace)
    run = await hub.services.runs.apply(member, parse("run", planned.run.id))
    ended = await hub.run_ended(member, run.id)
    assert (ended.counts.delivered, ended.counts.dead) == (0, 1)
    assert "connection" in ended.message
    assert await fetch_one("select 1 from deliveries where run = $1 and state = 'failed'", parse("run", planned.run.id))


async def test_apply_does_not_repeat_what_a_run_has_delivered_already(hub, writes, member, sink):
    sink.says(Says(json={"said": "yes"}), Says(status=422))
    await hub.post(writes, {"n": 1})
    (item,) = await hub.ended(writes)
    planned = await hub.services.runs.plan(member, writes.id, None, item=parse("itm", item.item.id))
    await hub.services.runs.replay(member, parse("itm", item.item.id), Replay())
    await hub.until("select 1 from items where id = $1 and state = 'delivered'", parse("itm", item.item.id))
    before = len(sink.got)
    ended = await hub.run_ended(member, (await hub.services.runs.apply(member, parse("run", planned.run.id))).id)
    shown = await hub.services.history.planned(member, parse("run", planned.run.id))
    assert (len(sink.got), ended.counts.delivered) == (before, 0)
    assert [one.state for one in shown.writes] == ["failed", "failed"]
    assert all("already" in one.message for one in shown.writes)


async def test_apply_keeps_to_the_rate_of_a_connection(hub, member, sink):
    settings = {"hosts": ["127.0.0.1"], "kind": "bearer", "secret": "x"}
    await hub.services.connections.add(member, "office", "http", settings, 1)
    recipe = await hub.publish(member, f"""
spec:
  trigger: {{uses: webhook.received}}
  steps:
    - {{id: post, uses: http.send, connection: office, each: "{{{{ trigger.body }}}}", with: {{url: "{sink.url}"}}}}
""")  # fmt: skip
    planned = await hub.services.runs.plan(member, recipe.id, {"body": [1, 2, 3]})
    later = "update connections set blocked_until = now() + interval '6 seconds' where workspace = $1"
    await execute(later, member.workspace)
    ended = await hub.run_ended(member, (await hub.services.runs.apply(member, parse("run", planned.run.id))).id)
    assert (ended.counts.delivered, len(sink.got)) == (3, 3)

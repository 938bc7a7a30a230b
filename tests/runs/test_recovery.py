"""Crashes and late comers: what was in flight is decided, sent again under its key, or shown; never done twice."""

import asyncio
from uuid import UUID

import pytest

from hub.database import Row, execute, fetch
from hub.ids import new_id, parse
from hub.runs import Replay
from hub.runs.accept import Arrival, accept
from hub.runs.ledger import Destination, LateWriterError, Ledger, Write, delivery_key
from tests.peers.postgres import postgres_server
from tests.runs.hub import Hub, Published, attempts, states
from tests.runs.sink import Says

__all__ = ["postgres_server"]

POST = """
spec:
  trigger: {{uses: webhook.received}}
  steps:
    - {{id: post, uses: http.send, with: {{url: "{url}", json: "{{{{ trigger.body }}}}"}}}}
"""
MAIL = """
spec:
  trigger: {uses: webhook.received}
  steps:
    - {id: tell, uses: email.send, connection: office, with: {to: a@example.test, subject: hello}}
"""


@pytest.fixture
async def post(hub: Hub, member, sink) -> Published:
    return await hub.publish(member, POST.format(url=sink.url))


@pytest.fixture
async def mail(hub: Hub, member) -> Published:
    settings = {"user": "a@example.test", "password": "x", "smtp_host": "127.0.0.1", "smtp_port": 1, "smtp_tls": "none"}
    await hub.services.connections.add(member, "office", "email", settings)
    return await hub.publish(member, MAIL)


async def test_goes_on_by_itself_when_the_engine_was_away_at_dispatch(hub, idle, post, sink):
    await idle.post(post, {"n": 1})
    assert states(await hub.ended(post)) == ["delivered"]
    assert len(sink.got) == 1


async def test_sends_again_under_the_same_key_after_a_crash_and_marks_it_repeated(hub, idle, post, sink):
    sink.says(Says(delay=30))
    async with hub.sweeping:
        await idle.post(post, {"n": 1})
        run = await idle.claimed(post)
        crashing = asyncio.create_task(idle.running.stages.run_stage(str(run), 0))
        await sink.came(1)
        crashing.cancel()
        await asyncio.gather(crashing, return_exceptions=True)
        await hub.lapse(run)
    (item,) = await hub.ended(post)
    assert (item.item.state, attempts(item, "post")) == ("delivered", [(1, "done")])
    assert (len(sink.got), len(sink.keys)) == (2, 1)
    assert [(one.state, one.repeated) for one in item.deliveries] == [("sent", 1)]


async def test_what_was_delivered_before_the_crash_is_not_delivered_again(hub, idle, post, sink):
    async with hub.sweeping:
        await idle.post(post, {"n": 1})
        run = await idle.claimed(post)
        key = await written_down(idle, post, run, "post", "http.send")
        await execute("update deliveries set state = 'sent', output = '{\"status\": 200}' where key = $1", key)
        await hub.lapse(run)
    assert (states(await hub.ended(post)), sink.got) == (["delivered"], [])


async def test_a_late_writer_settles_nothing(hub, idle, post, sink):
    taken_over = asyncio.Event()
    sink.says(Says(after=taken_over))
    async with hub.sweeping:
        await idle.post(post, {"n": 1})
        run = await idle.claimed(post)
        late = asyncio.create_task(idle.running.stages.run_stage(str(run), 0))
        await sink.came(1)
        await hub.lapse(run)
    (item,) = await hub.ended(post)
    taken_over.set()
    assert await late == (0, 0)
    (again,) = await hub.ended(post)
    assert (again.item, again.attempts) == (item.item, item.attempts)
    assert len(sink.keys) == 1
    (run_shown,) = await hub.runs(post)
    assert run_shown.counts.delivered == 1


async def test_a_late_writer_cannot_begin_a_delivery(idle, hub, post):
    async with hub.sweeping:
        await idle.post(post, {"n": 1})
        run = await idle.claimed(post)
        await execute("update runs set fence = fence + 1 where id = $1", run)
        with pytest.raises(LateWriterError):
            await written_down(idle, post, run, "post", "http.send")
        await hub.lapse(run)
    assert states(await hub.ended(post)) == ["delivered"]


async def test_a_mail_in_flight_at_a_crash_is_unknown_and_a_person_decides(hub, idle, mail):
    async with hub.sweeping:
        await idle.post(mail, {"n": 1})
        run = await idle.claimed(mail)
        await written_down(idle, mail, run, "tell", "email.send")
        await hub.lapse(run)
    (item,) = await hub.ended(mail)
    assert (item.item.state, item.item.step, item.item.reason_kind) == ("dead", "tell", "Unknown")
    assert [one.state for one in item.deliveries] == ["unknown"]
    assert await hub.retry(mail, (await hub.runs(mail))[0]) == 0
    async with hub.sweeping:
        await hub.services.runs.replay(mail.member, parse("itm", item.item.id), Replay(again=True))
        (again,) = await hub.reached(mail, "waiting_until", "dead")
        assert [(one["generation"], one["state"]) for one in await ledger(mail)] == [(0, "failed"), (1, "failed")]
    assert attempts(again, "tell")[-1][1] == "failed"


BOOK = """
spec:
  trigger: {{uses: webhook.received}}
  steps:
    - {{id: book, uses: postgres.write_rows, connection: books, with: {{table: {table}, mode: insert,
        columns: {{number: "{{{{ trigger.body.n }}}}"}}}}}}
"""


@pytest.fixture
async def book(hub, member, postgres_server):
    table = f"t{new_id().hex}"
    beside = await postgres_server.connect()
    await beside.execute(f"create table {table} (number int)")
    settings = {
        "host": "127.0.0.1", "port": postgres_server.port, "database": "postgres",
        "user": postgres_server.user, "password": postgres_server.password, "sslmode": "disable",
    }  # fmt: skip
    await hub.services.connections.add(member, "books", "postgres", settings)
    recipe = await hub.publish(member, BOOK.format(table=table))

    async def count():
        return await beside.fetchval(f"select count(*) from {table}")

    yield recipe, count
    await beside.close()


async def test_asks_the_database_whether_a_write_had_happened_before_the_crash(hub, book):
    recipe, count = book
    await hub.post(recipe, [{"n": 1}, {"n": 2}])
    await hub.ended(recipe, 2)
    await as_after_a_crash(hub, recipe)
    assert states(await hub.ended(recipe, 2)) == ["delivered"] * 2
    assert [(one["state"], one["repeated"]) for one in await ledger(recipe)] == [("sent", 0)] * 2
    assert await count() == 2


async def test_writes_again_what_the_database_says_never_happened(hub, book):
    recipe, count = book
    await hub.services.recipes.pause(recipe.member, recipe.name)
    await hub.post(recipe, {"n": 1})
    await hub.services.recipes.resume(recipe.member, recipe.name)
    await hub.ended(recipe)
    await execute("update deliveries set token = null where recipe = $1", recipe.id)
    await as_after_a_crash(hub, recipe)
    assert states(await hub.ended(recipe)) == ["delivered"]
    assert await count() == 2, "without a token nothing was begun, so that it is written (again)"


async def test_a_recipe_that_cannot_be_compiled_any_more_ends_its_items_and_not_the_sweep(hub, idle, member, sink):
    post = await idle.publish(member, POST.format(url=sink.url))
    await execute(
        "update document_versions set content = replace(content::text, 'http.send', 'gone.send')::json"
        " where document = $1", post.id,
    )  # fmt: skip
    await accept([Arrival(id=new_id(), workspace=post.member.workspace, recipe=post.id, version=1, content="{}")])
    (item,) = await hub.ended(post)
    assert (item.item.state, item.item.reason_kind) == ("dead", "RecipeError")
    assert "gone.send" in item.item.reason


async def written_down(idle: Hub, recipe: Published, run: UUID, step: str, target: str) -> str:
    """Leave a delivery of a run's only item pending, as a worker does that dies in the middle of it."""
    (row,) = await fetch("select * from items where run = $1", run)
    workspace = recipe.member.workspace
    key = delivery_key(workspace, recipe.id, step, row["id"], "", 0)
    to = Destination(
        workspace=workspace,
        recipe=recipe.id,
        version=1,
        run=run,
        fence=0,
        target=target,
        effect="send",
        connection=None,
    )
    write = Write(key=key, item=row["id"], step=step, path="", generation=0, rows=[], settings={})
    await Ledger(idle.services.files._vault).open(to, [write])
    return key


async def as_after_a_crash(hub: Hub, recipe: Published) -> None:
    """Take back what the hub wrote about ended deliveries, as if it had died before it could."""
    await execute("update deliveries set state = 'pending' where recipe = $1", recipe.id)
    await execute(
        "update attempts set state = 'superseded' where item in (select id from items where recipe = $1)", recipe.id
    )
    await execute("update items set state = 'waiting', ended_at = null where recipe = $1", recipe.id)


async def ledger(recipe: Published) -> list[Row]:
    """Return the recipe's rows of the ledger, the oldest first."""
    return list(await fetch("select * from deliveries where recipe = $1 order by id", recipe.id))

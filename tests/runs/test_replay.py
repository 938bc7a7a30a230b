"""Doing it again, and stopping: replay, retry, cancel, what is kept of a run."""

import asyncio

import pytest

from hub.database import fetch
from hub.errors import ConflictError, ForbiddenError, InvalidError, NotFoundError
from hub.ids import parse
from hub.runs import Replay
from tests.runs.hub import attempts, states
from tests.runs.sink import Says

TWO = """
spec:
  trigger: {{uses: webhook.received}}
  steps:
    - {{id: first, uses: http.send, with: {{url: "{url}/first", json: "{{{{ trigger.body.n }}}}"}}}}
    - {{id: second, uses: http.send, with: {{url: "{url}/{path}", json: "{{{{ first.status }}}}"}}}}
  settings: {{{settings}}}
"""


@pytest.fixture
def two(hub, member, sink):
    async def publish(path="second", settings=""):
        return await hub.publish(member, TWO.format(url=sink.url, path=path, settings=settings))

    return publish


@pytest.fixture
async def half(hub, two, sink):
    """An item whose second step was refused."""
    sink.says(Says(), Says(status=422))
    recipe = await two()
    await hub.post(recipe, {"n": 1})
    (item,) = await hub.ended(recipe)
    assert (item.item.state, item.item.step) == ("dead", "second")
    return recipe, parse("itm", item.item.id)


async def test_replays_a_dead_item_from_the_step_that_failed(hub, half, sink):
    recipe, item = half
    await hub.services.runs.replay(recipe.member, item, Replay())
    (ended,) = await hub.ended(recipe)
    assert (ended.item.state, [one.path for one in sink.got]) == ("delivered", ["/first", "/second", "/second"])


async def test_replays_on_the_newest_version(hub, half, two, sink):
    recipe, item = half
    await two("mended")
    await hub.services.runs.replay(recipe.member, item, Replay(newest=True))
    (ended,) = await hub.ended(recipe)
    assert (ended.item.version, [one.path for one in sink.got]) == (2, ["/first", "/second", "/mended"])


async def test_does_not_send_again_what_was_sent_unless_told_to(hub, half, sink):
    recipe, item = half
    await hub.services.runs.replay(recipe.member, item, Replay(step="first"))
    await hub.ended(recipe)
    assert [one.path for one in sink.got] == ["/first", "/second", "/second"]
    await hub.services.runs.replay(recipe.member, item, Replay(step="first", again=True))
    await hub.ended(recipe)
    assert [one.path for one in sink.got] == ["/first", "/second", "/second", "/first", "/second"]
    assert len({one.key for one in sink.got if one.path == "/first"}) == 2
    rows = await fetch("select step, generation from deliveries where item = $1 order by step, generation", item)
    assert [tuple(row) for row in rows] == [
        ("first", 0), ("first", 1), ("second", 0), ("second", 1),
    ]  # fmt: skip


@pytest.mark.parametrize("replay", [Replay(step="nothing"), Replay(step="first", newest=True)])
async def test_refuses_a_step_that_the_version_does_not_have(hub, half, member, sink, replay):
    _, item = half
    text = TWO.format(url=sink.url, path="x", settings="").replace("first", "other")
    await hub.publish(member, text)
    with pytest.raises(InvalidError):
        await hub.services.runs.replay(member, item, replay)


async def test_refuses_to_replay_what_is_being_worked_on(hub, two, member):
    recipe = await two()
    await hub.services.recipes.pause(member, recipe.name)
    await hub.post(recipe, {"n": 1})
    (item,) = await hub.items(recipe)
    with pytest.raises(ConflictError):
        await hub.services.runs.replay(member, parse("itm", item.id), Replay())


async def test_refuses_to_replay_an_item_of_a_deleted_recipe(hub, half, member):
    recipe, item = half
    await hub.services.recipes.remove(member, recipe.name)
    with pytest.raises((ConflictError, NotFoundError)):
        await hub.services.runs.replay(member, item, Replay())


async def test_retries_all_that_died_in_a_run(hub, two, sink):
    sink.says_to(2, Says(status=422))
    sink.says_to(3, Says(status=422))
    recipe = await two()
    await hub.post(recipe, [{"n": number} for number in range(4)])
    items = await hub.ended(recipe, 4)
    assert states(items) == ["delivered", "delivered", "dead", "dead"]
    again = await hub.services.runs.retry(recipe.member, parse("run", items[2].item.run))
    assert again >= 1
    await hub.services.runs.retry(recipe.member, parse("run", items[3].item.run))
    assert states(await hub.ended(recipe, 4)) == ["delivered"] * 4
    assert [one.body for one in sink.got if one.path == "/first"].count(0) == 1


async def test_cancels_what_has_not_been_done_and_keeps_what_has(hub, two, sink):
    cancelled = asyncio.Event()
    sink.always(Says(after=cancelled))
    recipe = await two(settings="concurrency: 1")
    await hub.post(recipe, [{"n": 1}, {"n": 2}])
    row = await hub.until("select id, run from items where recipe = $1 and state = 'running'", recipe.id)
    run = await hub.services.runs.cancel(recipe.member, row["run"])
    cancelled.set()
    assert (run.state, run.counts.cancelled) == ("cancelled", 1)
    assert states(await hub.ended(recipe, 2)) == ["cancelled", "delivered"]
    with pytest.raises(ConflictError):
        await hub.services.runs.cancel(recipe.member, row["run"])


async def test_a_cancelled_item_can_be_replayed(hub, two, sink):
    replayed = asyncio.Event()
    sink.says(Says(after=replayed))
    recipe = await two()
    await hub.post(recipe, {"n": 1})
    await sink.came(1)
    row = await hub.until("select id, run from items where recipe = $1 and state = 'running'", recipe.id)
    await hub.services.runs.cancel(recipe.member, row["run"])
    await hub.services.runs.replay(recipe.member, row["id"], Replay())
    (item,) = await hub.ended(recipe)
    replayed.set()
    assert item.item.state == "delivered"
    assert len({one.key for one in sink.got if one.path == "/first"}) == 1


async def test_only_members_with_the_right_act_and_strangers_see_nothing(hub, half, members):
    _, item = half
    with pytest.raises(ForbiddenError):
        await hub.services.runs.replay(members.viewer, item, Replay())
    with pytest.raises(NotFoundError):
        await hub.services.runs.replay(members.outsider, item, Replay())


@pytest.mark.parametrize(
    ("keep", "ok", "kept"),
    [("all", True, True), ("failed", True, False), ("failed", False, True), ("none", False, False)],
)
async def test_keeps_of_every_stage_what_the_recipe_says(hub, two, sink, keep, ok, kept):
    sink.says(Says(), Says(status=200 if ok else 422))
    recipe = await two(settings=f"keep_outputs: {keep}")
    await hub.post(recipe, {"n": 1})
    (item,) = await hub.ended(recipe)
    assert attempts(item, "first") == [(1, "done")]
    assert [(one.input is not None) for one in item.attempts] == [kept, kept]
    assert (item.attempts[0].output is not None) is kept


async def test_tells_the_outbox_of_ended_runs_and_dead_items(hub, half):
    recipe, _ = half
    events = await hub.services.outbox.read(recipe.member.workspace, "0.0")
    done = [event for event in events if event.kind == "run.done"]
    assert [event.kind for event in events].count("item.dead") == 1
    assert (len(done), done[0].body["dead"], done[0].body["delivered"]) == (1, 1, 0)


async def test_a_retry_knows_what_earlier_steps_gave_although_nothing_is_kept(hub, member, sink):
    sink.says(Says(json={"id": 17}), Says(status=422))
    recipe = await hub.publish(member, f"""
spec:
  trigger: {{uses: webhook.received}}
  steps:
    - {{id: shape, uses: set, with: {{fields: {{n: "{{{{ trigger.body.n }}}}"}}}}}}
    - {{id: first, uses: http.send, with: {{url: "{sink.url}/first", json: "{{{{ shape }}}}"}}}}
    - {{id: second, uses: http.send, with: {{url: "{sink.url}/second",
        json: {{n: "{{{{ shape.n }}}}", id: "{{{{ first.body.id }}}}"}}}}}}
  settings: {{keep_outputs: none}}
""")  # fmt: skip
    await hub.post(recipe, {"n": 1})
    await hub.ended(recipe)
    await hub.retry(recipe, (await hub.runs(recipe))[0])
    (item,) = await hub.ended(recipe)
    assert (item.item.state, [one.path for one in sink.got]) == ("delivered", ["/first", "/second", "/second"])
    assert sink.bodies[1] == sink.bodies[2] == {"n": 1, "id": 17}

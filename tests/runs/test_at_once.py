"""Runs, items and triggers that are changed at the same moment: nobody waits in a circle, and nothing is lost."""

import asyncio

import pytest

from connectors.sdk import Item
from hub.database import execute, fetch
from hub.errors import ConflictError
from hub.ids import new_id, parse, show
from hub.recipes import from_plain
from hub.runs.accept import Arrival, accept
from hub.runs.trying import Attempted, samples
from tests.meeting import hold_trail, meet
from tests.runs.hub import states
from tests.runs.sink import Says

WAITING = """
spec:
  trigger: {uses: webhook.received}
  steps: [{id: later, uses: wait, with: {duration: 1h}}]
"""
FEED = """
spec:
  trigger: {{uses: http.new_element, with: {{url: "{url}", every: 1h}}}}
  steps: [{{id: later, uses: wait, with: {{duration: 1h}}}}]
  settings: {{subject: {{key: "all", live: join}}}}
"""
COLLECTED = """
spec:
  trigger: {{uses: webhook.received}}
  steps:
    - {{id: all, uses: aggregate, with: {{period: 300ms, value: "{{{{ trigger.body.n }}}}"}}}}
    - {{id: post, uses: http.send, with: {{url: "{url}", json: "{{{{ all }}}}"}}}}
"""
ASKING = """
spec:
  trigger: {{uses: webhook.received}}
  steps: [{{id: ask, uses: http.request, with: {{url: "{url}/ask"}}}}]
"""
ITEM = Item(content={"n": 1}, key="one")
DEAD = "update items set state = 'dead', ended_at = now(), due_at = null where recipe = $1"
HOLD_ITEM = "select id from items where id = $1 for update"
HOLD_SUBJECT = "select pg_advisory_xact_lock(hashtextextended($1, 0))"


async def redraft(hub, recipe):
    """Give a recipe's draft a title, so that publishing it makes another version."""
    view = await hub.services.recipes.show(recipe.member, recipe.name)
    document = from_plain({**view.document, "metadata": {**view.document["metadata"], "title": "Ours"}})
    await hub.services.recipes.save(recipe.member, recipe.name, document)


def arrival(recipe):
    return Arrival(
        id=new_id(), workspace=recipe.member.workspace, recipe=recipe.id, version=1, content='{"n": 1}', key="one"
    )


@pytest.fixture
async def quiet(hub):
    """The hub without its own sweep."""
    async with hub.sweeping:
        yield hub


async def test_a_recipe_is_deleted_while_one_of_its_runs_is_cancelled(quiet, member):
    recipe = await quiet.publish(member, WAITING)
    await quiet.post(recipe, [{"n": 1}, {"n": 2}])
    await quiet.reached(recipe, "waiting_until", count=2)
    (run,) = await quiet.runs(recipe)
    removed, cancelled = await meet(
        hold_trail(member.workspace),
        quiet.services.recipes.remove(member, recipe.name),
        quiet.services.runs.cancel(member, parse("run", run.id)),
    )
    assert (removed, type(cancelled)) == (None, ConflictError)
    assert [one.state for one in await quiet.items(recipe)] == ["cancelled", "cancelled"]


@pytest.fixture
async def letters(quiet, members):
    """Two dead letters, the first of which is the editor's."""
    recipe = await quiet.publish(members.owner, WAITING)
    await quiet.post(recipe, [{"n": 1}, {"n": 2}])
    await quiet.reached(recipe, "waiting_until", count=2)
    await execute(DEAD, recipe.id)
    found = [one.id for one in await quiet.items(recipe)]
    await quiet.services.letters.assign(members.owner, found[:1], show("usr", members.editor.user))
    return found


async def test_dead_letters_are_given_to_two_members_at_once(quiet, members, letters):
    editor, admin = (show("usr", one.user) for one in (members.editor, members.admin))
    given = await meet(
        execute(HOLD_ITEM, parse("itm", letters[1])),
        quiet.services.letters.assign(members.owner, letters, editor),
        quiet.services.letters.assign(members.owner, letters, admin),
    )
    assert given == [2, 2]
    owners = await fetch("select distinct owner from items where workspace = $1", members.workspace)
    assert [row["owner"] for row in owners] == [members.admin.user]


async def test_a_dead_letter_is_given_to_a_member_who_is_being_removed(quiet, members, letters):
    given = await meet(
        hold_trail(members.workspace),
        quiet.services.letters.assign(members.owner, letters, show("usr", members.viewer.user)),
        quiet.services.memberships.remove(members.owner, members.viewer.user),
    )
    assert given == [2, None]


async def test_items_are_collected_although_the_first_of_them_is_cancelled_meanwhile(quiet, member, sink):
    recipe = await quiet.publish(member, COLLECTED.format(url=sink.url))
    await quiet.post(recipe, {"n": 1})
    await quiet.reached(recipe, "waiting_for")
    (run,) = await quiet.runs(recipe)
    await quiet.post(recipe, {"n": 2})
    await quiet.reached(recipe, "waiting_for", count=2)
    await quiet.until("select 1 from windows where recipe = $1 and closes_at < now()", recipe.id)
    cancelling = quiet.services.runs.cancel(member, parse("run", run.id))
    assert await meet(cancelling, quiet.running.sweep.once()) == [None]
    assert states(await quiet.ended(recipe, 2)) == ["cancelled", "delivered"]
    assert sink.bodies == [[1, 2]]


@pytest.fixture
async def polled(quiet, member, sink):
    """A recipe whose trigger has brought one thing and would bring another, all about one subject."""
    sink.always(Says(json=[{"id": 1}]))
    recipe = await quiet.publish(member, FEED.format(url=sink.url))
    await quiet.reached(recipe, "waiting_until")
    await quiet.rested(recipe)
    sink.always(Says(json=[{"id": 1}, {"id": 2}]))
    return recipe


async def test_a_thing_is_given_by_hand_again_while_a_poll_brings_another_about_the_same(quiet, member, polled):
    (known,) = await fetch("select key, subject from items where recipe = $1", polled.id)
    given, found = await meet(
        execute(HOLD_SUBJECT, f"{polled.id}/{known['subject']}"),
        quiet.services.runs.submit(member, polled.id, {"id": 1}, key=known["key"]),
        quiet.running.schedules.poll_now(polled.id),
    )
    assert (given.duplicate, found) == (True, 1)


async def test_a_recipe_is_published_while_its_trigger_brings_something(quiet, member, polled):
    await redraft(quiet, polled)
    published, found = await meet(
        hold_trail(member.workspace),
        quiet.services.recipes.publish(member, polled.name),
        quiet.running.schedules.poll_now(polled.id),
    )
    assert (published.version, found) == (2, 1)


async def test_repeats_for_two_recipes_come_while_one_is_published_and_the_other_paused(quiet, member):
    recipes = [await quiet.publish(member, WAITING, name) for name in ("older", "newer")]
    await redraft(quiet, recipes[0])
    await accept([arrival(one) for one in recipes])
    published, paused, accepted = await meet(
        hold_trail(member.workspace),
        quiet.services.recipes.publish(member, "older"),
        quiet.services.recipes.pause(member, "newer"),
        accept([arrival(one) for one in recipes]),
    )
    assert (published.version, paused.state, [one.duplicate for one in accepted]) == (2, "paused", [True, True])


async def test_a_sample_is_removed_while_a_step_is_tried_with_it(quiet, member, sink):
    recipe, answer = await quiet.publish(member, ASKING.format(url=sink.url)), asyncio.Event()
    sink.always(Says(after=answer))
    sample = await quiet.services.tries.keep(member, recipe.id, {"body": {}}, "One")
    trying = asyncio.create_task(quiet.services.tries.attempt(member, recipe.id, "ask", Attempted(item=sample.id)))
    await sink.came(1)
    await quiet.services.tries.forget(member, recipe.id, parse("itm", sample.id))
    answer.set()
    assert [one.step for one in (await trying).steps] == ["ask"]
    assert await quiet.services.tries.tried(member, recipe.id) is None


async def test_two_who_read_the_same_sample_at_once_keep_one(quiet, member):
    recipe = await quiet.publish(member, WAITING)
    hold = execute("select id from documents where id = $1 for update", recipe.id)
    await meet(hold, *(samples.keep(member, recipe.id, 1, [ITEM], quiet.running.catalogue) for _ in range(2)))
    assert len(await quiet.services.tries.samples(member, recipe.id)) == 1

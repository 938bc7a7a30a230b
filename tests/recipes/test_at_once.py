"""Recipes that several change at the same moment: nobody waits in a circle, and the last word is a whole one."""

import pytest

from hub.database import execute, fetch_one
from hub.errors import ConflictError, InvalidError, NotFoundError, StaleError
from hub.ids import parse as parse_id
from hub.recipes import parse
from tests.meeting import hold_trail, meet
from tests.recipes.texts import recipe

SEND = "- {id: send, uses: http.send, with: {url: 'https://a.example/', json: {n: '{{ trigger.body.n }}'}}}"
OTHER = SEND.replace("a.example", "b.example")
POLL = "trigger: {uses: rss.new_entry, with: {url: 'https://a.example/feed', every: 5m}}"


@pytest.fixture
async def live(recipes, member):
    """A recipe that is live, with a draft that is not."""
    view = await recipes.create(member, parse(recipe(SEND)))
    await recipes.publish(member, view.id)
    await recipes.save(member, view.id, parse(recipe(OTHER)))
    return view.id


async def row_of(shown):
    return await fetch_one("select * from triggers where recipe = $1", parse_id("rcp", shown))


@pytest.mark.parametrize("other", ["pause", "rotate_hook"])
async def test_is_published_while_somebody_pauses_it_or_moves_its_address(recipes, member, live, other):
    published, changed = await meet(
        hold_trail(member.workspace), recipes.publish(member, live), getattr(recipes, other)(member, live)
    )
    assert (published.version, changed.version) == (2, 2)


async def test_what_starts_it_is_that_of_the_draft_which_was_published(recipes, member, live):
    saved = recipes.save(member, live, parse(recipe(SEND, trigger=POLL)))
    (published,) = await meet(saved, recipes.publish(member, live))
    row = await row_of(live)
    assert (published.version, row["uses"], row["kind"]) == (2, "rss.new_entry", "poll")


@pytest.mark.parametrize("late", ["pause", "resume", "rotate_hook"])
async def test_what_is_deleted_meanwhile_stays_deleted(recipes, member, live, late):
    (answered,) = await meet(recipes.remove(member, live), getattr(recipes, late)(member, live))
    row = await row_of(live)
    assert (type(answered), row["state"], row["hook_token"]) == (NotFoundError, "deleted", None)


async def test_publishing_overwrites_no_draft_that_is_saved_meanwhile(recipes, member, live):
    await execute('update documents set problems = \'[{"path": "", "message": "old"}]\' where name = \'orders\'')
    saved = recipes.save(member, live, parse(recipe(SEND, trigger=POLL)))
    (answered,) = await meet(saved, recipes.publish(member, live))
    view = await recipes.show(member, live)
    assert (type(answered), view.document["spec"]["trigger"]["uses"]) == (StaleError, "rss.new_entry")


@pytest.fixture
async def caller(recipes, member, live):
    """The name of a draft that calls the live recipe."""
    call = "- {id: call, uses: recipe, with: {recipe: orders}}"
    await recipes.create(member, parse(recipe(call).replace("name: orders", "name: caller")))
    return "caller"


async def test_nothing_that_calls_it_is_published_while_a_recipe_is_deleted(recipes, member, live, caller):
    (answered,) = await meet(recipes.remove(member, live), recipes.publish(member, caller))
    view = await recipes.show(member, caller)
    assert (type(answered), view.version) == (InvalidError, None)


async def test_a_recipe_is_not_deleted_while_one_that_calls_it_is_published(recipes, member, live, caller):
    (answered,) = await meet(recipes.publish(member, caller), recipes.remove(member, live))
    assert (type(answered), (await row_of(live))["state"]) == (ConflictError, "live")


async def test_a_recipe_keeps_its_name_while_one_that_calls_it_is_published(recipes, member, live, caller):
    renamed = parse(recipe(SEND).replace("name: orders", "name: bills"))
    (answered,) = await meet(recipes.publish(member, caller), recipes.save(member, live, renamed))
    assert (type(answered), (await recipes.show(member, live)).name) == (ConflictError, "orders")

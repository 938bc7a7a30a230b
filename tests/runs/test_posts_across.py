"""A recipe from Mastodon to Bluesky and back: seen before it happens, posted once at each, taken back."""

import pytest

from hub.ids import parse
from tests.peers import bluesky, mastodon
from tests.runs.hub import states

RECIPE = """
spec:
  trigger: {uses: mastodon.mention, connection: fedi, with: {existing: read, every: 1h}}
  steps:
    - id: sky
      uses: bluesky.post
      connection: sky
      with: {text: "{{ trigger.author.name }} on {{ trigger.network }}: {{ trigger.text }}"}
    - id: answer
      uses: mastodon.post
      connection: fedi
      with: {text: "Seen, {{ trigger.author.name }}: {{ sky.url }}", reply_to: "{{ trigger.id }}"}
"""


@pytest.fixture
async def sky():
    async with bluesky.bluesky_peer() as running:
        yield running


@pytest.fixture
async def fedi():
    async with mastodon.mastodon_peer() as running:
        yield running


@pytest.fixture
async def recipe(hub, member, sky, fedi):
    add = hub.services.connections.add
    await add(member, "fedi", "mastodon", {"address": fedi.api.base, "token": "granted-token"})
    account = {"handle": bluesky.HANDLE, "password": bluesky.PASSWORD, "address": sky.api.base}
    await add(member, "sky", "bluesky", account)
    fedi.post("Hello @patchdeck & all")
    fedi.post("Again @patchdeck")
    return await hub.publish(member, RECIPE)


async def test_mentions_become_posts_and_answers_once_and_can_be_taken_back(hub, member, recipe, sky, fedi):
    items = await hub.ended(recipe, 2)
    assert states(items) == ["delivered", "delivered"]
    said = sorted(one["record"]["text"] for one in sky.posts)
    assert said == [
        "ann@example.social on mastodon: Again @patchdeck",
        "ann@example.social on mastodon: Hello @patchdeck & all",
    ]
    assert sky.sessions == 1
    assert len([one for one in fedi.statuses if one["in_reply_to_id"]]) == 2
    runs = {item.item.run for item in items}
    undone = [await hub.run_ended(member, (await hub.services.runs.undo(member, parse("run", run))).id) for run in runs]
    assert sum(one.counts.dead for one in undone) == 0
    assert (sky.posts, [one for one in fedi.statuses if one["in_reply_to_id"]]) == ([], [])


async def test_a_plan_shows_the_words_and_posts_nothing(hub, member, recipe, sky):
    await hub.ended(recipe, 2)
    before = len(sky.posts)
    item = {"id": "1", "network": "mastodon", "text": "New", "author": {"name": "bob"}}
    planned = await hub.services.runs.plan(member, recipe.id, item)
    assert planned.writes[0].changes[0]["after"]["text"] == "bob on mastodon: New"
    assert len(sky.posts) == before

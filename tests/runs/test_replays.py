"""Replaying many at once: what is chosen goes once, what was sent is not sent again, and what waits can be put back."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from hub.database import execute, fetch
from hub.errors import ConflictError, ForbiddenError, InvalidError, NotFoundError
from hub.ids import parse
from hub.runs import PassedOver, ReplayChoice, ReplayView
from tests.runs.sink import Says

POSTS = """
spec:
  trigger: {{uses: webhook.received}}
  steps:
    - {{id: first, uses: http.send, with: {{url: "{url}/first", json: "{{{{ trigger.body.n }}}}"}}}}
    - {{id: second, uses: http.send, with: {{url: "{url}/{path}", json: "{{{{ trigger.body.n }}}}"}}}}
  settings: {{concurrency: 1}}
"""


@pytest.fixture
async def letters(hub, member, sink):
    """Three items whose second step was refused."""
    recipe = await hub.publish(member, POSTS.format(url=sink.url, path="second"))
    sink.says(*[Says(), Says(status=422, json="no 7")] * 3)
    await hub.post(recipe, [{"n": number} for number in (1, 2, 3)])
    items = await hub.ended(recipe, 3)
    assert [one.item.state for one in items] == ["dead"] * 3
    return recipe, [one.item.id for one in items]


async def done(hub, recipe, replay):
    """Wait until every item of a replay has ended, and return the replay."""
    await hub.ended(recipe, replay.items)
    return await hub.services.replays.show(recipe.member, parse("rpl", replay.id))


async def test_replays_all_that_match_and_sends_nothing_twice(hub, letters, sink):
    recipe, _ = letters
    choice = ReplayChoice(all=True)
    preview = await hub.services.replays.preview(recipe.member, choice)
    assert (preview.items, preview.sent, preview.recipes, preview.passed_over, preview.more) == (3, 3, 1, [], False)
    replay = await done(hub, recipe, await hub.services.replays.start(recipe.member, choice))
    assert (replay.items, replay.ended, replay.states) == (3, 3, {"delivered": 3})
    assert sorted(one.body for one in sink.got if one.path == "/first") == [1, 2, 3]
    assert len({one.key for one in sink.got if one.path == "/second"}) == 3


async def test_takes_each_item_once_however_many_ask_at_the_same_time(idle, letters):
    recipe, items = letters
    await execute("update triggers set state = 'paused' where recipe = $1", recipe.id)
    asked = [idle.services.replays.start(recipe.member, ReplayChoice(items=items)) for _ in range(4)]
    answers = await asyncio.gather(*asked, return_exceptions=True)
    replays = [one for one in answers if isinstance(one, ReplayView)]
    assert {type(one) for one in answers} == {ReplayView, ConflictError}
    assert sum(one.items for one in replays) == 3
    rows = await fetch("select item from replayed_items where item = any($1)", [parse("itm", one) for one in items])
    assert sorted(row["item"] for row in rows) == sorted(parse("itm", one) for one in items)


async def test_puts_back_what_has_not_started(hub, idle, letters, sink):
    recipe, items = letters
    before = [await hub.item(recipe, one) for one in items]
    await execute("update triggers set state = 'paused' where recipe = $1", recipe.id)
    choice = ReplayChoice(items=items, from_start=True)
    replay = await idle.services.replays.start(recipe.member, choice)
    assert (replay.ended, replay.states) == (0, {"waiting": 3})
    back = await idle.services.replays.take_back(recipe.member, parse("rpl", replay.id))
    assert (back.ended, back.states) == (3, {"taken_back": 3})
    assert [await hub.item(recipe, one) for one in items] == before
    with pytest.raises(ConflictError, match="Every item has started"):
        await idle.services.replays.take_back(recipe.member, parse("rpl", replay.id))
    assert len(sink.got) == 6


async def test_replays_on_the_newest_version_and_passes_over_what_cannot_start_there(hub, letters, sink):
    recipe, _ = letters
    await hub.publish(recipe.member, POSTS.format(url=sink.url, path="mended").replace("id: second", "id: other"))
    choice = ReplayChoice(all=True, newest=True)
    preview = await hub.services.replays.preview(recipe.member, choice)
    reason = "Version 2 has no step second. Replay them from the beginning."
    assert (preview.items, preview.passed_over) == (0, [PassedOver(reason, 3)])
    with pytest.raises(ConflictError, match="no step second"):
        await hub.services.replays.start(recipe.member, choice)
    choice = ReplayChoice(all=True, newest=True, from_start=True)
    replay = await done(hub, recipe, await hub.services.replays.start(recipe.member, choice))
    assert replay.states == {"delivered": 3}
    assert [one.path for one in sink.got][6:] == ["/mended"] * 3


async def test_leaves_to_people_what_may_have_been_sent(hub, letters):
    recipe, items = letters
    await execute("update items set reason_kind = 'Unknown' where id = $1", parse("itm", items[0]))
    preview = await hub.services.replays.preview(recipe.member, ReplayChoice(all=True))
    assert (preview.items, [one.items for one in preview.passed_over]) == (2, [1])


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        ({"text": "NO 7"}, 3),
        ({"text": "no 8"}, 0),
        ({"text": "%"}, 0),
        ({"since": datetime.now(UTC) + timedelta(days=30)}, 0),
        ({"trigger": "webhook.received"}, 3),
        ({"trigger": "rss.new_entry"}, 0),
        ({"run_state": "dead"}, 3),
        ({"run_state": "running"}, 0),
        ({"run_text": "orders"}, 3),
        ({"states": ["delivered"]}, 0),
    ],
)
async def test_takes_what_the_filters_say(hub, letters, wanted, found):
    recipe, _ = letters
    preview = await hub.services.replays.preview(recipe.member, ReplayChoice(all=True, **wanted))
    assert preview.items == found


async def test_takes_the_items_of_named_runs(hub, letters):
    recipe, _ = letters
    runs = [one.id for one in await hub.runs(recipe)]
    assert (await hub.services.replays.preview(recipe.member, ReplayChoice(runs=runs))).items == 3


@pytest.mark.parametrize("choice", [{}, {"all": True, "items": ["itm_1"]}, {"items": ["itm_1"] * 1001}])
async def test_refuses_what_says_nothing_clear(hub, member, choice):
    with pytest.raises(InvalidError):
        await hub.services.replays.preview(member, ReplayChoice(**choice))


async def test_is_for_those_who_may_run_and_shows_strangers_nothing(hub, letters, members):
    recipe, items = letters
    choice = ReplayChoice(items=items)
    with pytest.raises(ForbiddenError):
        await hub.services.replays.start(members.viewer, choice)
    with pytest.raises(ConflictError):
        await hub.services.replays.start(members.outsider, choice)
    replay = await hub.services.replays.start(recipe.member, choice)
    with pytest.raises(NotFoundError):
        await hub.services.replays.show(members.outsider, parse("rpl", replay.id))
    assert [one.id for one in (await hub.services.replays.list(recipe.member)).entries] == [replay.id]

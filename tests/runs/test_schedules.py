"""Polled and calendar triggers: what they bring is kept with the cursor, what fails is put off and told."""

import asyncio
import secrets
from datetime import UTC, datetime, timedelta

import pytest

from hub.database import execute, fetch
from hub.ids import new_id
from tests.runs.hub import shown, states
from tests.runs.sink import Says

FOLDER = """
spec:
  trigger: {{uses: folder.file_added, with: {{directory: "{folder}", every: 1h}}}}
  steps: [{{id: keep, uses: set, with: {{fields: {{name: "{{{{ trigger.file.name }}}}"}}}}}}]
"""
FEED = """
spec:
  trigger: {{uses: http.new_element, with: {{url: "{url}", every: 1h}}}}
  steps: [{{id: keep, uses: set, with: {{fields: {{all: "{{{{ trigger }}}}"}}}}}}]
"""


@pytest.fixture
def folder(hub):
    made = hub.root / new_id().hex
    made.mkdir()
    return made


async def test_polls_when_it_is_due_and_brings_each_thing_once(hub, member, folder):
    (folder / "a.txt").write_text("a")
    recipe = await hub.publish(member, FOLDER.format(folder=folder))
    await hub.ended(recipe)
    (folder / "b.txt").write_text("b")
    await hub.hurry(recipe)
    items = await hub.ended(recipe, 2)
    assert [item.attempts[0].output["name"] for item in items] == ["a.txt", "b.txt"]


async def test_a_poll_without_news_leaves_the_cursor_alone(hub, member, folder):
    (folder / "a.txt").write_text("a")
    recipe = await hub.publish(member, FOLDER.format(folder=folder))
    await hub.ended(recipe)
    before = await hub.until("select * from triggers where recipe = $1 and leased_until is null", recipe.id)
    await hub.hurry(recipe)
    after = await hub.until(
        "select * from triggers where recipe = $1 and leased_until is null and last_poll_at > $2",
        recipe.id, before["last_poll_at"],
    )  # fmt: skip
    assert (after["cursor"], after["last_event_at"]) == (before["cursor"], before["last_event_at"])
    assert after["next_due_at"] > datetime.now(UTC) + timedelta(minutes=50)


async def test_a_poll_that_fails_is_put_off_longer_each_time_tells_why_and_recovers(hub, member, folder):
    gone = folder / "later"
    recipe = await hub.publish(member, FOLDER.format(folder=gone))
    first = await hub.until("select * from triggers where recipe = $1 and failures = 1", recipe.id)
    await hub.hurry(recipe)
    second = await hub.until("select * from triggers where recipe = $1 and failures = 2", recipe.id)
    assert "later" in first["message"]
    assert second["next_due_at"] >= first["next_due_at"]
    gone.mkdir()
    (gone / "a.txt").write_text("a")
    await hub.hurry(recipe)
    await hub.ended(recipe)
    await hub.until("select 1 from triggers where recipe = $1 and failures = 0 and message = ''", recipe.id)


async def test_waits_as_long_as_a_polled_service_asks(hub, member, sink):
    sink.says(Says(status=429, headers={"Retry-After": "600"}))
    recipe = await hub.publish(member, FEED.format(url=sink.url))
    row = await hub.until("select * from triggers where recipe = $1 and failures = 1", recipe.id)
    assert timedelta(minutes=9) < row["next_due_at"] - datetime.now(UTC) < timedelta(minutes=11)


async def test_a_poll_that_was_taken_over_stores_nothing(hub, idle, member, sink):
    taken = asyncio.Event()
    sink.always(Says(json=[{"id": 1}], after=taken))
    recipe = await hub.publish(member, FEED.format(url=sink.url))
    await hub.until("select 1 from triggers where recipe = $1 and leased_until is not null", recipe.id)
    await execute("update triggers set fence = fence + 1 where recipe = $1", recipe.id)
    taken.set()
    await asyncio.sleep(0.5)
    assert await hub.items(recipe) == []
    assert (await hub.trigger(recipe))["cursor"] is None


async def test_keeps_more_things_than_go_together(hub, member, sink):
    sink.always(Says(json=[{"id": number} for number in range(450)]))
    recipe = await hub.publish(member, FEED.format(url=sink.url))
    assert states(await hub.ended(recipe, 450)) == ["delivered"] * 450


async def test_knows_things_again_by_names_of_any_length(hub, member, sink):
    long = secrets.token_urlsafe(6000)
    sink.always(Says(json=[{"id": f"{long}a"}, {"id": f"{long}b"}]))
    recipe = await hub.publish(member, FEED.format(url=sink.url))
    assert states(await hub.ended(recipe, 2)) == ["delivered"] * 2
    await execute("update triggers set cursor = null where recipe = $1", recipe.id)
    await hub.hurry(recipe)
    again = await hub.until("select * from triggers where recipe = $1 and duplicates > 0", recipe.id)
    assert (again["duplicates"], len(await hub.items(recipe))) == (2, 2)


async def test_a_slow_service_keeps_nobody_waiting(hub, member, sink, folder):
    sink.always(Says(json=[], after=asyncio.Event()))
    await hub.publish(member, FEED.format(url=sink.url), "slow")
    await sink.came(1)
    recipe = await hub.publish(member, FOLDER.format(folder=folder), "quick")
    (folder / "a.txt").write_text("a")
    await hub.hurry(recipe)
    (item,) = await hub.ended(recipe)
    assert (item.item.state, sink.busy) == ("delivered", 1)


async def test_a_paused_recipe_is_not_asked(hub, member, folder):
    recipe = await hub.publish(member, FOLDER.format(folder=folder))
    await hub.rested(recipe)
    await hub.services.recipes.pause(member, recipe.name)
    (folder / "a.txt").write_text("a")
    await hub.hurry(recipe)
    await asyncio.sleep(0.3)
    assert await hub.items(recipe) == []
    await hub.services.recipes.resume(member, recipe.name)
    assert states(await hub.ended(recipe)) == ["delivered"]


async def test_asks_at_once_when_told_to(hub, member, folder):
    recipe = await hub.publish(member, FOLDER.format(folder=folder))
    await hub.until("select 1 from triggers where recipe = $1 and leased_until is null and last_poll_at is not null",
                    recipe.id)  # fmt: skip
    (folder / "a.txt").write_text("a")
    assert (await hub.services.runs.submit(member, recipe.id, None)).found == 1
    assert states(await hub.ended(recipe)) == ["delivered"]


CLOCK = """
spec:
  trigger: {{uses: schedule.due, with: {{every: 1h, missed: {missed}}}}}
  steps: [{{id: keep, uses: set, with: {{fields: {{at: "{{{{ trigger.due }}}}"}}}}}}]
"""


async def test_starts_at_the_due_time_with_that_time(hub, member):
    began = datetime.now(UTC)
    recipe = await hub.publish(member, CLOCK.format(missed="once").replace("1h", "1s"))
    row = await hub.until("select id from items where recipe = $1 and state = 'delivered' order by id", recipe.id)
    item = await hub.item(recipe, shown(row["id"]))
    due = datetime.fromisoformat(item.attempts[0].output["at"])
    assert (due.microsecond, began < due <= item.item.accepted_at) == (0, True)
    await hub.services.recipes.pause(member, recipe.name)


@pytest.fixture
def half_past():
    """The last three times of a clock that struck about half an hour ago, whatever the time is now."""
    last = (datetime.now(UTC) - timedelta(minutes=30)).replace(second=0, microsecond=0)
    return [last - timedelta(hours=hours) for hours in (2, 1, 0)]


@pytest.mark.parametrize(("missed", "count"), [("once", 1), ("skip", 0), ("all", 3)])
async def test_makes_up_for_missed_starts_as_it_says(hub, member, half_past, missed, count):
    cron = f"cron: '{half_past[0].minute} * * * *'"
    recipe = await hub.publish(member, CLOCK.format(missed=missed).replace("every: 1h", cron))
    await execute("update triggers set next_due_at = $2 where recipe = $1", recipe.id, half_past[0])
    await hub.wake()
    row = await hub.until("select * from triggers where recipe = $1 and next_due_at > now()", recipe.id)
    assert row["next_due_at"] == half_past[-1] + timedelta(hours=1)
    items = await hub.ended(recipe, count)
    assert [item.attempts[0].output["at"] for item in items] == [due.isoformat() for due in half_past][3 - count :]


async def test_starts_for_every_one_of_very_many_that_were_missed(hub, member):
    recipe = await hub.publish(member, CLOCK.format(missed="all").replace("1h", "1m"))
    await execute("update triggers set next_due_at = date_trunc('minute', now()) - interval '299 minutes'"
                  " where recipe = $1", recipe.id)  # fmt: skip
    await hub.wake()
    await hub.until("select * from triggers where recipe = $1 and next_due_at > now()", recipe.id)
    (row,) = await fetch("select count(*) from items where recipe = $1", recipe.id)
    assert row["count"] in {300, 301}


async def test_a_long_outage_starts_once_with_the_last_due_time(hub, member):
    last = (datetime.now(UTC) - timedelta(hours=2)).replace(minute=59, second=0, microsecond=0)
    cron = f"cron: '* {last.hour} * * *'"
    recipe = await hub.publish(member, CLOCK.format(missed="once").replace("every: 1h", cron))
    await execute("update triggers set next_due_at = $2 where recipe = $1", recipe.id, last - timedelta(days=20))
    await hub.wake()
    (item,) = await hub.ended(recipe)
    assert item.attempts[0].output["at"] == last.isoformat()


async def test_a_due_time_that_is_fired_twice_starts_once(hub, member, half_past):
    due = half_past[-1]
    cron = f"cron: '{due.minute} * * * *'"
    recipe = await hub.publish(member, CLOCK.format(missed="once").replace("every: 1h", cron))
    await execute("update triggers set next_due_at = $2 where recipe = $1", recipe.id, due)
    await hub.wake()
    await hub.ended(recipe)
    await execute("update triggers set next_due_at = $2 where recipe = $1", recipe.id, due)
    await hub.wake()
    await hub.until("select * from triggers where recipe = $1 and next_due_at > now()", recipe.id)
    assert len(await hub.items(recipe)) == 1

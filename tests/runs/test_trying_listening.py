"""Listening for one event: a webhook's test address, or what a poll brings that is new; the live cursor stays."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from hub.database import execute
from hub.errors import ConflictError, InvalidError, NotFoundError, UnavailableError
from hub.ids import new_id, parse
from hub.recipes import parse as parse_recipe
from hub.runs.trying import Attempted
from tests.runs.sink import Says

ONE_STEP = "\n  steps: [{id: one, uses: set, with: {fields: {a: 1}}}]"
HOOK = """
spec:
  trigger: {uses: webhook.received}
  settings: {subject: {key: "{{ trigger.body.n }}", live: join}}
  steps: [{id: named, uses: set, with: {fields: {n: "{{ trigger.body.n }}"}}}]
"""


def watching(folder, sink, existing="read"):
    return f"""
spec:
  trigger: {{uses: folder.file_added, with: {{directory: "{folder}", existing: {existing}, every: 1h}}}}
  steps: [{{id: post, uses: http.send, with: {{url: "{sink.url}", json: "{{{{ trigger.file.name }}}}"}}}}]
"""


@pytest.fixture
async def hooked(hub, member):
    return await hub.publish(member, HOOK)


@pytest.fixture
def folder(hub):
    made = hub.root / new_id().hex
    made.mkdir()
    return made


async def stands(hub, recipe, listening):
    """Look at once, whenever the last look was."""
    identity = parse("lsn", listening.id)
    await execute("update listenings set next_look_at = now() where id = $1", identity)
    return await hub.services.listenings.show(recipe.member, recipe.id, identity)


async def test_the_first_event_at_the_test_address_ends_the_listening(hub, hooked):
    listening = await hub.services.listenings.begin(hooked.member, hooked.id)
    assert (listening.kind, listening.state) == ("webhook", "listening")
    assert (await hub.call(listening.test_path, json=[])).json() == {"items": []}
    answer = await hub.call(listening.test_path, json={"n": 4})
    heard = await stands(hub, hooked, listening)
    assert (answer.status_code, heard.state, heard.item) == (202, "heard", answer.json()["item"])
    assert (await hub.call(listening.test_path, json={"n": 5})).status_code == 404
    made = await hub.services.tries.attempt(hooked.member, hooked.id, "named", Attempted(item=heard.item))
    assert made.steps[-1].output == {"n": 4}


async def test_a_test_event_joins_nothing_that_lives_and_uses_up_no_key(hub, hooked):
    headers = {"webhook_id": "same"}
    live = (await hub.post(hooked, {"n": 1}, **headers)).json()["item"]
    await hub.services.listenings.begin(hooked.member, hooked.id)
    tested = (await hub.post(hooked, {"n": 1}, test=True, **headers)).json()
    assert tested["item"] != live
    found = await hub.services.tries.samples(hooked.member, hooked.id)
    assert {one.id: one.origin for one in found} == {live: "live", tested["item"]: "test"}


async def test_listening_ends_when_somebody_else_begins_when_it_is_cancelled_and_when_time_is_up(hub, hooked):
    first = await hub.services.listenings.begin(hooked.member, hooked.id)
    second = await hub.services.listenings.begin(hooked.member, hooked.id)
    assert (await stands(hub, hooked, first)).state == "cancelled"
    await hub.services.listenings.cancel(hooked.member, hooked.id, parse("lsn", second.id))
    assert (await stands(hub, hooked, second)).state == "cancelled"
    assert (await hub.call(second.test_path, json={})).status_code == 404
    third = await hub.services.listenings.begin(hooked.member, hooked.id)
    await execute("update listenings set until = now() where id = $1", parse("lsn", third.id))
    assert (await stands(hub, hooked, third)).state == "over"


async def test_of_two_who_begin_at_once_one_listens(hub, hooked):
    both = await asyncio.gather(*(hub.services.listenings.begin(hooked.member, hooked.id) for _ in range(2)))
    assert sorted([(await stands(hub, hooked, one)).state for one in both]) == ["cancelled", "listening"]


async def test_a_poll_waits_for_the_next_new_item_and_moves_no_cursor(hub, member, sink, folder):
    (folder / "old.txt").write_text("old")
    recipe = await hub.publish(member, watching(folder, sink))
    await hub.ended(recipe)
    before = dict(await hub.trigger(recipe))
    listening = await hub.services.listenings.begin(member, recipe.id)
    waiting = await stands(hub, recipe, listening)
    assert (waiting.state, waiting.looks) == ("listening", 1)
    (folder / "new.txt").write_text("new")
    heard = await stands(hub, recipe, listening)
    assert (heard.state, heard.looks) == ("heard", 2)
    tried = await hub.services.tries.attempt(member, recipe.id, "post", Attempted(item=heard.item))
    assert tried.steps[-1].changes[0].after["json"] == "new.txt"
    after = dict(await hub.trigger(recipe))
    assert (after["cursor"], after["next_due_at"]) == (before["cursor"], before["next_due_at"])
    assert sink.bodies == ["old.txt"]


async def test_a_look_is_not_made_more_often_than_the_service_likes(hub, member, sink, folder):
    recipe = await hub.publish(member, watching(folder, sink))
    began = datetime.now(UTC)
    listening = await hub.services.listenings.begin(member, recipe.id)
    put_off = "update listenings set next_look_at = now() + interval '1 hour' where id = $1 and next_look_at > $2"
    assert await execute(put_off, parse("lsn", listening.id), began + timedelta(seconds=1.5)) == 1
    (folder / "new.txt").write_text("new")
    at_once = await hub.services.listenings.show(member, recipe.id, parse("lsn", listening.id))
    assert (at_once.state, at_once.looks) == ("listening", 0)


async def test_reading_now_keeps_the_newest_items_once(hub, member, sink, folder):
    (folder / "a.txt").write_text("a")
    recipe = await hub.publish(member, watching(folder, sink, existing="skip"))
    with pytest.raises(InvalidError, match="nothing to read now"):
        await hub.services.listenings.read(member, recipe.id)
    draft = await hub.publish(member, watching(folder, sink))
    await hub.ended(draft)
    await hub.services.listenings.read(member, draft.id)
    read = await hub.services.listenings.read(member, draft.id)
    kept = [one for one in await hub.services.tries.samples(member, draft.id) if one.origin == "test"]
    assert [one.id for one in kept] == [one.id for one in read]


async def test_a_folder_that_is_gone_ends_the_listening_with_the_reason(hub, member, sink, folder):
    recipe = await hub.publish(member, watching(folder, sink))
    listening = await hub.services.listenings.begin(member, recipe.id)
    folder.rmdir()
    failed = await stands(hub, recipe, listening)
    assert (failed.state, folder.name in failed.message) == ("failed", True)


async def test_what_is_given_by_hand_or_called_is_not_waited_for_or_read(hub, member, hooked):
    by_hand = await hub.publish(member, "spec:\n  trigger: {uses: manual.submitted}" + ONE_STEP, name="by-hand")
    with pytest.raises(ConflictError):
        await hub.services.listenings.begin(member, by_hand.id)
    with pytest.raises(InvalidError):
        await hub.services.listenings.read(member, by_hand.id)
    with pytest.raises(ConflictError):
        await hub.services.listenings.read(member, hooked.id)
    with pytest.raises(NotFoundError):
        await hub.services.listenings.show(member, by_hand.id, new_id())


async def test_a_calendar_is_read_as_due_now(hub, member):
    text = "spec:\n  trigger: {uses: schedule.due, with: {every: 1h}}" + ONE_STEP
    recipe = await hub.publish(member, text, name="hourly")
    (sample,) = await hub.services.listenings.read(member, recipe.id)
    (known,) = await hub.services.tries.known(member, recipe.id)
    assert (known.sample.id, "due" in known.content) == (sample.id, True)


async def test_a_service_that_does_not_answer_now_is_told_apart_from_a_wrong_setting(hub, member, sink):
    sink.always(Says(status=503))
    text = f"spec:\n  trigger: {{uses: rss.new_entry, with: {{url: '{sink.url}/feed'}}}}{ONE_STEP}"
    document = parse_recipe(f"apiVersion: patchdeck/v1\nkind: Recipe\nmetadata: {{name: feed}}\n{text}")
    await hub.services.recipes.apply(member, document)
    recipe = await hub.services.recipes.identify(member, "feed")
    with pytest.raises(UnavailableError):
        await hub.services.listenings.begin(member, recipe)
    sink.always(Says(status=404))
    with pytest.raises(InvalidError):
        await hub.services.listenings.begin(member, recipe)

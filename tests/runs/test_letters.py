"""Dead letters have an owner, a note, a cause, an end; triggers and targets say how they fare."""

import csv
import io

import pytest

from hub.database import execute, fetch
from hub.errors import ConflictError, ForbiddenError, InvalidError, NotFoundError
from hub.ids import new_id, parse, show
from hub.mail import Mail
from hub.runs import DeliveryFilter, Filter, LetterNotices, ReplayChoice
from tests.runs.letters import served
from tests.runs.people import address
from tests.runs.sink import Says

POSTS = """
spec:
  trigger: {{uses: webhook.received}}
  steps: [{{id: send, uses: http.send, with: {{url: "{url}/in", json: "{{{{ trigger.body.n }}}}"}}}}]
  settings: {{concurrency: 1}}
"""
FEED = """
spec:
  trigger: {{uses: rss.new_entry, with: {{url: "{url}/feed", every: 1h}}}}
  steps: [{{id: keep, uses: set, with: {{fields: {{n: 1}}}}}}]
"""


@pytest.fixture
async def letters(hub, member, sink):
    """Three dead letters of one cause and one of another."""
    recipe = await hub.publish(member, POSTS.format(url=sink.url))
    sink.says(*[Says(status=422, json=f"no {number}") for number in (1, 22, 333)], Says(status=404))
    await hub.post(recipe, [{"n": number} for number in range(4)])
    items = await hub.ended(recipe, 4)
    return recipe, [one.item.id for one in items]


async def listed(hub, recipe, **wanted):
    found = await hub.services.history.items(recipe.member, Filter(**{"letters": "open", **wanted}))
    return [one.id for one in found.entries]


async def test_what_failed_alike_has_one_cause_and_is_replayed_by_it(hub, letters):
    recipe, items = letters
    causes = await hub.services.letters.causes(recipe.member)
    assert [one.items for one in causes] == [3, 1]
    assert await listed(hub, recipe, cause=causes[0].id) == [items[2], items[1], items[0]]
    replay = await hub.services.replays.start(recipe.member, ReplayChoice(all=True, cause=causes[0].id))
    assert replay.items == 3


async def test_an_owner_is_told_and_finds_their_own(hub, letters, members):
    recipe, items = letters
    owner = show("usr", members.editor.user)
    assert await hub.services.letters.assign(recipe.member, items[:2], owner) == 2
    assert await listed(hub, recipe, owner=members.editor.user) == [items[1], items[0]]
    told = await fetch("select body from outbox where workspace = $1 and kind = 'item.assigned'", members.workspace)
    assert len(told) == 1
    assert await hub.services.letters.assign(recipe.member, items, None) == 4
    assert await listed(hub, recipe, owner=members.editor.user) == []


@pytest.fixture
async def post():
    """A mail server, and what sends over it to those whom dead letters were given to."""
    await execute("delete from letter_notices")
    async with served() as server:
        yield server, LetterNotices(Mail(server.url, "Patchdeck <hub@example.test>"), "https://hub.test")


async def test_an_owner_gets_one_mail_of_what_others_gave_them(hub, letters, members, post):
    recipe, items = letters
    server, notices = post
    service, editor = hub.services.letters, show("usr", members.editor.user)
    await service.assign(members.editor, items[:1], editor)
    assert await notices.once() == 0
    await service.assign(members.owner, items[:3], editor)
    await service.assign(members.owner, items[:3], editor)
    server.refused = 1
    assert (await notices.once(), server.waiting) == (1, 0)
    await execute("update letter_notices set next_at = now()")
    assert await notices.once() == 1
    (mail,) = await server.next()
    assert (mail["To"], mail["Subject"]) == (await address(members.editor), f"2 dead letters for you: {recipe.name}")
    assert "https://hub.test/dead-letters?owner=me" in mail.get_content()
    assert "no 22" not in mail.get_content()
    await service.assign(members.owner, items[3:], editor)
    assert await notices.once() == 1
    (mail,) = await server.next()
    assert f"https://hub.test/items/{items[3]}" in mail.get_content()
    assert await fetch("select 1 from letter_notices") == []


async def test_nobody_is_told_of_what_is_settled_or_may_not_be_theirs(hub, letters, members, post):
    recipe, items = letters
    server, notices = post
    await hub.services.letters.assign(members.owner, items[:1], show("usr", members.viewer.user))
    await hub.services.letters.assign(members.owner, items[1:2], show("usr", members.editor.user))
    await hub.services.letters.close(recipe.member, items[1:2], "resolved", "By hand.")
    assert (await notices.once(), server.waiting) == (0, 0)
    await hub.services.letters.assign(members.owner, items[2:3], show("usr", members.editor.user))
    assert await LetterNotices(Mail(), "https://hub.test").once() == 0
    assert await fetch("select 1 from letter_notices") == []


async def test_a_closed_letter_leaves_the_list_with_its_reason_and_comes_back(hub, letters):
    recipe, items = letters
    await hub.services.letters.close(recipe.member, items[:1], "resolved", "  Booked by hand.  ")
    await hub.services.letters.close(recipe.member, items[1:2], "ignored", "A test of theirs.")
    assert await listed(hub, recipe) == [items[3], items[2]]
    assert await listed(hub, recipe, letters="resolved") == items[:1]
    assert (await hub.item(recipe, items[0])).item.closed_reason == "Booked by hand."
    assert (await hub.services.history.overview(recipe.member)).dead == 2
    assert (await hub.services.replays.preview(recipe.member, ReplayChoice(all=True))).items == 2
    with pytest.raises(ConflictError):
        await hub.services.letters.close(recipe.member, items[:1], "ignored", "Again.")
    assert await hub.services.letters.reopen(recipe.member, items[:2]) == 2
    assert len(await listed(hub, recipe)) == 4


async def test_every_act_is_in_the_audit_log(hub, letters, members):
    recipe, items = letters
    await hub.services.letters.note(recipe.member, parse("itm", items[0]), " <b>They</b> know. ")
    await hub.services.letters.assign(recipe.member, items[:1], None)
    await hub.services.letters.close(recipe.member, items[:1], "ignored", "No.")
    entries = await hub.services.audit.entries(recipe.member, limit=3)
    assert [one.verb for one in entries] == ["item.closed", "item.assigned", "item.noted"]
    assert (await hub.item(recipe, items[0])).item.note == "<b>They</b> know."


async def test_refuses_what_is_not_theirs_or_says_too_little(hub, letters, members):
    recipe, items = letters
    service = hub.services.letters
    with pytest.raises(InvalidError):
        await service.close(recipe.member, items, "resolved", "  ")
    with pytest.raises(InvalidError):
        await service.assign(recipe.member, [], None)
    with pytest.raises(NotFoundError):
        await service.assign(recipe.member, items, show("usr", members.outsider.user))
    with pytest.raises(NotFoundError):
        await service.close(members.outsider, items, "ignored", "Mine.")
    with pytest.raises(NotFoundError):
        await service.note(members.outsider, parse("itm", items[0]), "Mine.")
    with pytest.raises(ForbiddenError):
        await service.assign(members.viewer, items, None)


async def test_the_newest_item_tells_when_a_webhook_last_heard(hub, letters):
    recipe, items = letters
    newest = max([(await hub.item(recipe, item)).item.accepted_at for item in items])
    assert (await hub.services.triggers.show(recipe.member, recipe.id)).last_event_at == newest


async def test_failing_triggers_stand_first_with_their_sentence(hub, member, sink):
    hook = await hub.publish(member, POSTS.format(url=sink.url), "hook")
    feed = await hub.publish(member, FEED.format(url="http://127.0.0.1:1"), "feed")
    found = await hub.services.triggers.poll(member, feed.id)
    assert (found.health, found.failures > 0, "cannot be reached" in found.message) == ("failing", True, True)
    rest = await hub.publish(member, POSTS.format(url=sink.url), "rest")
    await hub.services.recipes.pause(member, "rest")
    listed = await hub.services.triggers.list(member)
    assert [(one.recipe_name, one.health) for one in listed] == [
        ("feed", "failing"),
        ("hook", "ok"),
        ("rest", "paused"),
    ]
    assert listed[1].hook_url == f"http://hub.test/hooks/{hook.token}"
    assert (await hub.services.triggers.show(member, rest.id)).state == "paused"
    with pytest.raises(ConflictError):
        await hub.services.triggers.poll(member, hook.id)


async def test_a_late_poll_and_a_lost_connection_are_told(hub, member, members):
    feed = await hub.publish(member, FEED.format(url="http://127.0.0.1:1"), "late")
    await hub.until("select 1 from triggers where recipe = $1 and failures > 0 and leased_until is null", feed.id)
    async with hub.sweeping:  # which asks a trigger that is late
        await execute(
            "update triggers set shard = 9, failures = 0, message = '', next_due_at = now() - interval '5 minutes'"
            " where recipe = $1", feed.id,
        )  # fmt: skip
        late = await hub.services.triggers.show(members.viewer, feed.id)
    assert (late.health, 300 <= late.late_seconds < 330, late.hook_url) == ("late", True, None)
    await execute(
        "update document_versions"
        " set content = jsonb_set(content::jsonb, '{spec,trigger,connection}', '\"gone\"')::json"
        " where document = $1", feed.id,
    )  # fmt: skip
    lost = await hub.services.triggers.show(member, feed.id)
    assert (lost.health, lost.connection_message) == (
        "failing", "There is no connection gone any more. Add one under this name, or choose another.",
    )  # fmt: skip
    with pytest.raises(NotFoundError):
        await hub.services.triggers.show(members.outsider, feed.id)


async def test_the_ledger_is_counted_and_listed_by_target(hub, letters, members):
    recipe, items = letters
    (target,) = await hub.services.deliveries.targets(recipe.member)
    assert (target.target, target.failed, target.sent) == ("http.send", 4, 0)
    found = await hub.services.deliveries.list(recipe.member, DeliveryFilter(state="trouble", limit=3))
    assert ([one.item for one in found.entries], found.cursor is not None) == ([items[3], items[2], items[1]], True)
    before = parse("dlv", found.cursor or "")
    rest = await hub.services.deliveries.list(recipe.member, DeliveryFilter(target="http.send", before=before))
    assert [one.item for one in rest.entries] == items[:1]
    assert (await hub.services.deliveries.list(members.outsider, DeliveryFilter())).entries == []


async def test_the_csv_holds_what_the_filters_say_and_no_formulas(hub, letters):
    recipe, items = letters
    await execute("update deliveries set reference = '=cmd()' where item = $1", parse("itm", items[0]))
    content = await hub.services.deliveries.export(recipe.member, DeliveryFilter(recipe=recipe.id))
    rows = list(csv.DictReader(io.StringIO(content.decode())))
    assert (len(rows), rows[-1]["reference"], rows[-1]["item"]) == (4, "'=cmd()", items[0])
    none = await hub.services.deliveries.export(recipe.member, DeliveryFilter(recipe=new_id()))
    assert none.decode().count("\r\n") == 1


async def test_steps_of_a_run_are_summed_over_items_and_tries(hub, letters):
    recipe, _ = letters
    runs = await hub.runs(recipe)
    used = [one for run in runs for one in await hub.services.history.use(recipe.member, parse("run", run.id))]
    assert (sum(one.items for one in used), sum(one.failed for one in used)) == (4, 4)
    assert all(one.took_ms >= one.slowest_ms > 0 for one in used)

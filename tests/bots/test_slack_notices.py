"""What the Slack bot tells by itself: questions, failures, ends of runs, the App Home, how it fares."""

from __future__ import annotations

import asyncio
import logging

from hub.composition import Built, Services
from hub.database import execute
from hub.decisions import APPROVAL, Answer
from hub.identities import Carriers, CarrierSummary, Setup
from tests.bots.conftest import ask, ended, failed, publish
from tests.bots.dialog import BASE, Dialog
from tests.bots.slack_bot import api, at_work, bot, identity_of, link, linked_api, user
from tests.conftest import Members
from tests.peers.slack import APP_TOKEN, TOKEN, SlackApi
from tests.peers.slack_people import labels, words
from tests.runs.people import user_id

__all__ = ["api", "bot", "linked_api", "user"]


async def test_a_stranger_in_a_channel_is_told_alone(bot, api: SlackApi):
    before = len(api.sent)
    await api.push("events_api", api.people.mention("U8", "recipes"))
    assert "I do not know you yet" in await api.answer(before)
    assert api.sent[-1]["user"] == "U8"


async def test_an_approval_is_told_answered_by_button_and_replaced(bot, api: SlackApi, services, members: Members):
    await link(services, api, members.editor, "U26")
    await link(services, api, members.admin, "U27")
    before = len(api.sent)
    reference = await ask(services, members.editor)
    await api.until(lambda: len(api.sent) == before + 2)
    assert all("Approval: Invoice <17>" in words(one["blocks"]) for one in api.sent[before:])
    pressed = api.people.press("U26", next(one for one in api.sent[before:] if one["channel"] == "D26"), "Approve")
    again = pressed | {"trigger_id": api.people.trigger()}
    await asyncio.gather(api.push("interactive", pressed), api.push("interactive", again))
    await api.until(lambda: {one["channel"] for one in api.updated} == {"D26", "D27"})
    assert all("approved by" in words(one["blocks"]) and labels(one["blocks"]) == [] for one in api.updated)
    assert (await services.decisions.find(members.editor, APPROVAL, reference)).summary.decision == "approved"
    await api.until(lambda: api.responses)
    assert "used already" in words(api.responses[0]["blocks"])


async def test_what_is_decided_elsewhere_replaces_the_question(bot, api: SlackApi, services, members: Members):
    await link(services, api, members.editor, "U28")
    before = len(api.sent)
    reference = await ask(services, members.editor)
    await api.answer(before)
    await services.decisions.answer(members.owner, APPROVAL, reference, Answer(decision="reject"))
    await api.until(lambda: api.updated)
    assert "rejected by" in words(api.updated[0]["blocks"])
    assert "Invoice <17>" in words(api.updated[0]["blocks"])


async def test_a_question_asked_by_command_is_replaced_where_only_one_sees_it(bot, api, services, members: Members):
    await link(services, api, members.editor, "U29")
    await services.identities.tell(await identity_of(services, "U29"), notices=False)
    reference = await ask(services, members.editor)
    await api.push("slash_commands", api.people.command("U29", f"reviews {reference}"))
    await api.until(lambda: api.responses)
    await api.push("interactive", api.people.press("U29", api.responses[0], "Reject"))
    await api.until(lambda: len(api.responses) == 2)
    assert api.responses[1]["replace_original"] is True
    assert "rejected by" in api.responses[1]["text"]


async def test_a_channel_is_told_and_whoever_may_decides_there(bot, api: SlackApi, services, members: Members):
    await publish(services, members.editor)
    await link(services, api, members.editor, "U30")
    await link(services, api, members.admin, "U31")
    before = len(api.sent)
    await api.push("events_api", api.people.mention("U30", "notices here", "C0OPS"))
    assert "This channel is told" in await api.answer(before)
    await api.push("events_api", api.people.mention("U31", "notices here", "C0OPS"))
    assert "is told already" in await api.answer(before + 1)
    assert "notices off" in await api.says("U31", "notices")
    await api.says("U31", "notices off")
    before = len(api.sent)
    await ask(services, members.editor)
    await api.answer(before)
    assert api.sent[-1]["channel"] == "C0OPS"
    await api.push("interactive", api.people.press("U31", api.sent[-1], "Approve"))
    await api.until(lambda: api.updated)
    assert "approved by" in words(api.updated[0]["blocks"])


async def test_a_channel_that_is_gone_loses_no_notice(bot, api: SlackApi, services: Services, members: Members):
    await link(services, api, members.editor, "U32")
    await services.identities.tell(await identity_of(services, "U32"), notices=True, room="C0GONE")
    api.faults.append(
        lambda method, given: (
            (200, {"ok": False, "error": "is_archived"}, {}) if given.get("channel") == "C0GONE" else None
        )
    )
    before = len(api.sent)
    await ask(services, members.editor)
    assert "I cannot write to the channel you chose" in await api.answer(before)
    assert api.sent[-1]["channel"] == "D32"


async def test_a_failed_run_is_told_once(bot, api: SlackApi, services: Services, members: Members):
    recipe = await publish(services, members.editor)
    await link(services, api, members.editor, "U33")
    before = len(api.sent)
    run = await failed(services, members.editor, recipe)
    assert "orders: 1 item failed for good." in await api.answer(before)
    assert run in words(api.sent[-1]["blocks"])
    await services.outbox.publish(members.workspace, "run.done", run, {"kind": "live", "dead": 1})
    await ask(services, members.editor)
    await api.until(lambda: len(api.sent) == before + 2)
    assert "Approval" in words(api.sent[-1]["blocks"])


async def test_a_dead_letter_is_told_to_its_owner_alone_and_not_when_taken(
    bot, api: SlackApi, services: Services, members: Members
):
    recipe = await publish(services, members.editor)
    found = await services.runs.submit(members.editor, recipe, None)
    await execute("update items set state = 'dead' where recipe = $1", recipe)
    await link(services, api, members.editor, "U38")
    await link(services, api, members.admin, "U39")
    before, letters = len(api.sent), [str(found.item)]
    await services.letters.assign(members.admin, letters, user_id(members.admin))
    await services.letters.assign(members.admin, letters, user_id(members.editor))
    assert "orders: A dead letter is yours now." in await api.answer(before)
    assert (api.sent[-1]["channel"], len(api.sent)) == ("D38", before + 1)
    assert f"{BASE}/items/{found.item}" in words(api.sent[-1]["blocks"])
    await services.letters.assign(members.admin, letters, None)
    await services.letters.assign(members.admin, letters, user_id(members.editor))
    await api.until(lambda: len(api.sent) == before + 2)


async def test_what_came_of_a_run_is_told_in_its_thread(bot, api: SlackApi, services: Services, members: Members, user):
    await link(services, api, members.editor, user)
    recipe = await publish(services, members.editor)
    before, said = len(api.sent), api.people.mention(user, "run orders")
    await api.push("events_api", said)
    assert (await api.answer(before)) == "orders has started."
    await ended(services, members.editor, recipe)
    assert (await api.answer(before + 1)).startswith("orders: done: 1 delivered.")
    assert (api.sent[-1]["channel"], api.sent[-1]["thread_ts"]) == ("C0GENERAL", said["event"]["ts"])


async def test_a_run_that_ends_before_its_start_is_told_is_told_all_the_same(built: Built, services, members: Members):
    recipe = await publish(services, members.editor)
    identity = await (await Dialog(services, carrier="slack").link(members.editor)).identity()
    await services.runs.submit(members.editor, recipe, None)
    item = await ended(services, members.editor, recipe)
    await built.chat_notices.gather()
    await built.chat_notices.follow(identity, "C1/1.1/1.1", item)
    taken = [one for one in await built.chat_notices.take("slack") if one.identity.id == identity.id]
    assert [(one.kind, one.body) for one in taken] == [("run.ended", {"message": "C1/1.1/1.1"})]


async def test_a_question_that_is_decided_while_it_is_sent_says_so_all_the_same(
    built: Built, services, members: Members
):
    identity = await (await Dialog(services, carrier="slack").link(members.editor)).identity()
    reference, notices = await ask(services, members.editor), built.chat_notices
    await notices.gather()
    [asked] = [one for one in await notices.take("slack") if one.identity.id == identity.id]
    await services.decisions.answer(members.owner, APPROVAL, reference, Answer(decision="approve"))
    await notices.gather()
    await notices.posted(identity, "C1/1.1", reference, "[]")
    told = [one for one in await notices.take("slack") if one.identity.id == identity.id]
    assert [(one.kind, one.subject) for one in (asked, *told)] == [
        ("approval.asked", reference),
        ("approval.decided", reference),
    ]


async def test_the_app_home_shows_how_things_stand_and_its_buttons_speak(
    bot, api: SlackApi, services, members: Members
):
    await publish(services, members.editor)
    await link(services, api, members.editor, "U35")
    await ask(services, members.editor)
    await api.push("events_api", api.people.event(type="app_home_opened", user="U35", tab="home", channel="D35"))
    await api.until(lambda: api.homes)
    shown = words(api.homes[0]["blocks"])
    assert "Recipes: 1 live" in shown
    assert "Invoice <17>" in shown
    assert {"New recipe", "Approval: Invoice <17>", "Orders to table"} <= set(labels(api.homes[0]["blocks"]))
    await api.push("interactive", api.people.press_in_view("U35", api.homes[0], "Orders to table"))
    await api.until(lambda: any("When: Webhook: Event received" in words(one["blocks"]) for one in api.sent))


async def test_a_stranger_reads_in_the_app_home_how_to_link(bot, api: SlackApi):
    await api.push("events_api", api.people.event(type="app_home_opened", user="U36", tab="home", channel="D36"))
    await api.until(lambda: api.homes)
    assert "I do not know you yet" in words(api.homes[0]["blocks"])
    assert labels(api.homes[0]["blocks"]) == ["Open Patchdeck"]


async def test_the_settings_page_can_tell_whether_it_is_connected(bot, api: SlackApi, members: Members):
    told = await _told(members, "connected")
    assert (told.place, told.bot, told.ways) == ("Test & Co", "patchdeck", ["socket"])


async def test_a_wrong_token_is_told_and_never_logged(built: Built, api: SlackApi, members: Members, caplog):
    api.faults.append(lambda method, _: (200, {"ok": False, "error": "invalid_auth"}, {}))
    with caplog.at_level(logging.DEBUG):
        async with at_work(built, api):
            await api.until(lambda: "check PATCHDECK_SLACK_BOT_TOKEN" in caplog.text)
            told = await _told(members, "refused")
    assert told.detail == "Slack does not know the token. Check PATCHDECK_SLACK_BOT_TOKEN."
    assert TOKEN not in caplog.text
    assert APP_TOKEN not in caplog.text


async def _told(members: Members, state: str) -> CarrierSummary:
    """What the settings page is told, once it is this."""
    carriers = Carriers(Setup(url=BASE, slack=True))
    async with asyncio.timeout(60):
        while (told := (await carriers.list(members.viewer))[0]).state != state:
            await asyncio.sleep(0.05)
    return told

"""What is said to the Slack bot and what it answers, to whom."""

from __future__ import annotations

import asyncio

from hub.composition import Services
from hub.database import execute, fetch
from tests.bots.conftest import publish
from tests.bots.slack_bot import api, bot, link, linked_api, user
from tests.conftest import Members
from tests.peers.slack import SlackApi
from tests.peers.slack_people import labels, words

__all__ = ["api", "bot", "linked_api", "user"]


async def test_a_stranger_is_refused_and_a_code_lets_in(bot, api: SlackApi, services: Services, members: Members):
    assert "I do not know you yet" in await api.says("U1", "recipes")
    await link(services, api, members.editor, "U1")
    assert "There are no recipes yet" in await api.says("U1", "recipes")
    (linked,) = await services.identities.list(members.editor)
    assert (linked.carrier, linked.name) == ("slack", "Ann <b>Bold</b>")


async def test_the_same_user_of_another_team_is_somebody_else(bot, api: SlackApi, services: Services, members: Members):
    await link(services, api, members.editor, "U2")
    assert "I do not know you yet" in await api.says("U2", "recipes", team="T9OTHER")


async def test_a_slash_command_is_acknowledged_and_answered_to_one_alone(
    bot, api: SlackApi, services, members: Members
):
    await publish(services, members.editor)
    await link(services, api, members.editor, "U3")
    before = len(api.sent)
    acknowledged = await api.push("slash_commands", api.people.command("U3", "show orders"))
    assert "payload" not in acknowledged
    await api.until(lambda: api.responses)
    (answer,) = api.responses
    assert (answer["response_type"], answer["replace_original"]) == ("ephemeral", False)
    assert labels(answer["blocks"]) == ["Run now", "Plan", "Pause", "Runs"]
    assert len(api.sent) == before


async def test_buttons_carry_short_ids_and_work(bot, api: SlackApi, services: Services, members: Members):
    await publish(services, members.editor)
    await link(services, api, members.editor, "U4")
    await api.says("U4", "show orders")
    (actions,) = [block for block in api.sent[-1]["blocks"] if block["type"] == "actions"]
    assert all(len(element["value"]) < 20 for element in actions["elements"])
    before = len(api.sent)
    await api.push("interactive", api.people.press("U4", api.sent[-1], "Pause"))
    assert (await api.answer(before)).startswith("orders is paused.")


async def test_many_choices_are_a_menu_and_ways_back_stay_buttons(
    bot, api: SlackApi, services: Services, members: Members
):
    await link(services, api, members.editor, "U5")
    assert (await api.says("U5", "new something nice")).startswith("What starts it?")
    assert [one["type"] for one in api.sent[-1]["blocks"][1]["elements"]] == ["static_select", "button"]
    await _press(api, "The web")
    assert labels(api.sent[-1]["blocks"])[-3:] == ["Back", "Cancel", "Open as a form"]
    assert (await _press(api, "Webhook")).startswith("Where do the results go?")
    assert (await _press(api, "Back")).startswith("What starts it?")


async def _press(api: SlackApi, label: str) -> str:
    before = len(api.sent)
    await api.push("interactive", api.people.press("U5", api.sent[-1], label))
    return await api.answer(before)


async def test_a_mention_is_answered_in_its_thread_for_all(bot, api: SlackApi, services: Services, members: Members):
    await publish(services, members.editor)
    await link(services, api, members.editor, "U6")
    before, said = len(api.sent), api.people.mention("U6", "recipes")
    await api.push("events_api", said)
    assert "orders" in await api.answer(before)
    assert (api.sent[-1]["channel"], api.sent[-1]["thread_ts"]) == ("C0GENERAL", said["event"]["ts"])


async def test_where_other_organisations_read_along_one_alone_is_answered(
    bot, api: SlackApi, services, members: Members
):
    await link(services, api, members.editor, "U7")
    before = len(api.sent)
    await api.push("events_api", api.people.mention("U7", "recipes") | {"is_ext_shared_channel": True})
    await api.answer(before)
    assert api.sent[-1]["user"] == "U7"


async def test_everybody_linked_may_press_what_all_see_with_their_own_rights(
    bot, api: SlackApi, services: Services, members: Members
):
    await publish(services, members.editor)
    await link(services, api, members.editor, "U9")
    await link(services, api, members.viewer, "U10")
    before = len(api.sent)
    await api.push("events_api", api.people.mention("U9", "show orders"))
    await api.answer(before)
    shown = api.sent[-1]
    await api.push("interactive", api.people.press("U10", shown, "Pause"))
    await api.until(lambda: api.responses)
    assert words(api.responses[0]["blocks"]) == "This needs the role editor; yours is viewer."
    await api.push("interactive", api.people.press("U11", shown, "Pause"))
    await api.until(lambda: len(api.responses) == 2)
    assert "I do not know you yet" in words(api.responses[1]["blocks"])


async def test_somebody_elses_direct_button_does_nothing(bot, api: SlackApi, services: Services, members: Members):
    await publish(services, members.editor)
    await link(services, api, members.editor, "U12")
    await link(services, api, members.admin, "U13")
    await api.says("U12", "show orders")
    await api.push("interactive", api.people.press("U13", api.sent[-1], "Pause"))
    await api.until(lambda: api.responses)
    assert "used already or has run out" in words(api.responses[0]["blocks"])


async def test_a_button_that_has_run_out_says_so(bot, api: SlackApi, services: Services, members: Members):
    await publish(services, members.editor)
    await link(services, api, members.editor, "U14")
    await api.says("U14", "show orders")
    await execute("update chat_buttons set expires_at = now()")
    await api.push("interactive", api.people.press("U14", api.sent[-1], "Pause"))
    await api.until(lambda: api.responses)
    assert "has run out" in words(api.responses[0]["blocks"])


async def test_an_event_that_comes_again_does_nothing(bot, api: SlackApi, services: Services, members: Members):
    recipe = await publish(services, members.editor)
    await link(services, api, members.editor, "U15")
    said = api.people.message("U15", "run orders")
    for envelope in ("one", "one", "two"):
        await api.push("events_api", said, envelope)
    await api.until(lambda: any("has started" in words(one["blocks"]) for one in api.sent))
    assert "There is no recipe" in await api.says("U15", "show nothing")
    assert len(await fetch("select id from items where recipe = $1", recipe)) == 1
    assert sum("has started" in words(one["blocks"]) for one in api.sent) == 1


async def test_after_a_disconnect_the_socket_is_opened_again(bot, api: SlackApi, services: Services, members: Members):
    await link(services, api, members.editor, "U16")
    (first,) = api.sockets
    await first.send_json({"type": "disconnect", "reason": "refresh_requested", "debug_info": {"host": "h"}})
    await api.until(lambda: api.sockets and api.sockets[-1] is not first)
    assert "There are no recipes yet" in await api.says("U16", "recipes")


async def test_a_socket_that_breaks_is_opened_again(bot, api: SlackApi, services: Services, members: Members):
    await link(services, api, members.editor, "U17")
    (first,) = api.sockets
    await first.close()
    await api.until(lambda: api.sockets and api.sockets[-1] is not first)
    assert "There are no recipes yet" in await api.says("U17", "recipes")


async def test_messages_of_one_person_are_answered_in_order(bot, api: SlackApi, services: Services, members: Members):
    await link(services, api, members.editor, "U18")
    before = len(api.sent)
    for number in range(6):
        await api.push("events_api", api.people.message("U18", f"quux{number}"))
    await api.until(lambda: len(api.sent) == before + 6)
    answered = [words(one["blocks"]).split("'")[1] for one in api.sent[before:]]
    assert answered == [f"quux{number}" for number in range(6)]


async def test_bots_edits_and_joins_are_nobodys_words(bot, api: SlackApi, services: Services, members: Members):
    await link(services, api, members.editor, "U19")
    before = len(api.sent)
    for more in (
        {"bot_id": "B1"},
        {"subtype": "message_changed"},
        {"subtype": "channel_join"},
        {"channel_type": "group"},
    ):
        await api.push(
            "events_api",
            api.people.event(**{"type": "message", "channel_type": "im", "user": "U19", "text": "help"} | more),
        )
    assert "There are no recipes yet" in await api.says("U19", "recipes")
    assert len(api.sent) == before + 1


async def test_slack_asking_for_a_pause_gets_it_and_errors_lose_nothing(bot, api: SlackApi, services, members: Members):
    await link(services, api, members.editor, "U34")
    refusals = [(429, {"ok": False, "error": "ratelimited"}, {"Retry-After": "1"}), (503, {}, {})]
    api.faults.append(lambda method, _: refusals.pop(0) if method == "chat.postMessage" and refusals else None)
    started = asyncio.get_running_loop().time()
    assert "There are no recipes yet" in await api.says("U34", "recipes")
    assert asyncio.get_running_loop().time() - started >= 1

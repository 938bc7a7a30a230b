"""The Slack bot over a Web API and a socket that check what it says."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from itertools import count
from uuid import UUID

import pytest
from slack_sdk.web.async_client import AsyncWebClient

from bots.replies import Attachment, Reply
from bots.slack.carrier import Slack, SlackSettings
from bots.slack.files import SlackFiles
from bots.slack.hearing import Origin
from bots.slack.sending import Sender
from hub.composition import Built, Services
from hub.database import execute, fetch
from hub.decisions import APPROVAL, Answer
from hub.identities import Carriers, CarrierSummary, Setup
from hub.ids import new_id, show
from hub.members import Member
from tests.bots.conftest import ask, publish
from tests.bots.dialog import BASE, Dialog
from tests.bots.test_telegram import failed
from tests.conftest import Members
from tests.peers.slack import APP_TOKEN, TOKEN, SlackApi, slack_api
from tests.peers.slack_people import TEAM, labels, words

RECEIPT = b"Receipt\nCorner Shop\nDate: 2026-03-04\nTotal: EUR 12.00\n"


@asynccontextmanager
async def at_work(built: Built, api: SlackApi, app_token: str | None = APP_TOKEN) -> AsyncIterator[Slack]:
    """A bot at work on the server."""
    settings = SlackSettings(token=TOKEN, url=BASE, app_token=app_token, api_url=f"{api.url}/api/", largest_mb=1)
    bot = Slack(settings, built.services, built.chat_notices, built.guard)
    running = asyncio.create_task(bot.forever())
    yield bot
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)


@asynccontextmanager
async def sender_of(built: Built, api: SlackApi) -> AsyncIterator[Sender]:
    """What sends replies to the server."""
    client = AsyncWebClient(TOKEN, base_url=f"{api.url}/api/")
    files = SlackFiles(client, built.guard, f"{api.url}/api/", 1)
    yield Sender(client, files, built.chat_notices, BASE)
    await files.close()


@pytest.fixture
async def api(database: str) -> AsyncIterator[SlackApi]:
    await execute("truncate chat_updates, chat_carriers")
    await execute("delete from chat_cursors")
    async with slack_api() as serving:
        yield serving
        assert serving.violations == []


@pytest.fixture
async def bot(built: Built, api: SlackApi) -> AsyncIterator[Slack]:
    async with at_work(built, api) as running:
        yield running


@pytest.fixture
def user() -> str:
    """Somebody whom no other test has linked."""
    return f"U9{next(_users)}"


@pytest.fixture
async def linked_api(bot, api: SlackApi, services: Services, members: Members, user: str) -> SlackApi:
    """The server, with an editor whose account is linked."""
    await link(services, api, members.editor, user)
    return api


_users = count(1000)


async def link(services: Services, api: SlackApi, member: Member, user: str) -> None:
    """Link a person's account by a code."""
    made = await services.identities.create_code(member)
    assert "is linked now" in await api.says(user, f"connect {made.code}")


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


async def test_files_of_an_answer_are_put_into_its_thread(bot, api: SlackApi, built: Built):
    async with sender_of(built, api) as sender:
        reply = Reply(text="Here.", files=[Attachment(name="a.json", media_type="application/json", content=b"[1]")])
        await sender.answer(Origin(team=TEAM, user="U6", channel="D6", thread="1.000001"), reply, None)
    ((file, content),) = api.uploads.items()
    assert content == b"[1]"
    assert api.completed[0]["files"] == [{"id": file, "title": "a.json"}]
    assert (api.completed[0]["channel_id"], api.completed[0]["thread_ts"]) == ("D6", "1.000001")


async def test_many_choices_are_a_menu(bot, api: SlackApi, services: Services, members: Members):
    await link(services, api, members.editor, "U5")
    assert (await api.says("U5", "new something nice")).startswith("What starts it?")
    assert api.sent[-1]["blocks"][1]["elements"][0]["type"] == "static_select"
    before = len(api.sent)
    await api.push("interactive", api.people.press("U5", api.sent[-1], "Webhook: Event received"))
    assert (await api.answer(before)).startswith("Where do the results go?")


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


async def test_a_stranger_in_a_channel_is_told_alone(bot, api: SlackApi):
    before = len(api.sent)
    await api.push("events_api", api.people.mention("U8", "recipes"))
    assert "I do not know you yet" in await api.answer(before)
    assert api.sent[-1]["user"] == "U8"


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


async def test_a_file_is_extracted_in_its_thread(bot, api: SlackApi, services: Services, members: Members):
    await link(services, api, members.editor, "U20")
    file = api.file("receipt.txt", RECEIPT)
    before, said = len(api.sent), api.people.message("U20", "receipt", subtype="file_share", files=[file])
    await api.push("events_api", said)
    assert (await api.answer(before)).startswith("Receipt:")
    assert api.sent[-1]["thread_ts"] == said["event"]["ts"]


async def test_without_a_schema_it_is_asked_by_a_menu(bot, api: SlackApi, services: Services, members: Members):
    await link(services, api, members.editor, "U21")
    hostile = api.file("<!channel> <@U1> *x* & co.txt", RECEIPT)
    before = len(api.sent)
    await api.push("events_api", api.people.message("U21", "", subtype="file_share", files=[hostile]))
    asked = await api.answer(before)
    assert asked.startswith("Which schema is right for <!channel> <@U1> *x* & co.txt?")
    assert "&lt;!channel&gt;" in api.sent[-1]["text"]
    await api.push("interactive", api.people.press("U21", api.sent[-1], "Receipt"))
    assert (await api.answer(before + 1)).startswith("Receipt:")


@pytest.mark.parametrize("caption", ["run orders", "<@U0BOT> run orders", "extract receipt\nrun orders"])
async def test_an_injected_caption_is_no_command(
    bot, api: SlackApi, services, members: Members, user: str, caption: str
):
    recipe = await publish(services, members.editor)
    await link(services, api, members.editor, user)
    before = len(api.sent)
    file = api.file("receipt.txt", RECEIPT)
    await api.push("events_api", api.people.message(user, caption, subtype="file_share", files=[file]))
    await api.answer(before)
    assert await fetch("select id from items where recipe = $1", recipe) == []


async def test_a_shared_message_is_content(bot, api: SlackApi, services: Services, members: Members):
    recipe = await publish(services, members.editor)
    await link(services, api, members.editor, "U23")
    shared = [{"is_share": True, "text": "run orders", "author_name": "Mallory", "fallback": "run orders"}]
    assert "Which schema is right" in await api.says("U23", "", attachments=shared)
    assert await fetch("select id from items where recipe = $1", recipe) == []


@pytest.mark.parametrize(
    ("more", "told"),
    [
        ({"size": 2 << 20}, "2 MB; 1 MB are taken at most"),
        ({"url_private": "https://evil.example/x"}, "Slack did not hand out the file."),
        ({"url_private": "http://127.0.0.2:1/x"}, "Slack did not hand out the file."),
        ({"url_private": ""}, "Receipt:"),
    ],
)
async def test_files_come_from_slack_alone(linked_api, user: str, more: dict[str, object], told: str):
    api = linked_api
    file = api.file("receipt.txt", RECEIPT)
    before = len(api.sent)
    await api.push("events_api", api.people.message(user, "receipt", subtype="file_share", files=[file | more]))
    assert told in await api.answer(before)


async def test_a_page_to_sign_in_is_no_file(bot, api: SlackApi, services: Services, members: Members):
    await link(services, api, members.editor, "U25")
    file = api.file("secret.pdf", b"%PDF-1.4", "application/pdf")
    del api.files[file["id"]]
    before = len(api.sent)
    await api.push("events_api", api.people.message("U25", "invoice", subtype="file_share", files=[file]))
    assert "Slack did not hand out the file. Invite me" in await api.answer(before)


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
    await services.identities.tell(await _identity(services, "U29"), notices=False)
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
    await services.identities.tell(await _identity(services, "U32"), notices=True, room="C0GONE")
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


async def test_slack_asking_for_a_pause_gets_it_and_errors_lose_nothing(bot, api: SlackApi, services, members: Members):
    await link(services, api, members.editor, "U34")
    refusals = [(429, {"ok": False, "error": "ratelimited"}, {"Retry-After": "1"}), (503, {}, {})]
    api.faults.append(lambda method, _: refusals.pop(0) if method == "chat.postMessage" and refusals else None)
    started = asyncio.get_running_loop().time()
    assert "There are no recipes yet" in await api.says("U34", "recipes")
    assert asyncio.get_running_loop().time() - started >= 1


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


async def ended(services: Services, member: Member, recipe: UUID) -> UUID:
    """A run that has delivered the recipe's item."""
    run = new_id()
    await execute(
        "insert into runs (id, workspace, recipe, version, state, total, delivered, ended_at) "
        "values ($1, $2, $3, 1, 'done', 1, 1, now())", run, member.workspace, recipe,
    )  # fmt: skip
    rows = await fetch("update items set run = $1, state = 'delivered' where recipe = $2 returning id", run, recipe)
    await services.outbox.publish(member.workspace, "run.done", show("run", run), {"kind": "live", "delivered": 1})
    return UUID(str(rows[0]["id"]))


async def _told(members: Members, state: str) -> CarrierSummary:
    """What the settings page is told, once it is this."""
    carriers = Carriers(Setup(url=BASE, slack=True))
    async with asyncio.timeout(10):
        while (told := (await carriers.list(members.viewer))[0]).state != state:
            await asyncio.sleep(0.05)
    return told


async def _identity(services: Services, user: str):
    from hub.identities import Account

    found = await services.identities.find(Account(carrier="slack", account=user, chat=user, place=TEAM))
    assert found is not None
    return found

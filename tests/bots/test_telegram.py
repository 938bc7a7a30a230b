"""The Telegram bot over a Bot API server that checks each call."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from bots.telegram.carrier import Telegram, TelegramSettings
from bots.telegram.webhook import CARRIER, Secrets, bot_of, received
from hub.composition import Built, Services
from hub.database import execute, fetch
from hub.decisions import APPROVAL, Answer
from hub.identities import Updates
from hub.members import Member
from tests.bots.conftest import ask, ended, failed, publish
from tests.bots.dialog import BASE
from tests.conftest import Members
from tests.peers.telegram import TOKEN, BotApi, Refusal, bot_api

JOINER = "\u2060"
RECEIPT = b"Receipt\nCorner Shop\nDate: 2026-03-04\nTotal: EUR 12.00\n"


@asynccontextmanager
async def at_work(built: Built, api: BotApi, **more: object) -> AsyncIterator[Telegram]:
    """A bot at work on the server."""
    settings = TelegramSettings(token=TOKEN, url=BASE, api_url=api.url, **more)  # type: ignore[arg-type]  # parts by name
    bot = Telegram(settings, built.services, built.chat_notices)
    running = asyncio.create_task(bot.forever())
    yield bot
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)


@pytest.fixture
async def api(database: str) -> AsyncIterator[BotApi]:
    await execute("truncate chat_updates, chat_notices")
    await execute("delete from chat_cursors")
    async with bot_api() as serving:
        yield serving
        assert serving.violations == []


@pytest.fixture
async def bot(built: Built, api: BotApi) -> AsyncIterator[Telegram]:
    async with at_work(built, api) as running:
        yield running


async def link(services: Services, api: BotApi, member: Member, person: int) -> None:
    """Link a person's account by a code."""
    made = await services.identities.create_code(member)
    assert "is linked now" in await api.says(person, f"/connect {made.code}")


async def test_a_stranger_is_refused_and_a_code_lets_in(bot, api: BotApi, services: Services, members: Members):
    assert "I do not know you yet" in await api.says(1, "/recipes")
    await link(services, api, members.editor, 1)
    assert "There are no recipes yet" in await api.says(1, "/recipes")
    assert {one["command"] for one in api.commands} >= {"help", "recipes", "extract", "approve"}


async def test_buttons_carry_short_ids_and_work(bot, api: BotApi, services: Services, members: Members):
    await publish(services, members.editor)
    await link(services, api, members.editor, 2)
    await api.says(2, "show orders")
    assert api.buttons() == ["Run now", "Plan", "Pause", "Runs"]
    assert len(api.button("Run now")) < 20
    before = len(api.sent)
    await api.presses(2, "Pause")
    assert (await api.answer(before)).startswith("orders is paused.")
    assert len(api.acknowledged) == 1


async def test_an_update_that_comes_again_does_nothing(bot, api: BotApi, services: Services, members: Members):
    recipe = await publish(services, members.editor)
    await link(services, api, members.editor, 3)
    update = api.message(3, "run orders")
    await api.push(update, update)
    await api.until(lambda: any("has started" in one["text"] for one in api.sent))
    await api.push({**update})
    assert "There is no recipe" in await api.says(3, "show nothing")
    assert len(await fetch("select id from items where recipe = $1", recipe)) == 1
    assert sum("has started" in one["text"] for one in api.sent) == 1


async def test_messages_of_one_conversation_are_answered_in_order(bot, api: BotApi, services, members: Members):
    await link(services, api, members.editor, 4)
    before = len(api.sent)
    await api.push(*(api.message(4, f"/quux{number}") for number in range(8)))
    await api.until(lambda: len(api.sent) == before + 8)
    assert [one["text"].split("'")[1] for one in api.sent[before:]] == [f"quux{number}" for number in range(8)]


async def test_a_document_is_extracted_with_buttons_for_the_schema(bot, api: BotApi, services, members: Members):
    await link(services, api, members.editor, 5)
    assert (await api.sends(5, "receipt.txt", RECEIPT)).startswith("Which schema is right for")
    before = len(api.sent)
    await api.presses(5, "Receipt")
    assert (await api.answer(before)).startswith("Receipt:")


async def test_an_injected_caption_is_no_command_and_hostile_names_are_inert(
    bot, api: BotApi, services, members: Members
):
    recipe = await publish(services, members.editor)
    await link(services, api, members.editor, 6)
    name = '<a href="tg://x">x</a> @admin /run_orders evil.example.txt'
    text = await api.sends(6, name, RECEIPT, caption="/run orders\nextract receipt")
    assert "&lt;a href=" in text
    assert f"@{JOINER}admin" in text
    assert f"/{JOINER}run_orders" in text
    assert f"evil{JOINER}.example" in text
    assert await fetch("select id from items where recipe = $1", recipe) == []


async def test_a_forwarded_command_is_content(bot, api: BotApi, services, members: Members):
    recipe = await publish(services, members.editor)
    await link(services, api, members.editor, 7)
    origin = {"type": "hidden_user", "date": 1, "sender_user_name": "Mallory"}
    assert "Which schema is right" in await api.says(7, "/run orders", forward_origin=origin)
    assert await fetch("select id from items where recipe = $1", recipe) == []


async def test_a_file_above_the_limit_is_told_and_not_fetched(bot, api: BotApi, services, members: Members):
    await link(services, api, members.editor, 8)
    large = {"file_id": "large", "file_unique_id": "large", "file_name": "large.pdf", "file_size": 21 << 20}
    before = len(api.sent)
    await api.push(api.message(8, None, document=large, caption="invoice"))
    assert "21 MB; bots get 20 MB at most" in await api.answer(before)


async def test_a_file_that_is_lost_is_told_and_the_token_is_not_logged(
    bot, api: BotApi, services, members: Members, caplog: pytest.LogCaptureFixture
):
    await link(services, api, members.editor, 24)
    with caplog.at_level(logging.DEBUG):
        assert (await api.sends(24, "lost.pdf", b"")).startswith("Telegram did not hand out the file.")
    assert TOKEN.partition(":")[2] not in caplog.text


async def test_a_photo_is_taken_in_its_largest_size(bot, api: BotApi, services, members: Members):
    await link(services, api, members.editor, 9)
    api.files["big"] = b"no picture at all"
    sizes = [{"file_id": one, "file_unique_id": one, "width": width, "height": width} for one, width in SIZES]
    before = len(api.sent)
    await api.push(api.message(9, None, photo=sizes, caption="invoice"))
    assert await api.answer(before)
    stored = await fetch("select name, size from files where workspace = $1", members.workspace)
    assert [(row["name"].split("-")[0], row["size"]) for row in stored] == [("photo", 17)]


SIZES = (("small", 90), ("big", 1280), ("middle", 320))


async def test_a_voice_note_that_nobody_can_hear_is_told(bot, api: BotApi, services, members: Members):
    await link(services, api, members.editor, 10)
    api.files["voice"] = b"OggS nothing to hear"
    voice = {"file_id": "voice", "file_unique_id": "voice", "duration": 1, "mime_type": "audio/ogg", "file_size": 20}
    before = len(api.sent)
    await api.push(api.message(10, None, voice=voice))
    assert not (await api.answer(before)).startswith("I heard")


async def test_an_approval_is_told_answered_by_button_and_replaced(bot, api: BotApi, services, members: Members):
    await link(services, api, members.editor, 11)
    await link(services, api, members.admin, 12)
    before = len(api.sent)
    reference = await ask(services, members.editor)
    await api.until(lambda: len(api.sent) == before + 2)
    assert all("Approval: Invoice &lt;17&gt;" in one["text"] for one in api.sent[before:])
    await api.presses(int(api.sent[-1]["chat_id"]), "Approve")
    await api.until(lambda: len(api.edited) == 2)
    assert {one["chat_id"] for one in api.edited} == {"11", "12"}
    assert all("approved by" in one["text"] and "reply_markup" not in one for one in api.edited)
    assert (await services.decisions.find(members.editor, APPROVAL, reference)).summary.decision == "approved"


async def test_what_is_decided_elsewhere_replaces_the_question(bot, api: BotApi, services, members: Members):
    await link(services, api, members.editor, 13)
    before = len(api.sent)
    reference = await ask(services, members.editor)
    await api.answer(before)
    await services.decisions.answer(members.owner, APPROVAL, reference, Answer(decision="reject"))
    await api.until(lambda: api.edited)
    assert "rejected by" in api.edited[0]["text"]


async def test_who_may_not_answer_is_not_asked(bot, api: BotApi, services, members: Members):
    await link(services, api, members.viewer, 14)
    await link(services, api, members.editor, 15)
    before = len(api.sent)
    await ask(services, members.editor, approvers=["owner"])
    await ask(services, members.editor)
    await api.answer(before)
    assert [one["chat_id"] for one in api.sent[before:]] == ["15"]


async def test_a_failed_run_is_told_once(bot, api: BotApi, services, members: Members):
    recipe = await publish(services, members.editor)
    await link(services, api, members.editor, 16)
    before = len(api.sent)
    run = await failed(services, members.editor, recipe)
    assert "orders: 1 item failed for good." in await api.answer(before)
    assert run in api.sent[-1]["text"]
    await services.outbox.publish(members.workspace, "run.done", run, {"kind": "live", "dead": 1})
    await ask(services, members.editor)
    await api.until(lambda: len(api.sent) == before + 2)
    assert "Approval" in api.sent[-1]["text"]


async def test_what_came_of_a_run_answers_the_message_that_told_of_its_start(
    bot, api: BotApi, services: Services, members: Members
):
    recipe = await publish(services, members.editor)
    await link(services, api, members.editor, 25)
    before = len(api.sent)
    assert await api.says(25, "run orders") == "orders has started."
    await ended(services, members.editor, recipe)
    assert "orders: done: 1 delivered." in await api.answer(before + 1)
    assert api.sent[-1]["reply_parameters"]["message_id"] == api.sent[-2]["message_id"]


async def test_telegram_asking_for_a_pause_gets_it(bot, api: BotApi, services, members: Members):
    await link(services, api, members.editor, 17)
    refusals: list[Refusal] = [(429, "Too Many Requests: retry after 1", {"retry_after": 1})]
    api.faults.append(lambda method, _: refusals.pop() if method == "sendMessage" and refusals else None)
    started = asyncio.get_running_loop().time()
    assert "There are no recipes yet" in await api.says(17, "recipes")
    assert asyncio.get_running_loop().time() - started >= 1


async def test_a_server_error_loses_no_answer(bot, api: BotApi, services, members: Members):
    await link(services, api, members.editor, 18)
    refusals: list[Refusal] = [(502, "Bad Gateway", {}), (500, "Internal Server Error", {})]
    api.faults.append(lambda method, _: refusals.pop() if method == "sendMessage" and refusals else None)
    assert "There are no recipes yet" in await api.says(18, "recipes")


async def test_somebody_who_blocked_the_bot_stops_nobody(bot, api: BotApi, services, members: Members):
    await link(services, api, members.editor, 19)
    api.faults.append(
        lambda method, given: (
            (403, "Forbidden: bot was blocked by the user", {}) if given.get("chat_id") == "20" else None
        )
    )
    await api.push(api.message(20, "recipes"))
    assert "There are no recipes yet" in await api.says(19, "recipes")


async def test_in_groups_only_the_way_to_direct_messages_is_told(bot, api: BotApi, services, members: Members):
    await link(services, api, members.editor, 21)
    group = {"id": -100, "type": "group", "title": "All"}
    before = len(api.sent)
    await api.push(api.message(21, "secret talk", chat=group), api.message(21, "/recipes", chat=group))
    assert "direct messages only" in await api.answer(before)
    assert len(api.sent) == before + 1


async def test_an_update_that_trips_us_up_stops_no_other(bot, api: BotApi, services, members: Members):
    await link(services, api, members.editor, 22)
    body = {"update_id": 900_000_001, "message": {"chat": {"id": 22}, "date": "nonsense"}}
    await Updates(CARRIER, bot_of(TOKEN)).receive([received(body)])
    assert "There are no recipes yet" in await api.says(22, "recipes")


async def test_the_token_is_never_logged(built: Built, api: BotApi, caplog: pytest.LogCaptureFixture):
    api.faults.append(lambda method, _: (401, "Unauthorized", {}))
    with caplog.at_level(logging.DEBUG):
        async with at_work(built, api):
            await api.until(lambda: "check PATCHDECK_TELEGRAM_TOKEN" in caplog.text)
    assert "check PATCHDECK_TELEGRAM_TOKEN" in caplog.text
    assert TOKEN.partition(":")[2] not in caplog.text


async def test_in_webhook_mode_telegram_is_told_where_to_call(built: Built, api: BotApi):
    async with at_work(built, api, webhook=True):
        await api.until(lambda: api.commands)
    secrets = Secrets.of(TOKEN)
    assert api.webhook["url"] == f"{BASE}/telegram/{secrets.path}"
    assert api.webhook["secret_token"] == secrets.header
    assert "getUpdates" not in str(api.webhook)

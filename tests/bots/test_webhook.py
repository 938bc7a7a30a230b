"""Telegram calling the hub: it proves itself twice, is written down once, and acknowledged at once."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import httpx
import msgspec
import pytest

from bots.telegram.webhook import CARRIER, LIMIT, Secrets, WebhookApplication, bot_of
from hub.composition import Built, Services
from hub.config import Config
from hub.database import execute, fetch
from hub.identities import Updates
from hub.serving import chat_addresses
from tests.bots.test_telegram import at_work
from tests.conftest import Members
from tests.peers.telegram import TOKEN, BotApi, bot_api

SECRETS = Secrets.of(TOKEN)
HEADERS = {"X-Telegram-Bot-Api-Secret-Token": SECRETS.header}
UPDATE: dict[str, Any] = {"update_id": 7, "message": {"chat": {"id": 5}, "text": "recipes"}}


@pytest.fixture
async def telegram(database: str) -> AsyncIterator[httpx.AsyncClient]:
    await execute("truncate chat_updates, chat_notices")
    await execute("delete from chat_cursors")
    transport = httpx.ASGITransport(app=WebhookApplication(TOKEN))
    async with httpx.AsyncClient(transport=transport, base_url="http://hub.test/telegram/") as client:
        yield client


async def stored() -> list[int]:
    return [row["number"] for row in await fetch("select number from chat_updates order by number")]


async def test_an_update_is_stored_once_however_often_it_comes(telegram: httpx.AsyncClient):
    answers = [await telegram.post(SECRETS.path, json=UPDATE, headers=HEADERS) for _ in range(3)]
    assert [one.status_code for one in answers] == [200, 200, 200]
    assert await stored() == [7]


async def test_what_was_worked_off_is_not_taken_again(telegram: httpx.AsyncClient):
    await telegram.post(SECRETS.path, json=UPDATE, headers=HEADERS)
    updates = Updates(CARRIER, bot_of(TOKEN))
    (taken,) = await updates.take()
    assert (taken.body, taken.conversation) == (UPDATE, "5")
    assert await updates.take() == []
    await updates.settle(taken)
    await telegram.post(SECRETS.path, json=UPDATE, headers=HEADERS)
    assert await updates.take() == []


async def test_what_fails_is_tried_three_times(telegram: httpx.AsyncClient):
    await telegram.post(SECRETS.path, json=UPDATE, headers=HEADERS)
    updates = Updates(CARRIER, bot_of(TOKEN))
    tries = []
    for _ in range(4):
        await execute("update chat_updates set due_at = now() where body is not null")
        taken = await updates.take()
        tries += [one.last_try for one in taken]
        await updates.put_back(taken[0]) if taken else None
    assert tries == [False, False, True]


@pytest.mark.parametrize(
    ("path", "headers", "status"),
    [
        ("wrong", HEADERS, 404),
        ("", HEADERS, 404),
        (f"{SECRETS.path}/more", HEADERS, 404),
        (SECRETS.header, HEADERS, 404),
        (SECRETS.path, {}, 401),
        (SECRETS.path, {"X-Telegram-Bot-Api-Secret-Token": "wrong"}, 401),
        (SECRETS.path, {"X-Telegram-Bot-Api-Secret-Token": SECRETS.path}, 401),
    ],
)
async def test_who_does_not_know_both_secrets_is_refused(telegram: httpx.AsyncClient, path, headers, status):
    answer = await telegram.post(path, json=UPDATE, headers=headers)
    assert (answer.status_code, answer.content) == (status, b"")
    assert await stored() == []


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"", 400), (b"{", 400), (b"[]", 400), (b'{"update_id": "seven"}', 400), (b'{"message": {}}', 400),
        (b"[" * 100_000, 400), (b'{"update_id": 1, "message": {"chat": {"id": "x"}}}', 400), (b"x" * (LIMIT + 1), 413),
    ],
)  # fmt: skip
async def test_what_is_no_update_is_refused(telegram: httpx.AsyncClient, body, status):
    answer = await telegram.post(SECRETS.path, content=body, headers=HEADERS)
    assert answer.status_code == status
    assert await stored() == []


async def test_numbers_that_no_database_takes_are_refused(telegram: httpx.AsyncClient):
    answer = await telegram.post(SECRETS.path, json={"update_id": 2**63}, headers=HEADERS)
    assert answer.status_code == 400


async def test_asking_instead_of_sending_is_refused(telegram: httpx.AsyncClient):
    assert (await telegram.get(SECRETS.path, headers=HEADERS)).status_code == 405


def test_the_secrets_change_with_the_token_and_do_not_tell_it():
    other = Secrets.of("4242:another")
    assert {SECRETS.path, SECRETS.header}.isdisjoint({other.path, other.header})
    assert TOKEN.partition(":")[2] not in SECRETS.path + SECRETS.header


@pytest.mark.parametrize(
    ("webhook", "token", "served"), [(True, TOKEN, True), (False, TOKEN, False), (True, None, False)]
)
def test_the_address_is_served_only_where_it_is_set_up(config: Config, webhook, token, served):
    changed = msgspec.structs.replace(config, telegram_token=token, telegram_webhook=webhook)
    assert list(chat_addresses(changed)) == ["/telegram"][: int(served)]


async def test_what_telegram_sends_is_answered(built: Built, services: Services, members: Members, telegram):
    async with bot_api() as api, at_work(built, api, webhook=True):
        await link_by_call(telegram, services, api, members)
        before = len(api.sent)
        await telegram.post(SECRETS.path, json=api.message(31, "/recipes"), headers=HEADERS)
        assert "There are no recipes yet" in await api.answer(before)
    assert api.violations == []


async def link_by_call(telegram: httpx.AsyncClient, services: Services, api: BotApi, members: Members) -> None:
    made = await services.identities.create_code(members.editor)
    said = api.message(31, f"/start {made.code}")
    await telegram.post(SECRETS.path, content=msgspec.json.encode(said), headers=HEADERS)
    assert "is linked now" in await api.answer(0)

"""Chats of several people at the same moment: nobody waits for another, and nothing is done twice."""

import asyncio
from collections.abc import Awaitable
from itertools import count
from typing import TypeVar
from unittest.mock import ANY

import pytest

from bots.inbox import Inbox
from hub.composition import Built, Services
from hub.database import execute, fetch, transaction
from hub.errors import ConflictError, TooManyError
from hub.identities import Buttons, ChatNotice, Identity, Kept, Received, Update, Updates, Wizards
from hub.identities.buttons import Pressed
from hub.ids import new_id
from tests.bots.conftest import ask
from tests.bots.dialog import Dialog
from tests.conftest import Members
from tests.meeting import meet

T = TypeVar("T")
ROUNDS = 20


async def by_itself(work: Awaitable[T]) -> T:
    """Do something in a transaction, in which the hub does not put a statement again that lost a deadlock."""
    async with transaction():
        return await work


async def test_two_codes_at_once_link_an_account_to_one_member(services: Services, members: Members, stranger: Dialog):
    for _ in range(ROUNDS // 4):
        made = [await services.identities.create_code(one) for one in (members.editor, members.viewer)]
        linking = (services.identities.connect(stranger.account, one.code) for one in made)
        assert len({one.id for one in await asyncio.gather(*linking)}) == 2
    listed = await services.identities.list(members.owner)
    assert len(listed) == 1


async def test_codes_made_at_once_keep_to_the_limit_and_the_newest_counts(services: Services, members: Members):
    making = (services.identities.create_code(members.editor) for _ in range(15))
    made = await asyncio.gather(*making, return_exceptions=True)
    assert [type(one) for one in made if isinstance(one, Exception)] == [TooManyError] * 5
    row = "select 1 from chat_codes where workspace = $1 and expires_at > now()"
    assert await execute(row, members.workspace) == 1


async def linked(services: Services, members: Members, number: int) -> list[Identity]:
    """Accounts of one chat service, half of them an editor's and half a viewer's."""
    dialogs = [await Dialog(services).link(members.editor) for _ in range(number // 2)]
    dialogs += [await Dialog(services).link(members.viewer) for _ in range(number // 2)]
    return [await dialog.identity() for dialog in dialogs]


async def test_a_channel_is_told_for_one_account_also_when_two_ask_at_once(services: Services, members: Members):
    both = await linked(services, members, 2)
    for _ in range(ROUNDS):
        room = new_id().hex
        asking = (services.identities.tell(one, notices=True, room=room) for one in both)
        told = await asyncio.gather(*asking, return_exceptions=True)
        assert [type(one) for one in told if one is not None] == [ConflictError]


async def test_conversations_that_begin_again_at_once_do_not_wait_for_each_other(services: Services, members: Members):
    wizards, people = Wizards(), await linked(services, members, 8)
    for _ in range(ROUNDS):
        await asyncio.gather(*(wizards.keep(one, {}) for one in people))
        await execute("update chat_wizards set expires_at = now() - interval '1 hour'")
        await asyncio.gather(*(by_itself(wizards.keep(one, {"asks": "schema"})) for one in people))
    assert [await wizards.open(one) for one in people] == [{"asks": "schema"}] * 8


async def test_what_comes_twice_at_once_in_another_order_is_taken_down_once(database: str):
    updates = Updates("telegram", new_id().hex)
    for start in range(0, ROUNDS * 100, 100):
        sent = [Received(number=number, conversation="c", body={}) for number in range(start, start + 100)]
        came = await asyncio.gather(*(by_itself(updates.receive(one)) for one in (sent, sent[::-1])))
        assert sum(came) == 100


async def test_what_takes_longer_than_an_update_is_left_alone_for_is_done_once(
    database: str, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("hub.identities.updates.HELD", 2)
    monkeypatch.setattr("bots.inbox.HOLD_EVERY", 0.2)
    updates, numbers, slow = Updates("telegram", new_id().hex), count(), asyncio.Event()

    async def answer(update: Update) -> None:
        next(numbers)
        await slow.wait()

    await updates.receive([Received(number=1, conversation="c", body={})])
    working = asyncio.create_task(Inbox(updates, answer, answer).forever())
    await until("received_at < now() - interval '2.5 seconds'")
    slow.set()
    await until("body is null")
    working.cancel()
    await asyncio.gather(working, return_exceptions=True)
    assert next(numbers) == 1


async def test_a_notice_that_another_process_has_taken_meanwhile_is_not_sent_twice(
    built: Built, services: Services, members: Members
):
    identity = await (await Dialog(services).link(members.editor)).identity()
    await ask(services, members.editor)
    await built.chat_notices.gather()

    async def taken() -> ChatNotice:
        found = await built.chat_notices.take("telegram")
        return next(one for one in found if one.identity.id == identity.id)

    first = await taken()
    assert await built.chat_notices.hold(first)
    await execute("update chat_notices set next_at = now() where identity = $1", identity.id)
    second = await taken()
    assert [await built.chat_notices.hold(one) for one in (first, second)] == [False, True]


async def until(what: str) -> None:
    """Wait until it is so of the update that was received last."""
    async with asyncio.timeout(60):
        while not await fetch(
            f"select from (select * from chat_updates order by received_at desc limit 1) u where {what}"
        ):
            await asyncio.sleep(0.05)


async def test_an_account_is_unlinked_while_a_button_of_it_is_pressed(services: Services, members: Members):
    buttons, (one, _) = Buttons(), await linked(services, members, 2)
    ids = await buttons.keep(one, [Kept(f"choice {number}", once=True) for number in range(30)])
    first = execute("select from chat_buttons where identity = $1 order by id limit 1 for update", one.id)
    pressing = by_itself(buttons.press(one, ids[0]))
    pressed, unlinked = await meet(first, pressing, services.identities.remove(members.owner, one.id))
    assert (pressed, unlinked) == (Pressed("choice 0", ANY), None)

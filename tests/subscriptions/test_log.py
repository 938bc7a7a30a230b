"""The log: what was sent, tried out, sent again, replayed since a time."""

from datetime import UTC, datetime, timedelta

import pytest

from hub.errors import ConflictError, NotFoundError
from hub.ids import new_id, parse, show
from hub.members import Member
from hub.subscriptions import Replay
from tests.conftest import Members
from tests.subscriptions.parts import Parts
from tests.subscriptions.receiver import Receiver, Says

LATELY = timedelta(hours=1)


async def test_lists_page_by_page_and_by_state(working: Parts, member: Member, receiver: Receiver) -> None:
    made = await working.subscribe(member, receiver)
    await working.publish(member.workspace, "run.done", "run_1", "run_2", "run_3")
    await working.settled(member, made.id, 3)
    first = await working.messages.list(member, made.id, limit=2)
    assert first.next_cursor is not None
    second = await working.messages.list(member, made.id, limit=2, before=parse("msg", first.next_cursor))
    assert [one.subject for one in (*first.items, *second.items)] == ["run_3", "run_2", "run_1"]
    assert second.next_cursor is None
    assert (await working.messages.list(member, made.id, state="failed")).items == []


async def test_shows_what_was_sent(working: Parts, member: Member, receiver: Receiver) -> None:
    made = await working.subscribe(member, receiver)
    receiver.says(Says(status=200, body=b"thanks"))
    await working.publish(member.workspace, "run.done", "run_1")
    (sent,) = await working.settled(member, made.id, 1)
    shown = await working.messages.show(member, made.id, sent.id)
    assert [(one.number, one.status, one.answer) for one in shown.attempts] == [(1, 200, "thanks")]
    assert (shown.payload["type"], shown.payload["data"]) == ("run.done", {"id": "run_1"})


async def test_sends_a_test_at_once_even_when_paused(parts: Parts, member: Member, receiver: Receiver) -> None:
    made = await parts.subscribe(member, receiver, "run.*")
    await parts.pause(member, made.id)
    shown = await parts.messages.test(member, made.id)
    (got,) = receiver.got
    assert (got.type, got.data, got.id) == ("webhook.test", {"id": made.id}, shown.message.id)
    assert (shown.message.state, shown.attempts[0].status) == ("sent", 204)


async def test_sends_again_under_the_same_id(working: Parts, member: Member, receiver: Receiver) -> None:
    made = await working.subscribe(member, receiver)
    await working.publish(member.workspace, "run.done", "run_1")
    (sent,) = await working.settled(member, made.id, 1)
    again = await working.messages.resend(member, made.id, sent.id)
    await receiver.count(2)
    assert (again.state, receiver.ids) == ("waiting", [sent.id, sent.id])


async def test_replays_what_was_sent_and_what_was_missed(working: Parts, member: Member, receiver: Receiver) -> None:
    made = await working.subscribe(member, receiver, "run.*")
    await working.publish(member.workspace, "run.done", "sent")
    await working.settled(member, made.id, 1)
    await working.pause(member, made.id)
    await working.publish(member.workspace, "run.done", "missed")
    await working.publish(member.workspace, "item.dead", "not asked for")
    await working.resume(member, made.id)
    replayed = await working.messages.replay(member, made.id, Replay(since=datetime.now(UTC) - LATELY))
    await receiver.count(3)
    await working.settled(member, made.id, 2)
    assert (replayed.again, replayed.missed) == (1, 1)
    assert sorted(one.data["id"] for one in receiver.got) == ["missed", "sent", "sent"]
    assert len(set(receiver.ids)) == 2


async def test_replays_nothing_from_before(working: Parts, member: Member, receiver: Receiver) -> None:
    made = await working.subscribe(member, receiver)
    await working.publish(member.workspace, "run.done", "run_1")
    await working.settled(member, made.id, 1)
    replayed = await working.messages.replay(member, made.id, Replay(since=datetime.now(UTC) + LATELY))
    assert (replayed.again, replayed.missed) == (0, 0)


async def test_sends_nothing_again_while_paused(parts: Parts, member: Member, receiver: Receiver) -> None:
    made = await parts.subscribe(member, receiver)
    await parts.pause(member, made.id)
    with pytest.raises(ConflictError, match="paused; resume it first"):
        await parts.messages.replay(member, made.id, Replay(since=datetime.now(UTC)))


async def test_knows_no_message_of_another_webhook(parts: Parts, members: Members, receiver: Receiver) -> None:
    made = await parts.subscribe(members.owner, receiver)
    other = await parts.subscribe(members.owner, receiver)
    tested = await parts.messages.test(members.owner, made.id)
    with pytest.raises(NotFoundError):
        await parts.messages.show(members.owner, other.id, tested.message.id)
    with pytest.raises(NotFoundError):
        await parts.messages.show(members.owner, made.id, show("msg", new_id()))
    with pytest.raises(NotFoundError):
        await parts.messages.list(members.outsider, made.id)

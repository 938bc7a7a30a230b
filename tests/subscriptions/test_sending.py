"""Messages reach a real receiver: signed, thin, again after failures, under one id."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from hub.database import execute, fetch
from hub.ids import new_id, parse, show
from hub.members import Member
from hub.outbox.service import CHANNEL
from hub.subscriptions import NewSubscription
from hub.subscriptions.ending import PAUSES, pause_after
from hub.subscriptions.signing import signature
from tests.conftest import Members
from tests.subscriptions.parts import Parts, at_work, hurry, parts_of
from tests.subscriptions.receiver import Receiver, Says


def test_signs_as_the_specification_shows() -> None:
    secret, body = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", b'{"test": 2432232314}'
    made = signature("msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, body, secret)
    assert made == "g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


async def test_sends_a_signed_thin_message(working: Parts, member: Member, receiver: Receiver) -> None:
    made = await working.subscribe(member, receiver, "run.*")
    began = datetime.now(UTC)
    await working.outbox.publish(member.workspace, "run.done", "run_1", {"delivered": 3})
    (got,) = await receiver.count(1)
    (sent,) = await working.settled(member, made.id, 1)
    assert (got.type, got.data, receiver.forged) == ("run.done", {"id": "run_1", "delivered": 3}, 0)
    assert (got.id, sent.status, sent.tries) == (sent.id, 204, 1)
    assert began - timedelta(seconds=1) < datetime.fromisoformat(got.timestamp) <= datetime.now(UTC)


async def test_sends_only_the_kinds_asked_for(working: Parts, member: Member, receiver: Receiver) -> None:
    await working.subscribe(member, receiver, "run.*", "recipe.published")
    await working.publish(member.workspace, "item.dead", "no")
    await working.publish(member.workspace, "recipe.changed", "no")
    await working.publish(member.workspace, "recipe.published", "yes")
    await working.publish(member.workspace, "run.done", "yes as well")
    await receiver.count(2)
    assert receiver.subjects == {"yes", "yes as well"}


async def test_tells_no_other_workspace(working: Parts, members: Members, receiver: Receiver) -> None:
    await working.subscribe(members.owner, receiver)
    await working.publish(members.outsider.workspace, "run.done", "theirs")
    await working.publish(members.workspace, "run.done", "ours")
    await receiver.count(1)
    assert receiver.subjects == {"ours"}


async def test_makes_nothing_where_nobody_subscribed(working: Parts, members: Members, receiver: Receiver) -> None:
    await working.subscribe(members.owner, receiver)
    await working.publish(members.outsider.workspace, "run.done", "quiet")
    await working.publish(members.workspace, "run.done", "ours")
    await receiver.count(1)
    counted = await fetch("select from subscription_messages where workspace = $1", members.outsider.workspace)
    assert len(counted) == 0


async def test_leaves_out_what_documents_say(working: Parts, member: Member, receiver: Receiver) -> None:
    await working.subscribe(member, receiver, "item.dead")
    await working.outbox.publish(member.workspace, "item.dead", "itm_1", {"step": "book", "reason": "12.00 is wrong"})
    (got,) = await receiver.count(1)
    assert got.data == {"id": "itm_1", "step": "book"}


async def test_adds_the_records_when_asked(working: Parts, member: Member, receiver: Receiver) -> None:
    await working.subscribe(member, receiver, "extraction.done", with_values=True)
    extraction = await _extraction(member.workspace, '{"records": [{"total": "12.00"}]}')
    await working.outbox.publish(member.workspace, "extraction.done", extraction, {"schema": "invoice"})
    await working.publish(member.workspace, "extraction.done", show("ext", new_id()))
    got = {one.data["id"]: one.data for one in await receiver.count(2)}
    assert got.pop(extraction) == {"id": extraction, "schema": "invoice", "records": [{"total": "12.00"}]}
    assert [one["records"] for one in got.values()] == [None]


async def test_signs_with_both_secrets_for_a_day(working: Parts, member: Member, receiver: Receiver) -> None:
    made = await working.subscribe(member, receiver)
    fresh = await working.subscriptions.rotate(member, made.id)
    await working.publish(member.workspace, "run.done", "with the old secret")
    await receiver.count(1)
    receiver.secrets = {fresh.secret}
    await working.publish(member.workspace, "run.done", "with the new one")
    await receiver.count(2)
    await execute("update subscriptions set previous_until = now() where id = $1", parse("whk", made.id))
    await working.publish(member.workspace, "run.done", "with the new one alone")
    await receiver.count(3)
    assert [one.signatures for one in receiver.got] == [2, 2, 1]
    assert receiver.forged == 0


async def test_tries_again_under_the_same_id(working: Parts, member: Member, receiver: Receiver) -> None:
    made = await working.subscribe(member, receiver)
    receiver.says(Says(status=500, body=b"no \0 \xff" + b"x" * 100_000), Says(status=302, headers={"location": "/x"}))
    await working.publish(member.workspace, "run.done", "run_1")
    await working.tried(member, made.id)
    failing = await working.subscriptions.show(member, made.id)
    await hurry(made.id)
    await working.tried(member, made.id, 2)
    await hurry(made.id)
    (sent,) = await working.settled(member, made.id, 1)
    shown = await working.messages.show(member, made.id, sent.id)
    assert [one.status for one in shown.attempts] == [500, 302, 204]
    assert set(receiver.ids) == {sent.id}
    assert len({one.raw for one in receiver.got}) == 1
    assert shown.attempts[0].answer.startswith("no � �xxx")
    assert len(shown.attempts[0].answer) == 2000
    assert "redirects are not followed" in shown.attempts[1].problem
    assert (failing.failing_since is not None, (await working.subscriptions.show(member, made.id)).failing_since) == (
        True,
        None,
    )


async def test_waits_as_long_as_the_receiver_asks(working: Parts, member: Member, receiver: Receiver) -> None:
    made = await working.subscribe(member, receiver)
    receiver.says(Says(status=429, headers={"retry-after": "7200"}))
    await working.publish(member.workspace, "run.done", "run_1")
    waiting = await working.tried(member, made.id)
    assert waiting.next_at is not None
    assert 7000 < (waiting.next_at - datetime.now(UTC)).total_seconds() < 7210


@pytest.mark.parametrize("tries", range(1, len(PAUSES) + 1))
def test_pauses_grow_and_differ(tries: int) -> None:
    found = [pause_after(tries) for _ in range(50)]
    pause = PAUSES[tries - 1]
    assert pause * 0.8 <= min(found) < max(found) <= pause * 1.2
    assert sum(PAUSES[:tries]) <= 4 * 24 * 3600


async def test_gives_a_slow_receiver_up_in_time(parts: Parts, member: Member, receiver: Receiver) -> None:
    hasty = parts_of(parts.vault, "127.0.0.0/8", seconds=2.0)
    made = await hasty.subscribe(member, receiver)
    receiver.says(Says(delay=30))
    async with hasty.bell.listening(CHANNEL), at_work(hasty.work()):
        await hasty.publish(member.workspace, "run.done", "run_1")
        waiting = await hasty.tried(member, made.id)
    await hasty.sender.close()
    assert (waiting.status, waiting.problem) == (None, "The receiver did not answer within 2 seconds.")


async def test_tells_when_nothing_listens(working: Parts, member: Member, receiver: Receiver) -> None:
    made = await working.subscriptions.create(member, NewSubscription(url="http://127.0.0.1:1/", kinds=("*",)))
    shown = await working.messages.test(member, made.id)
    assert (shown.message.state, shown.message.status) == ("failed", None)
    assert shown.message.problem != ""


async def _extraction(workspace: UUID, result: str) -> str:
    identity = new_id()
    await execute(
        "insert into extractions (id, workspace, schema_name, engine, status, result) "
        "values ($1, $2, 'invoice', 'local', 'done', $3)",
        identity,
        workspace,
        result,
    )
    return show("ext", identity)

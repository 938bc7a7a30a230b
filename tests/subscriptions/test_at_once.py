"""Subscriptions that are changed or removed at the moment in which messages are made and sent."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from hub.database import execute, fetch, transaction
from hub.errors import NotFoundError
from hub.ids import new_id, parse
from hub.members import Member
from hub.subscriptions import CreatedSubscription, Replay, SubscriptionChange
from hub.subscriptions.sending import Outcome
from hub.subscriptions.structs import Held
from hub.subscriptions.work import _MAKE
from tests.meeting import meet
from tests.subscriptions.parts import Parts
from tests.subscriptions.receiver import Receiver

HOLD = "select from subscriptions where id = $1 for no key update"
DISABLE = "update subscriptions set state = 'disabled', reason = 'Gone.' where id = $1"
MESSAGE = """
insert into subscription_messages (id, workspace, subscription, event, kind, subject, at)
select $1, workspace, id, 1, 'run.done', 'run_1', now() from subscriptions where id = $2"""


@pytest.fixture
async def made(parts: Parts, member: Member, receiver: Receiver) -> CreatedSubscription:
    """The only subscription of a workspace."""
    return await parts.subscribe(member, receiver)


async def _make() -> int:
    """Make messages of what has happened, in a transaction, which is told of a deadlock; returns of how many events."""
    async with transaction():
        return int((await fetch(_MAKE, 500))[0]["events"])


async def _message(subscription: UUID) -> UUID:
    identity = new_id()
    await execute(MESSAGE, identity, subscription)
    return identity


async def _settle(parts: Parts, member: Member, subscription: UUID, message: UUID) -> None:
    """Settle a message that its receiver has refused."""
    held = Held(
        id=message, workspace=member.workspace, subscription=subscription, kind="run.done", subject="run_1", body={},
        at=datetime.now(UTC), fence=0, tries=1, url="", with_values=False, secret=b"", previous_secret=None,
    )  # fmt: skip
    await parts.ending.settle(held, Outcome(took_ms=1, status=500))


async def test_the_last_one_is_removed_while_messages_are_made(
    parts: Parts, member: Member, made: CreatedSubscription
) -> None:
    await parts.publish(member.workspace, "run.done", "run_1")
    hold = execute("select from subscriptions where id = $1 for update", parse("whk", made.id))
    assert await meet(hold, parts.subscriptions.remove(member, made.id), _make()) == [None, 0]


async def test_one_is_removed_while_a_message_to_it_is_settled(
    parts: Parts, member: Member, made: CreatedSubscription
) -> None:
    identity = parse("whk", made.id)
    message = await _message(identity)
    settling = _settle(parts, member, identity, message)
    assert await meet(execute(HOLD, identity), parts.subscriptions.remove(member, made.id), settling) == [None, None]
    assert await fetch("select id from subscription_messages where subscription = $1", identity) == []


async def test_what_was_disabled_meanwhile_is_not_made_active_by_another_change(
    parts: Parts, member: Member, made: CreatedSubscription
) -> None:
    change = parts.subscriptions.change(member, made.id, SubscriptionChange(description="Ours"))
    await meet(execute(DISABLE, parse("whk", made.id)), change)
    shown = await parts.subscriptions.show(member, made.id)
    assert (shown.state, shown.reason, shown.description) == ("disabled", "Gone.", "Ours")


async def test_one_that_is_removed_meanwhile_is_neither_tried_out_nor_replayed(
    parts: Parts, member: Member, made: CreatedSubscription
) -> None:
    await parts.publish(member.workspace, "run.done", "run_1")
    answered = await meet(
        parts.subscriptions.remove(member, made.id),
        parts.messages.test(member, made.id),
        parts.messages.replay(member, made.id, Replay(since=datetime.now(UTC) - timedelta(hours=1))),
    )
    assert [type(one) for one in answered] == [NotFoundError, NotFoundError]

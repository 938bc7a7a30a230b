"""Receivers that want no more, or take nothing for days: disabled, told, and taken up again."""

from pathlib import Path

from hub.database import execute, fetch, fetch_one
from hub.ids import parse
from hub.mail import Mail
from hub.members import Member
from hub.subscriptions.ending import PAUSES
from tests.conftest import Members
from tests.runs.letters import served as letters_served
from tests.subscriptions.parts import Parts, hurry, parts_of, vault_in
from tests.subscriptions.receiver import Receiver, Says

# So that the second try comes when a test says so
LATER = Says(status=500, headers={"retry-after": "3600"})


async def _last_try(subscription: str, days: int) -> None:
    """Let a message be before its last try, at a receiver that has failed for so many days."""
    identity = parse("whk", subscription)
    await execute("update subscription_messages set tries = $2 where subscription = $1", identity, len(PAUSES))
    await execute(
        "update subscriptions set failing_since = now() - $2 * interval '1 day' where id = $1", identity, days
    )
    await hurry(subscription)


async def test_disables_a_receiver_that_is_gone(working: Parts, member: Member, receiver: Receiver) -> None:
    made = await working.subscribe(member, receiver, "run.*")
    other = await working.subscribe(member, receiver, "subscription.*")
    receiver.says(Says(status=410))
    await working.publish(member.workspace, "run.done", "run_1")
    (told,) = await working.settled(member, other.id, 1)
    shown = await working.subscriptions.show(member, made.id)
    audited = await fetch_one(
        "select actor from audit where workspace = $1 and verb = 'webhook.disabled'", member.workspace
    )
    assert (shown.state, shown.reason) == ("disabled", "Its receiver answered 410: it wants no more messages.")
    assert (told.type, told.subject) == ("subscription.disabled", made.id)
    assert audited is not None
    assert audited["actor"] == "patchdeck"


async def test_gives_up_after_the_last_try_and_disables(working: Parts, member: Member, receiver: Receiver) -> None:
    made = await working.subscribe(member, receiver)
    receiver.says(LATER, Says(status=500))
    await working.publish(member.workspace, "run.done", "run_1")
    await working.tried(member, made.id)
    await _last_try(made.id, days=3)
    failed = await working.tried(member, made.id, 2)
    shown = await working.subscriptions.show(member, made.id)
    assert (failed.state, failed.next_at) == ("failed", None)
    assert shown.state == "disabled"
    assert "for 2 days. The last problem: The receiver answered 500." in shown.reason


async def test_goes_on_with_a_receiver_that_failed_only_lately(
    working: Parts, member: Member, receiver: Receiver
) -> None:
    made = await working.subscribe(member, receiver)
    receiver.says(LATER, Says(status=500))
    await working.publish(member.workspace, "run.done", "run_1")
    await working.tried(member, made.id)
    await _last_try(made.id, days=1)
    failed = await working.tried(member, made.id, 2)
    assert failed.state == "failed"
    assert (await working.subscriptions.show(member, made.id)).state == "active"


async def test_sends_nothing_while_disabled_and_what_was_missed_afterwards(
    working: Parts, member: Member, receiver: Receiver
) -> None:
    made = await working.subscribe(member, receiver)
    receiver.says(Says(status=410))
    await working.publish(member.workspace, "run.done", "run_1")
    await working.tried(member, made.id)
    await working.publish(member.workspace, "run.done", "run_2")
    await working.resume(member, made.id)
    await working.publish(member.workspace, "run.done", "run_3")
    await working.settled(member, made.id, 1)
    assert await fetch("select from subscription_cursors where workspace = $1", member.workspace)
    assert (await working.subscriptions.show(member, made.id)).reason == ""
    assert receiver.got[-1].data["id"] in {"run_2", "run_3"}


async def test_a_failing_test_disables_nothing(working: Parts, member: Member, receiver: Receiver) -> None:
    made = await working.subscribe(member, receiver)
    receiver.says(Says(status=500))
    tested = await working.messages.test(member, made.id)
    shown = await working.subscriptions.show(member, made.id)
    assert (tested.message.state, tested.message.status) == ("failed", 500)
    assert (shown.state, shown.failing_since) == ("active", None)


async def test_writes_to_the_admins(own_database: str, key_folder: Path, members: Members, receiver: Receiver) -> None:
    async with letters_served() as letters:
        mail = Mail(letters.url, "Patchdeck <hub@example.test>")
        parts = parts_of(vault_in(key_folder), "127.0.0.0/8", mail=mail)
        made = await parts.subscribe(members.owner, receiver)
        receiver.says(Says(status=410))
        await parts.messages.test(members.owner, made.id)
        found = await letters.next(2)
        await parts.sender.close()
    to = {str(letter["To"]).partition("@")[0] for letter in found}
    assert to == {user.hex for user in (members.owner.user, members.admin.user) if user}
    assert {str(letter["Subject"]) for letter in found} == {"A webhook was disabled"}
    assert "answered 410" in found[0].get_content()


async def test_goes_on_when_no_mail_can_be_sent(
    own_database: str, key_folder: Path, member: Member, receiver: Receiver
) -> None:
    parts = parts_of(vault_in(key_folder), "127.0.0.0/8", mail=Mail("smtp://127.0.0.1:1", "hub@example.test"))
    made = await parts.subscribe(member, receiver)
    receiver.says(Says(status=410))
    tested = await parts.messages.test(member, made.id)
    await parts.sender.close()
    assert (tested.message.state, (await parts.subscriptions.show(member, made.id)).state) == ("failed", "disabled")

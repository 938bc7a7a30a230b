"""Workers die, share and overlap, transactions are late: every event arrives, and repeats bear the same id."""

import asyncio
import subprocess
import sys
from collections import Counter
from pathlib import Path

import asyncpg

from hub.database import execute
from hub.members import Member
from tests.conftest import Members
from tests.subscriptions.parts import Parts, at_work, hurry, until
from tests.subscriptions.receiver import Receiver, Says

ROOT = Path(__file__).parents[2]
MANY = [f"run_{number}" for number in range(120)]


def _worker(url: str, folder: Path) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "tests.subscriptions.worker_program", url, str(folder)]
    return subprocess.Popen(command, cwd=ROOT)


async def test_loses_nothing_when_a_worker_is_killed(
    parts: Parts, member: Member, receiver: Receiver, own_database: str, key_folder: Path
) -> None:
    made = await parts.subscribe(member, receiver)
    await parts.publish(member.workspace, "run.done", *MANY)
    # The last of the first thirty are still under way when the worker is killed.
    receiver.says(*[Says()] * 25)
    receiver.always(Says(delay=60))
    first = _worker(own_database, key_folder)
    await receiver.count(30)
    first.kill()
    first.wait()
    await parts.publish(member.workspace, "run.done", "run_late")
    # What the killed worker held is left alone until its hold is over.
    await hurry(made.id)
    receiver.always(Says())
    second = _worker(own_database, key_folder)
    try:
        messages = await parts.settled(member, made.id, len(MANY) + 1)
    finally:
        second.kill()
        second.wait()
    ids = {subject: {one.id for one in receiver.got if one.data["id"] == subject} for subject in receiver.subjects}
    assert receiver.subjects == {*MANY, "run_late"}
    assert {len(found) for found in ids.values()} == {1}
    assert len(receiver.got) > len(messages), "Nothing was under way when the worker was killed."
    assert receiver.forged == 0


async def test_workers_share_without_repeating(parts: Parts, member: Member, receiver: Receiver) -> None:
    made = await parts.subscribe(member, receiver)
    async with at_work(parts.work(), parts.work(), parts.work()):
        await parts.publish(member.workspace, "run.done", *MANY)
        await parts.settled(member, made.id, len(MANY))
    assert Counter(one.data["id"] for one in receiver.got) == Counter(MANY)


async def test_passes_over_no_late_commit(
    working: Parts, member: Member, receiver: Receiver, own_database: str
) -> None:
    made = await working.subscribe(member, receiver)
    await working.publish(member.workspace, "run.done", "before")
    (before,) = await working.settled(member, made.id, 1)
    other = await asyncpg.connect(own_database)
    late = other.transaction()
    await late.start()
    await other.execute(
        "insert into outbox (workspace, kind, subject) values ($1, 'run.done', 'late')", member.workspace
    )
    await working.publish(member.workspace, "run.done", "early")
    # What is sent again shows that the worker has looked for events meanwhile.
    await working.messages.resend(member, made.id, before.id)
    await receiver.count(2)
    await late.commit()
    await other.close()
    await receiver.count(4)
    assert Counter(one.data["id"] for one in receiver.got) == {"before": 2, "late": 1, "early": 1}


async def test_a_slow_receiver_holds_up_no_other(working: Parts, members: Members, receiver: Receiver) -> None:
    slow = await working.subscribe(members.outsider, receiver)
    quick_is_told = asyncio.Event()
    receiver.always(Says(after=quick_is_told))
    await working.publish(members.outsider.workspace, "run.done", *MANY)
    await receiver.count(8)
    quick = await working.subscribe(members.owner, receiver)
    receiver.always(Says())
    await working.publish(members.workspace, "run.done", "quick")
    await working.settled(members.owner, quick.id, 1)
    assert sum(one.data["id"] != "quick" for one in receiver.got) == 8
    await working.pause(members.outsider, slow.id)
    quick_is_told.set()


async def test_goes_on_in_a_restored_database(working: Parts, member: Member, receiver: Receiver) -> None:
    await working.subscribe(member, receiver)
    await execute("update subscription_cursors set xid = '9000000000'::xid8 where workspace = $1", member.workspace)
    await until(
        "select 1 from subscription_cursors where workspace = $1 and xid < '9000000000'::xid8", member.workspace
    )
    await working.publish(member.workspace, "run.done", "after")
    await receiver.count(1)
    assert receiver.subjects == {"after"}


async def test_reads_more_events_than_one_go_takes(working: Parts, member: Member, receiver: Receiver) -> None:
    made = await working.subscribe(member, receiver, "recipe.*")
    await working.publish(member.workspace, "run.done", *[f"run_{number}" for number in range(1200)])
    await working.publish(member.workspace, "recipe.published", "rcp_1")
    await working.settled(member, made.id, 1)
    assert receiver.subjects == {"rcp_1"}

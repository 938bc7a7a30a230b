"""The audit trail: what is written stays, and a change shows."""

import asyncio
from decimal import Decimal

import pytest

from hub.audit import Audit, Entry
from hub.database import execute, transaction
from hub.errors import ForbiddenError
from hub.members import Member
from tests.conftest import Members

audit = Audit()


async def test_records_who_did_what(member: Member) -> None:
    await audit.record(member, "key.create", "key_1", {"name": "ci", "cost": Decimal("1.10"), "odd": "a\x00b"})
    entry = (await audit.entries(member))[0]
    assert (entry.number, entry.verb, entry.subject, entry.detail["name"]) == (1, "key.create", "key_1", "ci")
    assert entry.actor.endswith("@example.test")


async def test_a_whole_chain_verifies(member: Member) -> None:
    await audit.record(member, "a", "x", {"b": 1, "a": [1.5, None, {"z": True, "y": "ü"}], "odd": "a\x00b"})
    await audit.record_all(member, [Entry(verb=f"v{i}", subject="s", detail={"i": i}) for i in range(20)])
    verified = await audit.verify(member)
    assert (verified.entries, verified.broken_at) == (21, None)


async def test_members_write_at_once_without_breaking_the_chain(members: Members) -> None:
    writers = [members.owner, members.admin, members.editor] * 5
    await asyncio.gather(*(audit.record(writer, "v", "s") for writer in writers))
    verified = await audit.verify(members.owner)
    assert (verified.entries, verified.broken_at) == (15, None)


@pytest.mark.parametrize(
    "change",
    [
        "update audit set detail = '{\"i\": 99}' where workspace = $1 and number = 3",
        "update audit set actor = 'someone else' where workspace = $1 and number = 3",
        "update audit set at = at + interval '1 s' where workspace = $1 and number = 3",
        "delete from audit where workspace = $1 and number = 3",
    ],
)
async def test_shows_where_the_chain_was_broken(member: Member, change: str) -> None:
    await audit.record_all(member, [Entry(verb="v", subject="s", detail={"i": i}) for i in range(5)])
    await execute(change, member.workspace)
    assert (await audit.verify(member)).broken_at == 3


async def test_falls_with_the_work(member: Member) -> None:
    with pytest.raises(ZeroDivisionError):
        await _record_and_fail(member)
    assert await audit.entries(member) == []


async def test_is_for_admins(members: Members) -> None:
    with pytest.raises(ForbiddenError):
        await audit.entries(members.editor)


async def _record_and_fail(member: Member) -> None:
    async with transaction():
        await audit.record(member, "v", "s")
        raise ZeroDivisionError

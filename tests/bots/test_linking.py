"""Who is who: one-time codes, strangers, foreign workspaces, people who have left."""

import asyncio

import pytest

from hub.audit import AuditEntry
from hub.composition import Services
from hub.database import execute, fetch
from hub.errors import ForbiddenError, NotFoundError, TooManyError
from hub.ids import parse, show
from hub.members import Member, Scope
from tests.bots.conftest import publish
from tests.bots.dialog import Dialog


async def audited(services: Services, member: Member) -> list[AuditEntry]:
    return list(await services.audit.entries(member))


@pytest.mark.parametrize("text", ["recipes", "/run orders", "hello", "", "help", "approve apr_1", "/start"])
async def test_a_stranger_is_told_how_to_link_and_nothing_else(stranger, text):
    reply = await stranger.says(text)
    assert "I do not know you yet" in reply.text
    assert "connect CODE" in reply.text
    assert not reply.buttons


async def test_a_code_links_once(services, members, stranger):
    made = await services.identities.create_code(members.editor)
    reply = await stranger.says(f"/connect@patchdeck_bot  {made.code.lower().replace('-', ' - ')}")
    assert reply.text.startswith("This account is linked now")
    second = await Dialog(services).says(f"connect {made.code}")
    assert "was used already or has run out" in second.text


async def test_a_link_into_the_chat_carries_the_code(services, members, stranger):
    made = await services.identities.create_code(members.viewer)
    assert "is linked now" in (await stranger.says(f"/start {made.code}")).text


async def test_of_two_accounts_with_one_code_at_once_one_is_linked(services, members):
    made = await services.identities.create_code(members.editor)
    replies = await asyncio.gather(*(Dialog(services).says(f"connect {made.code}") for _ in range(4)))
    assert sorted("is linked now" in reply.text for reply in replies) == [False, False, False, True]


async def test_a_code_runs_out_after_ten_minutes(services, members, stranger):
    made = await services.identities.create_code(members.editor)
    await execute("update chat_codes set expires_at = now() where workspace = $1", members.workspace)
    assert "has run out" in (await stranger.says(f"connect {made.code}")).text


async def test_a_new_code_ends_the_one_before(services, members, stranger):
    older = await services.identities.create_code(members.editor)
    await services.identities.create_code(members.editor)
    assert "has run out" in (await stranger.says(f"connect {older.code}")).text


async def test_codes_are_kept_as_hashes(services, members):
    made = await services.identities.create_code(members.editor)
    rows = await fetch("select hash from chat_codes where workspace = $1", members.workspace)
    assert len(rows) == 1
    assert made.code.replace("-", "").encode() not in rows[0]["hash"]


async def test_many_codes_within_the_hour_are_refused(services, members):
    for _ in range(10):
        await services.identities.create_code(members.editor)
    with pytest.raises(TooManyError, match="many codes"):
        await services.identities.create_code(members.editor)


async def test_guessing_codes_is_stopped(stranger):
    replies = [await stranger.says(f"connect AAAAA-{number:05}") for number in range(11)]
    assert "is not known" in replies[9].text
    assert "too many wrong codes" in replies[10].text


async def test_a_key_makes_no_codes(services, members):
    by_key = Member(
        workspace=members.workspace, user=members.owner.user, role=members.owner.role, scopes=frozenset({Scope.ADMIN})
    )
    with pytest.raises(ForbiddenError, match="signed in"):
        await services.identities.create_code(by_key)


async def test_somebody_of_another_workspace_sees_and_unlinks_nothing(services, members, ann):
    await publish(services, members.editor)
    other = await Dialog(services).link(members.outsider)
    assert "There are no recipes yet" in (await other.says("show orders")).text
    assert "There are no recipes yet" in (await other.says("recipes")).text
    with pytest.raises(NotFoundError):
        await services.identities.remove(members.outsider, (await ann.identity()).id)
    assert list(await services.identities.list(members.outsider)) != []
    assert "orders" in str((await ann.says("recipes")).table)


async def test_members_unlink_their_own_and_admins_everybodys(services, members, ann, vic):
    own = await services.identities.list(members.viewer)
    assert [one.user for one in own] == [show("usr", members.viewer.user)]
    assert len(await services.identities.list(members.admin)) == 2
    with pytest.raises(NotFoundError):
        await services.identities.remove(members.viewer, (await ann.identity()).id)
    await services.identities.remove(members.admin, parse("idn", own[0].id))
    assert "I do not know you yet" in (await vic.says("recipes")).text


async def test_who_has_left_is_a_stranger_at_once(members, ann):
    await execute(
        'delete from memberships where workspace = $1 and "user" = $2', members.workspace, members.editor.user
    )
    assert "I do not know you yet" in (await ann.says("recipes")).text


async def test_who_is_disabled_is_a_stranger_at_once(members, ann):
    await execute("update users set disabled_at = now() where id = $1", members.editor.user)
    assert "I do not know you yet" in (await ann.says("recipes")).text


async def test_a_linked_account_keeps_its_link_until_it_is_given_up(services, members, ann):
    made = await services.identities.create_code(members.owner)
    assert "is linked to" in (await ann.says(f"connect {made.code}")).text
    assert "no longer linked" in (await ann.says("disconnect")).text
    assert "is linked now" in (await ann.says(f"connect {made.code}")).text
    assert (await ann.identity()).member.user == members.owner.user


async def test_every_command_is_audited_with_the_carrier(services, members, ann):
    await publish(services, members.editor)
    await ann.says("pause orders")
    entries = await audited(services, members.owner)
    told = {(one.verb, one.actor.rpartition(" ")[2]) for one in entries[:2]}
    carrier = ann.account.carrier
    assert told == {("recipe.paused", f"({carrier})"), ("chat.command", f"({carrier})")}
    assert next(one for one in entries if one.verb == "chat.command").detail == {
        "command": "pause",
        "carrier": carrier,
    }

"""API keys: shown once, scoped, limited in time, dead with their member."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from hub.accounts import AccountServices, NewKey, account_services
from hub.audit import Audit
from hub.database import execute, fetch_one
from hub.errors import ForbiddenError, InvalidError, NotFoundError, UnauthorizedError
from hub.ids import parse
from hub.members import Member, Role, Scope, Verb
from tests.conftest import Members


async def test_acts_for_its_member_within_its_scopes(people: AccountServices, member: Member) -> None:
    created = await people.keys.create(member, NewKey(name="ci", scopes=(Scope.READ, Scope.RUN)))
    acting = await people.accounts.authenticate_key(created.key)
    assert (acting.workspace, acting.user, acting.role) == (member.workspace, member.user, Role.OWNER)
    assert acting.may(Verb.RUN)
    assert not acting.may(Verb.EDIT_RECIPES)


async def test_a_key_has_no_more_rights_than_its_member(people: AccountServices, members: Members) -> None:
    created = await people.keys.create(members.admin, NewKey(name="ci", scopes=(Scope.ADMIN,)))
    await people.memberships.change_role(members.owner, _user(members.admin), "viewer")
    acting = await people.accounts.authenticate_key(created.key)
    assert acting.may(Verb.READ)
    assert not acting.may(Verb.RUN)


async def test_a_test_key_may_only_plan_and_extract(people: AccountServices, member: Member) -> None:
    created = await people.keys.create(member, NewKey(name="try", scopes=(Scope.ADMIN,), test=True))
    acting = await people.accounts.authenticate_key(created.key)
    assert created.key.startswith("pd_test_")
    assert acting.may(Verb.PLAN)
    assert acting.may(Verb.EXTRACT)
    assert not acting.may(Verb.RUN)
    assert not acting.may(Verb.EDIT_KEYS)


async def test_is_stored_as_a_hash_only(people: AccountServices, member: Member) -> None:
    created = await people.keys.create(member, NewKey(name="ci"))
    row = await fetch_one(
        "select count(*) as n from api_keys k where position(substr($1, 13) in row_to_json(k)::text) > 0", created.key
    )
    assert row is not None
    assert row["n"] == 0
    assert created.prefix == created.key[:12]


async def test_ends_when_revoked(people: AccountServices, member: Member) -> None:
    created = await people.keys.create(member, NewKey(name="ci"))
    await people.accounts.authenticate_key(created.key)
    await people.keys.revoke(member, parse("key", created.id))
    with pytest.raises(UnauthorizedError):
        await people.accounts.authenticate_key(created.key)
    assert (await people.keys.list(member))[0].revoked_at is not None


async def test_ends_on_its_day(people: AccountServices, member: Member) -> None:
    created = await people.keys.create(member, NewKey(name="ci", expires_at=datetime.now(UTC) + timedelta(days=1)))
    await execute("update api_keys set expires_at = now() - interval '1 s' where workspace = $1", member.workspace)
    with pytest.raises(UnauthorizedError, match="expired"):
        await people.accounts.authenticate_key(created.key)


async def test_dies_with_its_member(people: AccountServices, members: Members) -> None:
    created = await people.keys.create(members.admin, NewKey(name="ci"))
    await people.accounts.authenticate_key(created.key)
    await people.memberships.remove(members.owner, _user(members.admin))
    with pytest.raises(UnauthorizedError):
        await people.accounts.authenticate_key(created.key)


async def test_is_renewed(people: AccountServices, member: Member) -> None:
    created = await people.keys.create(member, NewKey(name="ci", scopes=(Scope.WRITE,)))
    fresh = await people.keys.renew(member, parse("key", created.id))
    with pytest.raises(UnauthorizedError):
        await people.accounts.authenticate_key(created.key)
    assert (await people.accounts.authenticate_key(fresh.key)).scopes == frozenset({Scope.WRITE})


async def test_a_revoked_key_is_not_renewed(people: AccountServices, member: Member) -> None:
    created = await people.keys.create(member, NewKey(name="ci"))
    key = parse("key", created.id)
    await people.keys.revoke(member, key)
    with pytest.raises(NotFoundError):
        await people.keys.renew(member, key)


async def test_remembers_its_last_use_once_a_minute(people: AccountServices, member: Member) -> None:
    created = await people.keys.create(member, NewKey(name="ci"))
    await people.accounts.authenticate_key(created.key)
    first = (await people.keys.list(member))[0].last_used_at
    await account_services("http://x", Audit()).accounts.authenticate_key(created.key)
    assert first is not None
    assert (await people.keys.list(member))[0].last_used_at == first


async def test_another_workspaces_key_is_not_found(people: AccountServices, members: Members) -> None:
    created = await people.keys.create(members.owner, NewKey(name="ci"))
    key = parse("key", created.id)
    with pytest.raises(NotFoundError):
        await people.keys.revoke(members.outsider, key)
    assert await people.keys.list(members.outsider) == []


async def test_is_for_admins(people: AccountServices, members: Members) -> None:
    with pytest.raises(ForbiddenError):
        await people.keys.create(members.editor, NewKey(name="ci"))


@pytest.mark.parametrize(
    "wanted",
    [
        NewKey(name=""),
        NewKey(name="x" * 101),
        NewKey(name="k", scopes=()),
        NewKey(name="k", rate_limit=0),
        NewKey(name="k", expires_at=datetime(2001, 1, 1, tzinfo=UTC)),
        NewKey(name="k", expires_at=datetime(2999, 1, 1)),  # noqa: DTZ001  # the missing zone is what is refused
    ],
)
async def test_refuses_an_odd_wish(people: AccountServices, member: Member, wanted: NewKey) -> None:
    with pytest.raises(InvalidError):
        await people.keys.create(member, wanted)


def _user(member: Member) -> UUID:
    assert member.user is not None
    return member.user

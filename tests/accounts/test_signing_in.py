"""Signing in, sessions, passwords and the links around them."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from hub.accounts import AccountServices, SetUp, Visitor
from hub.database import execute, fetch, fetch_one
from hub.errors import ConflictError, ForbiddenError, InvalidError, NotFoundError, TooManyError, UnauthorizedError
from hub.ids import new_id, parse
from hub.members import Member, Role, Verb
from tests.conftest import Members

GOOD = "correct horse battery"
HERE = Visitor(address="192.0.2.1", user_agent="test")


def _email() -> str:
    return f"{new_id().hex}@example.test"


def _token(url: str) -> str:
    return url.rpartition("/")[2]


@pytest.fixture
async def joined(people: AccountServices, member: Member) -> str:
    """The address of somebody who joined the workspace as editor, with the password GOOD."""
    email = _email()
    link = await people.memberships.invite(member, email, "editor")
    await people.accounts.accept(_token(link.url), GOOD, "Joan", HERE)
    return email


async def test_joins_by_invitation(people: AccountServices, member: Member, joined: str) -> None:
    session = await people.accounts.sign_in(joined.upper(), GOOD, HERE)
    signed_in = await people.accounts.authenticate_session(session.token)
    assert (signed_in.workspace, signed_in.role, signed_in.scopes) == (member.workspace, Role.EDITOR, None)


async def test_an_invitation_works_once(people: AccountServices, member: Member) -> None:
    link = await people.memberships.invite(member, _email(), "viewer")
    await people.accounts.accept(_token(link.url), GOOD, "", HERE)
    with pytest.raises(NotFoundError, match="used already"):
        await people.accounts.accept(_token(link.url), GOOD, "", HERE)


async def test_an_invitation_can_be_withdrawn(people: AccountServices, member: Member) -> None:
    link = await people.memberships.invite(member, _email(), "viewer")
    invitation = (await people.memberships.invitations(member))[0]
    await people.memberships.withdraw(member, parse("inv", invitation.id))
    with pytest.raises(NotFoundError):
        await people.accounts.accept(_token(link.url), GOOD, "", HERE)


async def test_an_invited_account_joins_with_its_own_password_only(
    people: AccountServices, members: Members, joined: str
) -> None:
    link = await people.memberships.invite(members.outsider, joined, "admin")
    with pytest.raises(UnauthorizedError, match="give its password"):
        await people.accounts.accept(_token(link.url), "another password", "", HERE)
    session = await people.accounts.accept(_token(link.url), GOOD, "", HERE)
    assert (await people.accounts.authenticate_session(session.token)).workspace == members.outsider.workspace


@pytest.mark.parametrize("password", ["", "wrong", GOOD + " "])
async def test_refuses_a_wrong_password(people: AccountServices, joined: str, password: str) -> None:
    with pytest.raises(UnauthorizedError, match="wrong"):
        await people.accounts.sign_in(joined, password, HERE)


async def test_refuses_an_unknown_address_in_the_same_words(people: AccountServices) -> None:
    with pytest.raises(UnauthorizedError, match="E-mail address or password is wrong"):
        await people.accounts.sign_in(_email(), GOOD, HERE)


async def test_refuses_a_disabled_account(people: AccountServices, joined: str) -> None:
    session = await people.accounts.sign_in(joined, GOOD, HERE)
    await execute("update users set disabled_at = now() where email = $1", joined)
    with pytest.raises(UnauthorizedError):
        await people.accounts.sign_in(joined, GOOD, HERE)
    with pytest.raises(UnauthorizedError):
        await people.accounts.authenticate_session(session.token)


async def test_stops_guessing_at_one_account(people: AccountServices, joined: str) -> None:
    await execute(_FAILURES, f"sign-in account {joined}", 10)
    with pytest.raises(TooManyError) as caught:
        await people.accounts.sign_in(joined, GOOD, HERE)
    assert 0 < (caught.value.retry_after or 0) <= 15 * 60


async def test_stops_guessing_from_one_address(people: AccountServices, joined: str) -> None:
    await execute(_FAILURES, "sign-in address 198.51.100.7", 50)
    with pytest.raises(TooManyError):
        await people.accounts.sign_in(joined, GOOD, Visitor(address="198.51.100.7"))
    assert await people.accounts.sign_in(joined, GOOD, HERE) is not None


async def test_a_good_sign_in_clears_the_failures(people: AccountServices, joined: str) -> None:
    await execute(_FAILURES, f"sign-in account {joined}", 9)
    await people.accounts.sign_in(joined, GOOD, HERE)
    row = await fetch_one("select count(*) as n from sign_in_attempts where subject = $1", f"sign-in account {joined}")
    assert row is not None
    assert row["n"] == 0


async def test_lists_and_ends_sessions_one_by_one(people: AccountServices, joined: str) -> None:
    first, second = [await people.accounts.sign_in(joined, GOOD, HERE) for _ in range(2)]
    here = await people.accounts.session_pass(first.token)
    listed = await people.sessions.list(here.member, here.session)
    assert sorted(session.current for session in listed) == [False, False, True]
    other = next(session for session in listed if not session.current and session.id)
    await people.sessions.end(here.member, parse("ses", other.id))
    assert await people.sessions.end_others(here.member, here.session) == 1
    with pytest.raises(UnauthorizedError, match="ended"):
        await people.accounts.authenticate_session(second.token)
    assert await people.accounts.authenticate_session(first.token) is not None


async def test_nobody_ends_anothers_session(people: AccountServices, joined: str, member: Member) -> None:
    session = await people.accounts.sign_in(joined, GOOD, HERE)
    theirs = await people.accounts.session_pass(session.token)
    assert theirs.session is not None
    with pytest.raises(NotFoundError):
        await people.sessions.end(member, theirs.session)


async def test_a_session_runs_out(people: AccountServices, joined: str) -> None:
    session = await people.accounts.sign_in(joined, GOOD, HERE, remember=False)
    await execute("update sessions set expires_at = now() - interval '1 s'")
    with pytest.raises(UnauthorizedError):
        await people.accounts.authenticate_session(session.token)


async def test_only_a_hash_of_the_session_is_kept(people: AccountServices, joined: str) -> None:
    session = await people.accounts.sign_in(joined, GOOD, HERE)
    row = await fetch_one("select count(*) as n from sessions where encode(token_hash, 'escape') = $1", session.token)
    assert row is not None
    assert row["n"] == 0


async def test_a_new_password_ends_the_other_sessions(people: AccountServices, joined: str) -> None:
    here, there = [await people.accounts.sign_in(joined, GOOD, HERE) for _ in range(2)]
    mine = await people.accounts.session_pass(here.token)
    assert mine.session is not None
    await people.accounts.change_password(mine.member, mine.session, GOOD, "another good one")
    with pytest.raises(UnauthorizedError):
        await people.accounts.authenticate_session(there.token)
    assert await people.accounts.authenticate_session(here.token) is not None
    assert await people.accounts.sign_in(joined, "another good one", HERE) is not None


async def test_a_new_password_needs_the_present_one(people: AccountServices, joined: str) -> None:
    session = await people.accounts.sign_in(joined, GOOD, HERE)
    mine = await people.accounts.session_pass(session.token)
    assert mine.session is not None
    with pytest.raises(InvalidError, match="present password"):
        await people.accounts.change_password(mine.member, mine.session, "wrong", "another good one")


@pytest.mark.parametrize("password", ["short", "password", "aaaaaaaaaa", "x" * 1025])
async def test_refuses_a_weak_password(people: AccountServices, member: Member, password: str) -> None:
    link = await people.memberships.invite(member, _email(), "viewer")
    with pytest.raises(InvalidError) as caught:
        await people.accounts.accept(_token(link.url), password, "", HERE)
    assert caught.value.errors[0].path == "password"
    assert await people.accounts.purpose(_token(link.url)) is not None


async def test_sets_a_password_by_link_once(people: AccountServices, member: Member, joined: str) -> None:
    user = await fetch_one("select id from users where email = $1", joined)
    assert user is not None
    old = await people.accounts.sign_in(joined, GOOD, HERE)
    link = await people.memberships.reset_link(member, user["id"])
    await people.accounts.reset_password(_token(link.url), "another good one")
    assert await people.accounts.sign_in(joined, "another good one", HERE) is not None
    with pytest.raises(UnauthorizedError):
        await people.accounts.authenticate_session(old.token)
    with pytest.raises(NotFoundError):
        await people.accounts.reset_password(_token(link.url), "yet another one")


async def test_an_admin_gets_no_reset_link_for_people_of_other_workspaces(
    people: AccountServices, members: Members, joined: str
) -> None:
    link = await people.memberships.invite(members.outsider, joined, "owner")
    await people.accounts.accept(_token(link.url), GOOD, "", HERE)
    user = await fetch_one("select id from users where email = $1", joined)
    assert user is not None
    with pytest.raises(ForbiddenError, match="only be mailed"):
        await people.memberships.reset_link(members.owner, user["id"])


async def test_a_link_runs_out(people: AccountServices, member: Member) -> None:
    link = await people.memberships.invite(member, _email(), "viewer")
    await execute("update links set expires_at = now() - interval '1 s'")
    with pytest.raises(NotFoundError, match="run out"):
        await people.accounts.purpose(_token(link.url))


async def test_a_link_is_good_for_its_own_purpose_only(people: AccountServices, member: Member) -> None:
    link = await people.memberships.invite(member, _email(), "viewer")
    with pytest.raises(NotFoundError):
        await people.accounts.reset_password(_token(link.url), GOOD)


@pytest.fixture
async def fresh_hub(database: str) -> AsyncIterator[None]:
    """A hub without owners: those of other tests are set aside meanwhile."""
    owners = [row["user"] for row in await fetch('update memberships set role = 1 where role = 4 returning "user"')]
    yield
    await execute("delete from links where kind = 'setup'")
    await execute('update memberships set role = 4 where "user" = any($1)', owners)


@pytest.mark.usefixtures("fresh_hub")
async def test_the_first_owner_comes_by_the_newest_setup_link(people: AccountServices) -> None:
    old, link = await people.accounts.setup_link(), await people.accounts.setup_link()
    assert old is not None
    assert link is not None
    email = _email()
    with pytest.raises(NotFoundError):
        await people.accounts.set_up(SetUp(token=_token(old.url), email=email, password=GOOD), HERE)
    session = await people.accounts.set_up(SetUp(token=_token(link.url), email=email, password=GOOD), HERE)
    owner = await people.accounts.authenticate_session(session.token)
    assert owner.role == Role.OWNER
    assert await people.accounts.setup_link() is None
    with pytest.raises(NotFoundError):
        await people.accounts.set_up(SetUp(token=_token(link.url), email=_email(), password=GOOD), HERE)


@pytest.mark.usefixtures("fresh_hub")
async def test_the_first_owner_from_the_command_line_voids_the_link(people: AccountServices) -> None:
    link = await people.accounts.setup_link()
    assert link is not None
    await people.accounts.add_first_owner(_email(), GOOD)
    with pytest.raises(NotFoundError):
        await people.accounts.set_up(SetUp(token=_token(link.url), email=_email(), password=GOOD), HERE)
    with pytest.raises(ConflictError, match="has an owner already"):
        await people.accounts.add_first_owner(_email(), GOOD)


@pytest.mark.usefixtures("fresh_hub")
async def test_of_two_first_owners_at_once_one_is_told(people: AccountServices) -> None:
    link = await people.accounts.setup_link()
    assert link is not None
    wanted = SetUp(token=_token(link.url), email=_email(), password=GOOD)
    both = (people.accounts.add_first_owner(_email(), GOOD), people.accounts.set_up(wanted, HERE))
    refused = [one for one in await asyncio.gather(*both, return_exceptions=True) if isinstance(one, Exception)]
    assert [type(one) in {ConflictError, NotFoundError} for one in refused] == [True]


@pytest.mark.usefixtures("fresh_hub")
async def test_a_refused_set_up_leaves_the_link_good(people: AccountServices) -> None:
    link = await people.accounts.setup_link()
    assert link is not None
    with pytest.raises(InvalidError):
        await people.accounts.set_up(SetUp(token=_token(link.url), email="no address", password=GOOD), HERE)
    assert (await people.accounts.purpose(_token(link.url))).kind == "setup"


async def test_tells_who_one_is(people: AccountServices, member: Member) -> None:
    profile = await people.accounts.profile(member)
    assert (profile.role, profile.scopes, profile.verbs) == ("owner", None, [verb.value for verb in Verb])


_FAILURES = "insert into sign_in_attempts (subject, succeeded) select $1::text, false from generate_series(1, $2::int)"

"""What two people do at the same moment comes out as if one had been first."""

import asyncio
from collections import Counter
from uuid import UUID

from hub.accounts import AccountServices, NotLetInError, OutsideIdentity, Visitor
from hub.database import execute
from hub.errors import UnauthorizedError
from hub.members import Member, Role
from tests.conftest import Members

ROUNDS = 20


def _user(member: Member) -> UUID:
    assert member.user is not None
    return member.user


async def test_of_two_owners_who_step_down_one_stays(people: AccountServices, members: Members) -> None:
    both = [_user(members.owner), _user(members.admin)]
    outcomes: Counter[str] = Counter()
    for _ in range(ROUNDS):
        await execute('update memberships set role = $1 where "user" = any($2)', Role.OWNER, both)
        stepping = (people.memberships.change_role(members.owner, user, "admin") for user in both)
        outcomes.update(type(one).__name__ for one in await asyncio.gather(*stepping, return_exceptions=True))
    assert outcomes == {"MemberSummary": ROUNDS, "ConflictError": ROUNDS}


async def test_of_two_who_change_a_role_they_have_seen_one_is_told(people: AccountServices, members: Members) -> None:
    viewer, change = _user(members.viewer), people.memberships.change_role
    both = (change(members.owner, viewer, role, expected="viewer") for role in ("editor", "admin"))
    changed = await asyncio.gather(*both, return_exceptions=True)
    assert sorted(type(one).__name__ for one in changed) == ["MemberSummary", "StaleError"]


async def test_a_session_that_ends_while_it_is_looked_up_is_not_remembered(
    people: AccountServices, member: Member
) -> None:
    late: list[str] = []
    for _ in range(ROUNDS):
        session = await people.sessions.start(_user(member), member.workspace, Visitor(), remember=True)
        await execute("update sessions set seen_at = now() - interval '1 hour' where \"user\" = $1", member.user)
        asking = (people.accounts.authenticate_session(session.token) for _ in range(3))
        await asyncio.gather(*asking, people.sessions.end_all(_user(member)), return_exceptions=True)
        [after] = await asyncio.gather(people.accounts.authenticate_session(session.token), return_exceptions=True)
        late.append(type(after).__name__)
    assert late == [UnauthorizedError.__name__] * ROUNDS


async def test_who_is_invited_twice_has_one_invitation(people: AccountServices, member: Member) -> None:
    inviting = (people.memberships.invite(member, "new@example.test", "viewer") for _ in range(8))
    await asyncio.gather(*inviting)
    assert len(await people.memberships.invitations(member)) == 1


async def test_an_account_elsewhere_opens_one_account_here(people: AccountServices, members: Members) -> None:
    who = OutsideIdentity(provider="github", subject="4711", email=None, name="Ann")
    connecting = [people.outside_accounts.connect(one, who) for one in (members.owner, members.admin)]
    refused = [one for one in await asyncio.gather(*connecting, return_exceptions=True) if one is not None]
    assert [type(one) for one in refused] == [NotLetInError]


async def test_workspaces_of_one_name_each_get_a_slug(people: AccountServices, member: Member) -> None:
    made = await asyncio.gather(*(people.workspaces.create(member, "Same Name At Once") for _ in range(6)))
    assert len({one.slug for one in made}) == 6

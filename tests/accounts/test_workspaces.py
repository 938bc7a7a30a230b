"""Workspaces and their members: roles, switching, deleting, and nothing of one in the other."""

import asyncio
import contextvars
from uuid import UUID

import pytest

from hub.accounts import AccountServices, Visitor
from hub.database import execute, fetch, fetch_one, transaction
from hub.errors import ConflictError, ForbiddenError, InvalidError, NotFoundError
from hub.ids import new_id, parse
from hub.members import Member, Role
from tests.conftest import Members


def _user(member: Member) -> UUID:
    assert member.user is not None
    return member.user


async def test_lists_members_highest_role_first(people: AccountServices, members: Members) -> None:
    listed = await people.memberships.list(members.viewer)
    assert [one.role for one in listed] == ["owner", "admin", "editor", "viewer"]


async def test_a_role_changes_at_once_and_is_audited(people: AccountServices, members: Members) -> None:
    session = await people.sessions.start(_user(members.viewer), members.workspace, Visitor(), remember=True)
    await people.accounts.authenticate_session(session.token)
    await people.memberships.change_role(members.admin, _user(members.viewer), "editor")
    assert (await people.accounts.authenticate_session(session.token)).role == Role.EDITOR
    row = await fetch_one(
        "select verb, detail from audit where workspace = $1 order by number desc limit 1", members.workspace
    )
    assert row is not None
    assert (row["verb"], row["detail"]) == ("member.role_changed", '{"to": "editor", "from": "viewer"}')


async def test_access_ends_at_once_for_who_is_removed(people: AccountServices, members: Members) -> None:
    session = await people.sessions.start(_user(members.editor), members.workspace, Visitor(), remember=True)
    await people.accounts.authenticate_session(session.token)
    await people.memberships.remove(members.admin, _user(members.editor))
    with pytest.raises(Exception, match="session has ended"):
        await people.accounts.authenticate_session(session.token)


async def test_the_last_owner_stays(people: AccountServices, members: Members) -> None:
    with pytest.raises(ConflictError, match="at least one owner"):
        await people.memberships.remove(members.owner, _user(members.owner))
    with pytest.raises(ConflictError, match="at least one owner"):
        await people.memberships.change_role(members.owner, _user(members.owner), "admin")


async def test_ownership_is_handed_on(people: AccountServices, members: Members) -> None:
    await people.memberships.change_role(members.owner, _user(members.admin), "owner")
    new_owner = Member(workspace=members.workspace, user=members.admin.user, role=Role.OWNER)
    await people.memberships.change_role(new_owner, _user(members.owner), "viewer")
    roles = {one.id: one.role for one in await people.memberships.list(new_owner)}
    assert sorted(roles.values()) == ["editor", "owner", "viewer", "viewer"]


@pytest.mark.parametrize("role", ["owner"])
async def test_an_admin_makes_no_owners(people: AccountServices, members: Members, role: str) -> None:
    with pytest.raises(ForbiddenError, match="Only an owner"):
        await people.memberships.invite(members.admin, "x@example.test", role)
    with pytest.raises(ForbiddenError, match="Only an owner"):
        await people.memberships.change_role(members.admin, _user(members.editor), role)
    with pytest.raises(ForbiddenError, match="Only an owner"):
        await people.memberships.remove(members.admin, _user(members.owner))
    with pytest.raises(ForbiddenError, match="Only an owner"):
        await people.memberships.reset_link(members.admin, _user(members.owner))


async def test_members_of_elsewhere_are_not_found(people: AccountServices, members: Members) -> None:
    with pytest.raises(NotFoundError):
        await people.memberships.show(members.outsider, _user(members.viewer))
    with pytest.raises(NotFoundError):
        await people.memberships.remove(members.outsider, _user(members.viewer))
    with pytest.raises(NotFoundError):
        await people.memberships.reset_link(members.outsider, _user(members.viewer))


async def test_makes_a_workspace_and_switches_to_it(people: AccountServices, member: Member) -> None:
    session = await people.sessions.start(_user(member), member.workspace, Visitor(), remember=True)
    made = await people.workspaces.create(member, "Äcme & Söhne")
    assert made.slug.startswith("acme-sohne")
    here = await people.accounts.session_pass(session.token)
    assert here.session is not None
    await people.workspaces.switch(member, here.session, parse("wsp", made.id))
    assert (await people.accounts.authenticate_session(session.token)).workspace == parse("wsp", made.id)
    assert {one.id for one in await people.workspaces.list(member)} >= {made.id}


async def test_nobody_switches_to_a_workspace_of_others(people: AccountServices, members: Members) -> None:
    with pytest.raises(NotFoundError):
        await people.workspaces.switch(members.outsider, new_id(), members.workspace)


async def test_a_slug_is_taken_once(people: AccountServices, member: Member) -> None:
    slug = f"s{new_id().hex[:12]}"
    await people.workspaces.create(member, "One", slug)
    with pytest.raises(ConflictError, match="taken"):
        await people.workspaces.create(member, "Two", slug)


@pytest.mark.parametrize("slug", ["", "-a", "a-", "A", "a b", "x" * 51, "ü"])
async def test_refuses_an_odd_slug(people: AccountServices, member: Member, slug: str) -> None:
    with pytest.raises(InvalidError):
        await people.workspaces.create(member, "One", slug)


async def test_names_that_look_alike_get_slugs_of_their_own(people: AccountServices, member: Member) -> None:
    name = f"Team {new_id().hex[:8]}"
    first, second = [await people.workspaces.create(member, name) for _ in range(2)]
    assert second.slug == f"{first.slug}-2"


async def test_deleting_leaves_no_row_of_the_workspace(people: AccountServices, members: Members) -> None:
    await _fill(members.workspace)
    name = (await people.workspaces.show(members.owner, members.workspace)).name
    with pytest.raises(ConflictError, match="exact name"):
        await people.workspaces.delete(members.owner, members.workspace, "something else")
    await people.workspaces.delete(members.owner, members.workspace, name)
    tables = await fetch(
        "select table_name from information_schema.columns where column_name = 'workspace' and table_schema = 'public'"
    )
    union = " union all ".join(
        f"select '{row['table_name']}' as t from {row['table_name']} where workspace = $1" for row in tables
    )
    assert [row["t"] for row in await fetch(union, members.workspace)] == []
    assert await fetch("select 1 from seen_keys where key = $1", members.workspace.hex) == []


async def test_a_workspace_is_deleted_in_the_order_in_which_its_runs_are_written(
    people: AccountServices, members: Members
) -> None:
    await _fill(members.workspace)
    name = (await people.workspaces.show(members.owner, members.workspace)).name
    async with transaction():  # as the replay of an item does
        await execute("select from items where workspace = $1 for update", members.workspace)
        deleting = asyncio.create_task(
            people.workspaces.delete(members.owner, members.workspace, name), context=contextvars.Context()
        )
        async with asyncio.timeout(60):
            while not await fetch(_WAITING):
                await asyncio.sleep(0.02)
        await execute("update deliveries set state = 'failed' where workspace = $1", members.workspace)
    await deleting
    assert await fetch("select from deliveries where workspace = $1", members.workspace) == []


async def test_only_the_current_workspace_is_deleted(people: AccountServices, members: Members) -> None:
    with pytest.raises(NotFoundError):
        await people.workspaces.delete(members.outsider, members.workspace, "x")


_WAITING = "select from pg_locks where not granted and pg_backend_pid() = any(pg_blocking_pids(pid))"


async def _fill(workspace: UUID) -> None:
    recipe, item, run = new_id(), new_id(), new_id()
    await execute("insert into documents (id, workspace, kind, name) values ($1, $2, 'Recipe', 'r')", recipe, workspace)
    await execute("insert into runs (id, workspace, recipe, version) values ($1, $2, $3, 1)", run, workspace, recipe)
    await execute(
        "insert into items (id, workspace, recipe, version, content) values ($1, $2, $3, 1, '{}')",
        item,
        workspace,
        recipe,
    )
    await execute("insert into seen_keys (recipe, key, item) values ($1, $2, $3)", recipe, workspace.hex, item)
    await execute(
        "insert into attempts (item, step, run, workspace, state, started_at) values ($1, 's', $2, $3, 'done', now())",
        item,
        run,
        workspace,
    )
    await execute(
        "insert into deliveries (key, id, workspace, recipe, version, run, item, step, target, effect, state) "
        "values ($1::text, $2, $3, $4, 1, $5, $6, 's', 't', 'create', 'sent')",
        workspace.hex,
        new_id(),
        workspace,
        recipe,
        run,
        item,
    )
    await execute(
        "insert into dedupe_keys (recipe, step, key, item, workspace) values ($1, 's', 'k', $2, $3)",
        recipe,
        item,
        workspace,
    )
    await execute(
        "insert into windows (id, workspace, recipe, step) values ($1, $2, $3, 's')", new_id(), workspace, recipe
    )

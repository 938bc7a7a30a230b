"""Workspaces: the tenants. Whoever makes one owns it; deleting one deletes all it holds."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import msgspec

from hub.accounts.access import Access
from hub.accounts.people import checked_name, put_membership
from hub.accounts.sessions import Sessions
from hub.audit import Audit
from hub.database import Row, execute, fetch, fetch_one, transaction
from hub.errors import ConflictError, ForbiddenError, InvalidError, NotFoundError, Problem
from hub.ids import new_id, show
from hub.members import Member, Role, Verb

SLUGS_TRIED = 50


class WorkspaceSummary(msgspec.Struct, frozen=True, kw_only=True):
    """A workspace and what the asking member is in it."""

    id: str
    name: str
    slug: str
    role: str
    region: str
    plan: str
    created_at: datetime
    current: bool


class Workspaces:
    """Lists, makes, renames, switches and deletes workspaces."""

    def __init__(self, access: Access, sessions: Sessions, audit: Audit) -> None:
        self._access = access
        self._sessions = sessions
        self._audit = audit

    async def list(self, member: Member) -> Sequence[WorkspaceSummary]:
        """Return the workspaces that the person belongs to; a key sees only its own."""
        member.authorize(Verb.READ)
        rows = await fetch(
            f"{_SELECT} and ($3 or w.id = $2) order by lower(w.name), w.id",
            member.user,
            member.workspace,
            member.scopes is None,
        )
        return [_summary(row) for row in rows]

    async def show(self, member: Member, workspace: UUID) -> WorkspaceSummary:
        """Return one of the member's workspaces."""
        member.authorize(Verb.READ)
        row = await fetch_one(
            f"{_SELECT} and w.id = $4 and ($3 or w.id = $2)",
            member.user,
            member.workspace,
            member.scopes is None,
            workspace,
        )
        if row is None:
            raise NotFoundError("There is no such workspace.")
        return _summary(row)

    async def create(self, member: Member, name: str, slug: str | None = None) -> WorkspaceSummary:
        """Make a workspace that the member owns."""
        member.authorize(Verb.EDIT_WORKSPACE)
        if member.user is None:
            raise ForbiddenError("A workspace belongs to a person; sign in to make one.")
        async with transaction():
            workspace = await found(name, slug)
            await put_membership(workspace, member.user, Role.OWNER)
            owner = msgspec.structs.replace(member, workspace=workspace, role=Role.OWNER)
            await self._audit.record(owner, "workspace.created", show("wsp", workspace), {"name": name})
        return await self.show(owner, workspace)

    async def rename(self, member: Member, workspace: UUID, name: str) -> WorkspaceSummary:
        """Give the member's current workspace another name; the slug stays."""
        _check_current(member, workspace)
        name = checked_name(name, "name")
        async with transaction():
            await execute("update workspaces set name = $2 where id = $1", workspace, name)
            await self._audit.record(member, "workspace.renamed", show("wsp", workspace), {"name": name})
        return await self.show(member, workspace)

    async def switch(self, member: Member, session: UUID, workspace: UUID) -> WorkspaceSummary:
        """Have the session act in another of the person's workspaces."""
        await self.show(member, workspace)
        await self._sessions.move(session, workspace)
        return await self.show(msgspec.structs.replace(member, workspace=workspace), workspace)

    async def delete(self, member: Member, workspace: UUID, name: str) -> None:
        """Delete the current workspace with all that it holds; its name must be given, to be sure.

        Its keys go too, so files that are still in the store cannot be opened by anyone any more.
        """
        _check_current(member, workspace)
        if (await self.show(member, workspace)).name != name:
            raise ConflictError("Give the workspace's exact name to delete it.")
        async with transaction():
            recipes = await fetch("select id from documents where workspace = $1", workspace)
            for statement in _DELETE:
                await execute(statement, workspace)
            await execute("delete from seen_keys where recipe = any($1)", [row["id"] for row in recipes])
            await self._access.forget()


_SELECT = (
    "select w.id, w.name, w.slug, m.role, w.region, w.plan, w.created_at, w.id = $2 as current "
    'from memberships m join workspaces w on w.id = m.workspace where m."user" = $1'
)

# Hot tables have no foreign key to their workspace; everything else goes with the workspace's own row. That comes
# first, with runs and items, as who writes these takes an item before what came of it.
_DELETE = (
    "delete from workspaces where id = $1",
    "delete from dedupe_keys where workspace = $1",
    "delete from windows where workspace = $1",
    "delete from attempts where workspace = $1",
    "delete from deliveries where workspace = $1",
)


async def found(name: str, slug: str | None = None) -> UUID:
    """Insert a workspace; a slug that was not given is made from the name, with a number when it is taken."""
    name = checked_name(name, "name")
    slugs = [_checked_slug(slug)] if slug is not None else await _free_slugs(name)
    workspace = new_id()
    for one in slugs:
        if await execute(_FOUND, workspace, name, one):
            return workspace
    raise ConflictError(f"The slug {slugs[0]!r} is taken; choose another.")


_FOUND = "insert into workspaces (id, name, slug) values ($1, $2, $3) on conflict do nothing"


def _check_current(member: Member, workspace: UUID) -> None:
    member.authorize(Verb.EDIT_WORKSPACE)
    if workspace != member.workspace:
        raise NotFoundError("There is no such workspace; switch to it first if it is yours.")


def _checked_slug(slug: str) -> str:
    if not re.fullmatch(r"[a-z0-9](?:[a-z0-9-]{0,48}[a-z0-9])?", slug):
        message = "Use 1 to 50 of a-z, 0-9 and -, not - at an end."
        raise InvalidError("The slug cannot be used.", errors=[Problem("slug", message)])
    return slug


async def _free_slugs(name: str) -> Sequence[str]:
    """Return slugs for a name that are free now; somebody else may be about to take the first ones."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    base = re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:40].strip("-") or "workspace"
    rows = await fetch("select slug from workspaces where slug = $1 or slug like $1 || '-%'", base)
    taken = {row["slug"] for row in rows}
    numbered = (f"{base}-{number}" for number in range(2, len(taken) + SLUGS_TRIED + 2))
    return [slug for slug in (base, *numbered) if slug not in taken][:SLUGS_TRIED]


def _summary(row: Row) -> WorkspaceSummary:
    return WorkspaceSummary(**{**row, "id": show("wsp", row["id"]), "role": Role(row["role"]).name.lower()})

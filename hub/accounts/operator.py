"""What the operator may do on the database itself, without signing in: the command line's side of accounts."""

from __future__ import annotations

from uuid import UUID

from hub.accounts.links import Kind, Link, Links
from hub.accounts.people import add_user, has_owner, put_membership, user_by_email
from hub.accounts.service import Accounts
from hub.audit import Audit
from hub.database import fetch_one, transaction
from hub.errors import ConflictError, InvalidError, NotFoundError, Problem
from hub.ids import show
from hub.members import Member, Role


class Operator:
    """Adds people, and acts for the first owner, for whoever holds the database anyway."""

    def __init__(self, accounts: Accounts, links: Links, audit: Audit) -> None:
        self._accounts = accounts
        self._links = links
        self._audit = audit

    async def acting_member(self, email: str | None = None, workspace: str | None = None) -> Member:
        """Return the member of an address, else the first owner, in a workspace by slug, else in the first one."""
        row = await fetch_one(_ACTING, email, workspace, Role.OWNER)
        if row is None and (email or workspace):
            raise NotFoundError(f"There is no member {email or ''} in the workspace {workspace or 'asked for'}.")
        if row is None:
            raise NotFoundError("There is no owner yet; `patchdeck user add --email … --role owner` makes one.")
        return Member(workspace=row["workspace"], user=row["user"], role=Role(row["role"]))

    async def owner_of(self, workspace: UUID) -> Member:
        """Return the longest-serving owner of a workspace."""
        row = await fetch_one(
            'select "user" from memberships where workspace = $1 and role = $2 order by created_at limit 1',
            workspace,
            Role.OWNER,
        )
        if row is None:
            raise NotFoundError("This workspace has no owner.")
        return Member(workspace=workspace, user=row["user"], role=Role.OWNER)

    async def add(
        self, email: str, role: Role, password: str | None, *, name: str = "", workspace: str | None = None
    ) -> UUID:
        """Make somebody a member; the first owner gets the first workspace, a known account keeps its password."""
        if not await has_owner():
            if role != Role.OWNER:
                raise ConflictError("The first account must be an owner; add one with `--role owner`.")
            return await self._accounts.add_first_owner(email, _needed(password), name)
        first = await self.acting_member(workspace=workspace)
        async with transaction():
            known = await user_by_email(email)
            user: UUID = known["id"] if known is not None else await add_user(email, name, _needed(password))
            taken = await fetch_one(
                'select 1 as found from memberships where workspace = $1 and "user" = $2', first.workspace, user
            )
            if taken is not None:
                raise ConflictError(f"{email} is a member already.")
            await put_membership(first.workspace, user, role)
            detail = {"email": email, "role": role.name.lower(), "by": "command line"}
            await self._audit.record(first, "member.added", show("usr", user), detail)
        return user

    async def reset_link(self, email: str) -> Link:
        """Make a link by which somebody sets a new password."""
        user = await user_by_email(email)
        if user is None:
            raise NotFoundError(f"There is no account for {email}.")
        return await self._links.create(Kind.RESET, email=user["email"])


def _needed(password: str | None) -> str:
    if password is None:
        message = "A new account needs a password; give --password-file or answer the prompt."
        raise InvalidError(message, errors=[Problem("password", message)])
    return password


_ACTING = """
select m.workspace, m."user", m.role from memberships m
join users u on u.id = m."user" join workspaces w on w.id = m.workspace
where ($1::text is null or lower(u.email) = lower($1)) and ($2::text is null or w.slug = $2)
and ($1::text is not null or m.role = $3) and u.disabled_at is null
order by m.created_at, m."user" limit 1
"""

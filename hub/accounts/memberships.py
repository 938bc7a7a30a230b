"""Members of a workspace: invited with a role, given another one, removed; the last owner stays."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import msgspec

from hub.accounts.access import Access
from hub.accounts.links import Kind, Link, Links
from hub.accounts.people import checked_email
from hub.audit import Audit
from hub.database import Row, execute, fetch, fetch_one, transaction
from hub.errors import (
    ConflictError,
    ForbiddenError,
    InvalidError,
    NotFoundError,
    Problem,
    StaleError,
    UnavailableError,
)
from hub.ids import show
from hub.mail import Mail
from hub.members import Member, Role, Verb


class MemberSummary(msgspec.Struct, frozen=True, kw_only=True):
    """A person in the workspace."""

    id: str
    email: str
    name: str
    role: str
    created_at: datetime
    last_sign_in_at: datetime | None


class Invitation(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody who was asked to join and has not answered yet."""

    id: str
    email: str
    role: str
    created_at: datetime
    expires_at: datetime


class Memberships:
    """Lists, invites, changes and removes the members of a workspace."""

    def __init__(self, access: Access, audit: Audit, links: Links, mail: Mail) -> None:
        self._access = access
        self._audit = audit
        self._links = links
        self._mail = mail

    async def list(self, member: Member) -> Sequence[MemberSummary]:
        """Return the members, highest role first."""
        member.authorize(Verb.SEE_MEMBERS)
        rows = await fetch(f"{_SELECT} where m.workspace = $1 order by m.role desc, lower(u.email)", member.workspace)
        return [_summary(row) for row in rows]

    async def show(self, member: Member, user: UUID) -> MemberSummary:
        """Return one member."""
        member.authorize(Verb.SEE_MEMBERS)
        return _summary(await _row(member, user))

    async def invitations(self, member: Member) -> Sequence[Invitation]:
        """Return the invitations that still wait for an answer."""
        member.authorize(Verb.EDIT_MEMBERS)
        rows = await fetch(
            "select id, email, role, created_at, expires_at from links where workspace = $1 and kind = $2 "
            "and used_at is null and expires_at > now() order by id desc",
            member.workspace,
            Kind.INVITATION,
        )
        return [Invitation(**{**row, "id": show("inv", row["id"]), "role": _word(row["role"])}) for row in rows]

    async def invite(self, member: Member, email: str, role: str) -> Link:
        """Invite somebody by mail; where no mail can be sent the link is for the admin to pass on."""
        member.authorize(Verb.EDIT_MEMBERS)
        email, wanted = checked_email(email), _role(role)
        _check_reach(member, wanted)
        if await fetch_one(f"{_SELECT} where m.workspace = $1 and lower(u.email) = lower($2)", member.workspace, email):
            raise ConflictError(f"{email} is a member already; change the role instead.")
        async with transaction():
            link = await self._links.create(
                Kind.INVITATION, email=email, workspace=member.workspace, role=wanted, by=member.user
            )
            await self._audit.record(member, "member.invited", email, {"role": role})
        row = await fetch_one("select name from workspaces where id = $1", member.workspace)
        text = (
            f"You are invited to the workspace {row['name'] if row else ''} on Patchdeck. To join, open\n\n{link.url}\n"
        )
        return await self._deliver(link, email, "You are invited to Patchdeck", text)

    async def withdraw(self, member: Member, invitation: UUID) -> None:
        """Take an invitation back; its link stops working."""
        member.authorize(Verb.EDIT_MEMBERS)
        async with transaction():
            row = await fetch_one(
                "delete from links where workspace = $1 and id = $2 and kind = $3 and used_at is null returning email",
                member.workspace,
                invitation,
                Kind.INVITATION,
            )
            if row is None:
                raise NotFoundError("There is no such invitation; it may have been answered.")
            await self._audit.record(member, "member.invitation_withdrawn", row["email"])

    async def change_role(self, member: Member, user: UUID, role: str, *, expected: str | None = None) -> MemberSummary:
        """Give a member another role, at most one's own; StaleError when it is not the `expected` one any more."""
        member.authorize(Verb.EDIT_MEMBERS)
        async with transaction():
            current = await _held(member, user)
            if expected is not None and expected != _word(current["role"]):
                raise StaleError("The role was changed meanwhile; load it again and repeat your change.")
            wanted = _role(role)
            _check_reach(member, max(wanted, Role(current["role"])))
            if wanted != Role.OWNER:
                await _check_not_last_owner(member, user)
            await execute(
                'update memberships set role = $3 where workspace = $1 and "user" = $2', member.workspace, user, wanted
            )
            detail = {"from": _word(current["role"]), "to": role}
            await self._audit.record(member, "member.role_changed", show("usr", user), detail)
            await self._access.forget()
        return await self.show(member, user)

    async def remove(self, member: Member, user: UUID) -> None:
        """Remove a member; sessions and keys in this workspace end at once."""
        member.authorize(Verb.EDIT_MEMBERS)
        async with transaction():
            current = await _held(member, user)
            _check_reach(member, Role(current["role"]))
            await _check_not_last_owner(member, user)
            await execute('delete from sessions where workspace = $1 and "user" = $2', member.workspace, user)
            await execute('delete from memberships where workspace = $1 and "user" = $2', member.workspace, user)
            await self._audit.record(member, "member.removed", show("usr", user), {"email": current["email"]})
            await self._access.forget()

    async def reset_link(self, member: Member, user: UUID) -> Link:
        """Make a link by which a member sets a new password, mailed where that is possible.

        Not shown for people who also belong elsewhere: an admin here must not become them there.
        """
        member.authorize(Verb.EDIT_MEMBERS)
        row = await _row(member, user)
        _check_reach(member, Role(row["role"]))
        elsewhere = await fetch_one(
            'select 1 as found from memberships where "user" = $1 and workspace <> $2 limit 1', user, member.workspace
        )
        if elsewhere is not None and not self._mail.configured:
            raise ForbiddenError(
                "This person belongs to other workspaces too, so the link can only be mailed; "
                "the operator can make one with `patchdeck user reset`."
            )
        async with transaction():
            link = await self._links.create(Kind.RESET, email=row["email"], by=member.user)
            await self._audit.record(member, "member.reset_link_made", show("usr", user))
        text = f"To choose a new password for Patchdeck, open\n\n{link.url}\n\nThe link works once, for two hours.\n"
        sent = await self._deliver(link, row["email"], "Choose a new password", text)
        if elsewhere is not None and not sent.mailed:
            raise UnavailableError("The mail could not be sent; try again later.", retry_after=60)
        return sent

    async def _deliver(self, link: Link, email: str, subject: str, text: str) -> Link:
        """Mail a link and hide it then; show it to the one who made it when no mail went out."""
        if not self._mail.configured:
            return link
        try:
            await self._mail.send(email, subject, text)
        except UnavailableError:
            return link
        return msgspec.structs.replace(link, url="", mailed=True)


_SELECT = (
    "select u.id, u.email, u.name, m.role, m.created_at, u.last_sign_in_at "
    'from memberships m join users u on u.id = m."user"'
)


_HOLD = 'select from memberships where workspace = $1 and ("user" = $2 or role = $3) order by "user" for update'


async def _held(member: Member, user: UUID) -> Row:
    """Return a member, who stays so until the transaction ends, as do all owners: one of them must be left."""
    await execute(_HOLD, member.workspace, user, Role.OWNER)
    return await _row(member, user)


async def _row(member: Member, user: UUID) -> Row:
    row = await fetch_one(f"{_SELECT} where m.workspace = $1 and u.id = $2", member.workspace, user)
    if row is None:
        raise NotFoundError("There is no such member in this workspace.")
    return row


async def _check_not_last_owner(member: Member, user: UUID) -> None:
    owners = await fetch(
        'select "user" from memberships where workspace = $1 and role = $2', member.workspace, Role.OWNER
    )
    if [row["user"] for row in owners] == [user]:
        raise ConflictError("A workspace keeps at least one owner; make somebody else an owner first.")


def _check_reach(member: Member, role: Role) -> None:
    if role > member.role:
        raise ForbiddenError(f"Only an owner may do this with the role {role.name.lower()}.")


def _role(word: str) -> Role:
    if word.upper() not in Role.__members__:
        message = f"Choose one of {', '.join(role.name.lower() for role in Role)}."
        raise InvalidError("There is no such role.", errors=[Problem("role", message)])
    return Role[word.upper()]


def _word(role: int) -> str:
    return Role(role).name.lower()


def _summary(row: Row) -> MemberSummary:
    return MemberSummary(**{**row, "id": show("usr", row["id"]), "role": _word(row["role"])})

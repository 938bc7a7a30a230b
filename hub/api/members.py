"""The people of a workspace."""

from __future__ import annotations

import msgspec
from litestar import Controller, Response, delete, get, patch, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody

from hub.accounts import Invitation, Link, Memberships, MemberSummary
from hub.api.etags import IfMatch, check_match, tagged_by
from hub.api.paging import DEFAULT_LIMIT, Cursor, Limit, Page, part
from hub.ids import parse
from hub.members import Member, Verb


class NewInvitation(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Whom to invite, and as what: viewer, editor, admin or owner."""

    email: str
    role: str = "viewer"


class RoleChange(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The role a member shall have."""

    role: str


class MemberController(Controller):
    """List, invite, change and remove members."""

    path = "/members"
    tags = ["members"]

    @get("/", opt={"verb": Verb.SEE_MEMBERS})
    async def list_members(
        self,
        memberships: NamedDependency[Memberships],
        member: NamedDependency[Member],
        limit: Limit = DEFAULT_LIMIT,
        cursor: Cursor = None,
    ) -> Page[MemberSummary]:
        """List the members, highest role first."""
        return part(await memberships.list(member), limit, cursor, lambda one: one.id)

    @get("/invitations", opt={"verb": Verb.EDIT_MEMBERS})
    async def list_invitations(
        self,
        memberships: NamedDependency[Memberships],
        member: NamedDependency[Member],
        limit: Limit = DEFAULT_LIMIT,
        cursor: Cursor = None,
    ) -> Page[Invitation]:
        """List the invitations that wait for an answer."""
        return part(await memberships.invitations(member), limit, cursor, lambda one: one.id)

    @post("/invitations", opt={"verb": Verb.EDIT_MEMBERS})
    async def invite(
        self, memberships: NamedDependency[Memberships], member: NamedDependency[Member], data: JSONBody[NewInvitation]
    ) -> Link:
        """Invite somebody; where no mail can be sent, `url` is the link to pass on."""
        return await memberships.invite(member, data.email, data.role)

    @delete("/invitations/{invitation_id:str}", opt={"verb": Verb.EDIT_MEMBERS})
    async def withdraw(
        self, memberships: NamedDependency[Memberships], member: NamedDependency[Member], invitation_id: FromPath[str]
    ) -> None:
        """Take an invitation back."""
        await memberships.withdraw(member, parse("inv", invitation_id))

    @get("/{user_id:str}", opt={"verb": Verb.SEE_MEMBERS})
    async def show_member(
        self, memberships: NamedDependency[Memberships], member: NamedDependency[Member], user_id: FromPath[str]
    ) -> Response[MemberSummary]:
        """Show one member."""
        found = await memberships.show(member, parse("usr", user_id))
        return tagged_by(found, found.role)

    @patch("/{user_id:str}", opt={"verb": Verb.EDIT_MEMBERS})
    async def change_role(
        self,
        memberships: NamedDependency[Memberships],
        member: NamedDependency[Member],
        user_id: FromPath[str],
        data: JSONBody[RoleChange],
        if_match: IfMatch = None,
    ) -> Response[MemberSummary]:
        """Give a member another role."""
        user = parse("usr", user_id)
        seen = (await memberships.show(member, user)).role
        check_match(if_match, seen)
        changed = await memberships.change_role(member, user, data.role, expected=seen if if_match else None)
        return tagged_by(changed, changed.role)

    @delete("/{user_id:str}", opt={"verb": Verb.EDIT_MEMBERS})
    async def remove_member(
        self, memberships: NamedDependency[Memberships], member: NamedDependency[Member], user_id: FromPath[str]
    ) -> None:
        """Remove a member; sessions and keys here end at once."""
        await memberships.remove(member, parse("usr", user_id))

    @post("/{user_id:str}/reset-link", opt={"verb": Verb.EDIT_MEMBERS})
    async def reset_link(
        self, memberships: NamedDependency[Memberships], member: NamedDependency[Member], user_id: FromPath[str]
    ) -> Link:
        """Make a link by which the member sets a new password."""
        return await memberships.reset_link(member, parse("usr", user_id))


CONTROLLERS = (MemberController,)

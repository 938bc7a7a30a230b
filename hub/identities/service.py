"""Chat identities: accounts of chat services, each linked by its owner to one member of one workspace."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import asyncpg
import msgspec

from hub.accounts import throttle
from hub.audit import Audit
from hub.database import Row, alone, execute, fetch, fetch_one, transaction
from hub.errors import ConflictError, ForbiddenError, NotFoundError, TooManyError
from hub.identities import codes
from hub.identities.codes import Code
from hub.ids import new_id, show
from hub.members import Member, Role, Verb
from hub.outbox import Outbox

PREFIX = "idn"
_LONGEST_NAME = 100


class Account(msgspec.Struct, frozen=True, kw_only=True):
    """Who writes: the carrier, its workspace where it has one, the account, and the direct conversation with it."""

    carrier: str
    account: str
    chat: str
    place: str = ""
    name: str = ""


class Identity(msgspec.Struct, frozen=True, kw_only=True):
    """A linked account, and the member it acts as with the member's rights of this moment.

    `room` is the channel to which its notices go instead of the direct conversation.
    """

    id: UUID
    member: Member
    carrier: str
    chat: str
    notices: bool
    room: str = ""


class IdentitySummary(msgspec.Struct, frozen=True, kw_only=True):
    """One linked account in a list."""

    id: str
    user: str
    email: str
    carrier: str
    name: str
    notices: bool
    created_at: datetime
    seen_at: datetime | None


class Identities:
    """Links accounts to members by one-time code, and tells who is behind an account."""

    def __init__(self, audit: Audit, outbox: Outbox) -> None:
        self._audit = audit
        self._outbox = outbox

    async def create_code(self, member: Member) -> Code:
        """Make a code that links the account which sends it to this member, once, within ten minutes."""
        member.authorize(Verb.READ)
        if member.user is None or member.scopes is not None:
            raise ForbiddenError("Only a person who is signed in can link a chat account.")
        async with transaction():
            made = await codes.make(member.workspace, member.user)
            await self._audit.record(member, "identity.code_created", show("usr", member.user))
        return made

    async def connect(self, account: Account, code: str) -> Identity:
        """Link an account by a code; one that was linked before acts for the new member from now on."""
        attempt = await _tried(account)
        async with transaction():
            await alone(f"chat {account.carrier}:{account.place}:{account.account}")
            owner = await codes.redeem(code)
            await execute(_UNLINK, account.carrier, account.place, account.account)
            identity = new_id()
            await execute(
                _LINK, owner["workspace"], identity, owner["user"], account.carrier, account.place, account.account,
                account.chat, account.name[:_LONGEST_NAME],
            )  # fmt: skip
            await execute(_BEGIN, owner["workspace"], await self._outbox.newest())
            known = await self.find(account)
            if known is None:
                raise NotFoundError(codes.REFUSED)
            detail = {"carrier": account.carrier, "name": account.name[:_LONGEST_NAME]}
            await self._audit.record(known.member, "identity.linked", show(PREFIX, identity), detail)
        await attempt.succeed()
        return known

    async def find(self, account: Account) -> Identity | None:
        """Return whom an account is linked to, None when nobody or no longer a member."""
        row = await fetch_one(_FIND, account.carrier, account.place, account.account)
        return identity_of(row) if row else None

    async def list(self, member: Member) -> Sequence[IdentitySummary]:
        """Return one's own linked accounts; an admin sees everybody's."""
        member.authorize(Verb.READ)
        everybody = member.may(Verb.EDIT_MEMBERS)
        rows = await fetch(_LIST, member.workspace, None if everybody else member.user)
        return [_summary(row) for row in rows]

    async def remove(self, member: Member, identity: UUID) -> None:
        """Unlink an account: one's own, or as an admin anybody's."""
        member.authorize(Verb.READ)
        everybody = member.may(Verb.EDIT_MEMBERS)
        async with transaction():
            row = await fetch_one(_REMOVE, member.workspace, identity, None if everybody else member.user)
            if row is None:
                raise NotFoundError("There is no such chat account.")
            detail = {"carrier": row["carrier"], "name": row["name"]}
            await self._audit.record(member, "identity.unlinked", show(PREFIX, identity), detail)

    async def email(self, identity: Identity) -> str:
        """Return the address of the member behind an account."""
        row = await fetch_one("select email from users where id = $1", identity.member.user)
        return str(row["email"]) if row else ""

    async def tell(self, identity: Identity, *, notices: bool, room: str = "") -> None:
        """Say whether this account is told of failures and of what waits for an answer, in a channel if one is named.

        A channel that is told for another member of the workspace already is refused.
        """
        try:
            await execute(_TELL, identity.member.workspace, identity.id, notices, room)
        except asyncpg.UniqueViolationError as error:
            raise ConflictError("This channel is told already, for another member.") from error

    async def note(self, identity: Identity, command: str) -> None:
        """Write down in the audit trail that a command was given, and that the account was seen."""
        async with transaction():
            await execute(
                "update chat_identities set seen_at = now() where workspace = $1 and id = $2",
                identity.member.workspace, identity.id,
            )  # fmt: skip
            detail = {"command": command, "carrier": identity.carrier}
            await self._audit.record(identity.member, "chat.command", show(PREFIX, identity.id), detail)


def identity_of(row: Row) -> Identity:
    """Make an identity of its row joined with the membership."""
    member = Member(workspace=row["workspace"], user=row["user"], role=Role(row["role"]), via=row["carrier"])
    return Identity(
        id=row["id"], member=member, carrier=row["carrier"], chat=row["chat"], notices=row["notices"], room=row["room"]
    )


async def _tried(account: Account) -> throttle.Try:
    """Count a try, so that nobody guesses codes."""
    subject = f"{account.carrier}:{account.place}:{account.account}"
    try:
        return await throttle.begin(subject, subject, "chat")
    except TooManyError as error:
        raise TooManyError("There were too many wrong codes; wait a quarter of an hour.", retry_after=900) from error


def _summary(row: Row) -> IdentitySummary:
    return IdentitySummary(**{**row, "id": show(PREFIX, row["id"]), "user": show("usr", row["user"])})


# Whoever has left, or was disabled, is nobody here.
FOUND = """
select i.workspace, i.id, i."user", i.carrier, i.chat, i.notices, i.room, m.role
from chat_identities i join memberships m on m.workspace = i.workspace and m."user" = i."user"
join users u on u.id = i."user" and u.disabled_at is null"""
_FIND = f"{FOUND} where i.carrier = $1 and i.place = $2 and i.account = $3"
_UNLINK = "delete from chat_identities where carrier = $1 and place = $2 and account = $3"
_LINK = """
insert into chat_identities (workspace, id, "user", carrier, place, account, chat, name)
values ($1, $2, $3, $4, $5, $6, $7, $8)"""
_TELL = "update chat_identities set notices = $3, room = $4 where workspace = $1 and id = $2"
_BEGIN = "insert into chat_cursors (workspace, cursor) values ($1, $2) on conflict do nothing"
_LIST = """
select i.id, i."user", u.email, i.carrier, i.name, i.notices, i.created_at, i.seen_at
from chat_identities i join users u on u.id = i."user"
where i.workspace = $1 and ($2::uuid is null or i."user" = $2) order by i.id"""
_REMOVE = """
delete from chat_identities where workspace = $1 and id = $2 and ($3::uuid is null or "user" = $3)
returning carrier, name"""

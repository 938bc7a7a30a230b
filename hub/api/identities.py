"""Chat accounts: codes that link them, and which are linked."""

from __future__ import annotations

from litestar import Controller, delete, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from hub.api.access import SIGNED_IN
from hub.api.paging import DEFAULT_LIMIT, Cursor, Limit, Page, part
from hub.identities import Code, Identities, IdentitySummary
from hub.ids import parse
from hub.members import Member


class IdentityController(Controller):
    """Link chat accounts, list and unlink them."""

    path = "/identities"
    tags = ["identities"]

    @post("/codes", opt={"verb": SIGNED_IN})
    async def create_code(self, identities: NamedDependency[Identities], member: NamedDependency[Member]) -> Code:
        """Make a code to send to the bot within ten minutes: `connect CODE`. It works once and is shown this once."""
        return await identities.create_code(member)

    @get("/", opt={"verb": SIGNED_IN})
    async def list_identities(
        self,
        identities: NamedDependency[Identities],
        member: NamedDependency[Member],
        limit: Limit = DEFAULT_LIMIT,
        cursor: Cursor = None,
    ) -> Page[IdentitySummary]:
        """List one's own chat accounts; an admin sees everybody's."""
        return part(await identities.list(member), limit, cursor, lambda one: one.id)

    @delete("/{identity_id:str}", opt={"verb": SIGNED_IN})
    async def unlink(
        self, identities: NamedDependency[Identities], member: NamedDependency[Member], identity_id: FromPath[str]
    ) -> None:
        """Unlink a chat account: it can do nothing any more."""
        await identities.remove(member, parse("idn", identity_id))


CONTROLLERS = (IdentityController,)

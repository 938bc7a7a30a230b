"""API keys."""

from __future__ import annotations

from litestar import Controller, Response, delete, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody

from hub.accounts import CreatedKey, Keys, KeySummary, NewKey
from hub.api.paging import DEFAULT_LIMIT, Cursor, Limit, Page, part
from hub.ids import parse
from hub.members import Member, Verb


class KeyController(Controller):
    """Create, list, renew and revoke the keys of a workspace."""

    path = "/keys"
    tags = ["keys"]

    @get("/", opt={"verb": Verb.EDIT_KEYS})
    async def list_keys(
        self,
        keys: NamedDependency[Keys],
        member: NamedDependency[Member],
        limit: Limit = DEFAULT_LIMIT,
        cursor: Cursor = None,
    ) -> Page[KeySummary]:
        """List the keys, newest first; none can be read again."""
        return part(await keys.list(member), limit, cursor, lambda one: one.id)

    @post("/", opt={"verb": Verb.EDIT_KEYS})
    async def create_key(
        self, keys: NamedDependency[Keys], member: NamedDependency[Member], data: JSONBody[NewKey]
    ) -> Response[CreatedKey]:
        """Make a key that acts for the caller; it is shown this once."""
        made = await keys.create(member, data)
        return Response(made, status_code=201, headers={"Location": f"/api/v1/keys/{made.id}"})

    @get("/{key_id:str}", opt={"verb": Verb.EDIT_KEYS})
    async def show_key(
        self, keys: NamedDependency[Keys], member: NamedDependency[Member], key_id: FromPath[str]
    ) -> KeySummary:
        """Show one key: its scopes, limit and last use."""
        return await keys.show(member, parse("key", key_id))

    @post("/{key_id:str}/renew", opt={"verb": Verb.EDIT_KEYS})
    async def renew_key(
        self, keys: NamedDependency[Keys], member: NamedDependency[Member], key_id: FromPath[str]
    ) -> CreatedKey:
        """Replace a key's secret; the old one stops working at once."""
        return await keys.renew(member, parse("key", key_id))

    @delete("/{key_id:str}", opt={"verb": Verb.EDIT_KEYS})
    async def revoke_key(
        self, keys: NamedDependency[Keys], member: NamedDependency[Member], key_id: FromPath[str]
    ) -> None:
        """Stop a key for good."""
        await keys.revoke(member, parse("key", key_id))


CONTROLLERS = (KeyController,)

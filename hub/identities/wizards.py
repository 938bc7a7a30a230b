"""Conversations that go on over several messages: their state, for an hour after the last answer."""

from __future__ import annotations

from typing import Any

from hub.database import execute, fetch_one, from_jsonb, to_jsonb
from hub.identities.service import Identity

LASTS = "1 hour"


class Wizards:
    """One conversation for each account; a new one takes the place of the old."""

    async def open(self, identity: Identity) -> Any:
        """Return the state of the conversation that is going on, None when there is none."""
        row = await fetch_one(_OPEN, identity.member.workspace, identity.id)
        return from_jsonb(row["state"]) if row else None

    async def keep(self, identity: Identity, state: object) -> None:
        """Keep the state, for another hour."""
        await execute(_KEEP, identity.member.workspace, identity.id, to_jsonb(state))

    async def end(self, identity: Identity) -> bool:
        """Forget the conversation; tells whether there was one."""
        return bool(await execute(_END, identity.member.workspace, identity.id))


_OPEN = "select state from chat_wizards where workspace = $1 and identity = $2 and expires_at > now()"
_KEEP = f"""
with old as (
    delete from chat_wizards where (workspace, identity) in (
        select workspace, identity from chat_wizards where expires_at < now() and identity <> $2
        for update skip locked
    )
)
insert into chat_wizards (workspace, identity, state, expires_at) values ($1, $2, $3, now() + interval '{LASTS}')
on conflict (workspace, identity) do update set state = excluded.state, expires_at = excluded.expires_at"""  # noqa: S608  # joined from our own words
_END = "delete from chat_wizards where workspace = $1 and identity = $2"

"""Buttons of messages: each carries a short id, and what it does stands here, for the account it was shown to."""

from __future__ import annotations

import secrets
from collections.abc import Sequence

import msgspec

from hub.database import execute, fetch_one
from hub.errors import GoneError
from hub.identities.service import Identity
from hub.ids import new_id

LASTS = "30 days"
USED = "This button was used already or has run out. Ask again to get fresh ones."


class Kept(msgspec.Struct, frozen=True):
    """What a button stands for: the words one would type, and whether it works once with all beside it."""

    command: str
    once: bool = False


class Pressed(msgspec.Struct, frozen=True):
    """The words that a pressed button stands for, and what the press has used up."""

    command: str
    used: str | None = None


class Buttons:
    """Keeps what buttons stand for.

    A press counts only from the account that was shown the button; of a message that many see, from every account of
    the workspace.
    """

    async def keep(self, identity: Identity, commands: Sequence[Kept], *, shared: bool = False) -> Sequence[str]:
        """Keep the buttons of one message and return their ids, in order."""
        ids = [secrets.token_urlsafe(9) for _ in commands]
        await execute(
            _KEEP, identity.member.workspace, None if shared else identity.id, new_id(), ids,
            [one.command for one in commands], [one.once for one in commands],
        )  # fmt: skip
        return ids

    async def press(self, identity: Identity, button: str) -> Pressed:
        """Return what a button stands for; GoneError when it was used, has expired or is somebody else's."""
        row = await fetch_one(_PRESS, identity.member.workspace, identity.id, button[:64])
        if row is None:
            raise GoneError(USED)
        return Pressed(str(row["command"]), row["used"])

    async def put_back(self, pressed: Pressed) -> None:
        """Let the buttons work again that were pressed by somebody who may not do what they stand for."""
        if pressed.used is not None:
            await execute(_PUT_BACK, pressed.used)


_KEEP = f"""
with old as (
    delete from chat_buttons where id in (
        select id from chat_buttons where expires_at < now() order by id for update skip locked
    )
)
insert into chat_buttons (id, workspace, identity, message, command, once, expires_at)
select t.id, $1, $2, $3, t.command, t.once, now() + interval '{LASTS}'
from unnest($4::text[], $5::text[], $6::bool[]) as t(id, command, once)"""  # noqa: S608  # joined from our own words
# Of two presses at once the first deletes the rows, and the second finds none. Each takes the person first, as does
# who unlinks the account, and then the rows of a message in one order, whichever button was pressed.
_PRESS = """
with person as materialized (
    select id from chat_identities where workspace = $1 and id = $2 for key share
),
pressed as (
    select b.* from person p join chat_buttons b on b.identity = p.id or b.identity is null
    where b.workspace = $1 and b.id = $3 and b.expires_at > now()
),
held as materialized (
    select b.id from chat_buttons b join pressed p on p.once and b.message = p.message
    where b.once order by b.id for update of b
),
gone as (
    delete from chat_buttons b using held where b.id = held.id returning b.*
)
select command, (select jsonb_agg(to_jsonb(gone)) from gone) as used
from pressed where not once or id in (select id from gone)"""
_PUT_BACK = """
insert into chat_buttons select * from jsonb_populate_recordset(null::chat_buttons, $1::jsonb) on conflict do nothing"""

"""One-time codes that link a chat account to a member: short enough to type, hashed, gone after ten minutes."""

from __future__ import annotations

import re
import secrets
from datetime import UTC, datetime, timedelta
from uuid import UUID

import msgspec

from hub.accounts.tokens import digest
from hub.database import Row, execute, fetch_one
from hub.errors import InvalidError, TooManyError

LASTS = timedelta(minutes=10)
MOST_AN_HOUR = 10
# Letters and digits that nobody takes for each other: 49 bits in ten of them, and few tries
_ALPHABET = "23456789ABCDEFGHJKMNPQRSTVWXYZ"
_LENGTH = 10
REFUSED = (
    "This code is not known, was used already or has run out. "
    "Make a new one in Patchdeck and send it within ten minutes."
)


class Code(msgspec.Struct, frozen=True, kw_only=True):
    """A fresh code: shown this once, works once, until it expires."""

    code: str
    expires_at: datetime


async def make(workspace: UUID, user: UUID) -> Code:
    """Make a code within the current transaction; an older one of the same member stops working."""
    await execute(_HOLD, workspace, user)
    made = await fetch_one(_LATELY, workspace, user)
    if made is not None and made["codes"] >= MOST_AN_HOUR:
        raise TooManyError(
            "You have made many codes within the hour; wait a while, then make another.", retry_after=600
        )
    letters = "".join(secrets.choice(_ALPHABET) for _ in range(_LENGTH))
    expires_at = datetime.now(UTC) + LASTS
    await execute(_FORGET, workspace, user)
    await execute(_MAKE, digest(letters), workspace, user, expires_at)
    return Code(code=f"{letters[:5]}-{letters[5:]}", expires_at=expires_at)


async def redeem(code: str) -> Row:
    """Use a code up within the current transaction and return whose it is."""
    letters = re.sub(r"[\s-]", "", code[:50]).upper()
    row = await fetch_one(_REDEEM, digest(letters))
    if row is None:
        raise InvalidError(REFUSED)
    return row


# Codes of a member are made one after another.
_HOLD = 'select from memberships where workspace = $1 and "user" = $2 for no key update'
_LATELY = """
select count(*) as codes from chat_codes
where workspace = $1 and "user" = $2 and created_at > now() - interval '1 hour'"""
# What has run out stays for the hour, so that it is counted.
_FORGET = """
with older as (
    update chat_codes set expires_at = now() where workspace = $1 and "user" = $2 and expires_at > now()
)
delete from chat_codes where hash in (
    select hash from chat_codes where created_at < now() - interval '1 day' for update skip locked
)"""
_MAKE = 'insert into chat_codes (hash, workspace, "user", expires_at) values ($1, $2, $3, $4)'
# The membership first: who ends it begins with it and goes on to its codes.
_REDEEM = """
with held as materialized (
    select c.hash from chat_codes c join memberships m on m.workspace = c.workspace and m."user" = c."user"
    where c.hash = $1 for key share of m
)
update chat_codes c set used_at = now() from held where c.hash = held.hash and used_at is null and expires_at > now()
returning workspace, "user\""""

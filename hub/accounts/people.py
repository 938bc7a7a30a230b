"""Users, their password identities and memberships: the statements that several services share."""

from __future__ import annotations

import re
from uuid import UUID

from hub.accounts.passwords import check_strength, hashed
from hub.database import Row, execute, fetch_one
from hub.errors import ConflictError, InvalidError, Problem
from hub.ids import new_id
from hub.members import Role

PASSWORD = "password"  # noqa: S105  # the kind of identity, not one
_EMAIL = re.compile(r"[^@\s<>\"']{1,64}@[^@\s<>\"']{1,190}")


def checked_email(email: str) -> str:
    """Return an address as it is kept, or refuse what is none."""
    email = email.strip()
    if not _EMAIL.fullmatch(email):
        message = "This is not an e-mail address."
        raise InvalidError(message, errors=[Problem("email", message)])
    return email


def checked_name(name: str, path: str, longest: int = 100) -> str:
    """Return a name without space around it, or refuse an empty or endless one."""
    name = name.strip()
    if not name or len(name) > longest:
        message = f"A name of 1 to {longest} letters is needed."
        raise InvalidError(message, errors=[Problem(path, message)])
    return name


async def user_by_email(email: str) -> Row | None:
    """Return a user with the stored password hash, by address in any case of letters."""
    return await fetch_one(
        'select u.id, u.email, u.name, u.disabled_at, i.secret from users u left join identities i on i."user" = u.id '
        "and i.provider = $2 where lower(u.email) = lower($1)",
        email,
        PASSWORD,
    )


async def add_user(email: str, name: str, password: str) -> UUID:
    """Create a user who signs in with a password; ConflictError when the address is taken."""
    email = checked_email(email)
    check_strength(password, email)
    secret = await hashed(password)
    identity = await add_user_without_password(email, name)
    await store_password(identity, secret)
    return identity


async def add_user_without_password(email: str, name: str) -> UUID:
    """Create a user who signs in through another service; ConflictError when the address is taken."""
    email = checked_email(email)
    row = await fetch_one(
        "insert into users (id, email, name) values ($1, $2, $3) on conflict do nothing returning id",
        new_id(),
        email,
        name.strip(),
    )
    if row is None:
        raise ConflictError(f"There is an account for {email} already.")
    identity: UUID = row["id"]
    return identity


async def store_password(user: UUID, secret: str) -> None:
    """Keep a password's hash as the user's identity of that kind."""
    await execute(
        'insert into identities (provider, subject, "user", secret) values ($1, $2, $3, $4) '
        "on conflict (provider, subject) do update set secret = excluded.secret",
        PASSWORD,
        str(user),
        user,
        secret,
    )


async def put_membership(workspace: UUID, user: UUID, role: Role) -> None:
    """Make a user a member, or give the member this role."""
    await execute(
        'insert into memberships (workspace, "user", role) values ($1, $2, $3) '
        'on conflict (workspace, "user") do update set role = excluded.role',
        workspace,
        user,
        role,
    )


async def has_owner() -> bool:
    """Tell whether the hub has its first owner, after which no set-up link works."""
    row = await fetch_one("select exists (select 1 from memberships where role = $1) as found", Role.OWNER)
    return row is not None and bool(row["found"])

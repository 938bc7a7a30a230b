"""The tables of the ways in, which are asked a row at a time; sets are asked in SQL."""

from __future__ import annotations

from piccolo.columns import UUID, Array, Boolean, Bytea, Integer, SmallInt, Text, Timestamptz
from piccolo.table import Table

from hub.database import DB


class Sessions(Table, tablename="sessions", db=DB):
    """A browser that is signed in; only a hash of its token is kept."""

    id = UUID(primary_key=True)
    token_hash = Bytea(unique=True)
    user = UUID()
    workspace = UUID()
    created_at = Timestamptz()
    seen_at = Timestamptz()
    expires_at = Timestamptz()
    address = Text()
    user_agent = Text()


class ApiKeys(Table, tablename="api_keys", db=DB):
    """A key of a member; only a hash of it is kept."""

    id = UUID(primary_key=True)
    workspace = UUID()
    user = UUID()
    name = Text()
    prefix = Text()
    hash = Bytea(unique=True)
    test = Boolean()
    scopes = Array(base_column=Text())
    rate_limit = Integer()
    created_at = Timestamptz()
    expires_at = Timestamptz(null=True, default=None)
    revoked_at = Timestamptz(null=True, default=None)
    last_used_at = Timestamptz(null=True, default=None)


class Links(Table, tablename="links", db=DB):
    """A link that works once: set-up, invitation, password reset."""

    id = UUID(primary_key=True)
    kind = Text()
    token_hash = Bytea(unique=True)
    workspace = UUID(null=True, default=None)
    email = Text(null=True, default=None)
    role = SmallInt(null=True, default=None)
    created_by = UUID(null=True, default=None)
    created_at = Timestamptz()
    expires_at = Timestamptz()
    used_at = Timestamptz(null=True, default=None)

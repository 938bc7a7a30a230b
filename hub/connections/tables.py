"""The connections table."""

from __future__ import annotations

from piccolo.columns import JSONB, UUID, Bytea, Integer, Numeric, Text, Timestamptz
from piccolo.table import Table

from hub.database import DB


class Connections(Table, tablename="connections", db=DB):
    """Stored credentials for one connector; `secrets` is sealed."""

    id = UUID(primary_key=True)
    workspace = UUID()
    name = Text()
    connector = Text()
    settings = JSONB()
    secrets = Bytea(null=True)
    rate_limit = Numeric(null=True)
    blocked_until = Timestamptz(null=True, default=None)
    revision = Integer()
    state = Text()
    message = Text()
    created_by = UUID(null=True)
    created_at = Timestamptz()
    tested_at = Timestamptz(null=True, default=None)
    used_at = Timestamptz(null=True, default=None)
    succeeded_at = Timestamptz(null=True, default=None)
    failed_at = Timestamptz(null=True, default=None)
    room = JSONB(null=True, default=None)

"""PostgreSQL, the only truth: one pool, transactions that nest, set-based SQL, migrations."""

from hub.database.engine import (
    DB,
    PATIENCE,
    Row,
    alone,
    close,
    connect,
    connection,
    execute,
    fetch,
    fetch_one,
    transaction,
)
from hub.database.migrate import migrate
from hub.database.values import from_jsonb, struct_from_jsonb, to_jsonb, to_text

__all__ = [
    "DB",
    "PATIENCE",
    "Row",
    "alone",
    "close",
    "connect",
    "connection",
    "execute",
    "fetch",
    "fetch_one",
    "from_jsonb",
    "migrate",
    "struct_from_jsonb",
    "to_jsonb",
    "to_text",
    "transaction",
]

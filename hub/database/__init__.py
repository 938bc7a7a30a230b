"""PostgreSQL, the only truth: one pool, transactions that nest, set-based SQL, migrations."""

from hub.database.engine import DB, Row, close, connect, connection, execute, fetch, fetch_one, transaction
from hub.database.migrate import migrate

__all__ = [
    "DB",
    "Row",
    "close",
    "connect",
    "connection",
    "execute",
    "fetch",
    "fetch_one",
    "migrate",
    "transaction",
]

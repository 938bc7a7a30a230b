"""The files table."""

from __future__ import annotations

from piccolo.columns import UUID, BigInt, Bytea, Integer, Text, Timestamptz
from piccolo.table import Table

from hub.database import DB


class FileRows(Table, tablename="files", db=DB):
    """What is known about a stored file; its content lies in the object store under `storage_key`."""

    id = UUID(primary_key=True)
    workspace = UUID()
    project = UUID(null=True)
    name = Text()
    media_type = Text()
    size = BigInt()
    sha256 = Bytea()
    storage_key = Text()
    status = Text()
    data_class = Text()
    owner = UUID(null=True)
    chunks = Integer()
    took_ms = Integer(null=True)
    created_at = Timestamptz()
    deleted_at = Timestamptz(null=True)

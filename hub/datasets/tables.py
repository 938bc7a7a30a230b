"""The tables of datasets: what they are, their rows, and every revision of every row."""

from __future__ import annotations

from piccolo.columns import JSONB, UUID, Array, BigInt, Integer, Text, Timestamptz
from piccolo.table import Table

from hub.database import DB


class DatasetTable(Table, tablename="datasets", db=DB):
    """A table in the hub; `key_columns` say by which columns a row is known again."""

    id = UUID(primary_key=True)
    workspace = UUID()
    project = UUID(null=True)
    name = Text()
    title = Text()
    key_columns = Array(base_column=Text())
    columns = JSONB()
    schema_name = Text(null=True)
    schema_version = Integer(null=True)
    created_at = Timestamptz()
    deleted_at = Timestamptz(null=True)


class DatasetRow(Table, tablename="dataset_rows", db=DB):
    """One row as it is now, and what wrote it last."""

    id = UUID(primary_key=True)
    workspace = UUID()
    dataset = UUID()
    key = Text(null=True)
    revision = BigInt()
    content = JSONB()
    item = UUID(null=True)
    run = UUID(null=True)
    step = Text(null=True)
    created_at = Timestamptz()
    changed_at = Timestamptz()


class DatasetRevision(Table, tablename="dataset_revisions", db=DB):
    """One change of one row; numbers grow in the order in which the changes of a dataset became visible."""

    revision = BigInt(primary_key=True)
    workspace = UUID()
    dataset = UUID()
    row = UUID()
    kind = Text()
    before = JSONB(null=True)
    after = JSONB(null=True)
    delivery = Text(null=True)
    item = UUID(null=True)
    run = UUID(null=True)
    step = Text(null=True)
    at = Timestamptz()

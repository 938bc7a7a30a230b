"""BigQuery: rows out of a query, rows into a table, and rows as they are added."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from typing import Any

import msgspec

from connectors.google._bigquery_query import BIGQUERY, Question, asked
from connectors.google._bigquery_rows import Rows, Watched, changes, insert, recognised, rows_since
from connectors.google._calls import ask
from connectors.google._connection import Connection, family
from connectors.sdk import Category, Change, Context, Effect, Item, NoSettings, Receipt, Record, Rejected

connector = family(
    BIGQUERY,
    "query_stats",
    category=Category.TABLES,
    tried="a local peer held to Google's discovery document bigquery:v2",
)


class _Projects(msgspec.Struct, frozen=True):
    projects: Sequence[Any] = ()


@connector.check
async def check(connection: Connection, context: Context[Connection, NoSettings]) -> None:  # noqa: ARG001  # as declared
    """Ask for one project."""
    await ask(context, BIGQUERY, "projects.list", _Projects, maxResults=1)


@connector.trigger("New row", every=900.0)
async def new_row(context: Context[Connection, Watched], cursor: str | None) -> AsyncIterator[Item]:
    """Start a run for each row that is added to a table.

    Gives the row by its columns. BigQuery counts each look as a query, which reads the whole table unless it is
    partitioned by the column.
    """
    async for item in rows_since(context, cursor):
        yield item


@connector.lookup("Query")
async def query(context: Context[Connection, Question]) -> dict[str, Any]:
    """Read rows with a query; values are written as @names and never pasted into the SQL.

    Gives `rows`, their `count`, and the `first`.
    """
    rows = await asked(context)
    return {"rows": rows, "count": len(rows), "first": rows[0] if rows else None}


@connector.target("Add rows", effect=Effect.CREATE)
async def insert_rows(context: Context[Connection, Rows], records: Sequence[Record]) -> list[Receipt | Rejected]:
    """Add rows to a table, many in one request.

    Gives how many `rows` were added.
    """
    return await insert(context, records)


@insert_rows.preview
async def preview(context: Context[Connection, Rows], records: Sequence[Record]) -> list[list[Change]]:
    """Compare the columns with those of the table."""
    return await changes(context, records)


@insert_rows.find
async def find(context: Context[Connection, Rows], record: Record, token: str | None) -> Receipt | None:  # noqa: ARG001  # as declared
    """Say that it may be sent again while BigQuery still recognises it; after that a person must look."""
    recognised(token)
    return None

"""The schema keeps what the design promises, and the declared tables are the ones that are there."""

from importlib import import_module
from pathlib import Path

import pytest
from piccolo.table import Table

from hub.database import fetch, from_jsonb, migrate, to_jsonb

# Tables whose rows belong to a person, to nobody yet, or to a row that belongs to a workspace
SHARED = {
    *("workspaces", "users", "identities", "links", "sign_in_attempts", "seen_keys", "window_items", "migration"),
    # The bots serve every workspace; whose an update of a chat is, is known when it is worked off.
    "chat_carriers",
    "chat_updates",
}


def declared_tables() -> list[type[Table]]:
    modules = sorted(path.parent.name for path in Path("hub").glob("*/tables.py"))
    found = [vars(import_module(f"hub.{name}.tables")).values() for name in modules]
    return [
        one
        for values in found
        for one in values
        if isinstance(one, type) and issubclass(one, Table) and one is not Table
    ]


@pytest.mark.parametrize("table", declared_tables(), ids=lambda table: table._meta.tablename)
async def test_a_declared_table_has_the_columns_of_the_database(database: str, table: type[Table]):
    rows = await fetch(
        "select column_name from information_schema.columns where table_schema = 'public' and table_name = $1",
        table._meta.tablename,
    )
    declared = {column._meta.db_column_name for column in table._meta.columns}
    assert declared <= {row["column_name"] for row in rows}


async def test_every_table_carries_its_workspace(database: str):
    rows = await fetch(
        "select t.table_name from information_schema.tables t where t.table_schema = 'public'"
        " and t.table_type = 'BASE TABLE' and not exists (select from information_schema.columns c"
        " where c.table_schema = 'public' and c.table_name = t.table_name and c.column_name = 'workspace')"
    )
    assert {row["table_name"] for row in rows} <= SHARED


async def test_a_second_migration_changes_nothing(database: str):
    assert await migrate() is False


@pytest.mark.parametrize(
    ("value", "kept"),
    [
        ("a\x00b", "a\ufffdb"),
        ("back\\u0000slash", "back\\u0000slash"),
        ({"k": ["\\\x00"]}, {"k": ["\\\ufffd"]}),
        ("ok", "ok"),
    ],
)
async def test_any_text_can_be_kept_as_jsonb(database: str, value: object, kept: object):
    row = (await fetch("select $1::text::jsonb as value", to_jsonb(value)))[0]
    assert from_jsonb(row["value"]) == kept

"""Rows into a real PostgreSQL: set-based, once, and good ones in spite of bad ones."""

import time
from datetime import date

import pytest
from msgspec.structs import replace

from connectors.postgres import check, write_rows
from connectors.postgres.connection import Connection, TlsMode
from connectors.postgres.settings import Rows
from connectors.sdk import CredentialsError, Receipt, Record, Rejected, Secret, SettingsError, TemporaryError, fill
from connectors.sdk.records.rows import WriteMode


def record(key, *rows):
    return Record(key=key, rows=rows)


async def test_adds_a_row_and_names_it(write, rows):
    [receipt] = await write([record("a", {"number": "17", "total": 118.0})], mode="insert")
    assert receipt.reference == "number 17"
    assert receipt.output["row"] == {"number": "17", "total": 118.0, "due": None, "paid": False}
    assert await rows() == [("17", 118.0)]


async def test_turns_values_into_the_types_of_the_columns(write, beside, table):
    await write([record("a", {"number": 17, "total": "118.10", "due": "2026-11-30", "paid": "true"})])
    found = await beside.fetchrow(f"select number, total::text, due, paid from {table}")
    assert tuple(found) == ("17", "118.10", date(2026, 11, 30), True)


async def test_changes_the_row_of_a_known_key(write, rows):
    await write([record("a", {"number": "17", "total": 1})])
    [receipt] = await write([record("b", {"number": "17", "total": 2})])
    assert receipt.output["changed"] == 1
    assert await rows() == [("17", 2.0)]


async def test_takes_the_last_of_several_rows_with_one_key(write, rows):
    outcome = await write([record(str(total), {"number": "17", "total": total}) for total in (1, 2, 3)])
    assert [type(one) for one in outcome] == [Receipt] * 3
    assert await rows() == [("17", 3.0)]


async def test_writes_the_same_record_twice_without_a_second_row(write, rows):
    await write([record("a", {"number": "17", "total": 1})])
    await write([record("a", {"number": "17", "total": 1})])
    assert await rows() == [("17", 1.0)]


async def test_updates_only_what_is_there(write, rows):
    await write([record("a", {"number": "17", "total": 1})])
    outcome = await write(
        [record("b", {"number": "17", "total": 2}), record("c", {"number": "18", "total": 3})], mode="update"
    )
    assert isinstance(outcome[0], Receipt)
    assert "no row with number 18" in outcome[1].message
    assert await rows() == [("17", 2.0)]


async def test_lands_the_good_records_of_a_batch_and_names_the_bad_ones(write, rows):
    totals = [1, "much", 3, -4, 5]
    outcome = await write([record(str(at), {"number": str(at), "total": total}) for at, total in enumerate(totals)])
    assert [isinstance(one, Rejected) for one in outcome] == [False, True, False, True, False]
    assert "much" in outcome[1].message
    assert await rows() == [("0", 1.0), ("2", 3.0), ("4", 5.0)]


async def test_keeps_the_rows_of_one_record_together(write, rows):
    mixed = record("a", {"number": "1", "total": 1}, {"number": "2", "total": -1})
    outcome = await write([mixed, record("b", {"number": "3", "total": 3})])
    assert isinstance(outcome[0], Rejected)
    assert await rows() == [("3", 3.0)]


async def test_refuses_a_row_without_its_key(write):
    [outcome] = await write([record("a", {"number": None, "total": 1})])
    assert outcome == Rejected(message="The key column number is empty.")


@pytest.mark.xdist_group("alone")
async def test_writes_ten_thousand_rows_of_a_hundred_records_in_moments(write, beside, table, record_property):
    records = [
        record(f"r{at}", *({"number": f"{at}-{line}", "total": line} for line in range(100))) for at in range(100)
    ]
    start = time.perf_counter()
    outcome = await write(records, mode="insert", key=[])
    took = time.perf_counter() - start
    record_property("measured", took)
    assert len(outcome) == 100
    assert await beside.fetchval(f"select count(*) from {table}") == 10_000
    assert took < 20.0


async def test_delivers_a_batch_of_a_thousand_records(write, beside, table):
    outcome = await write([record(f"r{at}", {"number": str(at), "total": at}) for at in range(1000)])
    assert [one.reference for one in outcome] == [f"number {at}" for at in range(1000)]
    assert await beside.fetchval(f"select count(*) from {table}") == 1000


async def test_creates_the_table_with_types_from_the_values(write, beside, table):
    row = {"number": "17", "total": 1.5, "lines": [{"quantity": 2}], "due": "2026-11-30", "count": 3, "paid": True}
    await write([record("a", row)], table=f"{table}_new", create_table=True, columns=dict.fromkeys(row, ""))
    found = await beside.fetch(
        "select column_name, data_type from information_schema.columns where table_name = $1", f"{table}_new"
    )
    assert dict(found) == {
        "number": "text",
        "total": "numeric",
        "lines": "jsonb",
        "due": "date",
        "count": "bigint",
        "paid": "boolean",
    }


async def test_creates_the_table_with_the_types_it_was_told(write, beside, table):
    await write(
        [record("a", {"number": 17, "total": None})],
        table=f"{table}_told",
        create_table={"number": "text", "total": "number"},
    )
    found = await beside.fetchval(
        "select data_type from information_schema.columns where table_name = $1 and column_name = 'total'",
        f"{table}_told",
    )
    assert found == "numeric"


async def test_takes_any_name_as_a_name_and_nothing_else(write, beside, table):
    column = 'total"; drop table x; --'
    await write(
        [record("a", {"number": "17", column: 1})],
        table=f"public.{table}_quoted",
        create_table=True,
        columns={"number": "", column: ""},
    )
    assert await beside.fetchval(f"select count(*) from {table}_quoted") == 1


async def test_names_the_column_that_the_table_has_lost(write, beside, table):
    await write([record("a", {"number": "17", "total": 1})])
    await beside.execute(f"alter table {table} rename total to amount")
    with pytest.raises(SettingsError, match=r"has no column total\. It has: number, amount, due, paid\."):
        await write([record("b", {"number": "18", "total": 1})])


async def test_names_the_table_that_was_probably_meant(write, table):
    with pytest.raises(SettingsError, match=f"Did you mean {table}"):
        await write([record("a", {"number": "17"})], table=table.upper())


async def test_says_that_a_key_needs_a_unique_index(write):
    with pytest.raises(SettingsError, match="unique or exclusion constraint"):
        await write([record("a", {"number": "17", "total": 1})], key=["total"])


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"mode": "upsert", "key": []}, "needs key columns"),
        ({"mode": "upsert", "key": ["id"]}, "id is not among the columns"),
        ({"table": "a.b.c"}, "schema.name"),
        ({"table": ""}, "not a name"),
        ({"columns": {"x" * 70: ""}}, "not a name"),
    ],
)
def test_refuses_settings_that_cannot_work(wrong, said):
    with pytest.raises(ValueError, match=said):
        fill(Rows, {"table": "t", "columns": {"number": ""}, "mode": "insert", **wrong})


@pytest.mark.parametrize("host", ["/var/run/postgresql", "db.example.com,other", "db?host=x", "user@db", ""])
def test_refuses_hosts_that_are_paths_or_options(host):
    with pytest.raises(ValueError, match="one host"):
        fill(Connection, {"host": host, "database": "d", "user": "u", "password": "p"})


async def test_signs_in_over_tls_to_the_server_the_certificate_names(around, connection, postgres_server):
    trusted = replace(
        connection, sslmode=TlsMode.VERIFY_FULL, authority=postgres_server.certificate.read_text(), host="localhost"
    )
    await check(trusted, around.context(Rows(table="t", columns={}), trusted))


async def test_refuses_a_server_whose_certificate_nobody_vouches_for(around, connection):
    strict = replace(connection, sslmode=TlsMode.VERIFY_FULL)
    with pytest.raises(SettingsError, match="certificate"):
        await check(strict, around.context(Rows(table="t", columns={}), strict))


async def test_says_that_the_password_is_wrong(around, connection):
    wrong = replace(connection, password=Secret("wrong"))
    with pytest.raises(CredentialsError, match="does not accept"):
        await check(wrong, around.context(Rows(table="t", columns={}), wrong))


async def test_says_that_nobody_answers(around, connection):
    silent = replace(connection, port=1)
    with pytest.raises(TemporaryError, match="does not answer"):
        await write_rows(around.context(Rows(table="t", columns={}, mode=WriteMode.INSERT), silent), [])

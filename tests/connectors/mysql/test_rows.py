"""Rows into and out of a real MariaDB: values never SQL, exact, good ones in spite of bad ones, taken back whole."""

import asyncio
import time
from datetime import date, datetime
from decimal import Decimal
from functools import partial

import pytest
from msgspec.structs import replace

from connectors.mysql import check, find, new_row, preview, query, undo, write_rows
from connectors.mysql.connection import Connection, Pool, TlsMode, connect, speaking
from connectors.mysql.offers import Place, all_columns, columns, tables
from connectors.mysql.settings import New, Query, Rows
from connectors.mysql.words import with_parameters
from connectors.sdk import (
    ChangeKind,
    CredentialsError,
    NoSettings,
    Receipt,
    Record,
    Rejected,
    Secret,
    SettingsError,
    TemporaryError,
    fill,
)
from connectors.sdk.network.guard import Guard
from tests.peers.postgres_cut import breakable_line


def record(key, *rows):
    return Record(key=key, rows=rows)


@pytest.fixture
def ask(around, connection):
    async def call(sql, limits=None, **params):
        return await query(around.context(fill(Query, {"sql": sql, "params": params, **(limits or {})}), connection))

    return call


@pytest.mark.xdist_group("alone")
async def test_upserts_ten_thousand_rows_quickly(write, beside, table, record_property):
    old = [record(f"o{at}", {"number": f"INV-{at}", "total": at}) for at in range(5_000)]
    await write(old)
    records = [record(f"r{at}", {"number": f"INV-{at}", "total": at + 1}) for at in range(10_000)]
    start = time.perf_counter()
    outcome = await write(records)
    took = time.perf_counter() - start
    record_property("measured", took)
    assert sum(one.output["added"] for one in outcome) == 5_000
    assert beside(f"select count(*), sum(total) from {table}") == [(10_000, Decimal(sum(range(1, 10_001))))]
    assert took < 120.0


@pytest.mark.parametrize(
    ("sql", "written", "names"),
    [
        ("select :a, :b, :a", "select %s, %s, %s", ("a", "b", "a")),
        ("select ':a', \":a\", `:a`, :a", "select ':a', \":a\", `:a`, %s", ("a",)),
        (r"select 'it\'s :a' -- :b" "\n, :c # :d", r"select 'it\'s :a' -- :b" "\n, %s # :d", ("c",)),
        ("select /* :a */ 5%3, @x := 1, :d", "select /* :a */ 5%%3, @x := 1, %s", ("d",)),
        ("select 1--:a", "select 1--%s", ("a",)),
    ],
)
def test_finds_the_names_and_only_those(sql, written, names):
    found = with_parameters(sql)
    assert (found.sql, found.names) == (written, names)


@pytest.mark.parametrize("name", ["'; drop table x; -- ", "\\' or 1=1 -- ", '" or ""="', "%s %(x)s", "\\"])
async def test_a_value_is_never_sql(ask, name):
    answer = await ask("select :name as name where :name = :name", name=name)
    assert answer["first"] == {"name": name}


async def test_returns_rows_as_plain_values(ask):
    answer = await ask(
        "select 1 as one, 1.50 as price, 10000000000000000.01 as exact, date '2026-11-21' as day,"
        " timestamp '2026-11-21 10:00:00' as at, time '30:00:01' as span, x'01ff' as file, null as nothing,"
        " :n + 1 as more, 7 in :list as listed",
        n=41,
        list=[5, 7],
    )
    assert answer["first"] == {
        "one": 1,
        "price": 1.5,
        "exact": "10000000000000000.01",
        "day": "2026-11-21",
        "at": "2026-11-21T10:00:00",
        "span": "30:00:01",
        "file": "01ff",
        "nothing": None,
        "more": 42,
        "listed": 1,
    }


@pytest.mark.parametrize(
    ("sql", "said"),
    [
        ("with x as (select 1) delete from {table}", "refuses"),
        ("select * from {table} for update of nowhere", "refuses"),
        ("select seq from seq_1_to_100", "more than 10 rows"),
        ("select nothing from nowhere", "refuses"),
    ],
)
async def test_refuses_what_is_not_a_short_question(ask, table, sql, said):
    with pytest.raises(SettingsError, match=said):
        await ask(sql.format(table=table), limits={"limit": 10})


async def test_gives_up_a_question_that_takes_too_long(ask):
    with pytest.raises(SettingsError, match="took longer"):
        await ask("select sleep(60)", limits={"timeout": 0.3})


@pytest.mark.parametrize(
    ("sql", "said"),
    [
        ("create table stolen (x int)", "only reads"),
        ("set session transaction read write", "only reads"),
        ("select 1; drop table x", "cannot stand in a query"),
        ("select 1 into outfile '/tmp/x'", "cannot stand in a query"),
        ("select 1 into/**/outfile '/tmp/x'", "cannot stand in a query"),
        ("select 1 into /* a */ -- b\n # c\n dumpfile '/tmp/x'", "cannot stand in a query"),
        ("select 1 /*! into dumpfile '/tmp/x' */", "cannot stand in a query"),
        ("select :a", "no value for :a"),
    ],
)
def test_refuses_queries_that_do_more_than_ask(sql, said):
    with pytest.raises(ValueError, match=said):
        fill(Query, {"sql": sql})


async def test_turns_values_into_the_types_of_the_columns(write, beside, table):
    row = {
        "number": 17,
        "total": "1.100000001",
        "due": "2026-11-30T10:00:00Z",
        "paid": "true",
        "at": "2026-11-22T10:00:00+01:00",
    }
    [receipt] = await write([record("a", row)], mode="insert")
    moment = datetime.fromisoformat("2026-11-22T09:00:00")
    assert beside(f"select * from {table}") == [("17", Decimal("1.100000001"), date(2026, 11, 30), 1, moment)]
    assert receipt.reference == "number 17"
    assert receipt.output["row"]["total"] == 1.100000001


async def test_lands_the_good_records_of_a_batch_and_names_the_bad_ones(write, rows):
    totals = [1, "much", 3, -4, 5]
    outcome = await write([record(str(at), {"number": str(at), "total": total}) for at, total in enumerate(totals)])
    assert [isinstance(one, Rejected) for one in outcome] == [False, True, False, True, False]
    assert "much" in outcome[1].message
    assert rows() == [("0", 1.0), ("2", 3.0), ("4", 5.0)]


async def test_does_not_touch_another_row_that_is_in_the_way(write, beside, table, rows):
    beside(f"alter table {table} add unique (total)")
    await write([record("a", {"number": "1", "total": 10})])
    [outcome] = await write([record("b", {"number": "2", "total": 10})])
    assert "Duplicate entry" in outcome.message
    assert rows() == [("1", 10.0)]


async def test_updates_only_what_is_there_and_takes_the_last_of_one_key(write, rows):
    await write([record(str(total), {"number": "17", "total": total}) for total in (1, 2, 3)])
    outcome = await write(
        [record("b", {"number": "17", "total": 4}), record("c", {"number": "18", "total": 5})], mode="update"
    )
    assert isinstance(outcome[0], Receipt)
    assert "no row with number 18" in outcome[1].message
    assert rows() == [("17", 4.0)]


async def test_knows_a_row_again_that_the_server_takes_for_the_same(write, rows):
    await write([record("a", {"number": "abc", "total": 1})])
    [receipt] = await write([record("b", {"number": "ABC", "total": 2})])
    assert receipt.output["changed"] == 1
    assert rows() == [("abc", 2.0)]


async def test_creates_the_table_with_types_from_the_values(write, beside, table):
    row = {"number": "17", "total": 1.5, "lines": [{"q": 2}], "due": "2026-11-30", "count": 3, "paid": True}
    new = f"{table}_new"
    await write([record("a", row)], table=new, create_table=True, columns=dict.fromkeys(row, ""))
    found = beside("select column_name, data_type from information_schema.columns where table_name = %s", new)
    kinds = {"number": "varchar", "total": "decimal", "lines": "longtext", "due": "date", "count": "bigint"}
    assert dict(found) == {**kinds, "paid": "tinyint"}


async def test_takes_any_name_as_a_name_and_nothing_else(write, beside, table):
    column = "total`%s; drop table x; --"
    named = {"table": f"{table}_quoted", "create_table": True, "columns": {"number": "", column: ""}}
    await write([record("a", {"number": "17", column: 1})], **named)
    assert beside(f"select count(*) from {table}_quoted") == [(1,)]


async def test_shows_what_would_change_and_writes_nothing(context, write, rows):
    await write([record("a", {"number": "17", "total": 1})])
    shown = await preview(
        context(),
        [
            record("b", {"number": "17", "total": 2}, {"number": "18", "total": 3}),
            record("c", {"number": "18", "total": 4}),
            record("d", {"number": "17", "total": "2.0"}),
        ],
    )
    assert [[(line.kind, line.reference) for line in lines] for lines in shown] == [
        [(ChangeKind.CHANGE, "number 17"), (ChangeKind.ADD, "number 18")],
        [(ChangeKind.CHANGE, "number 18")],
        [],
    ]
    assert rows() == [("17", 1.0)]


async def test_takes_back_to_the_last_digit(context, write, beside, table):
    beside(f"alter table {table} add file varbinary(10)")
    values = "'17', 123456789012345678901.123456789, null, 1, '2026-01-01 10:00:00.000001', x'00ff'"
    beside(f"insert into {table} values ({values})")
    before = beside(f"select * from {table}")
    [receipt] = await write([record("b", {"number": "17", "total": 2}, {"number": "18", "total": 3})])
    await undo(context(), receipt)
    assert beside(f"select * from {table}") == before


@pytest.mark.parametrize(
    "statement", ["update {} set paid = 1 where number = '18'", "delete from {} where number = '17'"]
)
async def test_leaves_rows_alone_that_someone_has_touched_since(context, write, rows, beside, table, statement):
    await write([record("a", {"number": "17", "total": 1})])
    [receipt] = await write([record("b", {"number": "17", "total": 2}, {"number": "18", "total": 3})])
    beside(statement.format(table))
    before = rows()
    with pytest.raises(SettingsError, match="has changed since"):
        await undo(context(), receipt)
    assert rows() == before


async def test_takes_back_counted_rows_and_says_when_it_cannot(context, write, beside, table):
    beside(f"create table {table}_log (id int auto_increment primary key, line text)")
    beside(f"create table {table}_bare (line text)")
    plain = {"mode": "insert", "key": [], "columns": {"line": ""}}
    same = [record("a", {"line": "same"}), record("b", {"line": "same"})]
    _, second = await write(same, table=f"{table}_log", **plain)
    await undo(context(table=f"{table}_log", **plain), second)
    assert beside(f"select * from {table}_log") == [(1, "same")]
    first, _ = await write(same, table=f"{table}_bare", **plain)
    with pytest.raises(SettingsError, match="Without a primary key"):
        await undo(context(table=f"{table}_bare", **plain), first)


async def test_decides_after_the_answer_to_a_commit_was_lost(context, around, connection, rows):
    delivered = record("a", {"number": "17", "total": 1})
    async with breakable_line("127.0.0.1", connection.port) as line:
        line.breaks_at = b"\x03COMMIT"
        broken = replace(connection, host="127.0.0.1", port=line.port, tls=TlsMode.DISABLE)
        with pytest.raises(TemporaryError) as raised:
            await write_rows(around.context(context().settings, broken), [delivered])
    assert raised.value.uncertain
    assert (await find(context(), delivered, around.remembered[-1])).output == {"rows": 1}
    assert await find(context(), record("b", {"number": "18"}), around.remembered[-1]) is None


async def test_offers_tables_and_columns(around, connection, beside, table):
    beside(f"alter table {table} add double_total decimal(30, 9) as (total * 2)")
    assert table in [one.value for one in await tables(around.context(NoSettings(), connection))]
    place = around.context(Place(table=table), connection)
    assert {one.value: one.text for one in await columns(place)}["number"] == "varchar(40), needed"
    assert set(await all_columns(place)) - set(await columns(place)) != set()


async def test_follows_numbers_and_says_what_is_missing(around, connection, beside, table):
    beside(f"create table {table}_n (id int auto_increment primary key, line text)")
    beside(f"insert into {table}_n (line) values ('a'), ('b')")
    following = around.context(fill(New, {"table": f"{table}_n", "order": "id", "existing": "skip"}), connection)
    [base] = [item async for item in new_row(following, None)]
    beside(f"insert into {table}_n (line) values ('c')")
    [item] = [item async for item in new_row(following, base.cursor)]
    assert (base.content, item.content) == (None, {"id": 3, "line": "c"})
    with pytest.raises(SettingsError, match="has no column updated"):
        [
            item
            async for item in new_row(around.context(fill(New, {"table": table, "order": "updated"}), connection), None)
        ]


async def test_names_the_column_that_the_table_has_lost_and_the_table_that_was_meant(write, beside, table):
    beside(f"alter table {table} rename column total to amount")
    with pytest.raises(SettingsError, match=r"has no column total\. It has: number, amount"):
        await write([record("b", {"number": "18", "total": 1})])
    with pytest.raises(SettingsError, match=f"Did you mean {table}"):
        await write([record("a", {"number": "17"})], table=table.upper())


async def test_several_writers_lose_nothing(context, rows):
    batches = [[record(f"{w}-{at}", {"number": f"{w}-{at}", "total": at}) for at in range(50)] for w in range(6)]
    await asyncio.gather(*(write_rows(context(), batch) for batch in batches))
    assert len(rows()) == 300


async def test_writers_of_one_new_row_add_it_once_and_none_is_refused(context, beside, table):
    for at in range(20):
        both = ([record(f"{writer}-{at}", {"number": f"{at}", "total": writer})] for writer in range(2))
        written = await asyncio.gather(*(write_rows(context(), batch) for batch in both))
        assert [type(one) for [one] in written] == [Receipt] * 2
        assert sum(one.output["added"] for [one] in written) == 1
    assert beside(f"select count(*) from {table}") == [(20,)]


async def test_writers_of_the_same_rows_in_another_order_lose_nothing(context, rows):
    async def write(batch):
        try:
            return await write_rows(context(), batch)
        except TemporaryError:  # nothing of it was written, and it is said again
            return await write(batch)

    for at in range(10):
        batch = [record(f"{at}-{n}", {"number": f"{at}-{n}", "total": n}) for n in range(60)]
        written = await asyncio.gather(write(batch), write(batch[::-1]))
        assert sum(one.output["added"] for half in written for one in half) == 60
    assert len(rows()) == 600


async def test_a_connection_that_is_lent_while_its_pool_closes_is_closed_when_it_is_back(around, connection):
    pool = Pool(partial(connect, connection, around.context(NoSettings(), connection).dial))
    async with pool.lend() as held:
        await pool.close()
        assert not held.closed
    assert held.closed


@pytest.mark.parametrize("mode", [TlsMode.PREFER, TlsMode.REQUIRE, TlsMode.DISABLE])
async def test_signs_in(around, connection, mode):
    named = replace(connection, tls=mode)
    await check(named, around.context(NoSettings(), named))


async def test_checks_who_answers(around, connection, mariadb):
    trusted = replace(connection, tls=TlsMode.VERIFY_FULL, authority=mariadb.certificate.read_text())
    await check(trusted, around.context(NoSettings(), trusted))
    strict = replace(trusted, authority="")
    with pytest.raises(SettingsError, match="certificate"):
        await check(strict, around.context(NoSettings(), strict))


@pytest.mark.parametrize(
    ("wrong", "error", "said"),
    [
        ({"password": Secret("wrong")}, CredentialsError, "does not accept"),
        ({"database": "other"}, CredentialsError, "does not accept"),
        ({"port": 1}, TemporaryError, "does not answer"),
    ],
)
async def test_says_why_a_connection_does_not_work(around, connection, wrong, error, said):
    broken = replace(connection, **wrong)
    with pytest.raises(error, match=said):
        await check(broken, around.context(NoSettings(), broken))


async def test_goes_nowhere_the_guard_forbids(around, connection):
    context = around.context(NoSettings(), connection)
    context.dial = Guard().dial
    with pytest.raises(SettingsError, match="not on the public internet"):
        await check(connection, context)


async def test_hands_the_server_no_file_of_this_machine(around, connection, beside, table):
    held = await connect(connection, around.context(NoSettings(), connection).dial)
    with pytest.raises(SettingsError), speaking():
        await held.query(f"load data local infile '/etc/hostname' into table {table} (number)")
    held.close()
    assert beside(f"select count(*) from {table}") == [(0,)]


@pytest.mark.parametrize("host", ["/run/mysqld/mysqld.sock", "db,other", "db?x=1", "user@db", ""])
def test_refuses_hosts_that_are_paths_or_options(host):
    with pytest.raises(ValueError, match="one host"):
        fill(Connection, {"host": host, "database": "d", "user": "u", "password": "p"})


def test_refuses_a_mode_without_its_key():
    with pytest.raises(ValueError, match="needs key columns"):
        fill(Rows, {"table": "t", "columns": {"n": ""}, "mode": "upsert"})

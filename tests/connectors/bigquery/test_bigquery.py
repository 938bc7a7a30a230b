"""BigQuery under the contracts, and what is special about it: questions that cost, and questions that write."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import pytest

from connectors.google._bigquery_query import Column, _value, projects
from connectors.google._bigquery_rows import columns, tables
from connectors.google.bigquery import check, find, insert_rows, new_row, preview, query
from connectors.sdk import Context, Receipt, Record, Rejected, SettingsError, fill
from tests.connectors.contracts import TargetContract, TargetStand, TriggerContract, TriggerStand
from tests.connectors.google.stands import GoogleStand, Use
from tests.peers.google import GooglePeer
from tests.peers.google_bigquery import PROJECT, BigQuery

PLACE = {"project": PROJECT, "table": "sales.invoices"}
ROWS = [{"number": f"INV-{number}", "total": number * 1.5, "created": "2026-11-22T00:00:00Z"} for number in range(3)]


class NewRowStand(GoogleStand, TriggerStand):
    uses = "bigquery.new_row"

    def __init__(self, peer: GooglePeer, bigquery: BigQuery, use: Use) -> None:
        self.peer, self.bigquery, self.use = peer, bigquery, use
        self.clock = datetime(2026, 11, 22, tzinfo=UTC)
        self.newest: dict[str, Any] = {}
        self.number = 0

    def context(self) -> Context[Any, Any]:
        return self.use(self.uses, **PLACE, column="created", key="number")

    async def add(self, count: int) -> Sequence[str]:
        self.clock += timedelta(minutes=1)
        rows = [self.row(self.clock) for _ in range(count)]
        self.bigquery.put("sales.invoices", rows)
        self.newest = rows[-1]
        return [row["number"] for row in rows]

    def row(self, moment: datetime) -> dict[str, Any]:
        self.number += 1
        return {"number": f"INV-{self.number:06}", "total": 1.5, "created": moment.isoformat()}

    async def add_late(self) -> str:
        row = self.row(self.clock - timedelta(minutes=1))
        self.bigquery.put("sales.invoices", [row])
        return str(row["number"])

    async def repeat(self) -> None:
        self.bigquery.put("sales.invoices", [self.newest])


class InsertStand(GoogleStand, TargetStand):
    uses = "bigquery.insert_rows"

    def __init__(self, peer: GooglePeer, bigquery: BigQuery, use: Use) -> None:
        self.peer, self.bigquery, self.use = peer, bigquery, use

    @property
    def writes(self) -> int:  # type: ignore[override]  # counted by the peer
        return self.peer.writes

    def context(self) -> Context[Any, Any]:
        return self.use(self.uses, **PLACE, columns={})

    def record(self, number: int) -> Record:
        return Record(key=f"KEY-{number}", rows=[{"number": f"INV-{number}", "total": number}])

    def bad_record(self) -> Record:
        return Record(key="BAD", rows=[{"number": "INV-9", "total": "much"}])

    async def rows(self) -> Sequence[Any]:
        return self.bigquery.rows("sales.invoices")

    async def drift(self) -> None:
        self.bigquery.drop("sales.invoices", "total")


class TestNewRow(TriggerContract):
    @pytest.fixture
    def stand(self, peer, bigquery, use):
        return NewRowStand(peer, bigquery, use)


class TestInsertRows(TargetContract):
    """BigQuery tells nobody what it was sent, but recognises it when it is sent again: the hub does just that."""

    @pytest.fixture
    def stand(self, peer, bigquery, use):
        return InsertStand(peer, bigquery, use)

    async def found(self, stand: TargetStand, record: Record) -> Receipt | None:
        assert stand.target.finder is not None
        assert await stand.target.finder(stand.context(), record, None) is None
        [again] = await stand.deliver([record])
        return again if isinstance(again, Receipt) else None


@pytest.fixture
def asking(bigquery, use):
    bigquery.put("sales.invoices", ROWS)
    return lambda sql, **settings: query(use("bigquery.query", project=PROJECT, sql=sql, **settings))


async def test_reads_rows_with_values_of_their_types(asking):
    found = await asking(
        f"select * from `{PROJECT}.sales.invoices` where total > @least and number <> @other",
        params={"least": 1, "other": "'; drop table x"},
    )
    assert found["count"] == 2
    assert found["first"] == {"number": "INV-1", "total": 1.5, "created": "2026-11-22T00:00:00Z"}


@pytest.mark.parametrize("slow", [False, True])
async def test_reads_answers_that_take_long_and_come_in_pages(asking, bigquery, slow):
    bigquery.put("sales.invoices", ROWS * 1000)
    bigquery.slow = slow
    found = await asking(f"select number from `{PROJECT}.sales.invoices`", limit=5000)
    assert found["count"] == 3003


@pytest.mark.parametrize("sql", ["delete from x", "insert into x values (1)", "create table y as select 1", "call p()"])
async def test_asks_nothing_that_writes(asking, peer, sql):
    with pytest.raises(SettingsError, match="A lookup only reads"):
        await asking(sql)
    assert peer.count("bigquery.jobs.query") == 0


async def test_asks_nothing_that_costs_more_than_allowed(asking, bigquery):
    bigquery.size = 11 * 1024**3
    with pytest.raises(SettingsError, match="exceeded limit for bytes billed"):
        await asking("select 1")


async def test_asks_for_no_more_rows_than_allowed(asking):
    with pytest.raises(SettingsError, match="more than 2 rows"):
        await asking(f"select * from `{PROJECT}.sales.invoices`", limit=2)


async def test_says_what_is_wrong_with_a_query(asking):
    with pytest.raises(SettingsError, match="Syntax error"):
        await asking("select * from nowhere")


async def test_begins_with_what_is_new(bigquery, use):
    context = use("bigquery.new_row", **PLACE, column="created", key="number", existing="skip")
    bigquery.put("sales.invoices", ROWS)
    [base] = [item async for item in new_row(context, None)]
    bigquery.put("sales.invoices", [{"number": "INV-9", "total": 1.0, "created": "2026-11-22T00:00:00Z"}])
    found = [item async for item in new_row(context, base.cursor) if item.content is not None]
    assert [item.content["number"] for item in found] == ["INV-9"]


@pytest.mark.parametrize(
    ("settings", "sentence"),
    [
        ({"column": "made", "key": "number"}, "has no column made"),
        ({"column": "CREATED", "key": "Id"}, "has no column Id"),
        ({"column": "total", "key": "number"}, "holds no dates or times"),
    ],
)
async def test_says_which_column_does_not_fit(bigquery, use, settings, sentence):
    with pytest.raises(SettingsError, match=sentence):
        [item async for item in new_row(use("bigquery.new_row", **PLACE, **settings), None)]


async def test_names_columns_that_the_table_does_not_have_before_anything_is_written(bigquery, use):
    with pytest.raises(SettingsError, match="has no column tax"):
        await preview(use("bigquery.insert_rows", **PLACE, columns={}), [Record(key="KEY", rows=[{"tax": 1}])])


async def test_says_how_much_of_a_record_was_written(bigquery, use):
    rows = [{"number": "INV-1"}, {"number": "INV-2", "total": "much"}]
    [refused] = await insert_rows(use("bigquery.insert_rows", **PLACE, columns={}), [Record(key="KEY", rows=rows)])
    assert isinstance(refused, Rejected)
    assert refused.message == (
        "BigQuery refuses the row: total: Cannot convert value to float. 1 other rows of it were written."
    )


async def test_lets_a_person_decide_once_bigquery_has_forgotten(bigquery, use):
    context = use("bigquery.insert_rows", **PLACE, columns={})
    with pytest.raises(SettingsError, match="for a minute only"):
        await find(context, Record(key="KEY"), "1700000000.0")


async def test_offers_projects_tables_and_columns(bigquery, use, connection):
    context = use("bigquery.insert_rows", **PLACE, columns={})
    assert [choice.value for choice in await projects(context)] == [PROJECT]
    assert [choice.value for choice in await tables(context)] == ["sales.invoices"]
    assert [choice.text for choice in await columns(context)] == ["string", "float", "timestamp"]
    await check(connection, context)


@pytest.mark.parametrize("table", ["invoices", "sales.invoices`; drop table x", "a.b.c"])
def test_refuses_names_that_no_table_has(table):
    with pytest.raises(ValueError, match="Name the project by its id"):
        fill(new_row.settings, {"project": PROJECT, "table": table, "column": "created", "key": "number"})


NESTED = {"name": "lines", "type": "RECORD", "mode": "REPEATED", "fields": [{"name": "total", "type": "INTEGER"}]}


@pytest.mark.parametrize(
    ("column", "value", "read"),
    [
        (NESTED, [{"v": {"f": [{"v": "1"}]}}, {"v": {"f": [{"v": None}]}}], [{"total": 1}, {"total": None}]),
        (NESTED, "none of it", "none of it"),
        ({"name": "n", "type": "INTEGER"}, "12x", "12x"),
        ({"name": "n", "type": "BIGNUMERIC"}, "12345678901234567890.5", "12345678901234567890.5"),
        ({"name": "j", "type": "JSON"}, '{"a": [1]}', {"a": [1]}),
        ({"name": "t", "type": "TIMESTAMP"}, "9" * 30, "9" * 30),
        ({"name": "b", "type": "BOOLEAN"}, "true", True),
    ],
)
def test_reads_values_of_every_kind_and_passes_on_what_it_cannot_read(column, value, read):
    schema = msgspec.convert(column, Column)
    assert _value(schema, value) == read

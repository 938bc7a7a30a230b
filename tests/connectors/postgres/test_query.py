"""Questions to a real PostgreSQL: values never become SQL, nothing is written, limits hold."""

import pytest

from connectors.postgres import query
from connectors.postgres.settings import Query
from connectors.postgres.words import with_parameters
from connectors.sdk import SettingsError, fill


@pytest.fixture
def ask(around, connection):
    async def call(sql, limits=None, **params):
        settings = fill(Query, {"sql": sql, "params": params, **(limits or {})})
        return await query(around.context(settings, connection))

    return call


@pytest.mark.parametrize(
    ("sql", "written", "names"),
    [
        ("select :a, :b, :a", "select $1, $2, $1", ("a", "b")),
        ("select ':a', \":a\", :a::text", "select ':a', \":a\", $1::text", ("a",)),
        ("select 'it''s :a' -- :b\n, :c", "select 'it''s :a' -- :b\n, $1", ("c",)),
        ("select /* :a /* :b */ :c */ :d", "select /* :a /* :b */ :c */ $1", ("d",)),
        ("select $$ :a $$, $x$ :b $$ :c $x$, :d", "select $$ :a $$, $x$ :b $$ :c $x$, $1", ("d",)),
        (r"select e'\' :a', :b", r"select e'\' :a', $1", ("b",)),
        ("select x[1:2], a := 1, :a", "select x[1:2], a := 1, $1", ("a",)),
        ("select /* :a", "select /* :a", ()),
    ],
)
def test_finds_the_names_and_only_those(sql, written, names):
    found = with_parameters(sql)
    assert (found.sql, found.names) == (written, names)


async def test_returns_rows_as_plain_values(ask):
    answer = await ask(
        "select 1 as one, 1.50 as price, 10000000000000000.01 as exact, date '2026-11-21' as day,"
        " timestamptz '2026-11-21 10:00+01' as at, array[1, 2] as list, null as nothing, true as yes"
    )
    assert answer == {
        "count": 1,
        "first": answer["rows"][0],
        "rows": [
            {
                "one": 1,
                "price": 1.5,
                "exact": "10000000000000000.01",
                "day": "2026-11-21",
                "at": "2026-11-21T09:00:00+00:00",
                "list": [1, 2],
                "nothing": None,
                "yes": True,
            }
        ],
    }


async def test_reads_values_as_the_query_needs_them(ask):
    answer = await ask(
        "select :number::int + 1 as n, :day::date as d, :ids::int[] as ids, :name::text as name,"
        " :at::timestamptz as at",
        number="41",
        day="2026-11-21T10:00:00Z",
        ids=["1", 2],
        name=5,
        at="2026-11-21T10:00:00",
    )
    assert answer["first"] == {
        "n": 42,
        "d": "2026-11-21",
        "ids": [1, 2],
        "name": "5",
        "at": "2026-11-21T10:00:00+00:00",
    }


async def test_a_value_is_never_sql(ask):
    answer = await ask("select :name::text as name", name="'; drop table x; --")
    assert answer["first"]["name"] == "'; drop table x; --"


@pytest.mark.parametrize(
    ("sql", "said"),
    [
        ("create table stolen (x int)", "only reads"),
        ("select 1; drop table x", "refuses"),
        ("select generate_series(1, 100)", "more than 10 rows"),
        ("select nothing from nowhere", "nowhere"),
        ("select :day::date", "cannot be read as date"),
    ],
)
async def test_refuses_what_is_not_a_short_question(ask, sql, said):
    with pytest.raises(SettingsError, match=said):
        await ask(sql, limits={"limit": 10}, day="tomorrow")


async def test_gives_up_a_question_that_takes_too_long(ask):
    with pytest.raises(SettingsError, match="took longer"):
        await ask("select pg_sleep(60)", limits={"timeout": 0.2})


@pytest.mark.parametrize(("sql", "said"), [("select :a", "no value for :a"), ("select $1", "Write :name")])
def test_refuses_a_query_whose_values_are_missing(sql, said):
    with pytest.raises(ValueError, match=said):
        fill(Query, {"sql": sql})

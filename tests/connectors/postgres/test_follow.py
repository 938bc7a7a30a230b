"""Following tables of a real PostgreSQL: new_row and changed_row lose nothing, and are told of news by a channel."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest
from msgspec.structs import replace

from connectors.postgres import changed_row, new_row, query, watch_new, write_rows
from connectors.postgres.connection import TlsMode
from connectors.postgres.offers import Place, all_columns, columns, tables
from connectors.postgres.settings import Changed, New, Query, Rows
from connectors.sdk import NoSettings, Record, SettingsError, fill
from tests.connectors.contracts import TriggerContract, TriggerStand
from tests.peers.postgres_cut import breakable_line
from tests.peers.surroundings import surroundings

BEGINNING = datetime(2026, 11, 22, tzinfo=UTC)


class Appearing(TriggerStand):
    uses = "postgres.new_row"

    def __init__(self, line, connection, around, settings, beside):
        self._line = line
        self._around = around
        self._connection = replace(connection, host="127.0.0.1", port=line.port, sslmode=TlsMode.DISABLE)
        self._settings = settings
        self._beside = beside
        self._count = 0

    def context(self):
        return self._around.context(self._settings, self._connection)

    async def fail(self, fault):
        self._line.breaks_at = self._settings.table.encode()

    async def heal(self):
        self._line.breaks_at = None

    async def add(self, count):
        first, self._count = self._count, self._count + count
        added = [(f"row-{at:06}!", BEGINNING + timedelta(seconds=at // 3)) for at in range(first, self._count)]
        await self._beside.executemany(f"insert into {self._settings.table} (number, at) values ($1, $2)", added)
        return [number for number, _ in added]

    async def add_late(self):
        self._count += 1
        moment = BEGINNING + timedelta(seconds=self._count // 3 - 20)
        await self._beside.execute(f"insert into {self._settings.table} (number, at) values ('late!', $1)", moment)
        return "late!"

    async def repeat(self):
        newest = f"row-{self._count - 1:06}!"
        await self._beside.execute(f"update {self._settings.table} set paid = true where number = $1", newest)


class Changing(Appearing):
    uses = "postgres.changed_row"


@pytest.fixture
async def line(postgres_server):
    async with breakable_line("127.0.0.1", postgres_server.port) as made:
        yield made


@pytest.fixture
async def around(line):
    """Surroundings that end before the line does, as drivers look for a server that is gone without end."""
    async with surroundings() as made:
        yield made


@pytest.fixture
async def timed(beside, table):
    await beside.execute(f"alter table {table} add at timestamptz")
    return table


class TestNewRow(TriggerContract):
    faults = {"cut": "TemporaryError"}

    @pytest.fixture
    async def stand(self, line, connection, around, beside, timed):
        return Appearing(line, connection, around, fill(New, {"table": timed, "order": "at"}), beside)


class TestChangedRow(TriggerContract):
    faults = {"cut": "TemporaryError"}

    @pytest.fixture
    async def stand(self, line, connection, around, beside, timed):
        return Changing(line, connection, around, fill(Changed, {"table": timed, "order": "at"}), beside)


@pytest.fixture
async def rich(beside, table):
    """A table in a schema of its own with the types that JSON has no word for, and two rows."""
    name = f"{table}_more.orders"
    await beside.execute(f"""
        create schema {table}_more;
        create type {table}_state as enum ('open', 'paid');
        create type {table}_place as (city text, zip int);
        create table {name} (id bigint generated always as identity primary key, state {table}_state, tags text[],
            grid int[][], detail jsonb, exact numeric, place {table}_place, file bytea, span interval);
        insert into {name} (state, tags, grid, detail, exact, place, file, span) values
            ('open', '{{"a","b c"}}', '{{{{1,2}},{{3,4}}}}', '{{"n": 12345678901234567890.123456789, "l": [1.5]}}',
            10000000000000000.01, row('Graz', 8010), '\\x01ff', '1 day 2 hours'),
            ('paid', '{{}}', null, 'null', 1, null, null,
            null)
    """)
    return name


SHOWN = {
    "id": 1,
    "state": "open",
    "tags": ["a", "b c"],
    "grid": [[1, 2], [3, 4]],
    "detail": {"n": "12345678901234567890.123456789", "l": [1.5]},
    "exact": "10000000000000000.01",
    "place": {"city": "Graz", "zip": 8010},
}


async def test_gives_arrays_json_enums_and_exact_numbers(around, connection, rich):
    found = [
        item async for item in new_row(around.context(fill(New, {"table": rich, "order": "id"}), connection), None)
    ]
    assert {name: found[0].content[name] for name in SHOWN} == SHOWN
    asked = fill(
        Query, {"sql": f"select {', '.join(SHOWN)} from {rich} where state = :state", "params": {"state": "open"}}
    )
    answer = await query(around.context(asked, connection))
    assert answer["rows"] == [SHOWN]


async def test_writes_arrays_json_enums_and_exact_numbers(around, connection, beside, rich):
    row = {name: value for name, value in SHOWN.items() if name != "id"}
    settings = fill(Rows, {"table": rich, "columns": dict.fromkeys(row, "")})
    [receipt] = await write_rows(around.context(settings, connection), [Record(key="a", rows=[row])])
    same = (
        f"select count(*) from {rich} a join {rich} b on a.id = 1 and b.id = 3 and (a.state, a.tags, a.grid, a.exact,"
    )
    assert (
        await beside.fetchval(f"{same} a.place) is not distinct from (b.state, b.tags, b.grid, b.exact, b.place)") == 1
    )
    assert receipt.output["row"]["state"] == "open"


async def test_begins_after_what_is_there_when_it_is_told_to(around, connection, beside, rich):
    following = around.context(fill(New, {"table": rich, "order": "id", "existing": "skip"}), connection)
    [base] = [item async for item in new_row(following, None)]
    await beside.execute(f"insert into {rich} (state) values ('paid')")
    [item] = [item async for item in new_row(following, base.cursor)]
    assert (base.content, item.key, item.content["state"]) == (None, "3", "paid")


async def test_tells_of_a_row_again_when_its_value_has_grown(around, connection, beside, timed):
    following = around.context(fill(Changed, {"table": timed, "order": "at"}), connection)
    await beside.execute(f"insert into {timed} (number, at) values ('a', now()), ('b', null)")
    [first] = [item async for item in changed_row(following, None)]
    await beside.execute(f"update {timed} set at = now() where number = 'a'")
    [second] = [item async for item in changed_row(following, first.cursor)]
    assert (first.content["number"], second.content["number"]) == ("a", "a")
    assert first.key != second.key


async def test_hears_of_news_on_a_channel_whatever_its_name(around, connection, beside, timed):
    channel = f'{timed} "news"; --'
    following = around.context(fill(New, {"table": timed, "order": "at", "channel": channel}), connection)
    listening = asyncio.create_task(watch_new(following))
    telling = asyncio.create_task(_tell_until(beside, channel, listening))
    await asyncio.wait_for(listening, 60)
    await telling


async def _tell_until(beside, channel, done):
    while not done.done():
        await asyncio.wait([done], timeout=0.3)
        await beside.execute("select pg_notify($1, 'x')", channel)


async def test_says_what_a_table_lacks(around, connection, beside, table):
    await beside.execute(f"create table {table}_bare (at timestamptz)")
    bare = around.context(fill(New, {"table": f"{table}_bare", "order": "at"}), connection)
    with pytest.raises(SettingsError, match="has no primary key"):
        [item async for item in new_row(bare, None)]
    wrong = around.context(fill(New, {"table": table, "order": "updated"}), connection)
    with pytest.raises(SettingsError, match="has no column updated"):
        [item async for item in new_row(wrong, None)]


async def test_offers_tables_of_other_schemas_and_all_columns(around, connection, rich):
    assert rich in [one.value for one in await tables(around.context(NoSettings(), connection))]
    place = around.context(Place(table=rich), connection)
    assert {one.value for one in await all_columns(place)} - {one.value for one in await columns(place)} == {"id"}


async def test_says_that_a_value_does_not_fit(around, connection):
    asked = fill(Query, {"sql": "select :span::interval", "params": {"span": "an hour"}})
    with pytest.raises(SettingsError, match="invalid input"):
        await query(around.context(asked, connection))

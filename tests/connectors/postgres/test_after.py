"""What surrounds a write: seen before, decided after a crash, taken back."""

import asyncio

import pytest
from msgspec.structs import replace

from connectors.postgres import find, preview, undo, write_rows
from connectors.postgres.connection import TlsMode
from connectors.sdk import ChangeKind, Record, SettingsError, TemporaryError
from tests.peers.postgres_cut import breakable_line


def record(key, *rows):
    return Record(key=key, rows=rows)


async def test_shows_what_would_change_and_writes_nothing(context, write, rows):
    await write([record("a", {"number": "17", "total": 1})])
    shown = await preview(
        context(),
        [
            record("b", {"number": "17", "total": 2}, {"number": "18", "total": 3}),
            record("c", {"number": "18", "total": 4}),
            record("d", {"number": "17", "total": 2}),
        ],
    )
    assert [[(line.kind, line.reference) for line in lines] for lines in shown] == [
        [(ChangeKind.CHANGE, "number 17"), (ChangeKind.ADD, "number 18")],
        [(ChangeKind.CHANGE, "number 18")],
        [],
    ]
    assert (shown[0][0].before["total"], shown[0][0].after["total"]) == (1.0, 2.0)
    assert (shown[1][0].before["total"], shown[1][0].after["total"]) == (3.0, 4.0)
    assert await rows() == [("17", 1.0)]


async def test_tells_the_version_of_the_row_it_saw(context, write):
    await write([record("a", {"number": "17", "total": 1})])
    change = record("b", {"number": "17", "total": 2})
    [[first]], [[again]] = await preview(context(), [change]), await preview(context(), [change])
    await write([record("c", {"number": "17", "total": 9})])
    [[later]] = await preview(context(), [change])
    assert first.version == again.version
    assert later.version != first.version


async def test_shows_the_rows_of_a_table_that_is_yet_to_be_made(context, beside, table):
    new = context(table=f"{table}_planned", create_table=True)
    [[line]] = await preview(new, [record("a", {"number": "17", "total": 1})])
    assert (line.kind, line.after) == (ChangeKind.ADD, {"number": "17", "total": 1})
    assert await beside.fetchval("select to_regclass($1)", f"{table}_planned") is None


async def test_shows_every_row_of_an_insert_as_added(context, write):
    await write([record("a", {"number": "17", "total": 1})])
    [[line]] = await preview(context(mode="insert"), [record("b", {"number": "17", "total": 2})])
    assert (line.kind, line.before) == (ChangeKind.ADD, None)


async def test_finds_a_delivery_that_was_committed(context, around):
    delivered = record("a", {"number": "17", "total": 1})
    await write_rows(context(), [delivered])
    receipt = await find(context(), delivered, around.remembered[-1])
    assert receipt.output == {"rows": 1}


async def test_does_not_find_a_record_that_its_committed_batch_left_out(context, around):
    refused = record("b", {"number": "18", "total": -1})
    await write_rows(context(), [record("a", {"number": "17", "total": 1}), refused])
    assert await find(context(), refused, around.remembered[-1]) is None


async def test_does_not_find_a_delivery_that_was_cut_off_before_its_commit(context, around, rows):
    delivered = record("a", {"number": "17", "total": 1})
    cut = context()
    remembered = cut._remember  # the moment of the crash

    async def remember_and_crash(token: str) -> None:
        await remembered(token)
        raise ConnectionResetError

    cut._remember = remember_and_crash  # as above
    with pytest.raises(TemporaryError) as raised:
        await write_rows(cut, [delivered])
    assert not raised.value.uncertain
    assert await find(context(), delivered, around.remembered[-1]) is None
    assert await rows() == []


async def test_does_not_find_a_delivery_that_never_came_to_its_commit(context):
    assert await find(context(), record("a"), None) is None


@pytest.fixture
async def broken_write(context, around, connection):
    """Write a record over a line that breaks at certain words; gives the error."""

    async def call(written, breaks_at):
        async with breakable_line(connection.host, connection.port) as line:
            over_line = replace(connection, host="127.0.0.1", port=line.port, sslmode=TlsMode.DISABLE)
            line.breaks_at = breaks_at
            with pytest.raises(TemporaryError) as raised:
                await write_rows(around.context(context().settings, over_line), [written])
            return raised.value

    return call


@pytest.mark.parametrize(
    ("breaks_at", "uncertain", "landed"), [(b"COMMIT", True, [("17", 1.0)]), (b"pg_current_xact_id", False, [])]
)
async def test_knows_when_the_end_of_a_write_is_open(broken_write, rows, breaks_at, uncertain, landed):
    error = await broken_write(record("a", {"number": "17", "total": 1}), breaks_at)
    assert error.uncertain is uncertain
    assert await rows() == landed


async def test_decides_by_the_token_after_the_answer_to_a_commit_was_lost(context, around, broken_write):
    delivered = record("a", {"number": "17", "total": 1})
    await broken_write(delivered, b"COMMIT")
    assert (await find(context(), delivered, around.remembered[-1])).output == {"rows": 1}


async def test_waits_for_a_transaction_that_still_hangs(context, beside, table):
    async with beside.transaction():
        number = await beside.fetchval("select pg_current_xact_id()::text")
        with pytest.raises(TemporaryError, match="still working"):
            await find(context(), record("a"), f'{{"transaction":"{number}"}}')


async def test_leaves_the_decision_to_people_when_the_server_no_longer_knows(context):
    with pytest.raises(SettingsError, match="no longer knows"):
        await find(context(), record("a"), '{"transaction":"999999999999"}')


async def test_takes_added_rows_away_and_changed_ones_back(context, write, rows):
    await write([record("a", {"number": "17", "total": "1234567890123456789.123456789"})])
    [receipt] = await write([record("b", {"number": "17", "total": 2}, {"number": "18", "total": 3})])
    await undo(context(), receipt)
    assert await rows() == [("17", 1234567890123456789.123456789)]


async def test_takes_back_to_the_last_digit(context, write, beside, table):
    await write([record("a", {"number": "17", "total": "1234567890123456789.123456789"})])
    [receipt] = await write([record("b", {"number": "17", "total": 2})])
    await undo(context(), receipt)
    assert await beside.fetchval(f"select total::text from {table}") == "1234567890123456789.123456789"


async def test_undoes_a_whole_batch_in_reverse_even_where_its_rows_share_a_key(context, write, rows):
    await write([record("a", {"number": "17", "total": 1})])
    receipts = await write([record(str(total), {"number": "17", "total": total}) for total in (2, 3, 4)])
    for receipt in reversed(receipts):
        await undo(context(), receipt)
    assert await rows() == [("17", 1.0)]


@pytest.mark.parametrize(
    "statement", ["update {} set paid = true where number = '18'", "delete from {} where number = '17'"]
)
async def test_leaves_rows_alone_that_someone_has_touched_since(context, write, rows, beside, table, statement):
    await write([record("a", {"number": "17", "total": 1})])
    [receipt] = await write([record("b", {"number": "17", "total": 2}, {"number": "18", "total": 3})])
    await beside.execute(statement.format(table))
    before = await rows()
    with pytest.raises(SettingsError, match="has changed since"):
        await undo(context(), receipt)
    assert await rows() == before


async def test_takes_back_one_of_two_equal_rows_of_a_table_without_a_key(context, write, beside, table):
    await beside.execute(f"create table {table}_log (line text)")
    plain = {"table": f"{table}_log", "mode": "insert", "key": [], "columns": {"line": ""}}
    first, _second = await write([record("a", {"line": "same"}), record("b", {"line": "same"})], **plain)
    await undo(context(**plain), first)
    assert await beside.fetchval(f"select count(*) from {table}_log") == 1


async def test_several_writers_lose_nothing(context, rows):
    batches = [
        [record(f"{writer}-{at}", {"number": f"{writer}-{at}", "total": at}) for at in range(50)] for writer in range(6)
    ]
    await asyncio.gather(*(write_rows(context(), batch) for batch in batches))
    assert len(await rows()) == 300


async def test_writers_of_the_same_rows_in_another_order_lose_nothing(context, rows):
    async def write(batch):
        try:
            return await write_rows(context(), batch)
        except TemporaryError:  # nothing of it was written, and it is said again
            return await write(batch)

    for at in range(4):
        batch = [record(f"{at}-{n}", {"number": f"{at}-{n}", "total": n}) for n in range(60)]
        written = await asyncio.gather(write(batch), write(batch[::-1]))
        assert sum(one.output["added"] for half in written for one in half) == 60
    assert len(await rows()) == 240

"""Rows into the hub's own tables: once, seen before, taken back, asked for and heard of."""

import asyncio
import contextlib
import time

import pytest

from connectors.dataset import Changes, Question, Rows, find, preview, query, row_changed, undo, write_rows
from connectors.sdk import ChangeKind, Item, Receipt, Record, Rejected, SettingsError, fill
from hub.database import transaction


def record(key, *rows):
    return Record(key=key, rows=rows)


@pytest.fixture
def rows(around):
    async def ask(**settings):
        answer = await query(around.context(fill(Question, {"dataset": "invoices", **settings})))
        return answer["rows"]

    return ask


@pytest.fixture
def heard(around):
    async def listen(cursor=None, **settings):
        context = around.context(fill(Changes, {"dataset": "invoices", **settings}))
        return [item async for item in row_changed(context, cursor)]

    return listen


async def test_makes_the_dataset_and_adds_the_row(context, rows):
    [receipt] = await write_rows(context(), [record("a", {"number": "17", "total": 118.5})])
    assert (receipt.reference, receipt.output["added"]) == ("number 17", 1)
    assert await rows() == [{"number": "17", "total": 118.5}]


async def test_changes_the_row_of_a_known_key_and_keeps_its_other_columns(context, rows):
    await write_rows(context(), [record("a", {"number": "17", "total": 1})])
    [receipt] = await write_rows(context(), [record("b", {"number": 17, "paid": True})])
    assert receipt.output["changed"] == 1
    assert await rows() == [{"number": 17, "total": 1, "paid": True}]


async def test_writes_the_same_delivery_once(context, rows):
    twice = [record("a", {"total": 1})]
    settings = {"mode": "insert", "key": []}
    first = await write_rows(context(**settings), twice)
    again = await write_rows(context(**settings), twice)
    assert again[0].output == first[0].output
    assert await rows() == [{"total": 1}]


async def test_takes_the_last_of_several_rows_with_one_key(context, rows):
    outcome = await write_rows(context(), [record(str(at), {"number": "17", "total": at}) for at in range(3)])
    assert [type(one) for one in outcome] == [Receipt] * 3
    assert await rows() == [{"number": "17", "total": 2}]


@pytest.mark.parametrize(
    ("mode", "refused", "said"),
    [
        ("insert", [False, True, True, False], "has a row with number 17 already"),
        ("update", [False, False, True, True], "no row with number"),
        ("upsert", [False, False, True, False], "key column number is empty"),
    ],
)
async def test_lands_the_good_records_of_a_batch(context, rows, mode, refused, said):
    await write_rows(context(), [record("z", {"number": "17", "total": 0})][: mode == "update"])
    numbers = ["17", "17", None, "19"]
    outcome = await write_rows(
        context(mode=mode), [record(str(at), {"number": number, "total": at}) for at, number in enumerate(numbers)]
    )
    assert [isinstance(one, Rejected) for one in outcome] == refused
    assert any(said in one.message for one in outcome if isinstance(one, Rejected))


async def test_keeps_the_rows_of_one_record_together(context, rows):
    mixed = record("a", {"number": "1"}, {"number": None})
    outcome = await write_rows(context(), [mixed, record("b", {"number": "2"})])
    assert isinstance(outcome[0], Rejected)
    assert await rows() == [{"number": "2"}]


@pytest.mark.xdist_group("alone")
async def test_delivers_a_batch_of_a_thousand_records_of_ten_rows_quickly(context, rows):
    records = [record(f"r{at}", *({"number": f"{at}/{line}"} for line in range(10))) for at in range(1000)]
    start = time.perf_counter()
    outcome = await write_rows(context(), records)
    assert time.perf_counter() - start < 5
    assert sum(one.output["added"] for one in outcome) == 10_000
    assert len(await rows(limit=10_000)) == 10_000


async def test_refuses_to_know_rows_by_another_column(context):
    await write_rows(context(), [record("a", {"number": "17", "total": 1})])
    with pytest.raises(SettingsError, match="knows its rows by number, not by total"):
        await write_rows(context(key=["total"]), [record("b", {"number": "17", "total": 1})])


async def lost(write):
    """Do a write in a transaction that is lost before its commit."""
    with contextlib.suppress(ConnectionResetError):
        async with transaction():
            await write
            raise ConnectionResetError


async def test_stands_and_falls_with_the_surrounding_transaction(context, rows):
    await write_rows(context(), [record("a", {"number": "17"})])
    await lost(write_rows(context(), [record("b", {"number": "18"})]))
    assert await rows() == [{"number": "17"}]
    assert await find(context(), record("b"), None) is None


async def test_finds_what_was_delivered(context):
    await write_rows(context(), [record("a", {"number": "17"})])
    receipt = await find(context(), record("a"), None)
    assert receipt.reference == "number 17"


async def test_shows_what_would_change_and_writes_nothing(context, rows, heard):
    await write_rows(context(), [record("a", {"number": "17", "total": 1})])
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
    assert shown[0][0].before == {"number": "17", "total": 1}
    assert shown[0][0].version is not None
    assert await rows() == [{"number": "17", "total": 1}]
    assert len(await heard()) == 1


async def test_shows_the_rows_of_a_dataset_that_is_yet_to_be_made(context):
    [[line]] = await preview(context(), [record("a", {"number": "17"})])
    assert (line.kind, line.after) == (ChangeKind.ADD, {"number": "17"})


async def test_takes_added_rows_away_and_changed_ones_back(context, rows):
    await write_rows(context(), [record("a", {"number": "17", "total": 1})])
    [receipt] = await write_rows(
        context(), [record("b", {"number": "17", "total": 2, "paid": True}, {"number": "18", "total": 3})]
    )
    await undo(context(), receipt)
    assert await rows() == [{"number": "17", "total": 1}]


async def test_undoes_a_whole_batch_in_reverse_even_where_its_rows_share_a_key(context, rows):
    await write_rows(context(), [record("a", {"number": "17", "total": 1})])
    receipts = await write_rows(context(), [record(str(at), {"number": "17", "total": at}) for at in (2, 3, 4)])
    for receipt in reversed(receipts):
        await undo(context(), receipt)
    assert await rows() == [{"number": "17", "total": 1}]


async def test_leaves_rows_alone_that_someone_has_touched_since(context, rows):
    [receipt] = await write_rows(context(), [record("a", {"number": "17", "total": 1}, {"number": "18", "total": 1})])
    await write_rows(context(), [record("b", {"number": "18", "total": 2})])
    with pytest.raises(SettingsError, match="has changed since"):
        await undo(context(), receipt)
    assert await rows(order="number") == [{"number": "17", "total": 1}, {"number": "18", "total": 2}]


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ({"where": {"total": 118}}, ["a", "b", "c"]),
        ({"where": {"total": "118"}}, ["a", "b", "c"]),
        ({"where": {"number": ["a", "d"]}}, ["a", "d"]),
        ({"where": {"paid": True}}, ["b"]),
        ({"where": {"paid": None}}, ["a", "c", "d"]),
        ({"where": {"number": "'; drop table datasets; --"}}, []),
        ({"order": "-number"}, ["d", "c", "b", "a"]),
        ({"order": "number", "limit": 2}, ["a", "b"]),
    ],
)
async def test_answers_questions(context, rows, asked, expected):
    await write_rows(
        context(),
        [
            record("1", {"number": "a", "total": 118}, {"number": "b", "total": 118.0, "paid": True}),
            record("2", {"number": "c", "total": "118"}, {"number": "d", "total": 5}),
        ],
    )
    assert [row["number"] for row in await rows(**{"order": "number", **asked})] == expected


async def test_says_that_there_is_no_such_dataset(rows):
    with pytest.raises(SettingsError, match="There is no dataset invoices"):
        await rows()


async def test_tells_of_every_change_once(context, heard):
    assert await heard() == []
    await write_rows(context(), [record("a", {"number": "17", "total": 1})])
    [added] = await heard()
    await write_rows(context(), [record("b", {"number": "17", "total": 2})])
    await write_rows(context(), [record("c", {"number": "17", "total": 2})])
    [changed] = await heard(added.cursor)
    assert (added.content["kind"], added.content["row"]) == ("add", {"number": "17", "total": 1})
    assert (changed.content["before"]["total"], changed.content["after"]["total"]) == (1, 2)
    assert await heard(changed.cursor) == []


async def test_tells_only_of_the_changes_that_were_asked_for(context, heard):
    await write_rows(context(), [record("a", {"number": "17", "total": 1})])
    items = await heard(kinds=["remove"])
    assert [(item.content, item.cursor is None) for item in items] == [(None, False)]


async def test_begins_with_what_comes_when_told_to_skip_what_is_there(context, heard):
    await write_rows(context(), [record("a", {"number": "17", "total": 1})])
    [mark] = await heard(existing="skip")
    await write_rows(context(), [record("b", {"number": "18", "total": 1})])
    assert [item.content["row"]["number"] for item in await heard(mark.cursor, existing="skip")] == ["18"]


async def test_misses_no_change_of_writers_at_the_same_time(context, heard):
    async def write(writer):
        for at in range(10):
            await write_rows(context(), [record(f"{writer}/{at}", {"number": f"{writer}/{at}"})])

    seen: list[Item] = []

    async def listen():
        cursor = None
        async with asyncio.timeout(200):
            while len(seen) < 50:
                seen.extend(items := await heard(cursor))
                cursor = items[-1].cursor if items else cursor

    await asyncio.gather(listen(), *(write(writer) for writer in range(5)))
    assert len({item.key for item in seen}) == 50


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"key": []}, "needs key columns"),
        ({"key": ["id"]}, "id is not among the columns"),
        ({"dataset": " "}, "1 to 100 letters"),
        ({"dataset": "two\nlines"}, "1 to 100 letters"),
    ],
)
def test_refuses_settings_that_cannot_work(wrong, said):
    with pytest.raises(ValueError, match=said):
        fill(Rows, {"dataset": "invoices", "columns": {"number": ""}, "key": ["number"], **wrong})

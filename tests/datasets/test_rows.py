"""Rows of datasets changed by hand: typed cells, keys, order, filters, and every change taken back."""

import pytest

from hub.audit import Audit
from hub.datasets import Column, ColumnFilter, DatasetRows, Datasets, NewDataset, RowQuery
from hub.errors import ConflictError, ForbiddenError, InvalidError, NotFoundError, StaleError
from hub.outbox import Outbox

COLUMNS = [Column("number"), Column("total", "number"), Column("day", "date"), Column("paid", "boolean"),
           Column("lines", "json")]  # fmt: skip
HOSTILE = "'; drop table dataset_rows; -- <script>alert(1)</script> {{ 7*7 }} %s $1"


@pytest.fixture
def rows(database):
    return DatasetRows(Audit(), Outbox())


@pytest.fixture
async def ledger(database, member):
    new = NewDataset(name="ledger", key=["number"], columns=COLUMNS)
    return (await Datasets(Audit(), Outbox()).create(member, new)).id


@pytest.fixture
async def three(rows, member, ledger):
    totals = [("a", 10), ("b", 9), ("c", None)]
    return [(await rows.add(member, ledger, {"number": name, "total": total})).record for name, total in totals]


@pytest.fixture
def held(member, ledger):
    """Who asks for which dataset."""
    return member, ledger


async def values(rows, member, ledger, **wanted):
    found = await rows.list(member, ledger, RowQuery(**wanted))
    return [record.values["number"] for record in found.items]


@pytest.mark.parametrize(
    ("column", "typed", "kept"),
    [
        ("total", "12.50", 12.5),
        ("total", "1.234,50", 1234.5),
        ("total", "1,234.50", 1234.5),
        ("total", " 7 ", 7),
        ("total", "", None),
        ("day", "2026-02-28", "2026-02-28"),
        ("paid", "Yes", True),
        ("paid", "no", False),
        ("lines", '[{"a": 1}]', [{"a": 1}]),
        ("number", HOSTILE, HOSTILE),
    ],
)
async def test_keeps_what_was_typed_as_the_type_of_its_column(rows, three, held, column, typed, kept):
    change = await rows.change(*held, three[0].id, {column: typed})
    assert change.record.values[column] == kept


@pytest.mark.parametrize(
    ("column", "typed", "said"),
    [
        ("total", "abc", "no number"),
        ("total", "1,234", "no number"),
        ("total", "NaN", "no number"),
        ("day", "2026-02-30", "no date"),
        ("paid", "maybe", "neither yes nor no"),
        ("lines", "{", "not valid JSON"),
        ("lines", "[" * 100_000, "not valid JSON"),
        ("number", "x" * 100_001, "at most"),
        ("number", "", "cannot be empty"),
        ("nothing", "1", "no column"),
    ],
)
async def test_refuses_what_does_not_fit_and_changes_nothing(rows, three, held, column, typed, said):
    with pytest.raises(InvalidError) as refused:
        await rows.change(*held, three[0].id, {column: typed})
    assert said in refused.value.errors[0].message
    assert (await rows.list(*held, RowQuery())).items[-1].revision == three[0].revision


async def test_refuses_a_change_of_a_row_that_somebody_else_has_changed(rows, member, ledger, three):
    await rows.change(member, ledger, three[0].id, {"total": 11})
    with pytest.raises(StaleError):
        await rows.change(member, ledger, three[0].id, {"total": 12}, revision=three[0].revision)


async def test_refuses_a_key_that_another_row_has(rows, member, ledger, three):
    with pytest.raises(ConflictError, match="number b already"):
        await rows.change(member, ledger, three[0].id, {"number": "b"})
    with pytest.raises(ConflictError):
        await rows.add(member, ledger, {"number": "a"})


async def test_takes_back_a_change_a_new_row_and_a_deletion(rows, member, ledger, three):
    changed = await rows.change(member, ledger, three[0].id, {"total": 99})
    back = await rows.revert(member, ledger, changed.revision)
    [gone] = await rows.remove(member, ledger, [three[1].id])
    put_back = await rows.revert(member, ledger, gone.revision)
    added = await rows.add(member, ledger, {"number": "d"})
    await rows.revert(member, ledger, added.revision)
    assert (back.record.values["total"], put_back.record.id) == (10, three[1].id)
    assert await values(rows, member, ledger) == ["c", "b", "a"]


async def test_takes_a_taking_back_back(rows, member, ledger, three):
    changed = await rows.change(member, ledger, three[0].id, {"total": 99})
    back = await rows.revert(member, ledger, changed.revision)
    again = await rows.revert(member, ledger, back.revision)
    assert again.record.values["total"] == 99


async def test_does_not_take_back_what_was_changed_again(rows, member, ledger, three):
    first = await rows.change(member, ledger, three[0].id, {"total": 11})
    await rows.change(member, ledger, three[0].id, {"total": 12})
    with pytest.raises(ConflictError, match="changed again"):
        await rows.revert(member, ledger, first.revision)


async def test_does_not_put_a_row_back_whose_key_is_taken_now(rows, member, ledger, three):
    [gone] = await rows.remove(member, ledger, [three[0].id])
    await rows.add(member, ledger, {"number": "a"})
    with pytest.raises(ConflictError):
        await rows.revert(member, ledger, gone.revision)


async def test_tells_by_whom_a_row_was_changed(rows, member, ledger, three):
    await rows.change(member, ledger, three[0].id, {"total": 11})
    history = await Datasets(Audit(), Outbox()).history(member, ledger, three[0].id)
    assert [(one.kind, bool(one.by)) for one in history] == [("change", True), ("add", True)]


@pytest.mark.parametrize(
    ("order", "names"),
    [("", ["c", "b", "a"]), ("total", ["b", "a", "c"]), ("-total", ["a", "b", "c"]), ("-number", ["c", "b", "a"])],
)
async def test_pages_in_every_order_without_leaving_one_out(rows, member, ledger, three, order, names):
    first = await rows.list(member, ledger, RowQuery(order=order, limit=1))
    second = await rows.list(member, ledger, RowQuery(order=order, limit=1, cursor=first.cursor))
    third = await rows.list(member, ledger, RowQuery(order=order, limit=1, cursor=second.cursor))
    found = [page.items[0].values["number"] for page in (first, second, third)]
    assert (found, third.cursor) == (names, None)


@pytest.mark.parametrize(
    ("wanted", "names"),
    [
        (ColumnFilter(column="total", operator="at_least", value="10"), ["a"]),
        (ColumnFilter(column="total", operator="at_most", value="9.5"), ["b"]),
        (ColumnFilter(column="total", operator="is_empty", value=""), ["c"]),
        (ColumnFilter(column="total", operator="is_set", value=""), ["b", "a"]),
        (ColumnFilter(column="number", operator="equals", value="A"), ["a"]),
        (ColumnFilter(column="number", operator="not_equals", value="a"), ["c", "b"]),
        (ColumnFilter(column="number", operator="contains", value=HOSTILE), []),
    ],
)
async def test_filters_by_columns(rows, three, held, wanted, names):
    assert await values(rows, *held, filters=[wanted]) == names


@pytest.mark.parametrize(
    "wanted",
    [
        RowQuery(order="nothing"),
        RowQuery(filters=[ColumnFilter(column="nothing")]),
        RowQuery(filters=[ColumnFilter(column="total", operator="at_least", value="x")]),
        RowQuery(cursor="nonsense"),
        RowQuery(order="total", cursor="eyJyb3ciOiAicmVjXzEifQ"),
    ],
)
async def test_refuses_lists_that_make_no_sense(rows, member, ledger, wanted):
    with pytest.raises(InvalidError):
        await rows.list(member, ledger, wanted)


async def test_gives_a_dataset_a_further_column(rows, member, ledger):
    columns = await rows.add_column(member, ledger, Column("note"))
    assert columns[-1] == Column("note", "text")
    with pytest.raises(ConflictError):
        await rows.add_column(member, ledger, Column("NOTE"))
    with pytest.raises(InvalidError):
        await rows.add_column(member, ledger, Column("a\nb"))


async def test_lets_no_viewer_and_no_stranger_change_rows(rows, member, members, ledger, three):
    with pytest.raises(ForbiddenError):
        await rows.change(members.viewer, ledger, three[0].id, {"total": 1})
    with pytest.raises(NotFoundError):
        await rows.change(members.outsider, ledger, three[0].id, {"total": 1})

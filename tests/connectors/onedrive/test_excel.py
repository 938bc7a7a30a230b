"""What is special about Excel: texts that must stay texts, rows that move, keys that cells make numbers of."""

from typing import Any

import pytest

from connectors.microsoft._excel import columns_of, tables, written
from connectors.microsoft.onedrive import find_rows, preview_rows, undo_rows, write_rows
from connectors.sdk import ChangeKind, Receipt, Record, Rejected, SettingsError, fill
from connectors.sdk.registry import find

USES, BOOK = "onedrive.write_rows", "/Books/Invoices.xlsx"


def record(number: Any, total: Any = 1, key: str = "KEY-1") -> Record:
    return Record(key=key, rows=[{"Number": number, "Total": total}])


@pytest.fixture
def sheet(use):
    """Return the context of a delivery."""

    def context(**settings: Any) -> Any:
        columns = {"Number": "", "Total": ""}
        return use(USES, **{"workbook": BOOK, "table": "Invoices", "columns": columns, "key": ["Number"], **settings})

    return context


@pytest.mark.parametrize(
    "text",
    ["00123", "=1+1", "+49 30 1", "-5", "@SUM(A1)", "'quoted", "1.5", " 7", "TRUE", "2026-11-22", "plain", "", "ż=1"],
)
async def test_a_text_stays_the_text_it_is(drive, sheet, text):
    await write_rows(sheet(key=[]), [record("a", text)])
    assert drive.grid.rows == [["a", text, ""]]


@pytest.mark.parametrize(
    ("value", "cell"), [(17, 17), (1.5, 1.5), (True, True), (None, ""), (12345678901234567890, "12345678901234567890")]
)
async def test_a_number_stays_the_number_it_is(drive, sheet, value, cell):
    await write_rows(sheet(key=[]), [record("a", value)])
    assert drive.grid.rows == [["a", cell, ""]]
    found = await find_rows(sheet(key=[]), record("a", value), None)
    assert found is not None


@pytest.mark.parametrize("value", [["a"], {"a": 1}, "x" * 40_000])
def test_says_what_no_cell_can_hold(value):
    with pytest.raises(SettingsError, match="A cell holds"):
        written(value)


@pytest.mark.parametrize("key", [17, 17.0, "17"])
async def test_changes_the_row_of_a_known_key(drive, sheet, key):
    drive.grid.rows = [[16, 1, "keep"], [17, 2, "keep"]]
    [[change]] = await preview_rows(sheet(), [record(key, 3)])
    assert (change.kind, change.before["Total"], change.after["Total"], change.after["Note"]) == (
        *(ChangeKind.CHANGE, 2, 3),
        "keep",
    )
    [receipt] = await write_rows(sheet(), [record(key, 3)])
    assert drive.grid.rows[1][1:] == [3, "keep"]
    assert isinstance(receipt, Receipt)
    assert receipt.output == {"rows": 1, "added": 0, "changed": 1, "numbers": [2]}


async def test_takes_the_last_of_several_rows_with_one_key(drive, sheet):
    await write_rows(sheet(), [record("a", number, f"KEY-{number}") for number in (1, 2, 3)])
    assert drive.grid.rows == [["a", 3, ""]]


async def test_writes_a_batch_in_one_request(drive, sheet):
    await write_rows(sheet(), [record(f"n{number}", 1, f"KEY-{number}") for number in range(100)])
    assert (len(drive.grid.rows), drive.writes) == (100, 1)


async def test_undo_finds_its_rows_where_others_have_moved_them(drive, sheet):
    drive.grid.rows = [["old", 1, "keep"]]
    receipts = await write_rows(sheet(), [record("new", 2), record("old", 5, "KEY-2")])
    drive.grid.rows.insert(0, ["theirs", 0, ""])
    for receipt in receipts:
        await undo_rows(sheet(), receipt)
    assert drive.grid.rows == [["theirs", 0, ""], ["old", 1, "keep"]]


async def test_undo_leaves_rows_that_others_have_changed(drive, sheet):
    [receipt] = await write_rows(sheet(), [record("new", 2)])
    drive.grid.rows[0][2] = "paid"
    with pytest.raises(SettingsError, match="has changed since"):
        await undo_rows(sheet(), receipt)
    assert len(drive.grid.rows) == 1


async def test_refuses_a_row_without_its_key(drive, sheet):
    outcome = await write_rows(sheet(), [record(None), record("good", 1, "KEY-2")])
    assert outcome[0] == Rejected(message="The key column Number is empty.")
    assert [row[0] for row in drive.grid.rows] == ["good"]


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"workbook": "/Books/Other.xlsx"}, "no workbook /Books/Other"),
        ({"table": "Other"}, "no table Other"),
    ],
)
async def test_says_what_is_not_there(sheet, settings, said):
    with pytest.raises(SettingsError, match=said):
        await write_rows(sheet(**settings), [record("a")])


async def test_names_the_columns_that_the_table_has(sheet):
    with pytest.raises(SettingsError, match=r"no column Amount\. It has: Number, Total, Note\."):
        await write_rows(sheet(), [Record(key="KEY-1", rows=[{"Number": "a", "Amount": 1}])])


async def test_offers_tables_and_columns(sheet):
    assert [one.value for one in await tables(sheet())] == ["Invoices"]
    assert await columns_of(sheet()) == ["Number", "Total", "Note"]


@pytest.mark.parametrize(
    ("wrong", "said"),
    [({"workbook": "../x"}, r"'\.\.'"), ({"key": ["Other"]}, "not among the columns"), ({"table": " "}, "Name the")],
)
def test_refuses_settings_that_cannot_work(wrong, said):
    part = find(USES)
    assert part is not None
    with pytest.raises(ValueError, match=said):
        fill(part.settings, {"workbook": BOOK, "table": "t", "columns": {"Number": ""}, **wrong})

"""Rows into a workbook: always whole, each record once, nothing computed."""

import asyncio

import pytest
from openpyxl import load_workbook

from connectors.files import find_rows, preview_xlsx, undo_rows, write_xlsx
from connectors.sdk import Record, SettingsError
from hub.database import transaction


def record(key, *rows):
    return Record(key=key, rows=rows)


@pytest.fixture
def sheet(root):
    def read():
        [found] = load_workbook(root / "out" / "invoices.xlsx").worksheets
        return [[cell.value for cell in row] for row in found.iter_rows()]

    return read


async def test_adds_rows_to_the_sheet(context, sheet):
    await write_xlsx(context(), [record("a", {"number": "17", "total": 118.5})])
    await write_xlsx(context(), [record("b", {"number": "007", "total": -2}, {"number": True, "total": None})])
    assert sheet() == [["number", "total"], ["17", 118.5], ["007", -2], [True, None]]


async def test_writes_the_same_delivery_once(context, sheet):
    same = [record("a", {"number": "17", "total": 1})]
    await write_xlsx(context(), same)
    await write_xlsx(context(), same)
    assert sheet() == [["number", "total"], ["17", 1]]


@pytest.mark.parametrize("text", ["=1+1", "+1 (2)", "-A1", "@x", "\tx", "\rx"])
async def test_computes_nothing(context, root, text):
    await write_xlsx(context(), [record("a", {"number": text})])
    [found] = load_workbook(root / "out" / "invoices.xlsx").worksheets
    assert (found["A2"].data_type, found["A2"].quotePrefix, found["A2"].value.strip()) == ("s", True, text.strip())


async def test_survives_what_xml_cannot_hold(context, sheet):
    await write_xlsx(context(), [record("a", {"number": "a\x0bb\ufffe", "total": {"deep": [1]}})])
    assert sheet()[1] == ["ab", '{"deep":[1]}']


async def test_a_lost_transaction_leaves_nothing_behind_once_it_is_repeated(context, sheet):
    await lost(write_xlsx(context(), [record("a", {"number": "17", "total": 1})]))
    assert await find_rows(context(), record("a"), None) is None
    await write_xlsx(context(), [record("b", {"number": "18", "total": 2})])
    assert sheet() == [["number", "total"], ["18", 2]]


async def lost(write):
    """Do a write in a transaction that is lost before its commit."""
    with pytest.raises(ConnectionResetError):
        await _lose(write)


async def _lose(write):
    async with transaction():
        await write
        raise ConnectionResetError


async def test_a_file_that_cannot_be_written_leaves_no_rows(context, around, root, sheet):
    (root / "out").symlink_to("/etc")
    with pytest.raises(SettingsError, match="link"):
        await write_xlsx(context(), [record("a", {"number": "17", "total": 1})])
    (root / "out").unlink()
    await write_xlsx(context(), [record("b", {"number": "18", "total": 2})])
    assert sheet() == [["number", "total"], ["18", 2]]


async def test_finds_what_was_delivered(context):
    await write_xlsx(context(), [record("a", {"number": "17", "total": 1})])
    assert (await find_rows(context(), record("a", {}), None)).reference == "invoices.xlsx"


async def test_lists_the_rows_to_add_and_writes_nothing(context, root):
    [[line]] = await preview_xlsx(context(), [record("a", {"number": "17"})])
    assert (line.reference, line.after) == ("invoices.xlsx", {"number": "17"})
    assert list(root.iterdir()) == []


async def test_takes_the_rows_out_again(context, sheet):
    first, _ = await write_xlsx(context(), [record("a", {"number": "17", "total": 1}), record("b", {"number": "18"})])
    await undo_rows(context(), first)
    assert sheet() == [["number", "total"], ["18", None]]


async def test_several_writers_lose_nothing(context, sheet):
    batches = [[record(f"{writer}/{at}", {"number": f"{writer}/{at}"}) for at in range(5)] for writer in range(4)]
    await asyncio.gather(*(write_xlsx(context(), batch) for batch in batches))
    assert len({row[0] for row in sheet()}) == 21

"""Rows into CSV and JSON Lines files: whole lines, once, inert, and taken out again."""

import asyncio
import csv
import io

import pytest

from connectors.files import (
    append_csv,
    append_jsonl,
    find_lines,
    preview_csv,
    preview_jsonl,
    undo_lines,
)
from connectors.files.settings import Rows
from connectors.sdk import ChangeKind, Record, SettingsError, TemporaryError, fill

FIRST = "number,total\r\n17,118.5\r\n"


def record(key, *rows):
    return Record(key=key, rows=rows)


@pytest.fixture
def written(root):
    return lambda name="invoices.csv": (root / "out" / name).read_bytes().decode()


async def test_begins_a_csv_with_the_names_and_goes_on_with_rows(context, written):
    await append_csv(context(), [record("a", {"number": "17", "total": 118.5})])
    await append_csv(context(), [record("b", {"total": None, "number": 'Łódź, "x"\n2'}, {"number": True})])
    assert written() == FIRST + '"Łódź, ""x""\n2",\r\ntrue,\r\n'


async def test_writes_json_lines(context, written):
    await append_jsonl(context(), [record("a", {"number": "17"}, {"number": "ł"}), record("b", {"n": {"deep": [1]}})])
    assert written("invoices.jsonl") == '{"number":"17"}\n{"number":"ł"}\n{"n":{"deep":[1]}}\n'


@pytest.mark.parametrize("text", ["=1+1", "+49 30 123", "-2+3", "@SUM(A1)", "\tx", "\rx"])
async def test_writes_formulas_as_text(context, written, text):
    await append_csv(context(), [record("a", {"number": text})])
    assert list(csv.reader(io.StringIO(written(), newline="")))[1] == [f"'{text}"]


@pytest.mark.parametrize("number", ["-5.00", "+3", -5])
async def test_leaves_numbers_as_they_are(context, written, number):
    await append_csv(context(), [record("a", {"number": number})])
    assert written().splitlines()[1] == str(number)


@pytest.mark.parametrize(
    ("given", "name"),
    [
        ("Invoices.csv", "Invoices.csv"),
        ("../../etc/passwd", "etc-passwd.csv"),
        ("a/b\\c:d", "a-b-c-d.csv"),
        (".hidden", "hidden.csv"),
        ("nul\x00byte", "nul-byte.csv"),
        ("ł" * 200, "ł" * 75 + ".csv"),
    ],
)
async def test_makes_one_safe_name_of_whatever_is_filled_in(context, root, given, name):
    receipts = await append_csv(context(file=given), [record("a", {"number": "17"})])
    assert receipts[0].reference == name
    assert [path.name for path in (root / "out").iterdir() if not path.name.startswith(".")] == [name]


async def test_refuses_a_name_of_nothing(context):
    with pytest.raises(SettingsError, match="name is empty"):
        await append_csv(context(file="/../"), [record("a", {"number": "17"})])


@pytest.mark.parametrize("directory", ["/etc", "/tmp/../etc", "../x", " "])
async def test_leads_nowhere_else(context, directory):
    with pytest.raises((SettingsError, ValueError), match="directory"):
        await append_csv(context(directory=directory), [record("a", {"number": "17"})])


async def test_follows_the_first_line_of_a_file_that_is_there(context, root, written):
    (root / "out").mkdir()
    (root / "out" / "invoices.csv").write_text("paid;total;number\r\nyes;1;16", newline="")
    await append_csv(context(), [record("a", {"number": "17", "total": 2})])
    assert written() == "paid;total;number\r\nyes;1;16\r\n;2;17\r\n"


async def test_follows_no_file_whose_lines_end_as_they_did_on_old_machines(context, root):
    (root / "out").mkdir()
    (root / "out" / "invoices.csv").write_text("number,total\r17,118\r", newline="")
    with pytest.raises(SettingsError, match="first line"):
        await append_csv(context(), [record("a", {"number": "17", "total": 2})])


async def test_names_the_column_that_the_file_lacks(context, written):
    await append_csv(context(), [record("a", {"number": "17", "total": 118.5})])
    with pytest.raises(SettingsError, match=r"invoices\.csv has no column paid\. Its first line has: number, total\."):
        await append_csv(context(columns={"number": "", "paid": ""}), [record("b", {"number": "18", "paid": True})])
    assert written() == FIRST


async def test_puts_columns_into_the_order_that_was_asked_for(context, written):
    await append_csv(context(order=["total"]), [record("a", {"number": "17", "total": 1})])
    assert written() == "total,number\r\n1,17\r\n"


async def test_lists_the_rows_to_add_and_writes_nothing(context, root):
    [[line], [other]] = await preview_csv(context(), [record("a", {"number": "17"}), record("b", {"number": "18"})])
    assert (line.kind, line.reference, line.after) == (ChangeKind.ADD, "invoices.csv", {"number": "17"})
    assert other.after == {"number": "18"}
    [[plain]] = await preview_jsonl(context(), [record("a", {"number": "17"})])
    assert plain.reference == "invoices.jsonl"
    assert list(root.iterdir()) == []


async def test_finds_lines_that_were_written(context, around):
    delivered = record("a", {"number": "17", "total": 118.5})
    await append_csv(context(), [delivered])
    await append_csv(context(), [record("b", {"number": "18", "total": 1})])
    receipt = await find_lines(context(), delivered, around.remembered[-2])
    assert receipt.output == {"file": "invoices.csv", "rows": 1}


async def test_cuts_off_lines_that_were_torn(context, around, root, written):
    await append_csv(context(), [record("a", {"number": "17", "total": 118.5})])
    torn = record("b", {"number": "18", "total": 2}, {"number": "19", "total": 3})
    await append_csv(context(), [torn])
    (root / "out" / "invoices.csv").write_bytes((FIRST + "18,2\r\n19").encode())
    assert await find_lines(context(), torn, around.remembered[-1]) is None
    assert written() == FIRST


async def test_knows_that_nothing_was_written(context, around, root):
    lost = record("b", {"number": "18", "total": 2})
    await append_csv(context(), [record("a", {"number": "17", "total": 118.5})])
    await append_csv(context(), [lost])
    (root / "out" / "invoices.csv").write_bytes(FIRST.encode())
    assert await find_lines(context(), lost, around.remembered[-1]) is None
    assert await find_lines(context(), lost, None) is None


async def test_leaves_it_to_people_when_someone_has_changed_the_file(context, around, root):
    lost = record("a", {"number": "17", "total": 118.5})
    await append_csv(context(), [lost])
    (root / "out" / "invoices.csv").write_bytes(b"something, else altogether\r\nand more\r\n")
    with pytest.raises(SettingsError, match="look whether these rows are in it"):
        await find_lines(context(), lost, around.remembered[-1])


async def test_takes_the_lines_out_again(context, written):
    receipts = await append_csv(
        context(), [record("a", {"number": "17", "total": 118.5}), record("b", {"number": "18"})]
    )
    [third] = await append_csv(context(), [record("c", {"number": "19"})])
    await undo_lines(context(), receipts[1])
    assert written() == FIRST + "19,\r\n"
    await undo_lines(context(), third)
    assert written() == FIRST


async def test_leaves_lines_alone_that_someone_has_changed(context, root, written):
    [receipt] = await append_csv(context(), [record("a", {"number": "17", "total": 118.5})])
    (root / "out" / "invoices.csv").write_bytes(b"number,total\r\n17,119\r\n")
    with pytest.raises(SettingsError, match="have changed since"):
        await undo_lines(context(), receipt)
    assert written() == "number,total\r\n17,119\r\n"


async def test_several_writers_mix_no_lines(context, written):
    batches = [[record(f"{writer}/{at}", {"number": f"{writer}/{at}"}) for at in range(20)] for writer in range(5)]
    await asyncio.gather(*(append_csv(context(), batch) for batch in batches))
    assert len(set(written().splitlines())) == 101


async def test_appends_a_thousand_records_at_once(context, written):
    receipts = await append_csv(context(), [record(str(at), {"number": at, "total": at}) for at in range(1000)])
    assert len(receipts) == 1000
    assert len(written().splitlines()) == 1001


async def test_a_full_disk_leaves_the_file_as_it_was(context, written):
    await append_csv(context(), [record("a", {"number": "17", "total": 118.5})])
    full = context()
    full.folder = FullDisk(full.folder)
    with pytest.raises(TemporaryError) as raised:
        await append_csv(full, [record("b", {"number": "18" * 100})])
    assert not raised.value.uncertain
    assert written() == FIRST


class FullDisk:
    """A folder whose disk takes ten more bytes."""

    def __init__(self, folder):
        self._folder = folder

    def __getattr__(self, name):
        return getattr(self._folder, name)

    async def append(self, directory, name, content):
        await self._folder.append(directory, name, content[:10])
        raise TemporaryError("No space left on device.")


@pytest.mark.parametrize("wrong", [{"directory": "a/../b"}, {"file": " "}])
def test_refuses_settings_that_cannot_work(wrong):
    with pytest.raises(ValueError, match="Name"):
        fill(Rows, {"directory": "out", "file": "x", "columns": {}, **wrong})

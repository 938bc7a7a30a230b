"""Imports: workbooks opened in the jail, a look before anything is written, columns led where they belong."""

import io
import zipfile
from datetime import date

import pytest
from openpyxl import Workbook

from hub.audit import Audit
from hub.datasets import Column, Datasets, Format, ImportedColumn, NewDataset, Source
from hub.errors import InvalidError
from hub.outbox import Outbox


@pytest.fixture
def datasets(database, jail):
    made = Datasets(Audit(), Outbox())
    made.read_with(jail)
    return made


def workbook(*sheets):
    """Return a workbook of sheets: a title and rows each."""
    book = Workbook(write_only=True)
    for title, rows in sheets:
        sheet = book.create_sheet(title)
        for row in rows:
            sheet.append(row)
    written = io.BytesIO()
    book.save(written)
    return written.getvalue()


def bomb():
    """Return an archive that says it is a workbook and swells."""
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", "<Types/>" + " " * 200_000_000)
    return written.getvalue()


BOOK = workbook(
    ("Sales", [["Number", "Total ", "Day", "Paid"], ["007", 12.5, date(2026, 1, 2), True], ["008", 3, None, False]]),
    ("Other", [["a"], ["=1+1"]]),
)


async def test_looks_into_a_workbook_and_writes_nothing(datasets, member):
    await datasets.create(member, NewDataset(name="sales", columns=[Column("total", "number")]))
    seen = await datasets.preview(member, "sales", Source(content=BOOK, kind=Format.XLSX))
    assert [(one.name, one.to, one.type) for one in seen.columns] == [
        ("Number", "Number", "text"),
        ("Total", "total", "number"),
        ("Day", "Day", "date"),
        ("Paid", "Paid", "boolean"),
    ]
    assert (seen.rows, list(seen.sheets)) == (2, ["Sales", "Other"])
    assert (await datasets.records(member, "sales")).items == []


async def test_leads_columns_where_they_belong_as_the_types_chosen(datasets, member):
    columns = {"Number": ImportedColumn(to="id", type="text"), "Total": ImportedColumn(to="sum", type="number")}
    done = await datasets.import_rows(member, "fresh", Source(content=BOOK, kind=Format.XLSX, columns=columns))
    found = await datasets.records(member, "fresh")
    assert (done.added, [one.values for one in found.items]) == (
        2,
        [{"id": "008", "sum": 3}, {"id": "007", "sum": 12.5}],
    )
    assert list((await datasets.show(member, "fresh")).columns) == [Column("id"), Column("sum", "number")]


async def test_reads_the_sheet_that_is_named_and_computes_nothing(datasets, member):
    await datasets.import_rows(member, "other", Source(content=BOOK, kind=Format.XLSX, sheet="Other"))
    assert [one.values for one in (await datasets.records(member, "other")).items] == []


async def test_leaves_out_rows_that_do_not_fit_and_names_them(datasets, member):
    content = b"n,d\n1,2026-01-01\nx,2026-01-02\n3,soon\n"
    columns = {"n": ImportedColumn(to="n", type="number"), "d": ImportedColumn(to="d", type="date")}
    done = await datasets.import_rows(member, "mixed", Source(content=content, kind=Format.CSV, columns=columns))
    assert (done.added, [one.path for one in done.problems]) == (1, ["rows[1].n", "rows[2].d"])


@pytest.mark.parametrize(
    ("content", "sheet", "said"),
    [
        (b"PK", "", "cannot be opened"),
        (b"", "", "cannot be opened"),
        (BOOK[: len(BOOK) // 2], "", "cannot be opened"),
        (BOOK, "Missing", "no visible sheet"),
        (workbook(("Sheet", [["a", "a"], [1, 2]])), "", "each differently"),
        (workbook(("Sheet", [["a"], [1, 2]])), "", "more values"),
        (workbook(("Sheet", [[f"c{number}" for number in range(501)], [1]])), "", "at most 500 columns"),
    ],
)
async def test_refuses_workbooks_that_hold_no_rows(datasets, member, content, sheet, said):
    with pytest.raises(InvalidError, match=said):
        await datasets.import_rows(member, "broken", Source(content=content, kind=Format.XLSX, sheet=sheet))
    assert (await datasets.list(member)).items == []


async def test_survives_an_archive_that_swells(datasets, member):
    with pytest.raises(InvalidError):
        await datasets.preview(member, "bomb", Source(content=bomb(), kind=Format.XLSX))


@pytest.mark.parametrize(
    "columns",
    [
        {},
        {"n": ImportedColumn(to=" ")},
        {"n": ImportedColumn(to="a", type="picture")},
        {"n": ImportedColumn(to="a"), "d": ImportedColumn(to="a")},
    ],
)
async def test_refuses_columns_that_lead_nowhere(datasets, member, columns):
    with pytest.raises(InvalidError):
        await datasets.import_rows(member, "none", Source(content=b"n,d\n1,2\n", kind=Format.CSV, columns=columns))


@pytest.mark.parametrize(
    ("kind", "content"), [(Format.CSV, b"a\n" + b"1\n" * 150_000), (Format.JSONL, b'{"a": 1}\r\n' * 150_000)]
)
async def test_takes_no_more_rows_than_it_says(datasets, member, kind, content):
    with pytest.raises(InvalidError, match="at most 100,000 rows"):
        await datasets.import_rows(member, "many", Source(content=content, kind=kind))

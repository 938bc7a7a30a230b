"""Datasets for people: made, looked into, imported, exported, kept apart."""

import asyncio
import io

import msgspec
import pytest
from openpyxl import load_workbook

from connectors.sdk import Record
from connectors.sdk.datasets import DatasetTarget
from hub.audit import Audit
from hub.database import execute
from hub.datasets import Datasets, Format, NewDataset, Source, WriteMode
from hub.errors import ConflictError, ForbiddenError, InvalidError, NotFoundError
from hub.ids import new_id, show
from hub.outbox import Outbox

CSV = b"number,total,note\r\n17,118.00,\r\n18,5,=1+1\r\n"


def csv(content):
    """Return a CSV to import."""
    return Source(content=content, kind=Format.CSV)


@pytest.fixture
def outbox():
    return Outbox()


@pytest.fixture
def datasets(database, outbox):
    return Datasets(Audit(), outbox)


@pytest.fixture
async def invoices(datasets, member):
    made = await datasets.create(member, NewDataset(name="invoices", key=["number"]))
    await datasets.import_rows(member, "invoices", csv(CSV))
    return made


async def test_shows_a_dataset_by_id_or_name_with_its_columns(datasets, member, invoices):
    by_name, by_id = await datasets.show(member, "Invoices"), await datasets.show(member, invoices.id)
    assert by_name == by_id
    assert (by_id.rows, by_id.key) == (2, ("number",))
    assert [column.name for column in by_id.columns] == ["number", "total", "note"]


async def test_lists_datasets_in_pages(datasets, member, invoices):
    await datasets.create(member, NewDataset(name="Articles"))
    first = await datasets.list(member, limit=1)
    second = await datasets.list(member, limit=1, cursor=first.cursor)
    assert [[one.name for one in page.items] for page in (first, second)] == [["Articles"], ["invoices"]]
    assert second.cursor is None


async def test_of_several_who_make_a_dataset_of_one_name_at_once_one_does(datasets, member):
    asked = [NewDataset(name="invoices", key=[f"number{number}"]) for number in range(8)]
    came = await asyncio.gather(*(datasets.create(member, one) for one in asked), return_exceptions=True)
    (made,) = (one for one in came if not isinstance(one, BaseException))
    assert [type(one) for one in came if one is not made] == [ConflictError] * 7
    assert await datasets.show(member, "invoices") == made
    assert [column.name for column in made.columns] == list(made.key)


async def test_of_several_who_delete_a_dataset_at_once_one_does(datasets, member, invoices):
    came = await asyncio.gather(*(datasets.remove(member, invoices.id) for _ in range(5)), return_exceptions=True)
    assert [type(one) for one in came if one is not None] == [NotFoundError] * 4
    verbs = [entry.verb for entry in await Audit().entries(member)]
    assert verbs.count("dataset.deleted") == 1


async def test_refuses_a_name_that_is_taken(datasets, member, invoices):
    with pytest.raises(ConflictError):
        await datasets.create(member, NewDataset(name="INVOICES"))


@pytest.mark.parametrize("name", ["", " ", "a\nb", "x" * 101, "file:out.xlsx", "dst_1"])
async def test_refuses_names_that_are_none(datasets, member, name):
    with pytest.raises(InvalidError):
        await datasets.create(member, NewDataset(name=name))


async def test_deletes_a_dataset_and_frees_its_name(datasets, member, invoices):
    await datasets.remove(member, "invoices")
    with pytest.raises(NotFoundError):
        await datasets.show(member, "invoices")
    await datasets.create(member, NewDataset(name="invoices"))
    assert (await datasets.show(member, "invoices")).rows == 0


async def test_imports_by_key_without_a_second_row(datasets, member, invoices):
    again = await datasets.import_rows(
        member, "invoices", Source(content=b"number;total\n17;118.00\n18;6\n19;7\n", kind=Format.CSV)
    )
    assert (again.added, again.changed, again.unchanged) == (1, 1, 1)


async def test_names_the_rows_that_it_left_out(datasets, member, invoices):
    done = await datasets.import_rows(
        member,
        "invoices",
        Source(content=b'[{"number": "17"}, {"total": 3}, {"number": "20"}]', kind=Format.JSON),
        mode=WriteMode.INSERT,
    )
    assert done.added == 1
    assert [problem.path for problem in done.problems] == ["rows[0]", "rows[1]"]


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (b"\xef\xbb\xbfname,town\n\xc5\x81ucja,\xc5\x81\xc3\xb3d\xc5\xba\n", Format.CSV),
        ("name;town\nŁucja;Łódź\n".encode(), Format.CSV),
        ('{"rows": [{"name": "Łucja", "town": "Łódź"}]}'.encode(), Format.JSON),
        ('{"name": "Łucja", "town": "Łódź"}\n\n'.encode(), Format.JSONL),
    ],
)
async def test_makes_a_dataset_of_a_file(datasets, member, content, kind):
    await datasets.import_rows(member, "people", Source(content=content, kind=kind))
    [record] = (await datasets.records(member, "people")).items
    assert record.values == {"name": "Łucja", "town": "Łódź"}


@pytest.mark.parametrize(
    ("content", "kind", "said"),
    [
        (b"a,a\n1,2\n", Format.CSV, "each differently"),
        (b"", Format.CSV, "each differently"),
        (b"a,b\n1,2,3\n", Format.CSV, "Line 2 has more values"),
        (b"[1]", Format.JSON, "must be an object"),
        (b"{", Format.JSON, "cannot be read"),
        (b'{"a": 1}\nnonsense\n', Format.JSONL, "Line 2 cannot be read"),
        (b"PK", Format.XLSX, "save it as CSV first"),
    ],
)
async def test_refuses_files_that_hold_no_rows(datasets, member, content, kind, said):
    with pytest.raises(InvalidError, match=said):
        await datasets.import_rows(member, "people", Source(content=content, kind=kind))
    assert (await datasets.list(member)).items == []


async def test_lists_rows_newest_first_in_pages(datasets, member, invoices):
    first = await datasets.records(member, "invoices", limit=1)
    second = await datasets.records(member, "invoices", limit=1, cursor=first.cursor)
    assert [page.items[0].values["number"] for page in (first, second)] == ["18", "17"]
    assert second.cursor is None


@pytest.mark.parametrize(("search", "found"), [("118", ["17"]), ("number:18", ["18"]), ("total:18", ["17"]), ("x", [])])
async def test_finds_rows_by_any_value_or_one_column(datasets, member, invoices, search, found):
    page = await datasets.records(member, "invoices", search=search)
    assert [record.values["number"] for record in page.items] == found


async def test_tells_what_wrote_a_row_and_how_it_was_before(datasets, member, workspace, invoices):
    recipe, run, item = new_id(), new_id(), new_id()
    await execute(
        "insert into deliveries (key, id, workspace, recipe, version, run, item, step, target, effect, state)"
        " values ('k', $1, $2, $3, 1, $4, $5, 'book', 'dataset.write_rows', 'change', 'pending')",
        new_id(), workspace, recipe, run, item,
    )  # fmt: skip
    target = DatasetTarget(dataset="invoices", key=["number"])
    await datasets.for_workspace(workspace).write(target, [Record(key="k", rows=[{"number": "17", "total": 9}])])
    [record] = (await datasets.records(member, "invoices", search="number:17")).items
    newest, oldest = await datasets.history(member, "invoices", record.id)
    assert (record.run, record.item, record.step) == (show("run", run), show("itm", item), "book")
    assert (newest.kind, newest.step, newest.before["total"], newest.after["total"]) == ("change", "book", "118.00", 9)
    assert (oldest.kind, oldest.run) == ("add", None)


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        (Format.CSV, b"number,total,note\r\n17,118.00,\r\n18,5,'=1+1\r\n"),
        (
            Format.JSONL,
            b'{"note":null,"total":"118.00","number":"17"}\n{"note":"=1+1","total":"5","number":"18"}\n',
        ),
    ],
)
async def test_exports_rows_as_text(datasets, member, invoices, kind, expected):
    file = await datasets.export(member, "invoices", kind)
    assert (file.name, file.content) == (f"invoices.{kind}", expected)


async def test_exports_a_workbook_that_computes_nothing(datasets, member, invoices):
    file = await datasets.export(member, "invoices", Format.XLSX)
    sheet = load_workbook(io.BytesIO(file.content))["invoices"]
    assert [[cell.value for cell in row] for row in sheet.iter_rows()] == [
        ["number", "total", "note"],
        ["17", "118.00", None],
        ["18", "5", "=1+1"],
    ]
    assert sheet["C3"].quotePrefix
    assert {cell.data_type for row in sheet.iter_rows() for cell in row if cell.value} == {"s"}


READING = {
    "show": lambda datasets, member, reference: datasets.show(member, reference),
    "records": lambda datasets, member, reference: datasets.records(member, reference),
    "export": lambda datasets, member, reference: datasets.export(member, reference, Format.CSV),
}
CHANGING = {
    "remove": lambda datasets, member, reference: datasets.remove(member, reference),
    "import": lambda datasets, member, reference: datasets.import_rows(member, reference, csv(CSV)),
    "create": lambda datasets, member, reference: datasets.create(member, NewDataset(name=reference)),
}


@pytest.mark.parametrize("verb", READING)
async def test_a_viewer_may_read(datasets, members, invoices, verb):
    await READING[verb](datasets, members.viewer, invoices.id)


@pytest.mark.parametrize("verb", CHANGING)
async def test_a_viewer_changes_nothing(datasets, members, invoices, verb):
    with pytest.raises(ForbiddenError):
        await CHANGING[verb](datasets, members.viewer, invoices.id)


@pytest.mark.parametrize("verb", [*READING, *CHANGING])
async def test_is_not_there_for_another_workspace(datasets, members, invoices, verb):
    with pytest.raises((NotFoundError, InvalidError)):
        await {**READING, **CHANGING}[verb](datasets, members.outsider, invoices.id)
    assert (await datasets.list(members.outsider)).items == []


async def test_tells_the_world_that_rows_came(datasets, member, outbox, workspace, invoices):
    before = "0.0"
    events = await outbox.read(workspace, before)
    assert [event.body for event in events if event.kind == "dataset.changed"] == [{"dataset": "invoices", "rows": 2}]


async def test_another_column_cannot_become_the_key_of_an_import(datasets, member, invoices):
    columns = msgspec.json.encode([{"total": 1}])
    done = await datasets.import_rows(member, "invoices", Source(content=columns, kind=Format.JSON))
    assert "number is empty" in done.problems[0].message

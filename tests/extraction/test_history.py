"""The history of extractions: narrowed, repeated, previewed, tagged, compared, exported, deleted."""

from __future__ import annotations

import csv
import io
from datetime import UTC, datetime, timedelta

import pytest

from hub.database import execute, fetch_one
from hub.errors import ConflictError, ForbiddenError, InvalidError, NotFoundError
from hub.extraction import Choice, Extractions, export
from hub.extraction.assembly import ExtractionServices
from hub.extraction.history import Selection, forget_previews, forget_strays
from hub.extraction.readers.options import Options
from hub.extraction.results import Extraction
from hub.extraction.schemas.suggestions import SampleDocuments
from hub.extraction.service import Keep
from hub.files import Files, Upload
from hub.ids import parse
from tests.conftest import Members
from tests.extraction.conftest import SAMPLES

INVOICE = SAMPLES / "invoice-timber-en.pdf"
NUMBERED = "Invoice number: {number}\nInvoice date: 2026-02-03\nTotal: 12.00 EUR\n"


async def numbered(extractions: Extractions, members: Members, number: str, *tags: str) -> Extraction:
    """An extraction of a text that names this invoice."""
    return await extractions.extract_text(
        members.editor, NUMBERED.format(number=number), "invoice", keep=Keep(tags=tuple(tags))
    )


async def uploaded(extractions: Extractions, members: Members, *, preview: bool = False) -> Extraction:
    """An extraction of a file."""
    upload = Upload(name=INVOICE.name, media_type="application/pdf", content=INVOICE.read_bytes())
    return await extractions.extract_upload(members.editor, upload, "invoice", keep=Keep(preview=preview))


async def ids(extractions: Extractions, members: Members, **narrowed: object) -> list[str]:
    """The ids of the extractions that are wanted."""
    wanted = Selection(**narrowed)  # type: ignore[arg-type]  # parts by name
    return [one.id for one in (await extractions.list(members.viewer, wanted)).items]


async def test_is_narrowed_to_a_tag_a_schema_a_period_an_engine_and_a_name(extractions: Extractions, members: Members):
    first = await numbered(extractions, members, "A-1", "Spring ", "spring")
    order = await extractions.extract_text(
        members.editor, "Order number: 7", "purchase_order", Choice(engine="local"), Keep(tags=("may",))
    )
    file = await uploaded(extractions, members)
    now = datetime.now(UTC)
    assert await ids(extractions, members, tag="SPRING") == [first.id]
    assert await ids(extractions, members, schema="Purchase_Order") == [order.id]
    assert await ids(extractions, members, engine="local") == [order.id]
    assert await ids(extractions, members, search="timber") == [file.id]
    assert await ids(extractions, members, until=now - timedelta(hours=1)) == []
    assert len(await ids(extractions, members, since=now - timedelta(hours=1))) == 3
    assert await ids(extractions, members, verdict="none", limit=1) == [file.id]
    assert await extractions.tags(members.viewer) == ["may", "spring"]


async def test_tells_the_file_s_name_and_how_sure_the_least_sure_value_is(extractions: Extractions, members: Members):
    made = await uploaded(extractions, members)
    (shown,) = (await extractions.list(members.viewer)).items
    assert shown.file_name == INVOICE.name
    assert shown.confidence == min(
        one.confidence for path, one in made.fields.items() if one.value is not None and "[" not in path
    )


async def test_a_preview_is_hidden_and_forgotten_unless_it_is_saved(extractions: Extractions, members: Members):
    kept, lost = await uploaded(extractions, members, preview=True), await uploaded(extractions, members, preview=True)
    assert await ids(extractions, members) == []
    assert await ids(extractions, members, status="preview") == [lost.id, kept.id]
    await extractions.save(members.editor, kept.id)
    await extractions.save(members.editor, kept.id)
    await execute("update extractions set preview_until = now() - interval '1 minute' where preview_until is not null")
    await forget_previews()
    assert await ids(extractions, members) == [kept.id]
    with pytest.raises(NotFoundError, match="forgotten after a day"):
        await extractions.save(members.editor, lost.id)


async def test_is_repeated_with_other_settings_and_compared(extractions: Extractions, members: Members):
    first = await uploaded(extractions, members)
    second = await extractions.repeat(members.editor, first.id, Choice(reading=Options(pages=(9, 9))))
    same = await extractions.repeat(members.editor, first.id)
    differing = await extractions.compare(members.viewer, first.id, second.id)
    total = next(one for one in differing if one.path == "total")
    assert (total.first.value, total.second.value, total.first.engine) == (1011.6, None, "layout")
    assert await extractions.compare(members.viewer, first.id, same.id) == []
    sql = "select count(*) as n from extractions where workspace = $1 and repeats = $2"
    row = await fetch_one(sql, members.workspace, parse("ext", first.id))
    assert row is not None
    assert row["n"] == 2


async def test_a_text_cannot_be_repeated(extractions: Extractions, members: Members):
    made = await numbered(extractions, members, "A-1")
    with pytest.raises(ConflictError, match="give the text again"):
        await extractions.repeat(members.editor, made.id)


async def test_a_password_is_not_kept(extractions: Extractions, files: Files, members: Members):
    stored = await files.store(members.editor, "a.pdf", "application/pdf", INVOICE.read_bytes())
    await extractions.extract_file(
        members.editor, stored.id, "invoice", Choice(reading=Options(password="hush", language="en"))
    )
    row = await fetch_one("select settings::text as settings from extractions where workspace = $1", members.workspace)
    assert row is not None
    assert "hush" not in row["settings"]
    assert '"en"' in row["settings"]


async def test_csv_has_a_column_for_each_field_and_no_formulas(extractions: Extractions, members: Members):
    text = "Invoice number: =A1+1\nTotal: 12.00 EUR\n"
    await extractions.extract_text(members.editor, text, "invoice", keep=Keep(tags=("=cmd",)))
    content = await extractions.export(members.viewer, Selection(schema="invoice"))
    (row,) = csv.DictReader(io.StringIO(content.decode()))
    assert row["schema"] == "invoice"
    assert row["total"] == "12.0"
    assert row["tags"] == "'=cmd"
    assert not [value for value in row.values() if value.startswith(("=", "+", "@"))]


async def test_csv_of_all_schemas_holds_records_as_json(extractions: Extractions, members: Members):
    await numbered(extractions, members, "A-1")
    content = await extractions.export(members.viewer, Selection())
    (row,) = csv.DictReader(io.StringIO(content.decode()))
    assert '"number":"A-1"' in row["record"]


async def test_csv_of_many_extractions_is_written_part_by_part(extractions: Extractions, members: Members):
    made = [(await numbered(extractions, members, f"A-{number}")).id for number in range(3)]
    content = await export.export(members.workspace, Selection(), None, part=2)
    assert [row["id"] for row in csv.DictReader(io.StringIO(content.decode()))] == made[::-1]


async def test_is_deleted_with_its_file_where_nothing_else_was_made_of_it(
    extractions: Extractions, files: Files, members: Members
):
    first, second = await uploaded(extractions, members), await uploaded(extractions, members)
    await extractions.delete(members.editor, [first.id], files=True)
    assert (await files.describe(members.viewer, second.file)).name == INVOICE.name
    await extractions.delete(members.editor, [second.id], files=True)
    with pytest.raises(NotFoundError):
        await files.describe(members.viewer, second.file)
    row = await fetch_one("select count(*) as n from readings where workspace = $1", members.workspace)
    assert row is not None
    assert row["n"] == 0


async def count(table: str, members: Members) -> int:
    """How many rows of the workspace a table has."""
    row = await fetch_one(f"select count(*) as n from {table} where workspace = $1", members.workspace)
    return int(row["n"]) if row else -1


async def test_what_was_read_of_a_file_goes_with_the_last_file_of_that_content(
    extractions: Extractions, files: Files, members: Members
):
    made, content = await uploaded(extractions, members), INVOICE.read_bytes()
    twin = await files.store(members.editor, "twin.pdf", "application/pdf", content)
    theirs = await files.store(members.outsider, "theirs.pdf", "application/pdf", content)
    await files.delete(members.editor, made.file)
    assert await count("readings", members) == 1
    await files.delete(members.editor, twin.id)
    assert await count("readings", members) == 0
    assert (await extractions.find(members.viewer, made.id)).record == made.record
    assert (await files.describe(members.outsider, theirs.id)).name == "theirs.pdf"


async def test_a_text_goes_with_the_last_extraction_of_it(extractions: Extractions, members: Members):
    first, second = await numbered(extractions, members, "A-1"), await numbered(extractions, members, "A-1")
    await extractions.delete(members.editor, [first.id])
    assert await count("readings", members) == 1
    await extractions.delete(members.editor, [second.id])
    assert await count("readings", members) == 0


async def test_a_text_goes_with_its_preview(extractions: Extractions, members: Members):
    await extractions.extract_text(members.editor, "Invoice number: 1", "invoice", keep=Keep(preview=True))
    await execute("update extractions set preview_until = now() - interval '1 minute' where preview_until is not null")
    await forget_previews()
    assert await count("readings", members) == 0


async def test_a_text_that_nothing_was_made_of_goes_after_a_day(
    services: ExtractionServices, extractions: Extractions, members: Members
):
    text = NUMBERED.format(number="A-1")
    await services.suggestions.suggest(members.editor, SampleDocuments(texts=[text, "Invoice number: 2\nTotal: 5 EUR"]))
    await forget_strays()
    assert await count("readings", members) == 2
    made = await numbered(extractions, members, "A-1")
    await execute("update readings set created_at = now() - interval '25 hours'")
    await forget_strays()
    assert await count("readings", members) == 1
    assert (await services.readings.find(members.viewer, made.reading or "")).text.startswith("Invoice")


async def test_a_viewer_only_looks_and_another_workspace_sees_nothing(extractions: Extractions, members: Members):
    made = await numbered(extractions, members, "A-1", "mine")
    with pytest.raises(ForbiddenError):
        await extractions.tag(members.viewer, made.id, ["x"])
    with pytest.raises(ForbiddenError):
        await extractions.delete(members.viewer, [made.id])
    with pytest.raises(NotFoundError):
        await extractions.delete(members.outsider, [made.id])
    with pytest.raises(NotFoundError):
        await extractions.tag(members.outsider, made.id, ["x"])
    assert await extractions.tags(members.outsider) == []
    assert len((await extractions.export(members.outsider, Selection())).splitlines()) == 1


async def test_too_many_tags_are_refused(extractions: Extractions, members: Members):
    made = await numbered(extractions, members, "A-1")
    with pytest.raises(InvalidError, match="at most 20 tags"):
        await extractions.tag(members.editor, made.id, [f"t{number}" for number in range(21)])
    assert await extractions.tag(members.editor, made.id, [" Paid ", "paid", ""]) == ("paid",)


async def test_fields_stay_in_the_order_of_the_schema(extractions: Extractions, members: Members):
    made = await uploaded(extractions, members)
    kept = await extractions.find(members.viewer, made.id)
    assert list(kept.fields) == list(made.fields)
    assert list(kept.record) == list(made.record)

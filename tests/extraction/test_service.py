"""Extractions and schemas of a workspace, on a real database."""

from __future__ import annotations

from uuid import UUID

import pytest

from hub.database import fetch, fetch_one
from hub.errors import ConflictError, ForbiddenError, InvalidError, NotFoundError
from hub.extraction import Choice, Extractions, Schemas
from hub.extraction.extractor import Extractor
from hub.files import Files, Upload
from hub.ids import new_id
from tests.conftest import Members
from tests.extraction.conftest import SAMPLES

INVOICE = SAMPLES / "invoice-timber-en.pdf"
ORDER = "Order number: A-1\nOrder date: 2026-02-03\nTotal: 12.00 EUR\n"
OWN = """
apiVersion: patchdeck/v1
kind: Schema
metadata: {name: meter, title: Meter}
spec: {fields: {meter_number: string, reading: number}}
"""


def pdf(name: str, content: bytes) -> Upload:
    return Upload(name=name, media_type="application/pdf", content=content)


async def test_extracts_a_stored_file_and_keeps_the_result(extractions: Extractions, files: Files, members: Members):
    file = await files.store(members.editor, INVOICE.name, "application/pdf", INVOICE.read_bytes())
    made = await extractions.extract_file(members.editor, file.id, "invoice")
    kept = await extractions.find(members.viewer, made.id)
    assert made.record["total"] == 1011.6
    assert made.fields["total"].evidence[0].file == file.id
    assert kept == made
    assert (await files.describe(members.viewer, file.id)).status == "read"


async def test_reads_a_document_once(extractions: Extractions, members: Members):
    content = INVOICE.read_bytes()
    first = await extractions.extract_upload(members.editor, pdf("a.pdf", content), "invoice")
    again = await extractions.extract_upload(members.editor, pdf("b.pdf", content), "invoice")
    row = await fetch_one("select count(*) as n from readings where workspace = $1", members.workspace)
    assert row is not None
    assert (row["n"], again.timing_ms.read, again.record == first.record) == (1, 0, True)


async def test_a_stored_reading_is_sealed(extractions: Extractions, members: Members):
    await extractions.extract_text(members.editor, "Total: 12.00 EUR from Zanzibar", "invoice")
    row = await fetch_one("select content from readings where workspace = $1", members.workspace)
    assert row is not None
    assert b"Zanzibar" not in bytes(row["content"])


async def test_counts_what_was_used(extractions: Extractions, members: Members):
    await extractions.extract_upload(members.editor, pdf("a.pdf", INVOICE.read_bytes()), "invoice")
    rows = await fetch("select kind, quantity from usage where workspace = $1 order by kind", members.workspace)
    assert {row["kind"]: int(row["quantity"]) for row in rows if row["kind"] != "files"} == {
        "extractions": 1,
        "pages": 1,
    }


async def test_lists_newest_first_in_pages(extractions: Extractions, members: Members):
    made = [await extractions.extract_text(members.editor, f"Total: {n}.00 EUR", "invoice") for n in range(3)]
    first = await extractions.list(members.viewer, limit=2)
    rest = await extractions.list(members.viewer, limit=2, cursor=first.cursor)
    assert [one.id for one in (*first.items, *rest.items)] == [one.id for one in reversed(made)]
    assert rest.cursor is None
    assert (await extractions.list(members.viewer, schema="receipt")).items == []


async def test_another_workspace_finds_nothing(extractions: Extractions, files: Files, members: Members):
    file = await files.store(members.editor, "a.txt", "text/plain", ORDER.encode())
    made = await extractions.extract_file(members.editor, file.id, "purchase_order")
    with pytest.raises(NotFoundError):
        await extractions.find(members.outsider, made.id)
    with pytest.raises(NotFoundError):
        await extractions.extract_file(members.outsider, file.id, "purchase_order")
    assert (await extractions.list(members.outsider)).items == []


async def test_a_viewer_may_look_but_not_extract(extractions: Extractions, members: Members):
    with pytest.raises(ForbiddenError):
        await extractions.extract_text(members.viewer, ORDER, "purchase_order")


async def test_a_file_that_cannot_be_read_is_refused_and_marked(
    extractions: Extractions, files: Files, members: Members
):
    file = await files.store(members.editor, "a.pdf", "application/pdf", b"%PDF-1.7 broken")
    with pytest.raises(InvalidError):
        await extractions.extract_file(members.editor, file.id, "invoice")
    assert (await files.describe(members.editor, file.id)).status == "failed"


async def test_a_model_that_is_not_configured_is_named(extractions: Extractions, members: Members):
    with pytest.raises(InvalidError, match="PATCHDECK_LLM_BASE_URL"):
        await extractions.extract_text(members.editor, ORDER, "invoice", Choice(engine="llm"))


async def for_item(extractor: Extractor, workspace: UUID, source: object, **settings: object):
    run, item = new_id(), new_id()
    told = {"schema": "purchase_order", "source": source, **settings}
    return await extractor.extract_for_item(workspace, item, run, "read", "", told)


async def test_a_step_gets_the_record_and_where_it_comes_from(extractor: Extractor, members: Members):
    output = await for_item(extractor, members.workspace, ORDER)
    assert (output["number"], output["total"], output["currency"]) == ("A-1", 12.0, "EUR")
    assert output["extraction"]["schema"] == {"name": "purchase_order", "version": 1}
    assert output["extraction"]["id"].startswith("ext_")
    assert 0 < output["extraction"]["confidence"] <= 1


async def test_a_step_that_is_repeated_takes_what_was_stored(extractor: Extractor, members: Members):
    run, item = new_id(), new_id()
    settings = {"schema": "purchase_order", "source": ORDER}
    first = await extractor.extract_for_item(members.workspace, item, run, "read", "", settings)
    again = await extractor.extract_for_item(members.workspace, item, run, "read", "", settings)
    assert again == first


async def test_of_several_attachments_the_invoice_comes_first(extractor: Extractor, files: Files, members: Members):
    logo = await files.store(members.editor, "logo.png", "image/png", b"\x89PNG\r\n\x1a\n0000")
    terms = await files.store(members.editor, "terms.txt", "text/plain", b"Our terms of trade. Be kind.")
    order = await files.store(members.editor, "order.txt", "text/plain", ORDER.encode())
    attachments = [{"file": one.id, "name": one.name} for one in (logo, terms, order)]
    output = await for_item(extractor, members.workspace, attachments)
    assert output["number"] == "A-1"
    assert len(output["extraction"]["records"]) == 2


@pytest.mark.parametrize("source", [None, "", [], {}, [{"name": "x"}], 5])
async def test_a_step_without_a_source_is_refused(extractor: Extractor, members: Members, source: object):
    with pytest.raises(InvalidError):
        await for_item(extractor, members.workspace, source)


async def test_a_new_schema_is_a_version_and_an_unchanged_one_stays(schemas: Schemas, members: Members):
    first = await schemas.create(members.editor, OWN)
    same = await schemas.put(members.editor, "meter", OWN)
    second = await schemas.put(members.editor, first.id or "", OWN.replace("reading: number", "reading: integer"))
    assert (first.version, same.version, second.version) == (1, 1, 2)
    assert [version.number for version in (await schemas.versions(members.viewer, "meter")).items] == [2, 1]
    difference = await schemas.compare(members.viewer, "meter@1", "meter@2")
    assert [one.path for one in difference] == ["spec.fields.reading.type"]


async def test_own_schemas_stand_beside_the_starters_and_may_hide_one(schemas: Schemas, members: Members):
    await schemas.create(members.editor, OWN)
    await schemas.create(members.editor, OWN.replace("name: meter", "name: invoice"))
    listed = (await schemas.list(members.viewer)).items
    assert [(one.name, one.starter) for one in listed if one.name in {"invoice", "meter", "cv"}] == [
        ("cv", True),
        ("invoice", False),
        ("meter", False),
    ]
    assert {"meter", "invoice", "cv"} <= await schemas.names(members.workspace)


async def test_an_own_schema_is_used_by_name_with_its_version(
    extractions: Extractions, schemas: Schemas, members: Members
):
    await schemas.create(members.editor, OWN)
    made = await extractions.extract_text(members.editor, "Meter number: 99-1234-X\nReading: 4711,5 kWh", "meter")
    assert made.record == {"meter_number": "99-1234-X", "reading": 4711.5}
    assert (made.schema.name, made.schema.version) == ("meter", 1)


async def test_a_schema_with_problems_is_not_stored(schemas: Schemas, members: Members):
    with pytest.raises(InvalidError):
        await schemas.create(members.editor, OWN.replace("number}", "nmber}"))
    with pytest.raises(NotFoundError):
        await schemas.find(members.viewer, "meter")


async def test_starters_are_shown_to_everyone_and_changed_by_nobody(schemas: Schemas, members: Members):
    assert (await schemas.find(members.outsider, "cv")).starter
    with pytest.raises(ConflictError):
        await schemas.remove(members.editor, "cv")


async def test_a_viewer_stores_no_schema(schemas: Schemas, members: Members):
    with pytest.raises(ForbiddenError):
        await schemas.create(members.viewer, OWN)

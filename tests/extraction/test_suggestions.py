"""Schemas suggested from documents: fields that several share, typed by what stands there."""

from __future__ import annotations

from typing import Any

import pytest

from hub.errors import ForbiddenError, InvalidError, NotFoundError
from hub.extraction.assembly import ExtractionServices
from hub.extraction.readers.inside import read
from hub.extraction.readers.source import Source
from hub.extraction.schemas.document import build_schema
from hub.extraction.schemas.suggest import Samples, Suggestion, suggest
from hub.extraction.schemas.suggestions import SampleDocuments
from tests.conftest import Members
from tests.extraction.conftest import HELD_OUT, SAMPLES

INSPECTIONS = [
    "Equipment inspection\n\nInspector: Mara Klein\nInspection date: 2026-03-04\nSerial no: PX-2231\n"
    "Pressure (bar): 8.2\nPassed: yes\nFee: 120.00 EUR\nRemarks: none\n",
    "Equipment inspection\n\nInspector: Jon Byrne\nInspection date: 2026-04-11\nSerial no: PX-1290\n"
    "Pressure (bar): 7.9\nPassed: no\nFee: 99.50 EUR\n",
]
TABLE = (
    "<table><tr><th>Item</th><th>Qty</th><th>Due</th></tr>"
    "<tr><td>Bolt</td><td>4</td><td>2026-01-02</td></tr><tr><td>Nut</td><td>9</td><td>2026-01-03</td></tr></table>"
)


def suggested(*contents: bytes | str, name: str = "kind", called: str = "text.txt") -> Suggestion:
    """The suggestion for these documents."""
    sources = [Source(one.encode() if isinstance(one, str) else one, called) for one in contents]
    return suggest(Samples(tuple(read(source) for source in sources), name))


def types(found: Suggestion) -> dict[str, Any]:
    """The types of the suggested fields."""
    return {field.path: field.type.value for field in found.fields}


def test_labels_that_documents_share_become_typed_fields():
    found = suggested(*INSPECTIONS)
    assert types(found) == {
        "inspector": "string",
        "inspection_date": "date",
        "serial_no": "string",
        "pressure_bar": "number",
        "passed": "boolean",
        "fee": "money",
        "remarks": "string",
    }
    schema = build_schema(found.document)
    required = {field.name for field in schema.spec.fields if field.required}
    assert required == {"inspector", "inspection_date", "serial_no", "pressure_bar", "passed", "fee"}
    assert found.fields[0].samples == ("Mara Klein", "Jon Byrne")


def test_a_known_kind_brings_its_names_rules_and_table():
    found = suggested(*((SAMPLES / name).read_bytes() for name in ("invoice-timber-en.pdf", "rechnung-elektro-de.pdf")))
    schema = build_schema(found.document)
    assert found.starter == "invoice"
    assert {"number", "issue_date", "supplier.name", "total", "lines"} <= set(types(found))
    assert [rule.equals for rule in schema.spec.sums]


def test_a_foreign_kind_is_not_taken_for_a_known_one():
    found = suggested((HELD_OUT / "bill-electricity-gb.pdf").read_bytes(), INSPECTIONS[0])
    assert found.starter != "article"


def test_labels_inside_a_text_are_not_told_by_the_text():
    report = "Visit\nInspection no.: IN-{0}44\nInspector: Jane Roe\nDate of visit: 0{0}.03.2026\n"
    report += "Site: Hall {0}\nDefects found: {0}\nFee: {0}50.00 EUR\n"
    found = suggested(*(report.format(number) for number in (1, 2, 3)))
    assert found.starter is None
    assert {"inspector", "date_of_visit", "site", "defects_found", "fee"} <= set(types(found))


def test_a_table_becomes_a_field_of_rows():
    found = suggested(TABLE, called="a.html")
    (table,) = build_schema(found.document).spec.fields
    assert [(column.name, column.type.value) for column in table.fields] == [
        ("item", "string"),
        ("qty", "integer"),
        ("due", "date"),
    ]


async def test_a_member_gets_one_from_stored_files_and_texts(services: ExtractionServices, members: Members):
    given = SampleDocuments(name="inspection", texts=INSPECTIONS)
    found = await services.suggestions.suggest(members.editor, given)
    assert found.document["metadata"]["name"] == "inspection"
    with pytest.raises(ForbiddenError):
        await services.suggestions.suggest(members.viewer, given)
    with pytest.raises(NotFoundError):
        await services.suggestions.suggest(members.editor, SampleDocuments(files=["fil_" + "a" * 26]))


@pytest.mark.parametrize("given", [SampleDocuments(), SampleDocuments(texts=["nothing to see", "here either"])])
async def test_documents_without_labels_give_a_sentence(
    services: ExtractionServices, members: Members, given: SampleDocuments
):
    with pytest.raises(InvalidError, match=r"(of one kind|share no labels)"):
        await services.suggestions.suggest(members.editor, given)

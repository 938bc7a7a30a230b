"""Electronic invoices give the fields of the invoice schema, each with where it stands."""

import pytest
from lxml import etree

from hub.extraction.readers import Readers
from hub.extraction.stated.invoice_xml import invoice_values
from tests.reading.invoices import CII, CREDIT_NOTE, UBL, VALUES, ZUGFERD_1
from tests.reading.pdfs import invoice, pdf, with_files

LANGUAGES = {"CII": CII, "ZUGFeRD 1": ZUGFERD_1, "UBL": UBL, "UBL credit note": CREDIT_NOTE}


@pytest.mark.parametrize("language", LANGUAGES)
def test_states_every_field_once(language: str) -> None:
    values = invoice_values(LANGUAGES[language])
    assert {value.path: value.value for value in values} == VALUES
    assert len({value.path for value in values}) == len(values)


@pytest.mark.parametrize("language", LANGUAGES)
def test_selectors_lead_to_the_text(language: str) -> None:
    values = {value.path: value for value in invoice_values(LANGUAGES[language])}
    assert _at(LANGUAGES[language], values["total"].selector) == "116.62" == values["total"].text
    assert _at(LANGUAGES[language], values["tax"].selector) == "18.62"
    assert _at(LANGUAGES[language], values["lines[1].description"].selector) == "Consulting"
    assert values["lines[0].unit"].selector.endswith("/@unitCode")


def test_an_invoice_inside_a_pdf_is_found(readers: Readers) -> None:
    reading = readers.read_now(with_files(pdf(invoice), {"factur-x.xml": CII}))
    (file,) = reading.embedded
    assert (file.kind, file.name, file.media_type, file.content) == ("invoice", "factur-x.xml", "application/xml", CII)
    assert {value.path: value.value for value in file.values} == VALUES


def test_an_invoice_that_is_the_document_is_found(readers: Readers) -> None:
    reading = readers.read_now(UBL, "rechnung.xml")
    assert [(file.kind, file.name) for file in reading.embedded] == [("invoice", "rechnung.xml")]
    assert "Invoice ID: INV-17" in reading.text


def test_a_broken_invoice_inside_is_told_and_the_pdf_still_read(readers: Readers) -> None:
    reading = readers.read_now(with_files(pdf(invoice), {"factur-x.xml": CII[:2000]}))
    assert reading.embedded[0].kind == "attachment"
    assert "The embedded invoice is broken" in reading.problems[0]
    assert reading.tables


@pytest.mark.parametrize("text", ["NaN", "1e999999", "eighteen", "", "Infinity"])
def test_leaves_out_what_is_no_number(text: str) -> None:
    values = invoice_values(UBL.replace(b">116.62<", f">{text}<".encode()))
    assert "total" not in {value.path for value in values}


@pytest.mark.parametrize("text", ["2024-13-45", "tomorrow", "20240230"])
def test_leaves_out_what_is_no_date(text: str) -> None:
    values = invoice_values(UBL.replace(b">2024-05-31<", f">{text}<".encode()))
    assert "due_date" not in {value.path for value in values}


def _at(content: bytes, selector: str) -> str | None:
    """The text at a path of local names."""
    element = etree.fromstring(content)
    for step in selector.split("/")[2:]:
        name, _, number = step.rstrip("]").partition("[")
        same = [child for child in element if str(child.tag).endswith("}" + name)]
        element = same[int(number or 1) - 1]
    return element.text

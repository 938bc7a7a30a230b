"""Corrections in sources that hold several records, and in documents that lie in another one."""

from __future__ import annotations

import asyncio
import io
from contextvars import copy_context
from email.message import EmailMessage

import pypdfium2
import pytest

from hub.database import transaction
from hub.errors import InvalidError
from hub.extraction import Extraction
from hub.extraction.assembly import ExtractionServices
from hub.extraction.learning.amend import Change
from hub.files import Upload
from tests.conftest import Members
from tests.extraction.drawn import draw


def bound(*pdfs: bytes) -> bytes:
    """Bind several documents into one."""
    whole = pypdfium2.PdfDocument.new()
    parts = [pypdfium2.PdfDocument(one) for one in pdfs]
    [whole.import_pages(part) for part in parts]
    held = io.BytesIO()
    whole.save(held)
    return held.getvalue()


def mail(words: str) -> bytes:
    """A mail with an invoice."""
    message = EmailMessage()
    message["From"], message["To"] = "Ida Brandt <ida@example.test>", "books@example.test"
    message["Subject"] = "Your invoice"
    message.set_content(words)
    message.add_attachment(draw(3)[0], maintype="application", subtype="pdf", filename="a.pdf")
    return message.as_bytes()


async def extracted(services: ExtractionServices, members: Members, name: str, content: bytes) -> Extraction:
    upload = Upload(name=name, media_type="application/octet-stream", content=content)
    return await services.extractions.extract_upload(members.editor, upload, "invoice")


async def test_one_of_several_records_is_put_right(services: ExtractionServices, members: Members):
    content = bound(draw(3)[0], draw(8)[0], draw(11)[0])
    made = await extracted(services, members, "three.pdf", content)
    number = str(made.records[1]["number"])
    changes = [
        Change(path="number", value=number, record=1),
        Change(path="total", value=made.records[2]["total"], record=2),
    ]
    corrected = await services.corrections.correct(members.editor, made.id, changes)
    field = corrected.parts[1].fields["number"]
    assert len(made.records) == 3
    assert (field.engine, field.evidence[0].page) == ("person", 2)
    assert corrected.parts[2].fields["total"].evidence[0].page == 3
    assert (corrected.fields, corrected.parts[0]) == (made.fields, made.parts[0])


async def test_a_record_that_is_not_there_is_refused(services: ExtractionServices, members: Members):
    made = await extracted(services, members, "two.pdf", bound(draw(3)[0], draw(8)[0]))
    with pytest.raises(InvalidError, match="no record 2"):
        await services.corrections.correct(members.editor, made.id, [Change(path="total", value=1, record=2)])


async def test_every_record_of_a_confirmed_source_is_judged(services: ExtractionServices, members: Members):
    made = await extracted(services, members, "two.pdf", bound(draw(3)[0], draw(8)[0]))
    await services.corrections.confirm(members.editor, made.id, "correct")
    points = await services.accuracy.over_time(members.viewer, by="field", period="day")
    assert {point.key: point.judged for point in points}["total"] == 2


async def test_a_crowd_that_teaches_leaves_the_database_to_others(services: ExtractionServices, members: Members):
    made = await services.extractions.extract_text(members.editor, "Invoice number: 1", "invoice")
    # Tasks that are begun in here are none of this transaction.
    outside = copy_context()
    async with transaction():
        await services.layouts.hold(members.workspace)
        crowd = [
            asyncio.create_task(
                services.corrections.confirm(members.editor, made.id, "incorrect"), context=outside.copy()
            )
            for _ in range(40)
        ]
        other = asyncio.create_task(services.extractions.list(members.outsider), context=outside.copy())
        assert (await asyncio.wait_for(other, 60)).items == []
    assert {one.verdict for one in await asyncio.gather(*crowd)} == {"incorrect"}


async def test_a_document_in_a_mail_teaches_its_layout(services: ExtractionServices, members: Members):
    first = await extracted(services, members, "first.eml", mail("Good morning, here it is."))
    changes = [Change(path="number", value=first.record["number"])]
    corrected = await services.corrections.correct(members.editor, first.id, changes)
    second = await extracted(services, members, "second.eml", mail("Once more, as you asked. Greetings, Ida"))
    assert corrected.fields["number"].evidence[0].file.endswith("#a.pdf")
    assert (second.fields["number"].engine, second.layout) == ("learnt", corrected.layout)

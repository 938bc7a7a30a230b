"""Readings of a workspace: seen before extraction, corrected, restored, and used as corrected."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path

import moonshine_voice
import msgspec
import pytest
from pypdf import PdfReader, PdfWriter

from hub.audit import Audit
from hub.database import fetch, fetch_one
from hub.errors import ForbiddenError, InvalidError, NotFoundError, StaleError
from hub.extraction.assembly import ExtractionServices
from hub.extraction.correcting import Change
from hub.extraction.readers import Options
from hub.extraction.sources import Given
from hub.extraction.views import ReadingView
from hub.files import Files
from hub.members import Member
from tests.conftest import Members
from tests.extraction.conftest import SAMPLES

# Real speech, which the engine's package brings.
BECKETT = Path(moonshine_voice.__file__).parent / "assets" / "beckett.wav"
INVOICE = SAMPLES / "invoice-timber-en.pdf"
ORDER = b"Order number: A-1\nOrder date: 2026-02-03\nTotal: 12.OO EUR\n"


async def read(
    services: ExtractionServices, files: Files, member: Member, content: bytes = ORDER, **options: object
) -> ReadingView:
    """Store a text and read it."""
    name, kind = ("a.pdf", "application/pdf") if content.startswith(b"%PDF") else ("a.txt", "text/plain")
    file = await files.store(member, name, kind, content)
    return await services.readings.of_file(member, file.id, msgspec.convert(options, Options))


def word(view: ReadingView, text: str) -> str:
    """The id of the only word with this text."""
    (found,) = [one.id for one in view.words if one.text == text]
    return found


async def test_a_file_is_seen_as_it_is_read(services: ExtractionServices, files: Files, members: Members):
    view = await read(services, files, members.editor, INVOICE.read_bytes())
    number = next(one for one in view.words if one.text == "HT-20417")
    assert (number.page, number.box is not None, number.confidence) == (1, True, 1.0)
    assert view.pages[0].text.splitlines()[0] == view.text.splitlines()[0]
    assert view.tables
    assert await services.readings.find(members.viewer, view.id) == view
    assert await fetch("select id from extractions where workspace = $1", members.workspace) == []


async def test_a_file_is_read_once_for_each_way(services: ExtractionServices, files: Files, members: Members):
    first = await read(services, files, members.editor, INVOICE.read_bytes())
    again = await read(services, files, members.editor, INVOICE.read_bytes(), rotate=0)
    turned = await read(services, files, members.editor, INVOICE.read_bytes(), rotate=90)
    assert first.id == again.id != turned.id


async def test_a_correction_is_what_later_extractions_see(services: ExtractionServices, files: Files, members: Members):
    view = await read(services, files, members.editor)
    changed = await services.readings.correct(
        members.editor, view.id, [Change(word=word(view, "12.OO"), text="12.00")], view.revision
    )
    made = await services.extractions.extract_file(members.editor, view.file or "", "purchase_order")
    assert (changed.corrected, changed.revision, changed.corrected_at is not None) == (True, 2, True)
    assert made.record["total"] == 12.0


async def test_corrections_are_dropped_again(services: ExtractionServices, files: Files, members: Members):
    view = await read(services, files, members.editor)
    await services.readings.correct(members.editor, view.id, [Change(text="Nothing of it")])
    restored = await services.readings.restore(members.editor, view.id)
    assert (restored.text, restored.words, restored.corrected) == (view.text, view.words, False)
    assert restored.revision == 3


async def test_a_corrected_reading_is_sealed_and_told_in_the_trail(
    services: ExtractionServices, files: Files, members: Members
):
    view = await read(services, files, members.editor)
    await services.readings.correct(members.editor, view.id, [Change(text="Zanzibar")])
    await services.readings.restore(members.editor, view.id)
    await services.readings.correct(members.editor, view.id, [Change(text="Zanzibar")])
    row = await fetch_one("select content, corrected from readings where workspace = $1", members.workspace)
    trail = [entry for entry in await Audit().entries(members.owner) if entry.subject == view.id]
    assert row is not None
    assert b"Zanzibar" not in bytes(row["corrected"])
    assert [entry.verb for entry in trail] == ["reading.corrected", "reading.restored", "reading.corrected"]
    assert "Zanzibar" not in str(trail)


async def test_a_change_of_what_somebody_else_changed_is_refused(
    services: ExtractionServices, files: Files, members: Members
):
    view = await read(services, files, members.editor)
    await services.readings.correct(members.editor, view.id, [Change(line=1, text="Order number: A-2")], 1)
    with pytest.raises(StaleError, match="load it again"):
        await services.readings.correct(members.owner, view.id, [Change(line=1, text="Order number: A-3")], 1)
    assert (await services.readings.find(members.owner, view.id)).text.startswith("Order number: A-2\n")


async def test_a_viewer_looks_and_changes_nothing(services: ExtractionServices, files: Files, members: Members):
    view = await read(services, files, members.editor)
    with pytest.raises(ForbiddenError):
        await services.readings.correct(members.viewer, view.id, [Change(text="")])
    with pytest.raises(ForbiddenError):
        await services.readings.restore(members.viewer, view.id)
    with pytest.raises(ForbiddenError):
        await services.readings.of_file(members.viewer, view.file or "")


async def test_another_workspace_finds_nothing(services: ExtractionServices, files: Files, members: Members):
    view = await read(services, files, members.editor)
    with pytest.raises(NotFoundError):
        await services.readings.find(members.outsider, view.id)
    with pytest.raises(NotFoundError):
        await services.readings.correct(members.outsider, view.id, [Change(text="x")])
    with pytest.raises(NotFoundError):
        await services.readings.of_file(members.outsider, view.file or "")


async def test_a_password_opens_the_file_and_is_kept_nowhere(
    services: ExtractionServices, files: Files, members: Members
):
    view = await read(services, files, members.editor, _locked("s3same-open"), password="s3same-open")
    rows = await fetch("select * from readings where workspace = $1", members.workspace)
    trail = await Audit().entries(members.owner)
    assert "HT-20417" in view.text
    assert "s3same" not in repr(Options(password="s3same-open"))
    assert "s3same" not in f"{[dict(row) for row in rows]} {trail} {view}"


async def test_a_wrong_password_is_refused_and_not_repeated(
    services: ExtractionServices, files: Files, members: Members
):
    with pytest.raises(InvalidError, match=r"(?i)password") as refused:
        await read(services, files, members.editor, _locked("right"), password="wr0ng-one")
    assert "wr0ng-one" not in str(refused.value)


async def test_a_way_of_reading_that_makes_no_sense_is_refused(
    services: ExtractionServices, files: Files, members: Members
):
    with pytest.raises(InvalidError, match="first and the last page"):
        await read(services, files, members.editor, pages=(3, 1))


async def test_a_reading_is_itself_a_source(services: ExtractionServices, files: Files, members: Members):
    view = await read(services, files, members.editor, language="en")
    await services.readings.correct(members.editor, view.id, [Change(text="Total: 5.00 EUR")])
    taken = await services.readings.read(members.workspace, Given(name="a.txt", reading=view.id))
    assert taken.reading.text == "Total: 5.00 EUR"
    with pytest.raises(NotFoundError):
        await services.readings.read(members.outsider.workspace, Given(name="a.txt", reading=view.id))


async def test_a_transcript_is_put_right_before_anything_is_extracted(
    services: ExtractionServices, files: Files, members: Members
):
    file = await files.store(members.editor, "note.wav", "audio/wav", BECKETT.read_bytes())
    view = await services.readings.of_file(members.editor, file.id)
    await services.readings.correct(members.editor, view.id, [Change(line=2, text="Total: 12.00 EUR")])
    made = await services.extractions.extract_file(members.editor, file.id, "receipt")
    used = await fetch_one("select quantity from usage where workspace = $1 and kind = 'speech'", members.workspace)
    (evidence,) = made.fields["total"].evidence
    assert (made.record["total"], evidence.text) == (12.0, "12.00")
    assert evidence.seconds == view.words[2].seconds
    assert used is not None
    assert used["quantity"] == 10


def _locked(password: str) -> bytes:
    writer = PdfWriter()
    writer.append(PdfReader(INVOICE))
    writer.encrypt(password, algorithm="AES-256")
    locked = BytesIO()
    writer.write(locked)
    return locked.getvalue()

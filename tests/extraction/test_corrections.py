"""Values put right by people: typed, placed, kept, taken back, and learnt from, on a real database."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from hub.audit import Audit
from hub.database import fetch, fetch_one, transaction
from hub.errors import ConflictError, ForbiddenError, InvalidError, NotFoundError
from hub.extraction import Extraction, Extractions
from hub.extraction.assembly import ExtractionServices
from hub.extraction.learning.amend import Change
from hub.extraction.learning.corrections import Corrections
from hub.extraction.learning.layouts import Layouts
from hub.extraction.learning.placing import Marked
from hub.files import Upload
from hub.ids import new_id, parse, show
from tests.conftest import Members
from tests.extraction.odd_layouts import draw_odd

ORDER = "Order A-1 of 2026-02-03\nBrackets   2   5.00   10.00\nTotal: 12.00 EUR\n"


@pytest.fixture
def corrections(services: ExtractionServices) -> Corrections:
    return services.corrections


@pytest.fixture
def layouts(services: ExtractionServices) -> Layouts:
    return services.layouts


async def drawn(extractions: Extractions, members: Members, layout: str, seed: int) -> tuple[Extraction, Any]:
    """Extract a drawn invoice; returns what it says as well."""
    content, truth = draw_odd(layout, seed)
    upload = Upload(name=f"{layout}-{seed}.pdf", media_type="application/pdf", content=content)
    return await extractions.extract_upload(members.editor, upload, "invoice"), truth


async def test_a_second_document_of_a_corrected_layout_comes_out_right(
    extractions: Extractions, corrections: Corrections, members: Members
):
    first, truth = await drawn(extractions, members, "unlabelled", 1)
    changes = [Change(path="total", value=truth["total"]), Change(path="number", value=truth["number"])]
    corrected = await corrections.correct(members.editor, first.id, changes)
    second, said = await drawn(extractions, members, "unlabelled", 2)
    total, number = second.fields["total"], second.fields["number"]
    assert (corrected.fields["total"].engine, corrected.fields["total"].confidence) == ("person", 1.0)
    assert (total.value, total.engine) == (said["total"], "learnt")
    assert (number.value, number.engine) == (said["number"], "learnt")
    assert second.layout == corrected.layout
    assert total.evidence[0].page == 1

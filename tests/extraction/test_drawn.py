"""Invoices drawn by chance are read as they were meant, whatever words and places they use."""

import pytest

from hub.extraction.evaluation.compare import compare
from tests.extraction.conftest import extract
from tests.extraction.drawn import draw


@pytest.mark.parametrize("seed", range(60))
async def test_reads_an_invoice_drawn_by_chance(seed: int):
    content, record = draw(seed)
    made = await extract(content, "invoice", "drawn.pdf")
    assert compare(record, made.record).wrong == ()

"""The evaluation set: large and varied enough, the same from the same seeds, its halves apart."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from hub.extraction.schemas.document import parse_schema
from hub.extraction.schemas.fields import leaves
from hub.extraction.schemas.starter import starter, starter_names
from hub.extraction.values.identifiers import find_ibans
from scripts.evaluation import scans
from scripts.evaluation.catalogue import LANGUAGES, Entry, catalogue

ROOT = Path(__file__).parents[2] / "scripts" / "evaluation"
TUNING, HELD_OUT = catalogue("tuning"), catalogue("heldout")
TEXTS = [one for one in (*TUNING, *HELD_OUT) if one.look is None]


def layout_of(entry: Entry) -> str:
    """A document's name without its number and ending."""
    return entry.name.rsplit("-", 1)[0]


def test_there_are_enough_documents_scans_kinds_and_languages():
    documents = [*TUNING, *HELD_OUT]
    assert len(documents) >= 200
    assert sum(one.look is not None for one in documents) >= 45
    assert {one.schema for one in documents} >= set(starter_names())
    assert set(Counter(one.name.rsplit(".", 1)[1] for one in documents)) == {
        *("pdf", "docx", "html", "txt"),
        *("png", "jpg", "tiff"),
    }
    assert {one.look for one in documents if one.look} == set(scans.LOOKS)
    assert all(any(f"-{name.replace('_', '-')}-" in one.name for one in documents) for name in LANGUAGES)


def test_names_are_the_seeds_and_no_layout_is_in_both_halves_in_the_same_language():
    assert len({one.name for one in TUNING}) == len(TUNING)
    assert len({one.name for one in HELD_OUT}) == len(HELD_OUT)
    invoices = [{layout_of(one) for one in half if one.name.startswith("invoice-")} for half in (TUNING, HELD_OUT)]
    assert invoices[0] & invoices[1] == set()


@pytest.mark.parametrize("entry", TEXTS, ids=lambda one: f"{one.half}-{one.name}")
def test_a_document_says_what_its_schema_asks_for(entry: Entry):
    _, record = entry.make()
    known = starter(entry.schema) if not entry.schema.endswith(".yaml") else None
    schema = known or parse_schema((ROOT / "schemas" / entry.schema).read_text("utf-8"))
    assert {path.partition("[")[0].partition(".")[0] for path in record} == {
        leaf.path.partition(".")[0] for leaf in leaves(schema.spec.fields)
    }
    assert record.get("iban") in {None, *(one.value for one in find_ibans(str(record.get("iban"))))}


@pytest.mark.parametrize("suffix", ["docx", "html", "pdf", "txt", "png", "jpg", "tiff"])
def test_a_document_is_drawn_the_same_again(suffix: str):
    entry = next(one for one in HELD_OUT if one.name.endswith(suffix))
    assert entry.make() == entry.make()

"""Every sample of the demo is extracted right without a model, and the documents kept aside nearly so."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from hub.extraction.engines import Local
from hub.extraction.evaluation.compare import compare
from hub.extraction.extract import extract_reading
from hub.extraction.readers import Readers
from hub.extraction.schemas.starter import starter
from tests.extraction.conftest import HELD_OUT, SAMPLES

SUFFIX = ".expected.json"


def documents(folder: Path) -> list[Path]:
    return sorted(Path(str(path).removesuffix(SUFFIX)) for path in folder.glob(f"*{SUFFIX}"))


@pytest.mark.parametrize("document", [*documents(SAMPLES), *documents(HELD_OUT)], ids=lambda path: path.name)
async def test_extracts_a_document_as_expected(document, readers: Readers):
    expected = json.loads(Path(f"{document}{SUFFIX}").read_text("utf-8"))
    reading = await readers.read(document.read_bytes(), document.name)
    done = await extract_reading(reading, starter(expected["schema"]), Local(), file=document.name)
    assert compare(expected["record"], done.extraction.record).wrong == ()


def test_there_are_enough_samples_of_every_kind():
    kinds = {path.suffix for path in documents(SAMPLES)}
    assert len(documents(SAMPLES)) >= 15
    assert kinds == {".pdf", ".docx", ".html", ".txt"}

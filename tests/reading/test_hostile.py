"""Hostile and broken documents: each ends in one sentence, soon, and the next document is read."""

import os
from collections.abc import Callable

import pytest

from bench.measure import cpu_seconds
from hub.extraction.readers import Readers
from hub.extraction.reading import ReadingError
from hub.jail import Jail, Limits
from tests.reading.docxs import by_hand, letter
from tests.reading.pdfs import bomb, greeting, pdf

SOON = 20.0
ENTITIES = "".join(f'<!ENTITY {chr(98 + n)} "{("&" + chr(97 + n) + ";") * 10}">' for n in range(12))
LAUGHS = f'<!DOCTYPE l [<!ENTITY a "aaaaaaaaaa">{ENTITIES}]>'
TOO_MUCH = "needs more memory|unpacks to more|more than [0-9,]+ (words|elements)|cannot be read"


def _with_a_hole(content: bytes) -> bytes:
    middle = len(content) // 3
    return content[:middle] + b"\xff" * 60 + content[middle + 60 :]


# Made when the test runs: some take a second.
CASES: dict[str, tuple[Callable[[], bytes], str]] = {
    "nothing": (lambda: b"", "The file is empty"),
    "an encrypted PDF": (lambda: pdf(greeting, password="secret"), "The PDF is encrypted"),
    "half a PDF": (lambda: pdf(greeting)[:400], "The PDF is broken"),
    "a PDF of noise": (lambda: b"%PDF-1.7\n" + os.urandom(50_000), "The PDF is broken"),
    "10,000 pages": (lambda: pdf(greeting, pages=10_000), "has 10,000 pages; up to 2,000 can be read"),
    "a PDF that unpacks to 200 MB": (lambda: bomb(200_000_000), TOO_MUCH),
    "a DOCX that unpacks to 100 MB": (lambda: by_hand("<w:p/>" * 16_000_000), TOO_MUCH),
    "a DOCX of millions of elements": (lambda: by_hand("<w:p/>" * 5_000_000), TOO_MUCH),
    "a DOCX of millions of words": (lambda: by_hand(f"<w:p><w:r><w:t>{'x ' * 3_000_000}</w:t></w:r></w:p>"), TOO_MUCH),
    "half a DOCX": (lambda: letter()[:-200], "The Word document is broken"),
    "a DOCX with a hole": (lambda: _with_a_hole(by_hand("<w:p/>" * 9000)), "The Word document is broken"),
    "a DOCX with entities": (lambda: by_hand("<w:p><w:r><w:t>&m;</w:t></w:r></w:p>", LAUGHS), "The Word document"),
    "a deep DOCX": (
        lambda: by_hand("<w:tbl><w:tr><w:tc>" * 5_000 + "</w:tc></w:tr></w:tbl>" * 5_000),
        "nested too deep",
    ),
    "deep HTML": (lambda: b"<html><body>" + b"<div>" * 200_000 + b"x", "nested too deep"),
    "deep tables": (lambda: b"<html><body>" + b"<table><tr><td>" * 50_000 + b"x", "nested too deep"),
    "HTML of millions of elements": (lambda: b"<html><body>" + b"<br>" * 3_000_000, TOO_MUCH),
    "deep XML": (lambda: b"<?xml version='1.0'?>" + b"<a>" * 100_000, "nested too deep"),
    "XML with entities": (f"<?xml version='1.0'?>{LAUGHS}<l>&m;</l>".encode, "The XML"),
    "XML with entities in an attribute": (f"<?xml version='1.0'?>{LAUGHS}<l x='&m;'/>".encode, "The XML"),
    "XML that asks for our files": (
        lambda: b'<?xml version="1.0"?><!DOCTYPE l [<!ENTITY a SYSTEM "file:///etc/passwd">]><l>&a;</l>',
        "declares a document type",
    ),
    "broken XML": (lambda: b"<?xml version='1.0'?><a><b></a>", "The XML is broken at line 1"),
    "an image": (lambda: b"\x89PNG\r\n\x1a\n" + os.urandom(100), "The image is broken"),
    "a program": (lambda: b"\x7fELF" + os.urandom(100), "This is a program"),
    "an old Office document": (lambda: b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(5000), "an old Office version"),
    "an encrypted DOCX": (
        lambda: b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(500) + "EncryptedPackage".encode("utf-16-le"),
        "The document is encrypted",
    ),
    "noise": (lambda: bytes(range(256)) * 40, "neither text nor a known format"),
    "too much text": (lambda: b"word " * 1_900_000, "more than 8,000,000 characters"),
    "too much of anything": (lambda: bytes(101 << 20), "up to 100 MB can be read"),
}


@pytest.mark.parametrize("case", CASES)
def test_ends_soon_in_a_sentence(readers: Readers, case: str) -> None:
    make, reason = CASES[case]
    content = make()
    before = cpu_seconds(os.getpid())
    with pytest.raises(ReadingError, match=reason):
        readers.read_now(content, "../../invoice.pdf")
    assert cpu_seconds(os.getpid()) - before < SOON
    assert readers.read_now(b"still here").text == "still here"


@pytest.mark.parametrize(
    "text",
    [
        "**a " * 5_000,
        "[a](" * 5_000,
        "[" * 20_000,
        "|" * 20_000 + "\n|" + "-|" * 9_000,
        "`" * 20_001,
        "_a" * 10_000,
        "<https:" * 3_000,
    ],
)
def test_no_line_of_markdown_takes_long(readers: Readers, text: str) -> None:
    before = cpu_seconds(os.getpid())
    readers.read_now((text + "\n").encode() * 5, "slow.md")
    assert cpu_seconds(os.getpid()) - before < 5


def test_stops_a_document_that_takes_too_long() -> None:
    with Jail(children=1) as jail:
        impatient = Readers(jail, Limits(seconds=0.001))
        with pytest.raises(ReadingError, match=r"took longer than 0\.001 seconds"):
            impatient.read_now(pdf(greeting, pages=50))


async def test_reads_beside_the_event_loop(readers: Readers) -> None:
    assert (await readers.read(pdf(greeting))).text == "Hello World\n"

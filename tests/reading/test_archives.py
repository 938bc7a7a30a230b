"""Archives: the documents in them, and the bombs that are refused."""

import bz2
import gzip
import io
import lzma
import tarfile
from collections.abc import Callable

import pytest

from hub.extraction.readers import Options, Readers
from hub.extraction.reading import ReadingError
from tests.reading.docxs import archive, letter
from tests.reading.offices import RTF, packed
from tests.reading.pdfs import greeting, pdf

# "secret", packed by `zip -P open`: the standard library cannot write such archives.
ENCRYPTED = (
    "504b03040a00090000007697755d8cb2ebe2130000000700000005000000612e747874020f7c490fedd6a41b0c9f8f669276"
    "6ff7377b504b07088cb2ebe21300000007000000504b01021e030a00090000007697755d8cb2ebe213000000070000000500"
    "00000000000001000000a48100000000612e747874504b0506000000000100010033000000460000000000"
)
FILES = {"in/letter.docx": letter(), "hello.pdf": pdf(greeting), "__MACOSX/x": b"litter", "empty.txt": b""}


def _tarred(mode: str = "w") -> bytes:
    output = io.BytesIO()
    with tarfile.open(fileobj=output, mode=mode) as file:  # type: ignore[call-overload] # it asks for a literal
        for name, content in FILES.items():
            member = tarfile.TarInfo(f"../{name}")
            member.size = len(content)
            file.addfile(member, io.BytesIO(content))
        link = tarfile.TarInfo("link")
        link.type, link.linkname = tarfile.SYMTYPE, "/etc/passwd"
        file.addfile(link)
    return output.getvalue()


def _nested(depth: int, content: bytes = b"deep") -> bytes:
    return packed({"inner.zip": _nested(depth - 1, content)}) if depth else packed({"a.txt": content})


@pytest.mark.parametrize(
    "content",
    [packed(FILES), _tarred(), _tarred("w:gz"), _tarred("w:bz2"), _tarred("w:xz")],
    ids=["zip", "tar", "gzip", "bzip2", "xz"],
)
def test_reads_the_documents_in_an_archive(readers: Readers, content: bytes) -> None:
    read = {file.name: file.reading for file in readers.read_now(content).embedded if file.reading}
    assert sorted(read) == ["hello.pdf", "letter.docx"]
    assert read["hello.pdf"].text == "Hello World\n"
    assert "Order number:" in read["letter.docx"].text


@pytest.mark.parametrize(
    "content", [gzip.compress(RTF), bz2.compress(RTF), lzma.compress(RTF)], ids=["gzip", "bzip2", "xz"]
)
def test_reads_a_document_that_is_packed_alone(readers: Readers, content: bytes) -> None:
    reading = readers.read_now(content, "letter.rtf.gz")
    assert [file.name for file in reading.embedded] == ["letter.rtf"]
    assert reading.embedded[0].media_type == "application/rtf"


def test_a_name_in_an_archive_is_only_a_label(readers: Readers) -> None:
    assert [file.name for file in readers.read_now(archive("../../etc/passwd")).embedded] == ["passwd"]


def test_reads_archives_in_archives_up_to_a_depth(readers: Readers) -> None:
    reading = readers.read_now(_nested(2))
    inner = reading.embedded[0].reading
    assert inner is not None
    assert inner.embedded[0].reading is not None
    deepest = readers.read_now(_nested(8))
    assert "too deep" in str(deepest)


def test_the_other_documents_are_read_when_one_cannot_be(readers: Readers) -> None:
    reading = readers.read_now(packed({"a.pdf": b"%PDF-1.7 broken", "b.txt": b"fine"}))
    assert reading.problems == (
        "a.pdf: The PDF is broken and cannot be opened. Export it again from the program that made it.",
    )
    assert reading.embedded[1].reading is not None


def test_opens_an_archive_by_its_password(readers: Readers) -> None:
    content = bytes.fromhex(ENCRYPTED)
    with pytest.raises(ReadingError, match=r"^The archive is encrypted\. Give the password"):
        readers.read_now(content)
    reading = readers.read_now(content, options=Options(password="open"))
    assert [file.reading.text for file in reading.embedded if file.reading] == ["secret\n"]
    with pytest.raises(ReadingError, match="cannot be unpacked with this password"):
        readers.read_now(content, options=Options(password="shut"))


def _bomb() -> bytes:
    return packed({f"{number}.txt": bytes(60 << 20) for number in range(2)})


def _lying() -> bytes:
    """An archive whose list says that the file is small."""
    content = packed({"a.txt": b"x" * 400_000})
    return content.replace((400_000).to_bytes(4, "little"), (5).to_bytes(4, "little"))


WRONG: dict[str, tuple[Callable[[], bytes], str]] = {
    "bomb": (_bomb, "The archive unpacks to more than can be read"),
    "gzip bomb": (lambda: gzip.compress(bytes(300 << 20)), "The archive unpacks to more than can be read"),
    "xz bomb": (lambda: lzma.compress(bytes(200 << 20)), "The archive unpacks to more than can be read"),
    "many": (
        lambda: packed({f"{number}": b"x" for number in range(2_001)}),
        "has 2,001 files; up to 2,000 can be read",
    ),
    "lying": (_lying, "The archive is broken"),
    "cut": (lambda: packed(FILES)[:-30], "The archive is broken|The Word document is broken"),
    "cut gzip": (lambda: gzip.compress(RTF)[:100], "The archive is broken"),
    "broken tar": (lambda: _tarred()[:700] + b"\xff" * 5000, "The archive is broken"),
    "7z": (
        lambda: b"7z\xbc\xaf\x27\x1c" + bytes(50),
        "an archive of a kind that cannot be unpacked here. Send it as ZIP",
    ),
    "rar": (lambda: b"Rar!\x1a\x07" + bytes(50), "Send it as ZIP"),
}


@pytest.mark.parametrize(("made", "reason"), WRONG.values(), ids=WRONG)
def test_refuses_bombs_and_broken_archives(readers: Readers, made: Callable[[], bytes], reason: str) -> None:
    with pytest.raises(ReadingError, match=reason):
        readers.read_now(made())
    assert readers.read_now(b"still here").text == "still here"


def test_stops_reading_when_there_are_too_many_documents(readers: Readers) -> None:
    reading = readers.read_now(packed({f"{number}.txt": b"words" for number in range(600)}))
    assert sum(file.reading is not None for file in reading.embedded) == 500
    assert "too many files inside" in reading.problems[0]


def test_says_so_of_an_empty_archive(readers: Readers) -> None:
    assert readers.read_now(packed({"__MACOSX/x": b"litter"})).problems == ("There are no files in the archive.",)

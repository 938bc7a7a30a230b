"""Files inside a source: which are structured values, which documents to be read, which only attachments."""

import re

from msgspec import structs

from hub.extraction.readers.characters import clean
from hub.extraction.readers.draft import Draft
from hub.extraction.readers.source import DEPTH, Room, Source
from hub.extraction.reading import Embedded, EmbeddedValue, Reading, ReadingError

# The names of the roots that electronic invoices have, near the beginning.
INVOICE = re.compile(rb"<(?:\w+:)?(?:CrossIndustryInvoice|CrossIndustryDocument|Invoice|CreditNote)[\s>]")
HEAD = 4096
LONGEST_NAME = 200
# The library's own table lies in files that the jail cannot read.
TYPES = {
    "xml": "application/xml",
    "pdf": "application/pdf",
    "json": "application/json",
    "csv": "text/csv",
    "eml": "message/rfc822",
    "epub": "application/epub+zip",
    "htm": "text/html",
    "html": "text/html",
    "md": "text/markdown",
    "txt": "text/plain",
    "gif": "image/gif",
    "png": "image/png",
    "jpg": "image/jpeg",
    "jpeg": "image/jpeg",
    "tif": "image/tiff",
    "tiff": "image/tiff",
    "webp": "image/webp",
    "rtf": "application/rtf",
    "zip": "application/zip",
    "odt": "application/vnd.oasis.opendocument.text",
    "ods": "application/vnd.oasis.opendocument.spreadsheet",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "pptx": "application/vnd.openxmlformats-officedocument.presentationml.presentation",
}


def embed(draft: Draft, name: str, content: bytes, *, read: bool = True) -> None:
    """Add the file with what it states or says; its name is a label without directories."""
    label = label_of(name)
    values = _values(draft, content)
    reading = _read(draft, label, content) if read and not values else None
    kind, media_type = ("invoice", "application/xml") if values else ("attachment", _media_type(label, reading))
    draft.embedded.append(
        Embedded(kind=kind, name=label, media_type=media_type, content=content, values=values, reading=reading)
    )


def label_of(name: str) -> str:
    """The last part of a name, without what no screen can show."""
    bare = " ".join(clean(name).replace("\\", "/").rsplit("/", 1)[-1].split())
    return bare[-LONGEST_NAME:] or "attachment"


def _read(draft: Draft, label: str, content: bytes) -> Reading | None:
    """What the file says; one that cannot be read is told in the problems of the source."""
    # The reader of mails imports this module
    from hub.extraction.readers.inside import read

    source = draft.source
    room = draft.room = draft.room or Room()
    room.octets -= len(content)
    if source.depth >= DEPTH:
        draft.problems.append(f"{label}: It lies too deep in other files and was not read. Send it by itself.")
        return None
    if not room.left:
        draft.problems.append(f"{label}: There are too many files inside to read them all. Send this one by itself.")
        return None
    room.files -= 1
    try:
        options = structs.replace(source.options, pages=None, crop=None, rotate=0, selector=None)
        return read(Source(content, label, options, source.depth + 1, room))
    except ReadingError as error:
        draft.problems.append(f"{label}: {error.message}")
        return None


def _media_type(label: str, reading: Reading | None) -> str:
    if reading is not None:
        return reading.media_type
    return TYPES.get(label.rpartition(".")[2].lower(), "application/octet-stream")


def _values(draft: Draft, content: bytes) -> tuple[EmbeddedValue, ...]:
    if not INVOICE.search(content[:HEAD].replace(b"\x00", b"")):
        return ()
    # Few documents need it, and lxml costs 40 ms.
    from hub.extraction.stated.invoice_xml import invoice_values

    try:
        return invoice_values(content)
    except ReadingError as error:
        draft.problems.append(error.message)
        return ()

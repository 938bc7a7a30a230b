"""Files inside a source: which of them are structured values, and which only attachments."""

import re

from hub.extraction.readers.draft import Draft
from hub.extraction.reading import Embedded, EmbeddedValue, ReadingError

# The names of the roots that electronic invoices have, near the beginning.
INVOICE = re.compile(rb"<(?:\w+:)?(?:CrossIndustryInvoice|CrossIndustryDocument|Invoice|CreditNote)[\s>]")
HEAD = 4096
# The library's own table lies in files that the jail cannot read.
TYPES = {
    "xml": "application/xml",
    "pdf": "application/pdf",
    "json": "application/json",
    "csv": "text/csv",
    "txt": "text/plain",
    "png": "image/png",
    "jpg": "image/jpeg",
    "jpeg": "image/jpeg",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
}


def embed(draft: Draft, name: str, content: bytes) -> None:
    """Add the file with what it states; its name is a label without directories."""
    label = name.replace("\\", "/").rsplit("/", 1)[-1] or "attachment"
    values = _values(draft, content)
    kind, media_type = ("invoice", "application/xml") if values else ("attachment", _media_type(label))
    draft.embedded.append(Embedded(kind=kind, name=label, media_type=media_type, content=content, values=values))


def _media_type(label: str) -> str:
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

"""PDF: words with boxes, pages as shown, tables by alignment, and the files inside."""

import ctypes
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pypdfium2.raw as pdfium

from hub.extraction.readers.characters import clean
from hub.extraction.readers.draft import Draft
from hub.extraction.readers.embedded import embed
from hub.extraction.readers.forms import Form
from hub.extraction.readers.pdf_pages import read_pages
from hub.extraction.readers.source import PAGES, Source
from hub.extraction.reading import Embedded, EmbeddedValue, Metadata, Reading, ReadingError

REASONS = {
    pdfium.FPDF_ERR_PASSWORD: "The PDF is encrypted. Give its password, or remove it and try again.",
    pdfium.FPDF_ERR_SECURITY: "The PDF is protected in a way that cannot be opened. Remove that and try again.",
}
WRONG = "The PDF cannot be opened with this password. Give the right one, or remove it and try again."
BROKEN = "The PDF is broken and cannot be opened. Export it again from the program that made it."
Buffer = ctypes.Array[ctypes.c_char]
ATTACHMENTS = 50
ATTACHMENT_BYTES = 20 << 20


def read_pdf(source: Source) -> Reading:
    """Read every page; one that is broken or has no text is told in `problems`."""
    with opened_pdf(source) as document:
        return _read(document, Draft(source, "application/pdf"))


@contextmanager
def opened_pdf(source: Source) -> Iterator[object]:
    """PDFium's document, opened by its password where it asks for one."""
    pdfium.FPDF_InitLibrary()
    password = source.options.password
    document = pdfium.FPDF_LoadMemDocument64(source.content, len(source.content), (password or "").encode() or None)
    if not document:
        error = pdfium.FPDF_GetLastError()
        raise ReadingError(WRONG if password and error == pdfium.FPDF_ERR_PASSWORD else REASONS.get(error, BROKEN))
    try:
        yield document
    finally:
        pdfium.FPDF_CloseDocument(document)


def _read(document: object, draft: Draft) -> Reading:
    count = pdfium.FPDF_GetPageCount(document)
    if count > PAGES:
        raise ReadingError(f"The PDF has {count:,} pages; up to {PAGES:,} can be read. Split it.")
    if count < 1:
        raise ReadingError(BROKEN)
    draft.metadata = _metadata(document)
    form = Form(document)
    try:
        read_pages(document, count, draft, form)
    finally:
        form.close()
    _state(form, draft)
    for name, content in _attachments(document):
        embed(draft, name, content)
    return draft.finish()


def _state(form: Form, draft: Draft) -> None:
    """Keep what the form's fields say, with the characters of their words."""
    values = tuple(
        EmbeddedValue(
            path=field.name,
            value=field.value,
            text=field.value,
            selector=f"form:{field.name}",
            label=field.label,
            characters=None if field.is_tick else draft.characters_of(field.page, field.words),
        )
        for field in form.fields
    )
    if values:
        draft.embedded.append(
            Embedded(kind="form", name="form", media_type="application/pdf", content=b"", values=values)
        )


def _metadata(document: object) -> Metadata:
    def about(tag: bytes) -> str | None:
        return _text(lambda buffer, size: pdfium.FPDF_GetMetaText(document, tag, buffer, size))

    return Metadata(
        title=about(b"Title"),
        author=about(b"Author"),
        created=about(b"CreationDate"),
        language=_text(lambda buffer, size: pdfium.FPDFCatalog_GetLanguage(document, _wide(buffer), size)),
    )


def _attachments(document: object) -> Iterator[tuple[str, bytes]]:
    for index in range(min(pdfium.FPDFDoc_GetAttachmentCount(document), ATTACHMENTS)):
        attachment = pdfium.FPDFDoc_GetAttachment(document, index)
        size = ctypes.c_ulong()
        pdfium.FPDFAttachment_GetFile(attachment, None, 0, ctypes.byref(size))
        if not 0 < size.value <= ATTACHMENT_BYTES:
            continue
        content = ctypes.create_string_buffer(size.value)
        if pdfium.FPDFAttachment_GetFile(attachment, content, size.value, ctypes.byref(size)):
            yield _attachment_name(attachment) or f"attachment-{index + 1}", content.raw[: size.value]


def _attachment_name(attachment: object) -> str | None:
    return _text(lambda buffer, size: pdfium.FPDFAttachment_GetName(attachment, _wide(buffer), size))


def _wide(buffer: Buffer | None) -> object:
    """The buffer as one of 16-bit characters."""
    return ctypes.cast(buffer, ctypes.POINTER(ctypes.c_ushort)) if buffer else None


def _text(read: Callable[[Buffer | None, int], int]) -> str | None:
    """What PDFium writes into a buffer as UTF-16, None when that is nothing."""
    size = min(read(None, 0), 1 << 16)
    buffer = ctypes.create_string_buffer(size)
    read(buffer, size)
    return clean(buffer.raw.decode("utf-16-le", "ignore")).strip() or None

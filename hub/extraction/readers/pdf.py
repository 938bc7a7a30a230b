"""PDF: words with boxes, pages as shown, tables by alignment, and the files inside."""

import ctypes
from collections.abc import Callable, Iterator

import pypdfium2.raw as pdfium

from hub.extraction.readers.characters import clean
from hub.extraction.readers.draft import Draft
from hub.extraction.readers.embedded import embed
from hub.extraction.readers.prose import by_columns
from hub.extraction.readers.rows import parts_of, rows_of
from hub.extraction.readers.source import PAGES, Source
from hub.extraction.readers.tables import tables_of
from hub.extraction.readers.words import words_of
from hub.extraction.reading import Metadata, Page, Reading, ReadingError

REASONS = {
    pdfium.FPDF_ERR_PASSWORD: "The PDF is encrypted. Remove its password and try again.",
    pdfium.FPDF_ERR_SECURITY: "The PDF is protected in a way that cannot be opened. Remove that and try again.",
}
BROKEN = "The PDF is broken and cannot be opened. Export it again from the program that made it."
Buffer = ctypes.Array[ctypes.c_char]
ATTACHMENTS = 50
ATTACHMENT_BYTES = 20 << 20


def read_pdf(source: Source) -> Reading:
    """Read every page; one that is broken or has no text is told in `problems`."""
    pdfium.FPDF_InitLibrary()
    document = pdfium.FPDF_LoadMemDocument64(source.content, len(source.content), None)
    if not document:
        raise ReadingError(REASONS.get(pdfium.FPDF_GetLastError(), BROKEN))
    try:
        return _read(document, Draft(source, "application/pdf"))
    finally:
        pdfium.FPDF_CloseDocument(document)


def _read(document: object, draft: Draft) -> Reading:
    count = pdfium.FPDF_GetPageCount(document)
    if count > PAGES:
        raise ReadingError(f"The PDF has {count:,} pages; up to {PAGES:,} can be read. Split it.")
    if count < 1:
        raise ReadingError(BROKEN)
    draft.metadata = _metadata(document)
    bare = [number for number in range(1, count + 1) if not _read_page(document, number, draft)]
    if bare:
        pages = ", ".join(map(str, bare[:10])) + (", ..." if len(bare) > 10 else "")
        draft.problems.append(
            f"There is no text on {len(bare)} of {count} pages ({pages}): they may be scanned images."
        )
    for name, content in _attachments(document):
        embed(draft, name, content)
    return draft.finish()


def _read_page(document: object, number: int, draft: Draft) -> bool:
    """Whether the page had text, or cannot tell."""
    raw_page = pdfium.FPDF_LoadPage(document, number - 1)
    if not raw_page:
        draft.problems.append(f"Page {number} is broken and was left out.")
        return True
    page = Page(
        number=number,
        width=round(pdfium.FPDF_GetPageWidthF(raw_page), 2),
        height=round(pdfium.FPDF_GetPageHeightF(raw_page), 2),
        rotation=90 * pdfium.FPDFPage_GetRotation(raw_page),
    )
    draft.pages.append(page)
    if draft.length:
        draft.write("\n")
    rows = [draft.row(parts_of(row), number) for row in by_columns(rows_of(words_of(page, raw_page)))]
    pdfium.FPDF_ClosePage(raw_page)
    draft.tables.extend(tables_of(rows))
    return bool(rows)


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

"""Pages of a PDF: words of the text layer where it tells them, else recognised in the page's image."""

from __future__ import annotations

import pypdfium2.raw as pdfium

from hub.extraction.readers.draft import Draft
from hub.extraction.readers.forms import Form
from hub.extraction.readers.images import page_of
from hub.extraction.readers.options import Options
from hub.extraction.readers.recognition import Recognition, inside
from hub.extraction.readers.rendering import is_scan, render
from hub.extraction.readers.rows import Word
from hub.extraction.readers.scans import upright
from hub.extraction.readers.words import words_of
from hub.extraction.reading import Page


def read_pages(document: object, count: int, draft: Draft, form: Form) -> None:
    """Add the pages that are wanted to the draft, and what is to be said about them."""
    options = draft.source.options
    recognition = Recognition(draft)
    wanted = [number for number in range(1, count + 1) if options.wants(number)]
    for number in wanted:
        if not recognition.goes_on(number, wanted[-1]):
            break
        _read_page(document, number, recognition, form)
    recognition.close()
    if not wanted:
        draft.problems.append(f"The PDF has {count} pages; none of those that were asked for is among them.")


def page_shown(raw_page: object, number: int) -> Page:
    """The page as programs show it."""
    return Page(
        number=number,
        width=round(pdfium.FPDF_GetPageWidthF(raw_page), 2),
        height=round(pdfium.FPDF_GetPageHeightF(raw_page), 2),
        rotation=90 * pdfium.FPDFPage_GetRotation(raw_page),
    )


def turned(raw_page: object, options: Options) -> None:
    """Turn the page as was asked for."""
    if options.rotate:
        quarters = pdfium.FPDFPage_GetRotation(raw_page) + options.rotate // 90
        pdfium.FPDFPage_SetRotation(raw_page, quarters % 4)


def words_on(page: Page, raw_page: object, form: Form) -> list[Word]:
    """The words of the page's text layer and what is filled in."""
    return [*words_of(page, raw_page), *form.words(page, raw_page)]


def to_recognise(raw_page: object, words: list[Word], options: Options) -> bool:
    """Whether the page is read, and shown, as the image that it is."""
    return options.ocr == "always" or (options.ocr == "auto" and is_scan(raw_page, words))


def _read_page(document: object, number: int, recognition: Recognition, form: Form) -> None:
    draft, options = recognition.draft, recognition.options
    raw_page = pdfium.FPDF_LoadPage(document, number - 1)
    if not raw_page:
        draft.problems.append(f"Page {number} is broken and was left out.")
        return
    try:
        turned(raw_page, options)
        page = page_shown(raw_page, number)
        words = words_on(page, raw_page, form)
        if to_recognise(raw_page, words, options):
            image = render(raw_page)
            scan = upright(image, image.width / page.width, turn=0 if options.rotate else None)
            recognition.read(scan, page_of(scan, number, page.rotation))
            return
    finally:
        pdfium.FPDF_ClosePage(raw_page)
    recognition.show(page, inside(words, options.crop))

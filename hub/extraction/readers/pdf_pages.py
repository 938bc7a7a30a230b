"""Pages of a PDF: words of the text layer where it tells them, else recognised in the page's image."""

from __future__ import annotations

from collections import Counter

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

# A page is turned upright where this share of at least so many words reads in one other direction.
_SHARE, _FEWEST = 0.8, 12


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
        there = "1 page" if count == 1 else f"{count} pages"
        draft.problems.append(f"The PDF has {there}; none of those that were asked for is among them.")


def page_shown(raw_page: object, number: int) -> Page:
    """The page as programs show it."""
    return Page(
        number=number,
        width=round(pdfium.FPDF_GetPageWidthF(raw_page), 2),
        height=round(pdfium.FPDF_GetPageHeightF(raw_page), 2),
        rotation=90 * pdfium.FPDFPage_GetRotation(raw_page),
    )


def posed(raw_page: object, number: int, form: Form, options: Options) -> tuple[Page, list[Word]]:
    """The page and its words, turned as was asked for, else so that most of its words read upright."""
    _turn(raw_page, options.rotate)
    page = page_shown(raw_page, number)
    words = _words_on(page, raw_page, form)
    askew = 0 if options.rotate else _direction(words)
    if not askew:
        return page, words
    _turn(raw_page, askew)
    page = page_shown(raw_page, number)
    return page, _words_on(page, raw_page, form)


def _turn(raw_page: object, degrees: int) -> None:
    if degrees:
        quarters = pdfium.FPDFPage_GetRotation(raw_page) + degrees // 90
        pdfium.FPDFPage_SetRotation(raw_page, quarters % 4)


def _direction(words: list[Word]) -> int:
    """By how many degrees clockwise a page is to be turned for its words to read upright."""
    turns = Counter(word.turn for word in words)
    turn, count = turns.most_common(1)[0] if turns else (0, 0)
    return turn if turn % 90 == 0 and count >= max(_FEWEST, _SHARE * len(words)) else 0


def _words_on(page: Page, raw_page: object, form: Form) -> list[Word]:
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
        page, words = posed(raw_page, number, form, options)
        if to_recognise(raw_page, words, options):
            image = render(raw_page)
            scan = upright(image, image.width / page.width, turn=0 if options.rotate else None)
            recognition.read(scan, page_of(scan, number, page.rotation))
            return
    finally:
        pdfium.FPDF_ClosePage(raw_page)
    recognition.show(page, inside(words, options.crop))

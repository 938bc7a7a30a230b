"""Pictures of pages as they are shown; runs in the jail.

A scanned page is held upright the way reading holds it, so that a box of a reading, scaled by the picture's width over
the page's, lies on its words.
"""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import TYPE_CHECKING

import msgspec

from hub.extraction.readers.images import frame, frames, opened
from hub.extraction.readers.kinds import kind_of
from hub.extraction.readers.scans import posture_of, straight
from hub.extraction.readers.source import Source

if TYPE_CHECKING:
    from PIL.Image import Image

LEAST, MOST = 50, 3000


class View(msgspec.Struct, frozen=True, kw_only=True):
    """Which page of a source to show, and how wide in pixels; page 0 only asks how many there are."""

    source: Source
    number: int = 0
    width: int = 1200


class Picture(msgspec.Struct, frozen=True, kw_only=True):
    """A page as a PNG, empty when there is no such page, and how many there are: none where a source has no pages."""

    content: bytes = b""
    width: int = 0
    height: int = 0
    pages: int = 0


def picture(view: View) -> Picture:
    """Draw a page."""
    draw = {"pdf": _of_pdf, "image": _of_image}.get(kind_of(view.source))
    return draw(view) if draw else Picture()


def _of_pdf(view: View) -> Picture:
    import pypdfium2.raw as pdfium

    from hub.extraction.readers.pdf import opened_pdf

    with opened_pdf(view.source) as document:
        count = pdfium.FPDF_GetPageCount(document)
        if not 1 <= view.number <= count:
            return Picture(pages=count)
        raw_page = pdfium.FPDF_LoadPage(document, view.number - 1)
        if not raw_page:
            return Picture(pages=count)
        try:
            return _png(_pdf_page(document, raw_page, view), count)
        finally:
            pdfium.FPDF_ClosePage(raw_page)


def _pdf_page(document: object, raw_page: object, view: View) -> Image:
    from hub.extraction.readers.forms import Form
    from hub.extraction.readers.pdf_pages import posed, to_recognise
    from hub.extraction.readers.rendering import render

    def drawn(scale: float) -> Image:
        return render(raw_page, scale=scale, colour=True)

    options = view.source.options
    form = Form(document)
    try:
        page, words = posed(raw_page, view.number, form, options)
        scanned = to_recognise(raw_page, words, options)
    finally:
        form.close()
    if not scanned:
        return drawn(view.width / page.width)
    return _upright(render(raw_page), page.width, 0 if options.rotate else None, drawn, view.width)


def _of_image(view: View) -> Picture:
    from PIL.Image import Resampling

    with opened(view.source.content) as image:
        count = frames(image)
        if not 1 <= view.number <= count:
            return Picture(pages=count)
        grey, point = frame(image, view.number)
        coloured, _ = frame(image, view.number, "RGB")

        def drawn(scale: float) -> Image:
            size = round(grey.width * point * scale), round(grey.height * point * scale)
            return coloured.resize((max(size[0], 1), max(size[1], 1)), Resampling.LANCZOS, reducing_gap=2.0)

        rotate = view.source.options.rotate or None
        return _png(_upright(grey, grey.width * point, rotate, drawn, view.width), count)


def _upright(grey: Image, width: float, turn: int | None, drawn: Callable[[float], Image], wanted: int) -> Image:
    """Draw the page so that it is as wide as wanted when it is held upright; `width` is in points and before that."""
    posture = posture_of(grey, 72 * grey.width / width, turn)
    shown_width = straight(grey, posture).width * width / grey.width
    return straight(drawn(wanted / shown_width), posture)


def _png(image: Image, pages: int) -> Picture:
    content = io.BytesIO()
    image.save(content, "PNG", compress_level=4)
    return Picture(content=content.getvalue(), width=image.width, height=image.height, pages=pages)

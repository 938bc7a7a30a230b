"""Pages of a PDF as images, and which of them are images to begin with."""

from __future__ import annotations

import ctypes
from collections.abc import Iterable
from typing import TYPE_CHECKING

import pypdfium2.raw as pdfium

from hub.extraction.readers.rows import Word

if TYPE_CHECKING:
    from PIL.Image import Image

# Dots per inch at which pages are recognised, and the most pixels that makes of a page.
DPI, PIXELS = 300, 14_000_000
# A page with fewer words, most of it an image, is a scan that something was printed onto.
FEW = 12
COVERED = 0.55
# The share of letters that say nothing, from which on a page's text layer is not trusted.
UNREADABLE = 0.3
OBJECTS = 400


def render(raw_page: object, *, scale: float | None = None, colour: bool = False) -> Image:
    """The page as it is shown, so many pixels a point; as many as recognition wants when not given."""
    import PIL.Image

    width, height = pdfium.FPDF_GetPageWidthF(raw_page), pdfium.FPDF_GetPageHeightF(raw_page)
    most = (PIXELS / max(width * height, 1.0)) ** 0.5
    scale = min(scale or DPI / 72, most)
    size = max(1, round(width * scale)), max(1, round(height * scale))
    kind, mode = (pdfium.FPDFBitmap_BGRx, "BGRX") if colour else (pdfium.FPDFBitmap_Gray, "L")
    bitmap = pdfium.FPDFBitmap_CreateEx(*size, kind, None, 0)
    if not bitmap:
        raise MemoryError
    try:
        pdfium.FPDFBitmap_FillRect(bitmap, 0, 0, *size, 0xFFFFFFFF)
        pdfium.FPDF_RenderPageBitmap(bitmap, raw_page, 0, 0, *size, 0, pdfium.FPDF_ANNOT)
        stride = pdfium.FPDFBitmap_GetStride(bitmap)
        content = ctypes.string_at(pdfium.FPDFBitmap_GetBuffer(bitmap), stride * size[1])
    finally:
        pdfium.FPDFBitmap_Destroy(bitmap)
    return PIL.Image.frombytes("RGB" if colour else "L", size, content, "raw", mode, stride, 1)


def is_scan(raw_page: object, words: Iterable[Word]) -> bool:
    """Whether the page's text is to be recognised: it has none, too little for what is shown, or it says nothing."""
    found = list(words)
    if not found:
        return bool(pdfium.FPDFPage_CountObjects(raw_page))
    if _unreadable(found):
        return True
    return len(found) < FEW and _covered(raw_page) > COVERED


def _unreadable(words: list[Word]) -> bool:
    """Whether the letters are those of a font that does not tell what it draws."""
    letters = [letter for word in words for letter in word.text]
    strange = sum(letter == "\ufffd" or "\ue000" <= letter <= "\uf8ff" or letter < " " for letter in letters)
    return strange > UNREADABLE * len(letters)


def _covered(raw_page: object) -> float:
    """The largest share of the page that one image covers."""
    left, bottom, right, top = (ctypes.c_float() for _ in range(4))
    page: float = pdfium.FPDF_GetPageWidthF(raw_page) * pdfium.FPDF_GetPageHeightF(raw_page)
    largest = 0.0
    for index in range(min(pdfium.FPDFPage_CountObjects(raw_page), OBJECTS)):
        shape = pdfium.FPDFPage_GetObject(raw_page, index)
        if pdfium.FPDFPageObj_GetType(shape) not in {pdfium.FPDF_PAGEOBJ_IMAGE, pdfium.FPDF_PAGEOBJ_FORM}:
            continue
        edges = (ctypes.byref(edge) for edge in (left, bottom, right, top))
        if pdfium.FPDFPageObj_GetBounds(shape, *edges):
            largest = max(largest, (right.value - left.value) * (top.value - bottom.value))
    return largest / max(page, 1.0)

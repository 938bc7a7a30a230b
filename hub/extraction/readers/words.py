"""Words of a PDF page with their boxes as shown, from the characters PDFium finds."""

import ctypes
import math
from collections.abc import Callable, Iterator
from functools import lru_cache

import pypdfium2.raw as pdfium

from hub.extraction.readers.characters import clean
from hub.extraction.readers.rows import Word, held
from hub.extraction.reading import Box, Page

# In heights of a character: how far it may stand from the one before it, to its right and up or down.
AHEAD, BACK, ASIDE = 0.9, 0.5, 0.5
# PDFium's marks for a hyphen at a line's end.
HYPHENS = frozenset({0x02, 0xAD, 0xFFFE})
LIGATURES = str.maketrans({"ﬀ": "ff", "ﬁ": "fi", "ﬂ": "fl", "ﬃ": "ffi", "ﬄ": "ffl", "ﬅ": "st", "ﬆ": "st"})


def words_of(page: Page, raw_page: object) -> Iterator[Word]:
    """The words in the order in which the file draws them."""
    text_page = pdfium.FPDFText_LoadPage(raw_page)
    show = as_shown(page, raw_page)
    letters: list[str] = []
    boxes: list[Box] = []
    turn = 0
    for index in range(pdfium.FPDFText_CountChars(text_page)):
        letter = _letter(pdfium.FPDFText_GetUnicode(text_page, index))
        box = show(_box(text_page, index)) if letter else None
        if letters and (box is None or _apart(held(boxes[-1], turn), held(box, turn))):
            yield _word(letters, boxes, turn)
            letters, boxes = [], []
        if box is not None:
            turn = turn if letters else _turn(text_page, index, page)
            letters.append(letter)
            boxes.append(box)
    if letters:
        yield _word(letters, boxes, turn)
    pdfium.FPDFText_ClosePage(text_page)


@lru_cache(maxsize=4096)
def _letter(code: int) -> str:
    """The character, '' for a blank or what carries nothing."""
    if code in HYPHENS:
        return "-"
    return clean(chr(code)).translate(LIGATURES).strip()


def _box(text_page: object, index: int) -> Box:
    rectangle = pdfium.FS_RECTF()
    pdfium.FPDFText_GetLooseCharBox(text_page, index, ctypes.byref(rectangle))
    return rectangle.left, rectangle.top, rectangle.right, rectangle.bottom


def as_shown(page: Page, raw_page: object) -> Callable[[Box], Box]:
    """From the file's coordinates to points from the top left, after the page's rotation."""
    bounds = pdfium.FS_RECTF()
    pdfium.FPDF_GetPageBoundingBox(raw_page, ctypes.byref(bounds))
    left, top, right, bottom = bounds.left, bounds.top, bounds.right, bounds.bottom
    turns: dict[int, Callable[[Box], Box]] = {
        0: lambda box: (box[0] - left, top - box[1], box[2] - left, top - box[3]),
        90: lambda box: (box[3] - bottom, box[0] - left, box[1] - bottom, box[2] - left),
        180: lambda box: (right - box[2], box[3] - bottom, right - box[0], box[1] - bottom),
        270: lambda box: (top - box[1], right - box[2], top - box[3], right - box[0]),
    }
    return turns[page.rotation]


def _apart(before: Box, box: Box) -> bool:
    """Whether a new word begins although no blank is drawn between the two."""
    height = max(before[3] - before[1], 1.0)
    ahead = box[0] - before[2]
    aside = abs(box[1] + box[3] - before[1] - before[3]) / 2
    return ahead > AHEAD * height or ahead < before[0] - before[2] - BACK * height or aside > ASIDE * height


def _turn(text_page: object, index: int, page: Page) -> int:
    angle = -math.degrees(pdfium.FPDFText_GetCharAngle(text_page, index)) - page.rotation
    quarters = round(angle / 90)
    return quarters % 4 * 90 if abs(angle - quarters * 90) < 10 else 45


def _word(letters: list[str], boxes: list[Box], turn: int) -> Word:
    left, top, right, bottom = zip(*boxes, strict=True)
    box = (round(min(left), 2), round(min(top), 2), round(max(right), 2), round(max(bottom), 2))
    return Word("".join(letters), box, held(box, turn), turn)

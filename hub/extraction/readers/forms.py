"""Forms of a PDF: what its fields are called, what was filled in, and those words where they stand on the page."""

from __future__ import annotations

import ctypes
from collections.abc import Callable, Iterator

import msgspec
import pypdfium2.raw as pdfium

from hub.extraction.readers.characters import clean
from hub.extraction.readers.rows import Word, held
from hub.extraction.readers.words import as_shown
from hub.extraction.reading import Box, Page

# Fields of one page that are looked at, characters of one value, the height of a line where a field has several.
FIELDS, LONGEST, LINE = 5_000, 10_000, 12.0
# The width of a character, in heights of its line.
CHARACTER = 0.5
TICKS = (pdfium.FPDF_FORMFIELD_CHECKBOX, pdfium.FPDF_FORMFIELD_RADIOBUTTON)
FILLED = (pdfium.FPDF_FORMFIELD_TEXTFIELD, pdfium.FPDF_FORMFIELD_COMBOBOX, pdfium.FPDF_FORMFIELD_LISTBOX)
TICK = "☑"


class FormField(msgspec.Struct, frozen=True, kw_only=True):
    """One field as a person sees it: its name in the file, what it says of itself, its value, its place as shown."""

    name: str
    label: str
    value: str
    page: int
    box: Box
    is_tick: bool = False

    @property
    def words(self) -> list[Word]:
        """What was filled in, as words at their places."""
        left, top, right, bottom = self.box
        lines = [TICK if self.is_tick else self.value] if "\n" not in self.value else self.value.split("\n")
        height = min((bottom - top) / len(lines), LINE)
        first = top if len(lines) > 1 else (top + bottom - height) / 2
        return [
            word
            for number, line in enumerate(lines)
            for word in _spread(line, (left, first + number * height, right, first + (number + 1) * height))
        ]


class Form:
    """The fields of an open document, page by page; closed when its pages are read."""

    def __init__(self, document: object) -> None:
        # The library keeps using it as long as the form is open.
        self._settings = pdfium.FPDF_FORMFILLINFO(version=2)
        self._handle = pdfium.FPDFDOC_InitFormFillEnvironment(document, self._settings)
        self.fields: list[FormField] = []

    def close(self) -> None:
        """Let go of the document."""
        if self._handle:
            pdfium.FPDFDOC_ExitFormFillEnvironment(self._handle)

    def words(self, page: Page, raw_page: object) -> list[Word]:
        """What is filled in on a page; its fields are kept."""
        if not self._handle:
            return []
        # Ticks are known only of pages that are shown.
        pdfium.FORM_OnAfterLoadPage(raw_page, self._handle)
        found = list(self._fields(page, raw_page))
        pdfium.FORM_OnBeforeClosePage(raw_page, self._handle)
        self.fields.extend(found)
        return [word for field in found for word in field.words]

    def _fields(self, page: Page, raw_page: object) -> Iterator[FormField]:
        show = as_shown(page, raw_page)
        for index in range(min(pdfium.FPDFPage_GetAnnotCount(raw_page), FIELDS)):
            annotation = pdfium.FPDFPage_GetAnnot(raw_page, index)
            if not annotation:
                continue
            if pdfium.FPDFAnnot_GetSubtype(annotation) == pdfium.FPDF_ANNOT_WIDGET:
                field = self._field(annotation, page, show)
                if field is not None:
                    yield field
            pdfium.FPDFPage_CloseAnnot(annotation)

    def _field(self, annotation: object, page: Page, show: Callable[[Box], Box]) -> FormField | None:
        """The field, when something is filled in."""
        handle, kind = self._handle, pdfium.FPDFAnnot_GetFormFieldType(self._handle, annotation)
        if kind in TICKS and pdfium.FPDFAnnot_IsChecked(handle, annotation):
            value = _text(pdfium.FPDFAnnot_GetFormFieldExportValue, handle, annotation) or "Yes"
        elif kind in FILLED:
            value = _text(pdfium.FPDFAnnot_GetFormFieldValue, handle, annotation)
        else:
            value = ""
        rectangle = pdfium.FS_RECTF()
        if not value or not pdfium.FPDFAnnot_GetRect(annotation, rectangle):
            return None
        box = show((rectangle.left, rectangle.top, rectangle.right, rectangle.bottom))
        return FormField(
            name=_text(pdfium.FPDFAnnot_GetFormFieldName, handle, annotation),
            label=_text(pdfium.FPDFAnnot_GetFormFieldAlternateName, handle, annotation),
            value=value,
            page=page.number,
            box=(min(box[0], box[2]), min(box[1], box[3]), max(box[0], box[2]), max(box[1], box[3])),
            is_tick=kind in TICKS,
        )


def _spread(line: str, box: Box) -> list[Word]:
    """The words of one line, side by side from the left of the box."""
    left, top, right, bottom = box
    width = min(CHARACTER * (bottom - top), (right - left) / max(len(line), 1))
    words: list[Word] = []
    place = 0
    for text in line.split():
        start = line.index(text, place)
        place = start + len(text)
        where = (round(left + start * width, 2), round(top, 2), round(left + place * width, 2), round(bottom, 2))
        words.append(Word(text, where, held(where, 0)))
    return words


def _text(read: Callable[..., int], handle: object, annotation: object) -> str:
    """What PDFium writes into a buffer as UTF-16."""
    size = min(read(handle, annotation, None, 0), LONGEST * 2)
    buffer = ctypes.create_string_buffer(max(size, 2))
    read(handle, annotation, ctypes.cast(buffer, ctypes.POINTER(ctypes.c_ushort)), size)
    return clean(buffer.raw.decode("utf-16-le", "ignore")).replace("\r\n", "\n").replace("\r", "\n").strip()

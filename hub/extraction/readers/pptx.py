"""PPTX: the texts and tables of all slides, each from top to bottom, with the speaker's notes."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from lxml.etree import XMLSyntaxError

from hub.extraction.readers.draft import Draft
from hub.extraction.readers.flow import Flow
from hub.extraction.readers.packages import core_metadata, opened
from hub.extraction.readers.source import PAGES, Source
from hub.extraction.reading import Reading, ReadingError

if TYPE_CHECKING:
    from pptx.shapes.base import BaseShape
    from pptx.table import Table

WHAT = "The presentation"
BROKEN = "The presentation is broken and cannot be opened. Save it again in the program that made it."
# How deep groups of shapes may lie in each other.
DEPTH = 20


def read_pptx(source: Source) -> Reading:
    """Read what the slides show; a hidden slide is read like the others."""
    from pptx import Presentation
    from pptx.exc import PythonPptxError

    draft = Draft(source, "application/vnd.openxmlformats-officedocument.presentationml.presentation")
    with opened(source.content, WHAT) as package:
        draft.metadata = core_metadata(package, WHAT)
    flow = Flow(draft)
    try:
        slides = Presentation(io.BytesIO(source.content)).slides
        if len(slides) > PAGES:
            raise ReadingError(f"The presentation has {len(slides):,} slides; up to {PAGES:,} can be read. Split it.")
        for slide in slides:
            for shape in _shapes(slide.shapes):
                _show(flow, shape)
            if slide.has_notes_slide and slide.notes_slide.notes_text_frame is not None:
                _lines(flow, slide.notes_slide.notes_text_frame.text)
    except (
        *(PythonPptxError, XMLSyntaxError, zipfile.BadZipFile, KeyError, ValueError, TypeError, AttributeError),
        *(IndexError, EOFError, OSError, AssertionError),
    ) as error:
        raise ReadingError(BROKEN) from error
    draft.write("\n" if draft.length else "")
    return draft.finish()


def _shapes(shapes: Iterable[BaseShape], depth: int = 0) -> Iterator[BaseShape]:
    """The shapes as they stand, from top to bottom and left to right; groups are opened."""
    from pptx.shapes.group import GroupShape

    for shape in sorted(shapes, key=_place):
        if isinstance(shape, GroupShape) and depth < DEPTH:
            yield from _shapes(shape.shapes, depth + 1)
        else:
            yield shape


def _place(shape: BaseShape) -> tuple[int, int]:
    """A placeholder that was not moved stands where its layout says."""
    return int(shape.top or 0), int(shape.left or 0)


def _show(flow: Flow, shape: BaseShape) -> None:
    from pptx.shapes.autoshape import Shape
    from pptx.shapes.graphfrm import GraphicFrame

    if isinstance(shape, GraphicFrame) and shape.has_table:
        _table(flow, shape.table)
    elif isinstance(shape, Shape):
        _lines(flow, shape.text_frame.text)


def _lines(flow: Flow, text: str) -> None:
    for line in text.replace("\v", "\n").split("\n"):
        flow.line()
        for number, part in enumerate(line.split("\t")):
            if number:
                flow.tab()
            flow.text(part)
    flow.line()


def _table(flow: Flow, table: Table) -> None:
    flow.open_table(values=True)
    for row in table.rows:
        flow.open_row()
        for cell in row.cells:
            flow.open_cell()
            flow.text("" if cell.is_spanned else cell.text)
            flow.close_cell()
    flow.close_table()

"""Scanned pages put into a draft: their words in rows and tables, and sentences about what was hard to read."""

from __future__ import annotations

from collections.abc import Iterable

from hub.extraction.readers.draft import Draft
from hub.extraction.readers.lots import may_go_on
from hub.extraction.readers.ocr import recognise
from hub.extraction.readers.options import Crop
from hub.extraction.readers.prose import by_columns
from hub.extraction.readers.rows import Word, parts_of, rows_of
from hub.extraction.readers.scans import Scan
from hub.extraction.readers.tables import tables_of
from hub.extraction.readers.tesseract import lacking, models_for
from hub.extraction.reading import Page

LISTED = 10


class Recognition:
    """Recognises one page after the other; `close` adds what is to be said about them."""

    def __init__(self, draft: Draft) -> None:
        self.draft = draft
        self.options = draft.source.options
        self._models = models_for(self.options.languages)
        self._empty: list[int] = []
        self._unsure: list[int] = []
        self._advice: dict[str, None] = {}
        self._foreign: dict[str, None] = {}
        self._read = 0

    def goes_on(self, number: int, last: int) -> bool:
        """Whether there is time for this page; those that are left out are told unless another call reads them."""
        if may_go_on(self.draft.source, self._read, number):
            return True
        if self.draft.source.lot is None:
            left = f"Page {number} was" if number == last else f"Pages {number} to {last} were"
            self.draft.problems.append(f"{left} not read, as it is a long scan inside another file. Send it by itself.")
        return False

    def show(self, page: Page, words: Iterable[Word] = ()) -> None:
        """Add a page and the words on it."""
        draft = self.draft
        draft.pages.append(page)
        if draft.length:
            draft.write("\n")
        rows = [draft.row(parts_of(row), page.number) for row in by_columns(rows_of(words))]
        draft.tables.extend(tables_of(rows))
        if not rows:
            self._empty.append(page.number)

    def read(self, scan: Scan, page: Page) -> None:
        """Add a page and the words in its image."""
        self._read += 1
        crop = self.options.crop
        found = recognise(scan, self._models, crop.box if crop else None)
        self.show(page, found.words)
        if found.words and found.unsure:
            self._unsure.append(page.number)
        self._foreign.update(dict.fromkeys(found.foreign))
        if found.advice:
            self._advice[found.advice] = None

    def close(self) -> None:
        """Say which pages were empty or hard to read, and what would have helped."""
        problems = self.draft.problems
        if self._foreign:
            problems.append(lacking(tuple(self._foreign)))
        if self._empty:
            never = "; images were not recognised, as asked for" if self.options.ocr == "never" else ""
            problems.append(f"No words were found on {_pages(self._empty)}{never}.")
        if self._unsure:
            problems.append(
                f"{_pages(self._unsure).capitalize()} {'was' if len(self._unsure) == 1 else 'were'} hard to read: "
                "few words could be made out, or not surely. A sharper scan of 300 dpi may help."
            )
        problems.extend(self._advice)


def inside(words: Iterable[Word], crop: Crop | None) -> list[Word]:
    """The words whose middle lies in the region."""
    if crop is None:
        return list(words)
    left, top, right, bottom = crop.box
    return [
        word
        for word in words
        if left <= (word.box[0] + word.box[2]) / 2 <= right and top <= (word.box[1] + word.box[3]) / 2 <= bottom
    ]


def _pages(numbers: list[int]) -> str:
    listed = ", ".join(map(str, numbers[:LISTED])) + (", ..." if len(numbers) > LISTED else "")
    return f"page {listed}" if len(numbers) == 1 else f"pages {listed}"

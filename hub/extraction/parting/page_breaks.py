"""Several documents in one file: a page begins another one when it states another number; pages that go on stay."""

from __future__ import annotations

import re
from collections.abc import Sequence

import msgspec

from hub.extraction.parting.cuts import Cut
from hub.extraction.parting.identity import Sighting, announced, identifying, sightings
from hub.extraction.reading import Reading
from hub.extraction.rules.document import Document
from hub.extraction.schemas.fields import Leaf, Schema

# "Page 2 of 3", "Seite 2/3", "2 / 3" alone in its row.
COUNT = re.compile(
    r"(?:\b(?:page|seite|p[áa]gina|pagina|blatt|sheet|strona|sida|side)\s*:?\s*(\d{1,3})\s*(?:of|von|de|sur|di|van|/|av|af|z)\s*(\d{1,3})\b)"
    r"|^\s*(\d{1,3})\s*/\s*(\d{1,3})\s*$",
    re.IGNORECASE | re.MULTILINE,
)
# In which part of a page a number names the document, not one it speaks of; how many other fields it must announce.
TOP, HEAD, FEWEST = 0.55, 0.2, 2
TALL = 842.0
# Numbers as short as this say too little to be a part of one another.
SHORT = 3
MOST_PAGES = 600


class _Sheet(msgspec.Struct, frozen=True):
    """One page: its characters, the numbers at its top, its place in a count, and whether it begins like a document."""

    number: int
    start: int
    end: int
    told: tuple[Sighting, ...]
    place: tuple[int, int] | None
    begins: bool


class _Group(msgspec.Struct):
    """Pages of one document; `name` is its number once one of them tells it."""

    name: Sighting | None
    sheets: list[_Sheet]


def page_cuts(reading: Reading, schema: Schema) -> list[Cut]:
    """One cut for each document among the pages; none when all are one document, or nothing tells."""
    leaf = identifying(schema)
    if len(reading.pages) < 2 or len(reading.pages) > MOST_PAGES or leaf is None or not reading.spans:
        return []
    groups = _grouped(_sheets(Document(reading, schema), leaf))
    names = [group.name.bare for group in groups if group.name]
    # A number that comes back after another one is no boundary between documents.
    if len(groups) < 2 or len(set(names)) != len(names):
        return []
    return [_cut(group) for group in groups]


def _sheets(document: Document, leaf: Leaf) -> list[_Sheet]:
    seen = list(sightings(document, leaf))
    said = announced(document)
    others = [document.labels_of(other) for other in document.leaves if other.path != leaf.path]
    heights = {page.number: page.height for page in document.reading.pages}
    sheets = []
    for number, (start, end) in sorted(_characters(document.reading).items()):
        told = [one for one in seen if start <= one.start < end and one.top < TOP * heights.get(number, TALL)]
        announces = sum(bool(labels & said.get(number, set())) for labels in others)
        # In the letterhead a number needs less company.
        fewest = 1 if any(one.top < HEAD * heights.get(number, TALL) for one in told) else FEWEST
        place = _place(document.reading.text[start:end])
        sheets.append(_Sheet(number, start, end, tuple(told), place, announces >= fewest))
    return sheets


def _characters(reading: Reading) -> dict[int, tuple[int, int]]:
    """From where to where the text of each page reaches; pages without words have none."""
    places: dict[int, tuple[int, int]] = {}
    for span in reading.spans:
        if span.page is not None:
            start, _ = places.get(span.page, (span.start, 0))
            places[span.page] = (min(start, span.start), span.end)
    return places


def _place(text: str) -> tuple[int, int] | None:
    """The page's own number and how many there are, when it says so."""
    for match in COUNT.finditer(text):
        place, count = (int(one) for one in match.groups() if one is not None)
        if 0 < place <= count:
            return place, count
    return None


def _grouped(sheets: Sequence[_Sheet]) -> list[_Group]:
    """The pages of each document; a page that tells nothing goes on with the one before."""
    groups: list[_Group] = []
    for sheet in sheets:
        if not groups or _is_another(groups[-1], sheet):
            groups.append(_Group(next(iter(sheet.told), None), [sheet]))
        else:
            groups[-1].sheets.append(sheet)
            groups[-1].name = groups[-1].name or next(iter(sheet.told), None)
    return groups


def _is_another(group: _Group, sheet: _Sheet) -> bool:
    if not sheet.begins or (sheet.place and sheet.place[0] > 1):
        return False
    if sheet.told and group.name:
        return not any(_same(group.name.bare, one.bare) for one in sheet.told)
    # One of the two has no name: the count of pages was complete and begins anew.
    last = group.sheets[-1].place
    return sheet.place is not None and last is not None and last[0] == last[1]


def _same(one: str, other: str) -> bool:
    """Whether two numbers name one document: 17 and RE-17, or one with the number of the page behind it."""
    if min(len(one), len(other)) < SHORT:
        return one == other
    return one.startswith(other) or other.startswith(one) or one.endswith(other) or other.endswith(one)


def _cut(group: _Group) -> Cut:
    first, last = group.sheets[0], group.sheets[-1]
    title = group.name.written if group.name else ""
    return Cut(title=title, pages=(first.number, last.number), ranges=((first.start, last.end),))

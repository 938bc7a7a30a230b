"""Several records in one source: where one ends and the next begins; a source that is one document stays whole."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec
from msgspec.structs import replace

from hub.extraction.parting.cuts import WHOLE, Cut, file_of, in_the_whole, reading_of, section_cuts
from hub.extraction.parting.files import file_cuts
from hub.extraction.parting.page_breaks import page_cuts
from hub.extraction.parting.record_rows import SHEETS, row_cuts
from hub.extraction.reading import Reading
from hub.extraction.results import Evidence, FieldResult
from hub.extraction.schemas.fields import Schema

# Records that are taken from one source; that there are more is told.
MOST = 500


class Piece(msgspec.Struct, frozen=True, kw_only=True):
    """One record's part of a source, as a reading whose words and pages have the numbers they have in the whole.

    Its characters are counted from its own start; `placed` tells where they stand in the source. `file` names
    the file in the source that it is from, "invoice.pdf" say, '' for the source itself.
    """

    reading: Reading
    title: str = ""
    pages: tuple[int, int] | None = None
    file: str = ""
    cut: Cut = WHOLE

    def placed(self, fields: Mapping[str, FieldResult]) -> dict[str, FieldResult]:
        """The fields with evidence that counts the characters of the source."""
        if not self.cut.ranges:
            return dict(fields)
        return {
            path: replace(field, evidence=tuple(map(self._placed, field.evidence))) for path, field in fields.items()
        }

    def _placed(self, evidence: Evidence) -> Evidence:
        characters = in_the_whole(self.cut, evidence.characters) if evidence.characters else None
        return replace(evidence, characters=characters)


def split(reading: Reading, schema: Schema) -> list[Piece]:
    """The parts of a source that are records of their own; one for a source that is one document."""
    return [piece_of(reading, cut) for cut in cuts(reading, schema)[:MOST]]


def cuts(reading: Reading, schema: Schema) -> list[Cut]:
    """Where to split; what a document says is searched for it, so this belongs into the jail."""
    return _cuts(reading, schema) or [WHOLE]


def is_whole(reading: Reading) -> bool:
    """Whether it can only be one document, told without searching it."""
    return (
        len(reading.pages) < 2
        and not reading.sections
        and reading.media_type not in SHEETS
        and all(file.reading is None for file in reading.embedded)
    )


def piece_of(reading: Reading, cut: Cut) -> Piece:
    """The part of a source that a cut leads to."""
    part = reading_of(reading, cut)
    return Piece(reading=part, title=cut.title, pages=cut.pages, file=file_of(reading, cut), cut=cut)


def _cuts(reading: Reading, schema: Schema) -> list[Cut]:
    if is_whole(reading):
        return []
    return (
        file_cuts(reading, schema, _cuts)
        or row_cuts(reading, schema)
        or (section_cuts(reading.sections) if len(reading.sections) > 1 else [])
        or page_cuts(reading, schema)
    )

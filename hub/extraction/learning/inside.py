"""What of learning runs in the jail: documents are hostile to pattern matching here as well."""

from __future__ import annotations

import msgspec

from hub.extraction.learning.amend import Amended, Amendment, amend
from hub.extraction.learning.learnt import LearntLayout
from hub.extraction.learning.teach import Lesson, teach
from hub.extraction.reading import Reading
from hub.extraction.schemas.fields import Schema
from hub.extraction.splitting import Piece, split
from hub.jail import Limits

AMEND = "hub.extraction.learning.inside:amended"
LEARN = "hub.extraction.learning.inside:learnt"
LIMITS = Limits(seconds=60, cpu_seconds=60)


class Taught(msgspec.Struct, frozen=True):
    """The layout after a lesson; None when the lesson teaches nothing."""

    layout: LearntLayout | None = None


def learnt(lesson: Lesson) -> Taught:
    """Learn from one record of a source; rows of a sheet have no layout of their own."""
    piece = _piece(lesson.reading, lesson.schema, lesson.record, lesson.records)
    if lesson.records > 1 and piece.pages is None and not piece.file:
        return Taught()
    return Taught(teach(msgspec.structs.replace(lesson, reading=piece.reading)))


def amended(amendment: Amendment) -> Amended:
    """Put values of one record right and find where they stand in its part of the source."""
    piece = _piece(amendment.reading, amendment.schema, amendment.record, amendment.records)
    file = "#".join(filter(None, (amendment.file, piece.file)))
    return amend(msgspec.structs.replace(amendment, reading=piece.reading, file=file))


def _piece(reading: Reading, schema: Schema, record: int, records: int) -> Piece:
    """Return the part of a source that a record was taken from; all of it when that cannot be told any more."""
    pieces = split(reading, schema)
    return pieces[record] if len(pieces) == records else Piece(reading=reading)

"""Documents in a mail, in an archive or attached to a PDF: which of them are records, and when the source itself is."""

from __future__ import annotations

from collections.abc import Callable

import msgspec

from hub.extraction.parting.cuts import WHOLE, Cut, reading_of
from hub.extraction.parting.identity import fields_told
from hub.extraction.reading import Reading
from hub.extraction.schemas.fields import Schema

# Sources that are nothing but other files.
HOLDERS = frozenset(("application/zip", "application/x-tar", "application/gzip", "application/mbox"))
MAILS = frozenset(("message/rfc822", "application/vnd.ms-outlook"))
# Fewest fields that a file must tell of to be the document, and the share of what the best one tells of.
FEWEST, SHARE = 2, 0.5
# A file in an archive that tells of so many is a document, however much more another one tells of.
ENOUGH = 3
Cutter = Callable[[Reading, Schema], list[Cut]]


def file_cuts(reading: Reading, schema: Schema, cuts_of: Cutter) -> list[Cut]:
    """The cuts of the files that fit the schema; none when the source itself does."""
    inner = {
        number: file.reading
        for number, file in enumerate(reading.embedded)
        if file.reading is not None and file.reading.text.strip()
    }
    if not inner:
        return []
    told = {number: len(fields_told(one, schema)) for number, one in inner.items()}
    best = max(told.values())
    if reading.media_type in HOLDERS:
        # All are kept when none fits: better an empty record than a lost document.
        chosen = [number for number in inner if told[number] >= min(SHARE * best, ENOUGH)]
    elif best >= FEWEST and best > len(fields_told(_body(reading), schema)):
        chosen = [number for number in inner if told[number] >= max(FEWEST, SHARE * best)]
    else:
        chosen = []
    return [
        msgspec.structs.replace(cut, inside=(number, *cut.inside), title=cut.title or _name(reading, number))
        for number in chosen
        for cut in cuts_of(inner[number], schema) or [WHOLE]
    ]


def _body(reading: Reading) -> Reading:
    """A mail without its header, whose From, To and Date announce what many schemas ask for."""
    start = reading.text.find("\n\n")
    if reading.media_type not in MAILS or start < 0:
        return reading
    return reading_of(reading, Cut(ranges=((start, len(reading.text)),)))


def _name(reading: Reading, number: int) -> str:
    return reading.embedded[number].name

"""What an engine found: values by path, where they stand, and how far they can be trusted."""

from __future__ import annotations

import msgspec

from hub.extraction.rules.candidates import Candidate, Places
from hub.extraction.values.typed import Value


class Finding(msgspec.Struct, frozen=True, kw_only=True):
    """The value of one path, such as `total`, `supplier.name`, `skills[0]` or `lines[2].amount`.

    It stands at `places` (characters of the reading's text), or in a file inside the source at `selector`. A model may
    have read it in the pictures of the pages `pictured`, where nothing in the text proves it.
    """

    value: Value
    confidence: float
    engine: str
    places: Places = ()
    file: str | None = None
    selector: str | None = None
    written: str | None = None
    problems: tuple[str, ...] = ()
    pictured: tuple[int, ...] = ()


Findings = dict[str, Finding]


def from_candidate(candidate: Candidate, engine: str) -> Finding:
    """Make a finding of the candidate that was chosen."""
    return Finding(value=candidate.value, confidence=round(candidate.score, 3), engine=engine, places=candidate.places)

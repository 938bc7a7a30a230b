"""Evidence: from characters of a reading to pages, boxes and words, and whether they really say the value."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

import msgspec

from hub.extraction.cells import Cells
from hub.extraction.findings import Finding
from hub.extraction.reading import Box, Reading, Span, spans_between, union
from hub.extraction.results import Evidence
from hub.extraction.schemas.fields import Field, FieldType, Format
from hub.extraction.values.conventions import Conventions
from hub.extraction.values.months import plain
from hub.extraction.values.typed import normalise, scan

_READ = {Format.IBAN, Format.CURRENCY, Format.TIME, Format.MONTH, Format.LANGUAGE}
_TOLERANCE = 0.005


def evidence_of(reading: Reading, finding: Finding, file: str) -> tuple[Evidence, ...]:
    """Cite where a finding stands, one piece of evidence for each line."""
    if finding.pictured:
        return tuple(Evidence(file=file, page=page) for page in finding.pictured)
    if finding.selector is not None and finding.places and not finding.file:
        # What a form or a sheet states also stands in the text.
        cited = [one for start, end in finding.places for one in _cite(reading, start, end, file)]
        return tuple(msgspec.structs.replace(one, selector=finding.selector) for one in cited)
    if finding.selector is not None:
        name = f"{file}#{finding.file}" if finding.file else file
        return (Evidence(file=name, text=finding.written or "", selector=finding.selector),)
    return tuple(cited for start, end in finding.places for cited in _cite(reading, start, end, file))


def _cite(reading: Reading, start: int, end: int, file: str) -> Iterator[Evidence]:
    for words in _by_line(reading, start, end):
        first, last = max(start, words[0].start), min(end, words[-1].end)
        yield Evidence(
            file=file,
            page=words[0].page,
            box=union(word.box for word in words),
            text=reading.text[first:last],
            characters=(first, last),
            seconds=_seconds(words),
        )


def _seconds(words: Sequence[Span]) -> tuple[float, float] | None:
    heard = [word.seconds for word in words if word.seconds]
    return (heard[0][0], heard[-1][1]) if heard else None


def _by_line(reading: Reading, start: int, end: int) -> list[list[Span]]:
    rows: list[list[Span]] = []
    for word in spans_between(reading, start, end):
        if rows and rows[-1][-1].page == word.page and "\n" not in reading.text[rows[-1][-1].end : word.start]:
            rows[-1].append(word)
        else:
            rows.append([word])
    return rows


class Words:
    """The words of a reading by page, to look up what stands in a box."""

    def __init__(self, reading: Reading) -> None:
        self._reading = reading
        self._cells = Cells(reading)
        self._pages: dict[int | None, list[Span]] = {}
        for span in reading.spans:
            self._pages.setdefault(span.page, []).append(span)

    def cell(self, evidence: Evidence) -> str | None:
        """Return the name of the cell that evidence stands in, where the source is no page."""
        if evidence.characters is None or evidence.box is not None:
            return evidence.selector
        return evidence.selector or self._cells.at(*evidence.characters)

    def at(self, evidence: Evidence) -> str:
        """Return what stands at a place: the words in the box, or the characters where there is none."""
        if evidence.box is None:
            start, end = evidence.characters or (0, 0)
            return self._reading.text[start:end]
        inside = [span for span in self._pages.get(evidence.page, ()) if _lies_in(span.box, evidence.box)]
        return " ".join(span.text for span in inside)


def _lies_in(word: Box | None, box: Box) -> bool:
    if word is None:
        return False
    across, down = (word[0] + word[2]) / 2, (word[1] + word[3]) / 2
    return box[0] <= across <= box[2] and box[1] <= down <= box[3]


def verified(
    words: Words, field: Field, finding: Finding, cited: tuple[Evidence, ...], conventions: Conventions
) -> tuple[Evidence, ...]:
    """Mark the evidence whose place says what is cited, where all that is cited reads as the value by itself."""
    if finding.pictured:
        return cited
    if finding.selector is not None:
        stated = says(field, [finding.written or ""], finding.value, Conventions(mark=".")) or _plainly(finding)
        return tuple(msgspec.structs.replace(one, verified=stated) for one in cited)
    proved = says(field, _texts(finding, cited), finding.value, conventions)
    return tuple(
        msgspec.structs.replace(
            one, verified=proved and squashed(one.text) in squashed(words.at(one)), selector=words.cell(one)
        )
        for one in cited
    )


def _texts(finding: Finding, cited: Sequence[Evidence]) -> list[str]:
    """Return the text of each place, put together from the pieces that are cited of it."""
    found = []
    for start, end in finding.places:
        inside = [one for one in cited if one.characters and start <= one.characters[0] < end]
        found.append(" ".join(one.text for one in inside))
    return found


def _plainly(finding: Finding) -> bool:
    """Tell whether a file writes the value as records do."""
    written = (finding.written or "").strip()
    if isinstance(finding.value, bool):
        return written.lower() in {str(finding.value).lower(), str(int(finding.value))}
    if isinstance(finding.value, int | float):
        return _number(written) == float(finding.value)
    return squashed(written) == squashed(str(finding.value)) or _unit(written) == finding.value


def _unit(code: str) -> str | None:
    """Return the unit that electronic invoices mean by a code."""
    from hub.extraction.stated.invoice_xml import UNITS

    return UNITS.get(code)


def _number(written: str) -> float | None:
    try:
        return float(written)
    except ValueError:
        return None


def is_proved(reading: Reading, field: Field, finding: Finding, conventions: Conventions) -> bool:
    """Tell whether a value may be kept: the cited characters, read again by themselves, give it.

    What is chosen among options, or yes and no, may also be concluded from them. What a model read in a picture is
    kept without proof; its evidence says that it is not verified.
    """
    if finding.pictured:
        return True
    if finding.selector is not None or field.type in {FieldType.BOOLEAN, FieldType.ENUM}:
        return True
    texts = [reading.text[start:end] for start, end in finding.places]
    return bool(texts) and says(field, texts, finding.value, conventions)


def says(field: Field, texts: Sequence[str], value: object, conventions: Conventions) -> bool:
    """Tell whether texts, read by themselves, give a value of a field."""
    kind = field.of if field.type is FieldType.LIST else field.type
    if not texts:
        return False
    if kind is FieldType.STRING and field.format not in _READ:
        return squashed(" ".join(texts)) == squashed(str(value))
    if kind in {FieldType.MONEY, FieldType.NUMBER, FieldType.INTEGER} and isinstance(value, int | float):
        return _adds_up(field, texts, float(value), conventions)
    return any(one.value == value for one in scan(field, " ".join(texts), conventions))


def recognised(reading: Reading, finding: Finding) -> float:
    """Return how sure the least readable of the cited words is, 1 where nothing had to be recognised."""
    words = (word for start, end in finding.places for word in spans_between(reading, start, end))
    return min((word.confidence for word in words), default=1.0)


def _adds_up(field: Field, texts: Sequence[str], value: float, conventions: Conventions) -> bool:
    read = [normalise(field, text, conventions) for text in texts]
    numbers = [float(one) for one in read if isinstance(one, int | float)]
    return len(numbers) == len(texts) and abs(sum(numbers) - value) < _TOLERANCE


def squashed(text: str) -> str:
    """Keep letters and digits only, without case and accents, to compare how something is written."""
    return re.sub(r"[\W_]+", "", plain(text))

"""Evidence: from characters of a reading to pages, boxes and words, and whether they really say the value."""

from __future__ import annotations

import re
from collections.abc import Iterator

from hub.extraction.findings import Finding
from hub.extraction.reading import Reading, Span, spans_between, union
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
        )


def _by_line(reading: Reading, start: int, end: int) -> list[list[Span]]:
    rows: list[list[Span]] = []
    for word in spans_between(reading, start, end):
        if rows and rows[-1][-1].page == word.page and "\n" not in reading.text[rows[-1][-1].end : word.start]:
            rows[-1].append(word)
        else:
            rows.append([word])
    return rows


def is_proved(reading: Reading, field: Field, finding: Finding, conventions: Conventions) -> bool:
    """Tell whether the cited characters, read again by themselves, give the value.

    What a model read in a picture is kept without proof; its evidence says that it is not verified.
    """
    if finding.pictured:
        return True
    if finding.selector is not None or (not finding.places and field.type in {FieldType.BOOLEAN, FieldType.ENUM}):
        return True
    if not finding.places:
        return False
    texts = [reading.text[start:end] for start, end in finding.places]
    kind = field.of if field.type is FieldType.LIST else field.type
    if kind in {FieldType.STRING, FieldType.ENUM} and field.format not in _READ:
        return squashed(" ".join(texts)) == squashed(str(finding.value))
    if kind in {FieldType.MONEY, FieldType.NUMBER, FieldType.INTEGER} and isinstance(finding.value, int | float):
        return _adds_up(field, texts, float(finding.value), conventions)
    return any(one.value == finding.value for one in scan(field, " ".join(texts), conventions))


def _adds_up(field: Field, texts: list[str], value: float, conventions: Conventions) -> bool:
    read = [normalise(field, text, conventions) for text in texts]
    numbers = [float(one) for one in read if isinstance(one, int | float)]
    return len(numbers) == len(texts) and abs(sum(numbers) - value) < _TOLERANCE


def squashed(text: str) -> str:
    """Keep letters and digits only, without case and accents, to compare how something is written."""
    return re.sub(r"[\W_]+", "", plain(text))

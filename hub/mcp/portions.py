"""What a model's window can hold: one record of an extraction at a time, and answers cut to a bounded size."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import msgspec

from hub.errors import NotFoundError, TooLargeError
from hub.extraction import Extraction

LARGEST = 48_000
_SHORTER = ((200, 8_000), (100, 4_000), (50, 2_000), (25, 1_000), (10, 500), (5, 200), (2, 100))
_FEWEST_NAMES = 60
_ROW = re.compile(r"\[(\d+)\]")


def of_record(extraction: Extraction, number: int, offset: int = 0) -> Extraction:
    """Return an extraction with one of its records, whose tables begin at a row."""
    records = extraction.records or [extraction.record]
    if number >= len(records):
        raise NotFoundError(f"This extraction has {len(records)} records; they are numbered from 0.")
    part = extraction.parts[number] if number < len(extraction.parts) else None
    fields = part.fields if part else extraction.fields
    record = {name: _from(value, offset) for name, value in records[number].items()}
    return msgspec.structs.replace(
        extraction,
        record=record,
        records=[record],
        fields={path: field for path, field in fields.items() if _row_of(path) >= offset},
        problems=part.problems if part else extraction.problems,
        parts=[] if part is None else [msgspec.structs.replace(part, fields={})],
    )


def bounded(plain: Any, most: int = LARGEST) -> tuple[Any, list[str]]:
    """Cut the lists, texts and maps of an answer until it fits, and name what was cut."""
    if len(msgspec.json.encode(plain)) <= most:
        return plain, []
    for entries, letters in _SHORTER:
        cuts: list[str] = []
        cut = _cut(plain, "", entries, letters, cuts)
        if len(msgspec.json.encode(cut)) <= most:
            return cut, cuts
    raise TooLargeError("The answer is too large to be shown here. Ask for fewer things, or read it over REST.")


def _cut(value: Any, path: str, entries: int, letters: int, cuts: list[str]) -> Any:
    if isinstance(value, str) and len(value) > letters:
        cuts.append(f"{path}: {letters} of {len(value)} characters")
        return value[:letters] + "…"
    if isinstance(value, list):
        if len(value) > entries:
            cuts.append(f"{path}: {entries} of {len(value)} entries")
        return [_cut(one, f"{path}[{place}]", entries, letters, cuts) for place, one in enumerate(value[:entries])]
    if isinstance(value, Mapping):
        names = list(value)
        most = max(entries, _FEWEST_NAMES)  # structs have fewer names, maps of fields and columns have more
        if len(names) > most:
            cuts.append(f"{path}: {most} of {len(names)} names")
        return {name: _cut(value[name], f"{path}.{name}".strip("."), entries, letters, cuts) for name in names[:most]}
    return value


def _from(value: Any, offset: int) -> Any:
    return value[offset:] if isinstance(value, list) else value


def _row_of(path: str) -> float:
    """Return the row that a field path names, infinite for what is in no table."""
    found = _ROW.search(path)
    return int(found[1]) if found else float("inf")

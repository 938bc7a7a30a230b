"""Holding a model to its source: where in the text a value it gave really stands."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

import msgspec

from hub.extraction.evidence import squashed
from hub.extraction.rules.vocabulary import format_of
from hub.extraction.schemas.fields import Field, FieldType, Format
from hub.extraction.values.conventions import Conventions
from hub.extraction.values.found import Found
from hub.extraction.values.months import plain
from hub.extraction.values.typed import Value, normalise, scan

_NUMERIC = {FieldType.INTEGER, FieldType.NUMBER, FieldType.MONEY}
_CHECKED = {Format.IBAN, Format.EMAIL, Format.URL, Format.CURRENCY, Format.TIME, Format.MONTH, Format.TAX_ID}
_LETTERS = re.compile(r"[^\W_]")
_GAP = "\0"


class Grounded(msgspec.Struct, frozen=True):
    """A value as our parsers read it, and the characters that say it."""

    value: Value
    place: tuple[int, int] | None
    exact: bool = True


class Source:
    """The parts of a text that a model was shown, prepared for looking up what it says stands there.

    Places are characters of the whole text; nothing is found across the gap between two parts.
    """

    def __init__(self, text: str, conventions: Conventions, ranges: Sequence[tuple[int, int]] = ()) -> None:
        self.text = text
        self.conventions = conventions
        self._ranges = tuple(ranges) or ((0, len(text)),)
        letters: list[tuple[str, int]] = []
        for start, end in self._ranges:
            letters += [(plain(match[0]), match.start()) for match in _LETTERS.finditer(text, start, end)]
            letters.append((_GAP, end))
        self._squashed = "".join(letter for letter, _ in letters)
        self._places = [place for letter, place in letters for _ in letter]

    def ground(self, field: Field, given: object, after: int = 0) -> Grounded | None:
        """Return the value if the source holds it, looking behind `after` first; None when it was invented."""
        kind = field.of if field.type is FieldType.LIST else field.type
        field = msgspec.structs.replace(field, type=kind, format=format_of(field))
        if isinstance(given, bool):
            return Grounded(given, None, exact=False) if kind is FieldType.BOOLEAN else None
        if isinstance(given, int | float) and kind in _NUMERIC:
            return self._equal(field, given, after)
        written = "" if given is None or kind is FieldType.BOOLEAN else str(given).strip()
        return self._written(field, kind, written, after) if written else None

    def _written(self, field: Field, kind: FieldType, written: str, after: int) -> Grounded | None:
        if kind is FieldType.ENUM:
            return self._option(field, written, after)
        if kind is FieldType.STRING and field.format not in _CHECKED:
            place = self.find(written, after)
            return Grounded(" ".join(self.text[place[0] : place[1]].split()), place) if place else None
        return self._typed(field, written, after)

    def find(self, written: str, after: int = 0) -> tuple[int, int] | None:
        """Find a text as it is written, white space, case and punctuation aside, as whole words."""
        wanted = squashed(written)
        if not wanted:
            return None
        places = list(self._occurrences(wanted))
        return next((place for place in places if place[0] >= after), places[0] if places else None)

    def _occurrences(self, wanted: str) -> Iterator[tuple[int, int]]:
        at = self._squashed.find(wanted)
        while at >= 0:
            start, end = self._places[at], self._places[at + len(wanted) - 1] + 1
            before, behind = self.text[start - 1 : start], self.text[end : end + 1]
            if not before.isalnum() and not behind.isalnum():
                yield start, end
            at = self._squashed.find(wanted, at + 1)

    def _typed(self, field: Field, written: str, after: int) -> Grounded | None:
        """Read the written value by our own parsers, where it stands; else look for one that means the same."""
        place = self.find(written, after)
        if place:
            start, end = self._widened(place)
            found = scan(field, self.text[start:end], self.conventions)
            values = {one.value for one in found}
            if len(values) == 1:
                return Grounded(values.pop(), (start + found[0].start, start + found[0].end))
        means = scan(field, written, self.conventions)
        return self._equal(field, means[0].value, after) if len(means) == 1 else None

    def _widened(self, place: tuple[int, int]) -> tuple[int, int]:
        """Take in a sign or a currency that stands before the first letter or digit."""
        start, end = place
        while start > 0 and self.text[start - 1] in "-\u2212($€£¥+":
            start -= 1
        while end < len(self.text) and self.text[end] in ")€£¥$-":
            end += 1
        return start, end

    def _equal(self, field: Field, value: object, after: int) -> Grounded | None:
        found = [one for one in self._scanned(field) if one.value == value]
        best = next((one for one in found if one.start >= after), found[0] if found else None)
        return Grounded(best.value, (best.start, best.end), exact=False) if best else None

    def _scanned(self, field: Field) -> Iterator[Found[Value]]:
        for start, end in self._ranges:
            for one in scan(field, self.text[start:end], self.conventions):
                yield Found(one.start + start, one.end + start, one.value)

    def _option(self, field: Field, written: str, after: int) -> Grounded | None:
        option = next((one for one in field.options if one.casefold() == written.casefold()), None)
        return Grounded(option, self.find(option, after), exact=False) if option else None


def read_in_picture(field: Field, given: object, conventions: Conventions) -> Value | None:
    """Return what a model read in a picture when it passes its type's validator; nothing proves it."""
    kind = field.of if field.type is FieldType.LIST else field.type
    field = msgspec.structs.replace(field, type=kind, format=format_of(field))
    if kind is FieldType.BOOLEAN:
        return given if isinstance(given, bool) else None
    if kind in _NUMERIC and isinstance(given, int | float) and not isinstance(given, bool):
        return given if kind is not FieldType.INTEGER else int(given)
    written = " ".join(str(given).split())
    if kind is FieldType.STRING and field.format not in _CHECKED:
        return written or None
    return normalise(field, written, conventions)

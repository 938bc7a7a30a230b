"""Values as machines write them, taken for a field of some type."""

from __future__ import annotations

import re
from decimal import Decimal, InvalidOperation
from functools import cached_property

from hub.extraction.schemas.fields import Field, FieldType
from hub.extraction.values.conventions import Conventions, conventions_of
from hub.extraction.values.typed import Value, normalise

ISO_DAY = re.compile(r"(\d{4}-\d\d-\d\d)(?:[T ]\d\d:\d\d.{0,20})?")
PLAIN_NUMBER = re.compile(r"-?\d{1,15}(?:\.\d{1,10})?")
LONGEST = 200_000
NUMBERS = frozenset((FieldType.NUMBER, FieldType.MONEY, FieldType.INTEGER))
DAYS = frozenset((FieldType.DATE, FieldType.DATETIME))
TRUE, FALSE = frozenset(("true", "yes", "1", "on")), frozenset(("false", "no", "0", "off"))


class Typing:
    """Takes stated texts for values; what a text leaves open, the rest of the document decides."""

    def __init__(self, text: str) -> None:
        self._text = text

    def value(self, field: Field, written: str | float | bool) -> Value | None:
        """The value for the field, None when what is written is none of its type."""
        kind = field.of if field.type is FieldType.LIST else field.type
        text = " ".join(str(written).split())[:LONGEST]
        if kind in NUMBERS:
            return self._number(field, kind, text)
        if kind in DAYS and (day := ISO_DAY.fullmatch(text)):
            return day[1] if kind is FieldType.DATE else text.replace(" ", "T", 1)
        # Vocabularies write https://schema.org/InStock.
        said = text.rpartition("/")[2].lower()
        if kind is FieldType.ENUM:
            return next((one for one in field.options if one.lower() == said), None)
        if kind is FieldType.BOOLEAN and said in TRUE | FALSE:
            return said in TRUE
        if kind is FieldType.STRING and field.format is None:
            return text or None
        return normalise(field, text, self._conventions) if text else None

    def _number(self, field: Field, kind: FieldType, text: str) -> Value | None:
        if not PLAIN_NUMBER.fullmatch(text):
            return normalise(field, text, self._conventions)
        try:
            number = Decimal(text)
        except InvalidOperation:
            return None
        if kind is FieldType.INTEGER:
            return int(number) if number == number.to_integral_value() else None
        return float(number)

    @cached_property
    def _conventions(self) -> Conventions:
        return conventions_of(self._text)

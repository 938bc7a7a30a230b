"""Values made comparable by their type: what is right may be written in more than one way."""

from __future__ import annotations

import re
import unicodedata
from typing import Any

from hub.extraction.rules.vocabulary import format_of
from hub.extraction.schemas.fields import Field, FieldType, Format

_LETTERS = {Format.IBAN, Format.TAX_ID, Format.IDENTIFIER, Format.PHONE, Format.ADDRESS}
_ALIKE = str.maketrans({"‘": "'", "’": "'", "“": '"', "”": '"', "„": '"', "–": "-", "—": "-", "\u00a0": " "})
_EDGES = " \t\n.,;:·-"


def plain(field: Field | None, value: Any) -> Any:
    """Return what to compare of a value: numbers to the cent, texts without white space at will, ids without signs."""
    if isinstance(value, bool) or value is None:
        return value
    if isinstance(value, int | float):
        return round(float(value), 2) if abs(value) < 1e12 else float(value)
    if not isinstance(value, str):
        return value
    text = unicodedata.normalize("NFKC", value).translate(_ALIKE)
    if field and format_of(field) in _LETTERS:
        return re.sub(r"[\W_]+", "", text).casefold()
    if field and field.type in {FieldType.DATE, FieldType.DATETIME}:
        return text.strip()
    return " ".join(text.split()).strip(_EDGES).casefold()


def same(field: Field | None, one: Any, other: Any) -> bool:
    """Tell whether two values mean the same; absent values are written as None, "" or an empty list."""
    one, other = _present(one), _present(other)
    if isinstance(one, bool) is not isinstance(other, bool):
        return False  # yes is not 1
    return bool(plain(field, one) == plain(field, other))


def _present(value: Any) -> Any:
    if isinstance(value, str):
        return value if value.strip() else None
    return None if value in ([], {}) else value

"""Which of the values in a text its label announces."""

from __future__ import annotations

import re

from hub.extraction.schemas.fields import Field, FieldType, Format
from hub.extraction.values.conventions import Conventions
from hub.extraction.values.found import Found
from hub.extraction.values.typed import Value, scan

_NUMERIC = {FieldType.MONEY, FieldType.NUMBER, FieldType.INTEGER}
# In front of the sum that a tax was taken on: 19% auf 100,00.
_BASE = re.compile(r"(?:\bauf|\bon|\bof|\bsur|\bvon|\baus|\bbase)\s*(?:[$€£]|[A-Z]{3})?\s*$", re.IGNORECASE)
_SENTENCE = re.compile(r"[a-zà-ÿ]{2,}[.;]?(?:\s+[a-zà-ÿ]{2,}){3,}")


def pick(field: Field, text: str, conventions: Conventions) -> Found[Value] | None:
    """Choose the value a label announces in the text behind it: the last sum, the first of anything else."""
    found = scan(field, text, conventions)
    if field.type is FieldType.MONEY:
        found = [one for one in found if not _BASE.search(text[: one.start])]
    if field.format is Format.IDENTIFIER:
        return _identifier(text, found)
    if field.type is FieldType.STRING and field.format in {None, Format.TEXT, Format.NAME}:
        return _words(text, found)
    if not found:
        return None
    if field.type in _NUMERIC:
        precise = [one for one in found if re.search(r"[.,]\d{2}(?!\d)|[.,][-\u2013]", text[one.start : one.end + 1])]
        return (precise or found)[-1] if field.type is FieldType.MONEY else found[0]
    return found[0]


def _words(text: str, found: list[Found[Value]]) -> Found[Value] | None:
    if not found or not any(letter.isalnum() for letter in str(found[0].value)):
        return None
    one = found[0]
    lead = len(text[one.start : one.end]) - len(text[one.start : one.end].lstrip(" :.-\u2013#=*|"))
    value = str(one.value).lstrip(" :.-\u2013#=*|").rstrip(" |;,")
    return Found(one.start + lead, one.start + lead + len(value), value) if value else None


def _identifier(text: str, found: list[Found[Value]]) -> Found[Value] | None:
    """An identifier is one word with a digit, or the short rest of the line: RE 2026-017."""
    if not found:
        capitals = re.fullmatch(r"\s*([A-Z][A-Z0-9/_-]{2,30})\s*", text)
        return Found(capitals.start(1), capitals.end(1), capitals[1]) if capitals else None
    first = found[0]
    before = text[: first.start].strip(" :#.\u2013-")
    if before and not re.fullmatch(r"[A-Z]{1,5}|[A-Z]{1,5}[ -][A-Z]{1,5}|[^\W\d_]{1,3}\.?", before):
        return first if len(before) <= 12 and not _SENTENCE.search(text) else None
    start = text.index(before, 0) if re.fullmatch(r"[A-Z]{1,5}(?:[ -][A-Z]{1,5})?", before or "-") else first.start
    end = first.end
    for other in found[1:]:
        if text[end : other.start] != " ":
            break
        end = other.end
    return Found(start, end, text[start:end])

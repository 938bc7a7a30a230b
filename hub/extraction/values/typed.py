"""Values of a field's type in a text: found, and written the one way that records use."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, datetime, time
from decimal import Decimal

from hub.extraction.schemas.fields import Field, FieldType, Format
from hub.extraction.values import currencies, dates, identifiers, numbers
from hub.extraction.values.conventions import Conventions
from hub.extraction.values.found import Found

Value = str | int | float | bool
Scan = Callable[[str, Conventions], list[Found[Value]]]

_YES = {"yes", "true", "y", "x", "ja", "oui", "si", "sí", "wahr", "vrai", "☑", "☒", "✓", "✔", "checked"}
_NO = {"no", "false", "n", "nein", "non", "falsch", "faux", "☐", "unchecked"}
# A box that is ticked, with the word behind it.
_TICKED = re.compile(r"(?:[\[(]\s?[xX✓✔]\s?[\])]|[☑☒])\s*(?P<word>[^\W\d_]+)?")
_BOX = re.compile(r"[\[(]\s?[xX✓✔]?\s?[\])]|[☐☑☒]")
_IDENTIFIER = re.compile(r"(?<![\w#])#?(?=[\w./#-]*\d)[A-Za-z0-9][\w./#-]*[A-Za-z0-9]|(?<![\w.,])\d(?![\w.,])")
# How far before a number its currency may stand.
_SYMBOL_REACH = 8
_PERCENT = re.compile(r"\s?%")
_LANGUAGES = {
    "english": "en", "englisch": "en", "anglais": "en", "german": "de", "deutsch": "de", "allemand": "de",
    "french": "fr", "französisch": "fr", "français": "fr", "spanish": "es", "español": "es", "italian": "it",
    "italiano": "it",
}  # fmt: skip


def scan(field: Field, text: str, conventions: Conventions) -> list[Found[Value]]:
    """Find all values of a field's type (of its items' type for a list)."""
    kind = field.of if field.type is FieldType.LIST else field.type
    if kind is FieldType.STRING:
        return _STRINGS[field.format](text, conventions) if field.format in _STRINGS else _whole(text)
    if kind is FieldType.ENUM:
        return _options(field, text)
    return _TYPES[kind](text, conventions)


def normalise(field: Field, text: str, conventions: Conventions) -> Value | None:
    """Read a text that holds one value of the field's type; None when it does not."""
    found = scan(field, text, conventions)
    values = {one.value for one in found}
    if len(values) == 1:
        return values.pop()
    return None


def _whole(text: str) -> list[Found[Value]]:
    stripped = text.strip()
    start = len(text) - len(text.lstrip())
    return [Found(start, start + len(stripped), " ".join(stripped.split()))] if stripped else []


def _numbers(text: str, conventions: Conventions) -> list[Found[Value]]:
    return [Found(one.start, one.end, float(one.value)) for one in numbers.find_numbers(text, conventions.mark)]


def _integers(text: str, conventions: Conventions) -> list[Found[Value]]:
    found = numbers.find_numbers(text, conventions.mark)
    return [Found(one.start, one.end, int(one.value)) for one in found if one.value == one.value.to_integral_value()]


def _money(text: str, conventions: Conventions) -> list[Found[Value]]:
    """Numbers that are no percentage and no part of a date."""
    taken = [(one.start, one.end) for one in dates.find_dates(text, conventions.day_order)]
    found: list[Found[Value]] = []
    for one in numbers.find_numbers(text, conventions.mark):
        dated = any(start < one.end and one.start < end for start, end in taken)
        if not dated and not _PERCENT.match(text, one.end):
            found.append(_signed(one, text))
    return found


def _signed(one: Found[Decimal], text: str) -> Found[Value]:
    """A minus may stand before the currency: -€5.00."""
    begin = max(0, one.start - _SYMBOL_REACH)
    before = text[begin : one.start].rstrip()
    symbol = currencies.find_currencies(before)
    if symbol and symbol[-1].end == len(before) and one.value > 0:
        sign = before[: symbol[-1].start].rstrip()
        if sign.endswith(("-", "\u2212")) and not sign[:-1].rstrip()[-1:].isalnum():
            return Found(begin + len(sign) - 1, one.end, -float(one.value))
    return Found(one.start, one.end, float(one.value))


def _booleans(text: str, _: Conventions) -> list[Found[Value]]:
    """A word for yes or no, the ticked one where there are boxes, else a box or a tick by itself."""
    for match in _TICKED.finditer(text):
        word = (match["word"] or "").lower()
        if word in _YES or word in _NO:
            first = _BOX.search(text)
            return [Found(min(match.start(), first.start() if first else match.start()), match.end(), word in _YES)]
    found: list[Found[Value]] = []
    for match in re.finditer(r"[^\W\d_]+|[☑☒☐✓✔]", text):
        word = match[0].lower()
        if word in _YES or word in _NO:
            found.append(Found(match.start(), match.end(), word in _YES))
    return found[:1]


def _dates(text: str, conventions: Conventions) -> list[Found[Value]]:
    found = dates.find_dates(text, conventions.day_order)
    compact = dates.parse_date(text, conventions.day_order) if not found else None
    if compact:
        start = len(text) - len(text.lstrip())
        return [Found(start, len(text.rstrip()), compact.isoformat())]
    return [Found(one.start, one.end, one.value.isoformat()) for one in found]


def _datetimes(text: str, conventions: Conventions) -> list[Found[Value]]:
    found: list[Found[Value]] = []
    times = dates.find_times(text)
    for one in dates.find_dates(text, conventions.day_order):
        near = next((clock for clock in times if 0 <= clock.start - one.end <= 12), None)
        moment = _moment(one.value, near.value if near else None, text[near.start : near.end] if near else "")
        found.append(Found(one.start, near.end if near else one.end, moment))
    return found


def _moment(day: date, clock: time | None, written: str) -> str:
    moment = datetime.combine(day, clock or time()).isoformat()
    zone = re.search(r"(Z|[+-]\d\d:?\d\d)$", written)
    return moment + (zone[1] if zone else "") if clock else day.isoformat()


def _months(text: str, conventions: Conventions) -> list[Found[Value]]:
    full = _dates(text, conventions)
    partial = [
        Found[Value](one.start, one.end, one.value)
        for one in dates.find_months(text)
        if all(one.end <= other.start or one.start >= other.end for other in full)
    ]
    return sorted([*full, *partial], key=lambda one: one.start)


def _times(text: str, _: Conventions) -> list[Found[Value]]:
    return [
        Found(one.start, one.end, one.value.isoformat("seconds" if one.value.second else "minutes"))
        for one in dates.find_times(text)
    ]


def _currencies(text: str, conventions: Conventions) -> list[Found[Value]]:
    return [Found(one.start, one.end, one.value) for one in currencies.find_currencies(text, conventions.home_currency)]


def _identifiers(text: str, conventions: Conventions) -> list[Found[Value]]:
    taken = [(one.start, one.end) for one in dates.find_dates(text, conventions.day_order)]
    found: list[Found[Value]] = []
    for match in _IDENTIFIER.finditer(text):
        dated = any(start < match.end() and match.start() < end for start, end in taken)
        if not dated and not _PERCENT.match(text, match.end()):
            start = match.start() + match[0].startswith("#")
            found.append(Found(start, match.end(), text[start : match.end()]))
    return found


def _languages(text: str, _: Conventions) -> list[Found[Value]]:
    found: list[Found[Value]] = []
    for match in re.finditer(r"[^\W\d_]+", text):
        word = match[0].lower()
        code = _LANGUAGES.get(word) or (word if word in _LANGUAGES.values() else None)
        if code:
            found.append(Found(match.start(), match.end(), code))
    return found


def _options(field: Field, text: str) -> list[Found[Value]]:
    found: list[Found[Value]] = []
    ticked = [match.start("word") for match in _TICKED.finditer(text) if match["word"]]
    for option in sorted(field.options, key=len, reverse=True):
        words = r"[\s_-]+".join(map(re.escape, re.split(r"[\s_-]+", option)))
        for match in re.finditer(rf"(?<!\w){words}(?!\w)", text, re.IGNORECASE):
            if all(match.end() <= one.start or match.start() >= one.end for one in found):
                found.append(Found(match.start(), match.end(), option))
    chosen = [one for one in found if one.start in ticked]
    return sorted(chosen or found, key=lambda one: one.start)


def _plain(find: Callable[[str], list[Found[str]]]) -> Scan:
    def scan_plain(text: str, _: Conventions) -> list[Found[Value]]:
        return [Found(one.start, one.end, one.value) for one in find(text)]

    return scan_plain


_TYPES: dict[FieldType, Scan] = {
    FieldType.INTEGER: _integers,
    FieldType.NUMBER: _numbers,
    FieldType.MONEY: _money,
    FieldType.BOOLEAN: _booleans,
    FieldType.DATE: _dates,
    FieldType.DATETIME: _datetimes,
}
_STRINGS: dict[Format | None, Scan] = {
    Format.IDENTIFIER: _identifiers,
    Format.IBAN: _plain(identifiers.find_ibans),
    Format.TAX_ID: _plain(identifiers.find_tax_ids),
    Format.EMAIL: _plain(identifiers.find_emails),
    Format.PHONE: _plain(identifiers.find_phones),
    Format.URL: _plain(identifiers.find_urls),
    Format.CURRENCY: _currencies,
    Format.TIME: _times,
    Format.MONTH: _months,
    Format.LANGUAGE: _languages,
}

"""How one document writes dates, numbers and money, told by what it holds itself."""

from __future__ import annotations

import re

import msgspec

from hub.extraction.values.currencies import find_currencies, home_currency
from hub.extraction.values.dates import DayOrder, day_order_votes, find_dates, is_ambiguous
from hub.extraction.values.language import language_of
from hub.extraction.values.numbers import DecimalMark, decimal_mark

_AMERICAN = re.compile(
    r"(?<!\w)(?:[A-Z]{2},? \d{5}(?:-\d{4})?|USA|U\.S\.A\.|United States|EIN|ZIP|Sales tax|[ap]\.?m\.?(?!\w))(?!\w)"
)
_NOT_AMERICAN = re.compile(
    r"(?<!\w)(?:VAT|GST|ABN|IBAN|Ltd|PLC|GmbH|[A-Z]{1,2}\d{1,2}[A-Z]? \d[A-Z]{2}|United Kingdom|UK|Australia)(?!\w)"
)
_TERMS = re.compile(
    r"(?<!\d)(?P<days>7|10|14|15|20|21|28|30|31|45|60|90)\s*(?:calendar\s+|net\s+)?(?:days|tage|tagen|jours|dias|días|giorni|dagen)"
    r"|\bnet\s*(?P<net>7|10|14|15|30|45|60|90)\b",
    re.IGNORECASE,
)


# Languages whose decimals stand behind a point.
_POINTED = {"en", "ja", "zh", "ko", "th", "he", "hi"}


class Conventions(msgspec.Struct, frozen=True):
    """What settles values that can be read in two ways; `sure` says whether the day order was proved."""

    language: str | None = None
    day_order: DayOrder = "dmy"
    sure: bool = False
    mark: DecimalMark | None = None
    home_currency: str | None = None


def conventions_of(text: str) -> Conventions:
    """Gather the evidence of a whole document."""
    text = text[:200_000]
    language = language_of(text)
    order, sure = _day_order(text, language)
    home = home_currency(text)
    return Conventions(language, order, sure, decimal_mark(text) or _usual_mark(language), home)


def _usual_mark(language: str | None) -> DecimalMark | None:
    if language is None:
        return None
    return "." if language in _POINTED else ","


def _day_order(text: str, language: str | None) -> tuple[DayOrder, bool]:
    day_first, month_first = day_order_votes(text)
    if day_first != month_first:
        return ("dmy", True) if day_first > month_first else ("mdy", True)
    by_terms = _order_by_terms(text)
    if by_terms:
        return by_terms, True
    if language not in {"en", None}:
        return "dmy", True
    return _order_by_country(text)


def _order_by_terms(text: str) -> DayOrder | None:
    """Payment within 30 days fits two dates of the document in one order only."""
    terms = {int(match["days"] or match["net"]) for match in _TERMS.finditer(text)}
    if not terms:
        return None
    orders: tuple[DayOrder, ...] = ("dmy", "mdy")
    fitting = [order for order in orders if _gaps(text, order) & terms]
    return fitting[0] if len(fitting) == 1 else None


def _gaps(text: str, order: DayOrder) -> set[int]:
    days = sorted({one.value for one in find_dates(text, order)})[:12]
    return {(later - earlier).days for earlier in days for later in days if later > earlier}


def _order_by_country(text: str) -> tuple[DayOrder, bool]:
    if _AMERICAN.search(text) and not _NOT_AMERICAN.search(text):
        return "mdy", True
    if _NOT_AMERICAN.search(text):
        return "dmy", True
    currencies = {one.value for one in find_currencies(text, home_currency(text))}
    if currencies == {"USD"}:
        return "mdy", False
    return "dmy", bool(currencies)


def ambiguous(text: str, conventions: Conventions) -> bool:
    """Tell whether a written date could as well be another day in this document."""
    return not conventions.sure and is_ambiguous(text)

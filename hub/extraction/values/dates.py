"""Dates and times as people write them, in any usual order and several languages."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, time
from typing import Literal

from hub.extraction.values.found import Found
from hub.extraction.values.months import MONTHS, plain

DayOrder = Literal["dmy", "mdy"]

_WORD = r"[^\W\d_]{3,12}"
_DAY = r"(?P<day>[0-3]?\d)(?:st|nd|rd|th|er|re|º|ª|\.)?"
_YEAR = r"(?P<year>(?:19|20|21)\d\d|['\u2019]?\d\d)(?!\d)"
_OF = r"(?:(?:day\s+)?of\s+|del?\s+|d['\u2019])?"
_ISO = re.compile(
    r"(?<![\d])(?P<year>(?:19|20|21)\d\d)(?P<mark>[-/.])(?P<month>[01]?\d)(?P=mark)(?P<day>[0-3]?\d)(?!\d)"
)
_COMPACT = re.compile(r"(?<!\w)(?P<year>(?:19|20)\d\d)(?P<month>[01]\d)(?P<day>[0-3]\d)(?!\w)")
_NUMERIC = re.compile(
    r"(?<![\d.,/-])(?P<first>[0-3]?\d)\s?(?P<mark>[-/.\u2013])\s?(?P<second>[0-3]?\d)\s?(?P=mark)\s?"
    r"(?P<year>(?:19|20|21)\d\d|\d\d)(?![\d])(?!(?P=mark)\d)"
)
_DAY_FIRST = re.compile(rf"(?<![\d.,/-]){_DAY}[\s./-]+{_OF}(?P<month>{_WORD})\.?,?[\s./-]*{_OF}{_YEAR}", re.IGNORECASE)
_MONTH_FIRST = re.compile(rf"(?<!\w)(?P<month>{_WORD})\.?[\s./-]+{_DAY}(?:,\s*|[\s./-]+){_YEAR}", re.IGNORECASE)
_YEAR_FIRST = re.compile(rf"(?<!\d)(?P<year>(?:19|20|21)\d\d),?[\s./-]+(?P<month>{_WORD})\.?[\s./-]+{_DAY}(?!\d)")
_JAPANESE = re.compile(r"(?P<year>(?:19|20)\d\d)\s?年\s?(?P<month>[01]?\d)\s?月\s?(?P<day>[0-3]?\d)\s?日")
_MONTH_YEAR = re.compile(
    rf"(?<![\w.])(?P<month>{_WORD})\.?,?[\s/-]*{_OF}(?P<year>(?:19|20|21)\d\d)(?!\d)", re.IGNORECASE
)
_NUMBER_YEAR = re.compile(r"(?<![\d./-])(?P<month>0?[1-9]|1[0-2])[./-](?P<year>(?:19|20|21)\d\d)(?![\d./-])")
_YEAR_NUMBER = re.compile(r"(?<![\d./-])(?P<year>(?:19|20|21)\d\d)[./-](?P<month>0[1-9]|1[0-2])(?![\d./-])")
_ONLY_YEAR = re.compile(
    r"(?<![\w.,/-])(?P<year>(?:19|20)\d\d)(?![\w]|[.,/]\d|-(?!(?:19|20)\d\d(?!\d))\d)|(?<=\d{4}-)(?P<until>20\d\d)(?![\w-])"
)
_TIME = re.compile(
    r"(?<![\d:.,/-])(?P<hour>[01]?\d|2[0-3])(?P<mark>[:.hH])(?P<minute>[0-5]\d)(?:(?P=mark)(?P<second>[0-5]\d)(?:\.\d+)?)?"
    r"\s?(?P<half>[aApP]\.?[mM]\.?(?!\w))?(?P<zone>Z|[+-]\d\d:?\d\d)?(?![\d:/])(?!\.\d)"
)


def find_dates(text: str, order: DayOrder = "dmy") -> list[Found[date]]:
    """Find every full date; `order` decides those such as 03/04/2026."""
    found: list[Found[date]] = []
    for candidate in _full_dates(text, order):
        if all(candidate.end <= other.start or candidate.start >= other.end for other in found):
            found.append(candidate)
    return sorted(found, key=lambda one: one.start)


def parse_date(text: str, order: DayOrder = "dmy") -> date | None:
    """Read the one date in a text, which may carry a weekday, a place or a time besides."""
    compact = _COMPACT.fullmatch(text.strip())
    if compact:
        return _date(compact["year"], compact["month"], compact["day"])
    found = find_dates(text, order)
    return found[0].value if len(found) == 1 else None


def day_order_votes(text: str) -> tuple[int, int]:
    """Count the dates that can only be day first, and those that can only be month first."""
    day_first = month_first = 0
    for match in _NUMERIC.finditer(text):
        first, second = int(match["first"]), int(match["second"])
        day_first += first > 12 >= second >= 1
        month_first += second > 12 >= first >= 1
    return day_first, month_first


def is_ambiguous(text: str) -> bool:
    """Tell whether a written date means another day when day and month are swapped."""
    match = _NUMERIC.search(text)
    return bool(
        match
        and match["mark"] != "."
        and match["first"] != match["second"]
        and max(int(match["first"]), int(match["second"])) <= 12
    )


def find_months(text: str) -> list[Found[str]]:
    """Find dates without a day, as ISO 8601 writes them: `2026-03` or `2026`."""
    found: list[Found[str]] = []
    for match in _MONTH_YEAR.finditer(text):
        month = MONTHS.get(plain(match["month"]))
        if month:
            found.append(Found(match.start(), match.end(), f"{match['year']}-{month:02}"))
    for pattern in (_NUMBER_YEAR, _YEAR_NUMBER):
        found += [Found(m.start(), m.end(), f"{m['year']}-{int(m['month']):02}") for m in pattern.finditer(text)]
    for match in _ONLY_YEAR.finditer(text):
        if all(match.end() <= one.start or match.start() >= one.end for one in found):
            found.append(Found(match.start(), match.end(), match["year"] or match["until"]))
    return sorted(found, key=lambda one: one.start)


def find_times(text: str) -> list[Found[time]]:
    """Find times of day, with or without seconds, in 12 or 24 hours."""
    return [Found(m.start(), m.end(), value) for m in _TIME.finditer(text) if (value := _time(m)) is not None]


def _full_dates(text: str, order: DayOrder) -> Iterator[Found[date]]:
    for pattern in (_ISO, _JAPANESE, _DAY_FIRST, _MONTH_FIRST, _YEAR_FIRST):
        for match in pattern.finditer(text):
            value = _date(match["year"], match["month"], match["day"])
            if value:
                yield Found(match.start(), match.end(), value)
    for match in _NUMERIC.finditer(text):
        value = _numeric(match, order)
        if value:
            yield Found(match.start(), match.end(), value)


def _numeric(match: re.Match[str], order: DayOrder) -> date | None:
    day_first = match["mark"] == "." or order == "dmy"
    straight = (match["second"], match["first"]) if day_first else (match["first"], match["second"])
    swapped = (straight[1], straight[0])
    return _date(match["year"], *straight) or _date(match["year"], *swapped)


def _date(year: str, month: str, day: str) -> date | None:
    number = int(month) if month.isdigit() else MONTHS.get(plain(month))
    if number is None:
        return None
    try:
        return date(_full_year(year), number, int(day))
    except ValueError:
        return None


def _full_year(written: str) -> int:
    year = int(written.lstrip("'\u2019"))
    if year >= 100:
        return year
    return year + (2000 if year < 70 else 1900)


def _time(match: re.Match[str]) -> time | None:
    hour = int(match["hour"])
    half = (match["half"] or "").lower()
    if match["mark"] == "." and not half and not _says_clock(match):
        return None
    if half:
        if not 1 <= hour <= 12:
            return None
        hour = hour % 12 + (12 if half.startswith("p") else 0)
    return time(hour, int(match["minute"]), int(match["second"] or 0))


def _says_clock(match: re.Match[str]) -> bool:
    """A dot separates hours and minutes only where the word for o'clock follows."""
    return bool(re.match(r"\s?(?:uhr|h\b|kl)", match.string[match.end() :], re.IGNORECASE))

"""Numbers as they are written around the world: 1.200,00 and 1,200.00, 1 200,00, 1'200.00 and 1,20,000.00."""

from __future__ import annotations

import re
from collections import Counter
from decimal import Decimal
from typing import Literal

from hub.extraction.values.found import Found

DecimalMark = Literal[".", ","]
# What programs store exactly; digits beyond are no amount but a number of something.
LARGEST = 2**53

_SPACES = " \u00a0\u2007\u2009\u202f"
_QUOTES = "'\u2019\u02bc`"
_GROUPED = rf"\d{{1,3}}(?:[{_SPACES}{_QUOTES}]\d{{3}})+"
_POINTED = r"\d{1,3}(?:[.,]\d{2,3})*[.,]\d{3}"
_PLAIN = r"\d+"
_BODY = rf"(?:{_GROUPED}|{_POINTED}(?!\d)|{_PLAIN})(?:[.,]\d+)?"
_NUMBER = re.compile(
    rf"(?<![\w.,])(?<!\w[-/])(?P<open>\()?(?P<sign>[-\u2212\u2013+])?(?P<lead>[.,](?=\d))?(?P<body>{_BODY})"
    rf"(?:[.,](?P<dash>[-\u2013\u2014]{{1,2}}))?(?P<trail>-(?![\w]))?(?P<close>\))?(?![\w])(?![-/]\d)"
)
_MARKS = re.compile(r"[.,]")
_NOISE = re.compile(rf"[{_SPACES}{_QUOTES}]")


def find_numbers(text: str, mark: DecimalMark | None = None) -> list[Found[Decimal]]:
    """Find every number; `mark` decides those that can be read in two ways, such as 1.200."""
    found = []
    for match in _NUMBER.finditer(text):
        value = _value(match, mark)
        if value is not None:
            start, end = _extent(match)
            found.append(Found(start, end, value))
    return found


def parse_number(text: str, mark: DecimalMark | None = None) -> Decimal | None:
    """Read a text that is one number and nothing else."""
    trimmed = text.strip()
    found = find_numbers(trimmed, mark)
    if len(found) == 1 and (found[0].start, found[0].end) == (0, len(trimmed)):
        return found[0].value
    return None


def decimal_mark(text: str) -> DecimalMark | None:
    """Tell which mark separates decimals, from the numbers of a text that can be read in one way only."""
    votes: Counter[DecimalMark] = Counter()
    for match in _NUMBER.finditer(text):
        vote = _vote(match["body"])
        if vote:
            votes[vote] += 1
    if not votes or votes["."] == votes[","]:
        return None
    return votes.most_common(1)[0][0]


def _vote(body: str) -> DecimalMark | None:
    marks = _MARKS.findall(body)
    if not marks:
        return None
    last: DecimalMark = marks[-1]
    digits = len(body) - 1 - max(body.rfind("."), body.rfind(","))
    if len(set(marks)) == 2:
        return last
    if len(marks) == 1 and digits in {1, 2}:
        return last
    if len(marks) > 1:
        return "," if last == "." else "."
    return None


def _extent(match: re.Match[str]) -> tuple[int, int]:
    """Leave out brackets that do not belong together."""
    start, end = match.span()
    if match["open"] and not match["close"]:
        start += 1
    if match["close"] and not match["open"]:
        end -= 1
    return start, end


def _value(match: re.Match[str], mark: DecimalMark | None) -> Decimal | None:
    written = _canonical(_NOISE.sub("", match["body"]), mark)
    if written is None or len(written) > 40:
        return None
    value = Decimal(("0." if match["lead"] else "") + written)
    if value > LARGEST:
        return None
    minus = match["sign"] in {"-", "\u2212", "\u2013"} or match["trail"]
    bracketed = bool(match["open"] and match["close"])
    return -value if minus or bracketed else value


def _canonical(body: str, mark: DecimalMark | None) -> str | None:
    marks = _MARKS.findall(body)
    if not marks:
        return body
    decimal = _decimal_of(body, marks, mark)
    if decimal is None:
        if len(_MARKS.split(body)[-1]) != 3:
            return None
        return body.replace(".", "").replace(",", "")
    whole, _, fraction = body.rpartition(decimal)
    if decimal in whole:
        return None
    return f"{whole.replace('.', '').replace(',', '')}.{fraction}"


def _decimal_of(body: str, marks: list[str], mark: DecimalMark | None) -> str | None:
    """Decide which mark of a number separates its decimals, if any does."""
    if len(set(marks)) == 2:
        return marks[-1]
    if len(marks) > 1:
        return None
    whole, _, fraction = body.partition(marks[0])
    if len(fraction) != 3 or whole in {"", "0"} or len(whole) > 3:
        return marks[0]
    return marks[0] if mark == marks[0] else None

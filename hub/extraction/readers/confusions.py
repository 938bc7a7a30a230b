"""Letters that recognition takes for digits: put right only where amounts, dates and identifiers then hold.

An IBAN needs a checksum that is right in one way only; an amount its two decimals, a date its day and month, a tax id
its length. Everything else stays as it was read. A word that was put right is trusted less.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import groupby, product, zip_longest

from msgspec.structs import replace

from hub.extraction.readers.tesseract import Seen
from hub.extraction.values.identifiers import IBAN_LENGTHS, is_iban
from hub.extraction.values.months import MONTHS, plain

DIGITS = str.maketrans("OoQDIl|!SsBZzG", "00001111558226")
TOLD = re.compile(
    r"[-+]?(?:\d{1,3}(?:[.,']\d{3})+|\d{1,6})[.,]\d{2}"
    r"|(?:0[1-9]|[12]\d|3[01])([./-])(?:0[1-9]|1[0-2])\1(?:19|20)\d\d"
    r"|(?:19|20)\d\d-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])"
)
AROUND = re.compile(r"(?P<before>[€$£(]?)(?P<body>.*?)(?P<after>[€$£),;:]?)")
TAX_ID = re.compile(r"(?P<country>ATU(?=.{8}$)|DE(?=.{9}$)|IT(?=.{11}$)|PL(?=.{10}$))(?P<body>\w+)")
# What of a repaired word is still believed, how many letters of an account number may be doubtful.
BELIEVED, DOUBTFUL = 0.8, 8
# In heights of a word: how near the decimals of a number stand.
NEAR = 0.45


def put_right(found: Sequence[Seen]) -> list[Seen]:
    """The words with what was taken for something else put right; words of one line follow each other."""
    kept: list[Seen] = []
    for _, line in groupby(found, key=lambda seen: seen.line):
        words = [_told(word) for word in _joined(list(line))]
        words = [_first(word, after) for word, after in zip_longest(words, words[1:])]
        kept.extend(_accounts(words))
    return kept


def _told(word: Seen) -> Seen:
    """An amount, a date or a tax id with digits where digits must be."""
    around = AROUND.fullmatch(word.text)
    body = around["body"] if around else word.text
    digits = body.translate(DIGITS)
    if digits != body and 2 * sum(map(str.isdigit, body)) >= len(re.sub(r"\W", "", body)) and TOLD.fullmatch(digits):
        return _written(word, f"{around['before']}{digits}{around['after']}" if around else digits)
    tax_id = TAX_ID.fullmatch(word.text)
    if tax_id and not tax_id["body"].isdigit() and tax_id["body"].translate(DIGITS).isdigit():
        return _written(word, tax_id["country"] + tax_id["body"].translate(DIGITS))
    return word


def _first(word: Seen, after: Seen | None) -> Seen:
    """The French first of a month."""
    is_first = word.text in {"ler", "Ier", "ter"} and after is not None and plain(after.text) in MONTHS
    return _written(word, "1er") if is_first else word


def _joined(line: Sequence[Seen]) -> Iterator[Seen]:
    """The words with decimals at their number: 1.392, 60 is one."""
    before: Seen | None = None
    for word in line:
        if before is not None and _goes_on(before, word):
            box = (
                before.box[0],
                min(before.box[1], word.box[1]),
                word.box[2],
                max(before.box[3], word.box[3]),
            )
            sure = BELIEVED * min(before.confidence, word.confidence)
            before = Seen(before.text + word.text, box, sure, before.line, before.turn)
            continue
        if before is not None:
            yield before
        before = word
    if before is not None:
        yield before


def _goes_on(before: Seen, word: Seen) -> bool:
    height = before.box[3] - before.box[1]
    near = 0 <= word.box[0] - before.box[2] < NEAR * height
    return near and bool(re.fullmatch(r"[-+]?\d[\d.,']*[.,]", before.text) and re.fullmatch(r"\d\d", word.text))


def _accounts(words: list[Seen]) -> list[Seen]:
    """The words with an account number in them put right, if one way of reading its letters is right."""
    for first, word in enumerate(words):
        length = IBAN_LENGTHS.get(word.text[:2])
        last = _reach(words, first, length) if length else None
        if last is None:
            continue
        written = "".join(one.text for one in words[first : last + 1])
        right = None if is_iban(written) else _account(written)
        if right:
            for place in range(first, last + 1):
                text, right = right[: len(words[place].text)], right[len(words[place].text) :]
                words[place] = words[place] if text == words[place].text else _written(words[place], text)
    return words


def _reach(words: Sequence[Seen], first: int, length: int) -> int | None:
    """The last of the words that make up so many characters."""
    taken = 0
    for place in range(first, len(words)):
        taken += len(words[place].text)
        if taken >= length or not words[place].text.isalnum():
            return place if taken == length and words[place].text.isalnum() else None
    return None


def _account(written: str) -> str | None:
    ways = [
        letter if place < 2 or letter.translate(DIGITS) == letter else letter + letter.translate(DIGITS)
        for place, letter in enumerate(written)
    ]
    if sum(len(way) > 1 for way in ways) > DOUBTFUL:
        return None
    right = [number for letters in product(*ways) if is_iban(number := "".join(letters))]
    return right[0] if len(right) == 1 else None


def _written(word: Seen, text: str) -> Seen:
    return replace(word, text=text, confidence=BELIEVED * word.confidence)

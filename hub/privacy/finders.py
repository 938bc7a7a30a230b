"""Personal data in a text, by validators: what is found is what its checksum or its register's rules confirm."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from enum import StrEnum

import msgspec

from hub.extraction.values.identifiers import find_emails, find_ibans, find_vat_ids
from hub.privacy.checksums import is_card, is_national_id, is_vat_id


class Kind(StrEnum):
    """A kind of personal data; names and addresses need an optional package."""

    IBAN = "iban"
    CARD = "card"
    VAT_ID = "vat_id"
    EMAIL = "email"
    PHONE = "phone"
    NATIONAL_ID = "national_id"
    NAME = "name"
    ADDRESS = "address"


class Spot(msgspec.Struct, frozen=True, gc=False):
    """Personal data at characters of a text, the end not included."""

    kind: Kind
    start: int
    end: int


# The library gives up after so many numbers that are none: a long table must not hide what stands behind it.
_TRIES = 1_000_000
BY_MODEL = frozenset({Kind.NAME, Kind.ADDRESS})
_CARD = re.compile(r"(?<![\w.,-])\d(?:[ -]?\d){12,18}(?![\w-])")
_NATIONAL = re.compile(
    r"(?<![\w.,/-])(?:\d{3}[.]\d{4}[.]\d{4}[.]\d{2}|\d{3}[.]\d{3}[.]\d{3}-\d{2}|\d{2}[.]\d{2}[.]\d{2}-\d{3}[.]\d{2}"
    r"|\d{6}(?:\d\d)?[-+]\d{4}|\d{2} ?\d{3} ?\d{3} ?\d{3}|[12] ?\d\d ?\d\d ?\d[\dAB] ?\d{3} ?\d{3} ?\d\d"
    r"|[A-Z]{2} ?\d\d ?\d\d ?\d\d ?[A-D]|[XYZ\d]\d{7}-?[A-Z]|[A-Z]{6}\d\d[A-Z]\d\d[A-Z]\d{3}[A-Z]|\d{9}|\d{11})"
    r"(?![\w-])"
)
# A US social security number has no checksum, so it counts only where the text says what it is.
_SSN = re.compile(
    r"(?i)\b(?:ssn|social security)\b.{0,30}?(?<!\d)((?!000|666|9\d\d)\d{3}-(?!00)\d\d-(?!0000)\d{4})(?!\d)"
)
_DATE = re.compile(r"\d{1,4}([./-])\d{1,2}\1\d{1,4}")
_REGIONS = {
    "de": ("DE",), "en": ("US", "GB"), "fr": ("FR",), "es": ("ES",), "it": ("IT",), "nl": ("NL",), "pl": ("PL",),
    "pt": ("PT",), "sv": ("SE",),
}  # fmt: skip


def find(text: str, kinds: Sequence[Kind], language: str = "") -> list[Spot]:
    """Return what is there in the order of the text; where two overlap, the longer one."""
    spots = [spot for kind in kinds if kind in _FINDERS for spot in _FINDERS[kind](text, language)]
    return apart(spots)


def apart(spots: Sequence[Spot]) -> list[Spot]:
    """Put them in order; of those that overlap the longer one stays."""
    kept: list[Spot] = []
    for spot in sorted(spots, key=lambda one: (one.start, -one.end)):
        if not kept or spot.start >= kept[-1].end:
            kept.append(spot)
        elif spot.end - spot.start > kept[-1].end - kept[-1].start:
            kept[-1] = spot
    return kept


def _ibans(text: str, _: str) -> Iterator[Spot]:
    return (Spot(Kind.IBAN, one.start, one.end) for one in find_ibans(text))


def _emails(text: str, _: str) -> Iterator[Spot]:
    return (Spot(Kind.EMAIL, one.start, one.end) for one in find_emails(text))


def _vat_ids(text: str, _: str) -> Iterator[Spot]:
    for one in find_vat_ids(text):
        if is_vat_id(re.sub(r"[\s.-]", "", text[one.start : one.end]).upper()):
            yield Spot(Kind.VAT_ID, one.start, one.end)


def _cards(text: str, _: str) -> Iterator[Spot]:
    for match in _CARD.finditer(text):
        if is_card(re.sub(r"\D", "", match[0])):
            yield Spot(Kind.CARD, match.start(), match.end())


def _national_ids(text: str, _: str) -> Iterator[Spot]:
    for match in _NATIONAL.finditer(text):
        if is_national_id(re.sub(r"[\s.+-]", "", match[0])):
            yield Spot(Kind.NATIONAL_ID, match.start(), match.end())
    for match in _SSN.finditer(text):
        yield Spot(Kind.NATIONAL_ID, match.start(1), match.end(1))


def _phones(text: str, language: str) -> Iterator[Spot]:
    """Numbers valid in their country; one without a country is read as of the document's language."""
    from phonenumbers import Leniency, PhoneNumberMatcher

    abroad = PhoneNumberMatcher(text, None, leniency=Leniency.VALID, max_tries=_TRIES)
    yield from (Spot(Kind.PHONE, match.start, match.end) for match in abroad)
    if language not in _REGIONS:
        return
    # English is written in many countries, so there the groups of digits have to be right too.
    care = Leniency.STRICT_GROUPING if language == "en" else Leniency.VALID
    for region in _REGIONS[language]:
        for match in PhoneNumberMatcher(text, region, leniency=care, max_tries=_TRIES):
            if re.search(r"[ ()/.-]", match.raw_string) and not _DATE.fullmatch(match.raw_string):
                yield Spot(Kind.PHONE, match.start, match.end)


_FINDERS: dict[Kind, Callable[[str, str], Iterator[Spot]]] = {
    Kind.IBAN: _ibans,
    Kind.CARD: _cards,
    Kind.VAT_ID: _vat_ids,
    Kind.EMAIL: _emails,
    Kind.NATIONAL_ID: _national_ids,
    Kind.PHONE: _phones,
}

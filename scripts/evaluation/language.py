"""What documents of one language say, and how they write dates, numbers and money."""

from __future__ import annotations

import random
from datetime import date
from functools import cache
from pathlib import Path

import msgspec
from babel.dates import format_date

_WORDS = Path(__file__).parent / "words"


class Currency(msgspec.Struct, frozen=True):
    """The currency of a country, and on which side its sign stands."""

    code: str
    sign: str
    after: bool


class TaxIds(msgspec.Struct, frozen=True):
    """What tax numbers are called and look like; `#` is a digit."""

    label: list[str]
    shape: str


class Account(msgspec.Struct, frozen=True):
    """The shape of a country's IBAN after its check digits."""

    country: str
    bban: str


class ReceiptWords(msgspec.Struct, frozen=True):
    """What tills print."""

    merchants: list[str]
    goods: list[str]
    total: list[str]
    tax: list[str]
    cash: str
    card: list[str]
    given: str
    change: str
    clerk: str
    receipt_number: str
    thanks: str


class OrderWords(msgspec.Struct, frozen=True):
    """What purchase orders say."""

    title: list[str]
    number: list[str]
    date: list[str]
    delivery: list[str]
    buyer: list[str]
    supplier: list[str]
    total: list[str]


class Language(msgspec.Struct, frozen=True, kw_only=True):
    """One file of `words`."""

    locale: str
    country: str
    marks: tuple[str, str]
    days: list[str]
    currency: Currency
    rates: list[float]
    tax_id: TaxIds
    account: Account | None
    labels: dict[str, list[str]]
    columns: dict[str, list[str]]
    units: list[str]
    items: list[str]
    sellers: list[str]
    buyers: list[str]
    streets: list[str]
    towns: list[str]
    terms: str
    thanks: str
    receipt: ReceiptWords
    order: OrderWords


@cache
def language(name: str) -> Language:
    """Return a language by the name of its file."""
    return msgspec.yaml.decode((_WORDS / f"{name}.yaml").read_bytes(), type=Language)


class Style(msgspec.Struct, frozen=True, kw_only=True):
    """How one maker writes: chosen words for every label and column, one way for dates and one for numbers."""

    language: Language
    labels: dict[str, str]
    columns: dict[str, str]
    day_format: str
    group: str
    signed: bool

    def say(self, label: str) -> str:
        """The maker's word for a label."""
        return self.labels[label]

    def day(self, day: date) -> str:
        """A date as this maker writes it."""
        return format_date(day, self.day_format, locale=self.language.locale)

    def number(self, value: float, places: int = 2) -> str:
        """A number with the marks of the language."""
        written = f"{value:,.{places}f}"
        return written.replace(",", "\0").replace(".", self.language.marks[1]).replace("\0", self.group)

    def count(self, value: float) -> str:
        """A quantity: decimals only where there are some."""
        return self.number(value, 0 if value == int(value) else 1 if round(value * 10) == value * 10 else 2)

    def money(self, value: float) -> str:
        """An amount with the sign or code of its currency."""
        currency = self.language.currency
        mark = currency.sign if self.signed else currency.code
        if currency.after or not self.signed:
            return f"{self.number(value)} {mark}"
        return f"{'-' if value < 0 else ''}{mark}{self.number(abs(value))}"

    def rate(self, label: str, rate: float) -> str:
        """A label that names a tax rate."""
        return self.say(label).replace("{rate}", self.count(rate))


def style_of(words: Language, rng: random.Random) -> Style:
    """Choose how a maker writes."""
    group = words.marks[0]
    return Style(
        language=words,
        labels={name: rng.choice(choices) for name, choices in words.labels.items()},
        columns={name: rng.choice(choices) for name, choices in words.columns.items()},
        day_format=rng.choice(words.days),
        group=rng.choice([group, group, group, ""]) if group != "," else ",",
        signed=rng.random() < 0.7,
    )

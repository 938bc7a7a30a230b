"""What documents call things: the labels of every concept in several languages, and which concept a field means."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from importlib.resources import files

import msgspec
import yaml
from yaml import CSafeLoader

from hub.extraction.schemas.fields import Field, FieldType, Format, Leaf
from hub.extraction.values.months import plain

_TOKEN = re.compile(r"[^\W_]+|[#№]")
_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
# What stands for "number" after another word, and on its own.
_NUMBER_WORDS = {
    "number": ("no", "nr", "num", "#", "nbr"),
    "numero": ("no", "n", "n°", "num", "nr"),
    "nummer": ("nr",),
    "numer": ("nr", "no"),
}
# Words that names of fields leave out: date_naissance is Date de naissance.
SMALL = frozenset(
    (
        *("a", "and", "d", "da", "das", "de", "del", "della", "der", "des", "di", "do", "du", "el", "en", "et", "for"),
        *("fur", "het", "il", "in", "l", "la", "le", "les", "na", "o", "of", "per", "pour", "the", "und", "van", "y"),
    )
)
_UMLAUTS = (("ae", "a"), ("oe", "o"), ("ue", "u"))
# Words of a field's name that its type says already.
_IMPLIED = {"date", "number", "no", "name", "amount", "value", "total", "id", "code", "datum", "nummer", "betrag"}


# What the columns of line items are called; a column "Total" is another thing than the total.
COLUMNS = frozenset(
    ("description", "quantity", "unit", "unit_price", "tax_rate", "amount", "line_number", "sku", "line_other")
)


# Words with which many others end, so that they tell nothing of a longer one.
GENERIC = _IMPLIED | {"adresse", "anschrift", "summe", "anzahl", "address", "person"}


# Concepts of things that only have in common that they are nothing else: no field means them.
_MIXED = frozenset(("paid", "carried", "page", "cv_other", "contact", "receipt_number"))


class Meaning(msgspec.Struct, frozen=True, gc=False):
    """What a label announces; a weak one also announces other things."""

    concept: str
    weak: bool = False


Index = dict[str, tuple[Meaning, ...]]


def tokens(text: str) -> list[tuple[int, int, str]]:
    """Split a text into words of labels, without accents and case, with their characters."""
    return [(match.start(), match.end(), plain(match[0])) for match in _TOKEN.finditer(text)]


def key(text: str) -> str:
    """Write a label so that Rechnungs-Nr., Rechnungs Nr and RECHNUNGSNR are one."""
    return "".join(word for _, _, word in tokens(_CAMEL.sub(" ", text.replace("_", " "))))


@cache
def vocabulary() -> Index:
    """Return all labels by their keys, of every language that has a file."""
    index: dict[str, dict[str, bool]] = {}
    folder = files("hub.extraction.rules") / "words"
    for file in sorted(folder.iterdir(), key=lambda file: file.name):
        loaded = yaml.load(file.read_text("utf-8"), Loader=CSafeLoader)
        for concept, labels in loaded.items():
            weak = concept.endswith("?")
            for written in labels:
                for variant in _variants(written):
                    meanings = index.setdefault(variant, {})
                    plain_concept = concept.rstrip("?")
                    meanings[plain_concept] = weak and meanings.get(plain_concept, True)
    return {label: tuple(Meaning(*pair) for pair in meanings.items()) for label, meanings in index.items()}


def _variants(label: str) -> Iterator[str]:
    words = [word for _, _, word in tokens(label)]
    yield "".join(words)
    for word, others in _NUMBER_WORDS.items():
        for other in others:
            if word in words:
                yield "".join(other if one == word else one for one in words)
            elif words[-1].endswith(word) and len(words[-1]) > len(word):
                yield "".join([*words[:-1], words[-1].removesuffix(word) + other])


def concepts_of(leaf: Leaf, schema_name: str) -> frozenset[str]:
    """Return the concepts a field means, from its name in its place, its title and its labels."""
    for phrases in _phrases(leaf, schema_name):
        found = _meant(phrases) - COLUMNS - (_MIXED - {leaf.field.name})
        if found:
            return found
    return frozenset()


def column_concepts(column: Field) -> frozenset[str]:
    """Return the concepts a column of a table means; those of line items first."""
    found = _meant([*column.labels, column.name, column.title])
    return found & COLUMNS or found


def concepts_named(phrase: str) -> frozenset[str]:
    """Return the concepts a phrase names."""
    return _meant([phrase])


def _meant(phrases: Iterable[str]) -> frozenset[str]:
    known = vocabulary()
    keys = [written for phrase in phrases for written in (key(phrase), _without_umlauts(key(phrase)))]
    meanings = (meaning for written in keys for meaning in known.get(written, ()))
    return frozenset(meaning.concept for meaning in meanings if not meaning.weak)


def _without_umlauts(written: str) -> str:
    """Write faellig as fällig is compared."""
    for letters, letter in _UMLAUTS:
        written = written.replace(letters, letter)
    return written


def _phrases(leaf: Leaf, schema_name: str) -> Iterator[list[str]]:
    field = leaf.field
    around = [parent.name for parent in leaf.parents] or [schema_name]
    yield [*field.labels, f"{around[-1]} {field.name}"]
    yield [field.name, field.title]


def own_labels(field: Field) -> dict[str, bool]:
    """Return the keys of a field's own labels, name and title; True marks shortened, weak ones."""
    labels = {
        variant: False for phrase in (*field.labels, field.title, field.name) if phrase for variant in _spoken(phrase)
    }
    words = _words(field.name)
    for variant in [*labels]:
        labels.setdefault(_without_umlauts(variant), False)
    bare = [word for word in words if word not in SMALL]
    if "".join(bare) not in GENERIC:
        labels.setdefault("".join(bare), len(bare) < 2)
    if len(words) > 1 and words[-1] == "name":
        labels.setdefault("".join(words[:-1]), True)
    if field.type is not FieldType.STRING or format_of(field) is Format.IDENTIFIER:
        while len(words) > 1 and words[-1] in _IMPLIED:
            words = words[:-1]
            labels.setdefault("".join(words), True)
    return {label: weak for label, weak in labels.items() if label}


def _spoken(phrase: str) -> Iterator[str]:
    """A number may be named before or behind what it counts: numero_devis, Devis N°."""
    words = _words(phrase)
    if words:
        yield from _variants(" ".join(words))
    if len(words) > 1 and words[0] in _NUMBER_WORDS:
        yield from _variants(" ".join([*words[1:], words[0]]))
    if len(words) > 1 and words[-1] in _NUMBER_WORDS:
        yield from _variants(" ".join([words[-1], *words[:-1]]))


def _words(phrase: str) -> list[str]:
    return [word for _, _, word in tokens(_CAMEL.sub(" ", phrase.replace("_", " ")))]


def format_of(field: Field) -> Format | None:
    """Return what a string looks like: what the schema says, else what the field's name gives away."""
    if field.format or field.type is not FieldType.STRING:
        return field.format
    words = _words(field.name)
    for format_, telling in _TELLING.items():
        if any(word in telling for word in words[-2:]) or "".join(words) in telling:
            return format_
    return Format.IDENTIFIER if words and words[-1].endswith(("nummer", "number", "kennzeichen")) else None


_TELLING: dict[Format, Sequence[str]] = {
    Format.IBAN: ("iban",),
    Format.EMAIL: ("email", "mail", "courriel"),
    Format.PHONE: ("phone", "telephone", "mobile", "telefon", "tel", "fax"),
    Format.URL: ("url", "website", "homepage", "link"),
    Format.CURRENCY: ("currency", "wahrung", "devise"),
    Format.TAX_ID: ("taxid", "vatid", "vatnumber", "taxnumber", "vatno", "ustid", "ustidnr", "tin", "ein"),
    Format.ADDRESS: ("address", "adresse", "anschrift"),
    Format.TIME: ("time", "uhrzeit", "heure"),
    Format.NAME: ("name", "nom"),
    Format.IDENTIFIER: (
        "number", "no", "nr", "id", "code", "reference", "ref", "nummer", "numero", "identifier", "sku", "po", "num",
        "invoicenumber", "referenz", "kennzeichen", "plate", "serial",
    ),
}  # fmt: skip

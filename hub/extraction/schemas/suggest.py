"""A schema suggested from documents: what they call things, what stands there, and of which type that is."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import msgspec

from hub.extraction.reading import Reading, Table
from hub.extraction.rules.find import find
from hub.extraction.rules.layout import Layout, Piece, lay_out
from hub.extraction.schemas.fields import Field, FieldType, Schema, Spec, leaves
from hub.extraction.schemas.starter import starter, starter_names
from hub.extraction.values.conventions import conventions_of
from hub.extraction.values.months import plain
from hub.extraction.values.typed import scan

_LABEL = re.compile(r"(?P<label>[^\W\d_][^:]{0,38}[^\W_][).%#]?)\s*:\s*(?P<value>\S.*)?")
_MOST_WORDS, _LONGEST_VALUE, _MOST_FIELDS = 5, 300, 60
# A starter fits when this share of its fields was found; a type when this share of values has it.
_FITS, _OF_TYPE = 0.4, 0.8
# A starter that leaves more than this share of a document's own labels aside is of another kind.
_STRANGE = 0.5
# Tried in this order: what is a date or money is no plain number, what is a number is no text.
_TYPES = (FieldType.BOOLEAN, FieldType.DATE, FieldType.MONEY, FieldType.INTEGER, FieldType.NUMBER)
_MOST_SAMPLES = 5
# Characters that may stand beside a value: its currency or unit.
_BESIDES = 4
# Anything that was written has these, so that they do not tell an article.
_EVERYWHERE = frozenset({"text", "title", "language"})
_CURRENCY = re.compile(r"[€$£¥]|\b[A-Z]{3}\b|\d[.,]\d{2}\b")


class Samples(msgspec.Struct, frozen=True):
    """Documents of one kind, and what the schema shall be called."""

    readings: tuple[Reading, ...]
    name: str = "suggested"


class SuggestedField(msgspec.Struct, frozen=True, kw_only=True):
    """Why a field is suggested: what stands there, and in how many documents."""

    path: str
    type: FieldType
    samples: tuple[str, ...] = ()
    documents: int = 0


class Suggestion(msgspec.Struct, frozen=True, kw_only=True):
    """A schema that fits documents; `starter` is the one it is made after, None when it is made of labels alone."""

    document: dict[str, Any]
    fields: tuple[SuggestedField, ...]
    documents: int
    starter: str | None = None


def suggest(samples: Samples) -> Suggestion:
    """Suggest a schema of the fields that documents of one kind have in common."""
    kind, found = _kind_of(samples.readings)
    labelled = _labelled(samples.readings)
    told = _untold(labelled, found)
    if kind and len(told) > len(labelled) * _STRANGE:
        kind, found, told = None, [{} for _ in samples.readings], labelled
    known = _starter_fields(kind, found) if kind else []
    names = {field.name for field in known}
    extra = [one for one in told if one.name not in names][: _MOST_FIELDS - len(known)]
    tables = [] if any(field.type is FieldType.TABLE for field in known) else list(_tables(samples.readings, names))
    fields = (*known, *(one.field for one in extra), *tables)
    spec = _with_rules(Spec(fields=fields), kind)
    metadata = {"name": samples.name, "title": samples.name.replace("-", " ").replace("_", " ").capitalize()}
    document = {"apiVersion": "patchdeck/v1", "kind": "Schema", "metadata": metadata, "spec": msgspec.to_builtins(spec)}
    why = {one.name: one for one in extra}
    return Suggestion(
        document=document,
        fields=tuple(_why(leaf.path, leaf.field, why, found) for leaf in leaves(fields)),
        documents=len(samples.readings),
        starter=kind.name if kind else None,
    )


def _untold(labelled: Sequence[Labelled], found: Sequence[Mapping[str, str]]) -> list[Labelled]:
    """Those labels whose values the starter's fields do not have already; a whole text has any."""
    stated = [(path, value) for values in found for path, value in values.items()]
    values = {value for path, value in stated if len(value) > 2 and path not in _EVERYWHERE}
    return [one for one in labelled if not all(_is_told(value, values) for value in one.values)]


def _is_told(value: str, found: set[str]) -> bool:
    """Whether a value is one that a field of the starter has already, with its currency or its bank say."""
    return len(value) > 2 and any(value in other or other in value for other in found)


class Labelled(msgspec.Struct, frozen=True, kw_only=True):
    """A label and what stands beside it, document by document."""

    label: str
    name: str
    values: tuple[str, ...]
    documents: int
    field: Field


def _labelled(readings: Sequence[Reading]) -> list[Labelled]:
    """Labels that most documents share, in the order in which they stand."""
    seen: dict[str, dict[int, str]] = defaultdict(dict)
    labels: dict[str, str] = {}
    sure: set[str] = set()
    for number, reading in enumerate(readings):
        for label, value, marked in _pairs(lay_out(reading)):
            if name := _slug(label):
                labels.setdefault(name, label)
                seen[name].setdefault(number, value)
                sure |= {name} if marked else set()
    enough = (len(readings) + 1) // 2
    return [
        _judged(labels[name], name, tuple(values.values()), len(readings))
        for name, values in seen.items()
        if len(values) >= (enough if name in sure else max(2, enough))
    ]


def _judged(label: str, name: str, values: tuple[str, ...], documents: int) -> Labelled:
    kind = _type_of(values)
    field = Field(name=name, type=kind, title=label, labels=(label,), required=len(values) == documents > 1)
    return Labelled(label=label, name=name, values=values, documents=len(values), field=field)


def _pairs(layout: Layout) -> Iterator[tuple[str, str, bool]]:
    """Labels with their values; those without a colon are unsure."""
    for row in layout.rows:
        for index, piece in enumerate(row):
            match = _LABEL.fullmatch(piece.text)
            if match and len(match["label"].split()) <= _MOST_WORDS:
                value = match["value"] or _beside(layout, piece)
                if value:
                    yield match["label"].strip(), value[:_LONGEST_VALUE], True
            elif index == 0 and len(row) == 2 and _is_name(piece.text):
                yield piece.text.strip(" ."), row[1].text[:_LONGEST_VALUE], False


def _beside(layout: Layout, piece: Piece) -> str | None:
    near = layout.right_of(piece)[:1] or layout.below(piece)[:1]
    return near[0].text if near and not _LABEL.fullmatch(near[0].text) else None


def _is_name(text: str) -> bool:
    return len(text.split()) <= _MOST_WORDS and not any(letter.isdigit() for letter in text) and len(text) > 2


def _tables(readings: Sequence[Reading], taken: set[str]) -> Iterator[Field]:
    """The kind of table with the most rows, as a field of rows."""
    kinds: dict[tuple[str, ...], list[Table]] = defaultdict(list)
    for reading in readings:
        for table in reading.tables:
            if table.header and len(table.rows) > 2:
                kinds[tuple(_slug(cell.text) for cell in table.rows[0])].append(table)
    if not kinds:
        return
    heads, tables = max(kinds.items(), key=lambda pair: sum(len(table.rows) for table in pair[1]))
    columns: dict[str, Field] = {}
    for index, head in enumerate(heads):
        title = tables[0].rows[0][index].text
        cells = [row[index].text for table in tables for row in table.rows[1:] if row[index].text]
        if head and head not in columns:
            columns[head] = Field(name=head, type=_type_of(cells), title=title, labels=(title,))
    name = "lines" if "lines" not in taken else "rows"
    if len(columns) > 1:
        yield Field(name=name, type=FieldType.TABLE, title=name.capitalize(), fields=tuple(columns.values()))


def _type_of(values: Sequence[str]) -> FieldType:
    """The first type that nearly all values have as a whole."""
    conventions = conventions_of("\n".join(values))
    for kind in _TYPES:
        field = Field(name="x", type=kind)
        right = sum(
            any(len(value.strip()) - (one.end - one.start) <= _BESIDES for one in scan(field, value, conventions))
            and (kind is not FieldType.MONEY or bool(_CURRENCY.search(value)))
            for value in values
        )
        if values and right >= _OF_TYPE * len(values):
            return kind
    return FieldType.STRING


def _kind_of(readings: Sequence[Reading]) -> tuple[Schema | None, list[dict[str, str]]]:
    """The starter that fits best, and what it finds in each document; None when none fits."""
    best: tuple[float, Schema | None, list[dict[str, str]]] = (0.0, None, [{} for _ in readings])
    for name in starter_names():
        schema = starter(name)
        found = [_found(reading, schema) for reading in readings]
        paths = [leaf.path for leaf in leaves(schema.spec.fields) if leaf.path not in _EVERYWHERE]
        share = sum(path in values for values in found for path in paths) / (len(paths) * max(1, len(readings)))
        if share > best[0]:
            best = (share, schema, found)
    return (best[1], best[2]) if best[0] >= _FITS else (None, [{} for _ in readings])


def _found(reading: Reading, schema: Schema) -> dict[str, str]:
    """What the rules find, as it is written; a table counts as one thing."""
    found: dict[str, str] = {}
    for path, finding in find(reading, schema).items():
        written = " ".join(reading.text[start:end] for start, end in finding.places)
        found.setdefault(path.split("[")[0], " ".join(written.split()))
    return found


def _starter_fields(kind: Schema, found: Sequence[Mapping[str, str]]) -> list[Field]:
    """The starter's fields that some document has."""
    present = {path for values in found for path in values}

    def kept(fields: Sequence[Field], prefix: str) -> Iterator[Field]:
        for field in fields:
            path = f"{prefix}{field.name}"
            if field.type is FieldType.OBJECT:
                inner = tuple(kept(field.fields, f"{path}."))
                if inner:
                    yield msgspec.structs.replace(field, fields=inner)
            elif path in present:
                yield field

    return list(kept(kind.spec.fields, ""))


def _with_rules(spec: Spec, kind: Schema | None) -> Spec:
    """Keep the starter's rules about fields that are there."""
    if kind is None:
        return spec
    there = {leaf.path for leaf in leaves(spec.fields)}
    sums = tuple(one for one in kind.spec.sums if {path.split("[")[0] for path in (*one.parts, *one.equals)} <= there)
    orders = tuple(one for one in kind.spec.orders if {one.first, one.then} <= there)
    return msgspec.structs.replace(spec, sums=sums, orders=orders)


def _why(path: str, field: Field, told: Mapping[str, Labelled], found: Sequence[Mapping[str, str]]) -> SuggestedField:
    if path in told:
        one = told[path]
        return SuggestedField(path=path, type=field.type, samples=one.values[:_MOST_SAMPLES], documents=one.documents)
    samples = [values[path] for values in found if path in values]
    return SuggestedField(path=path, type=field.type, samples=tuple(samples[:_MOST_SAMPLES]), documents=len(samples))


def _slug(label: str) -> str:
    words = re.findall(r"[a-z0-9]+", plain(label))
    slug = "_".join(words)[:40].strip("_")
    return slug if slug and slug[0].isalpha() else ""

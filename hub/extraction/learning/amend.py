"""Putting values of an extraction right: typed by the schema, placed in the document, checked again."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from copy import deepcopy
from typing import Annotated, Any, Literal

import msgspec

from hub.errors import InvalidError, Problem
from hub.extraction.checks import check_value
from hub.extraction.evidence import evidence_of, is_proved
from hub.extraction.findings import Finding
from hub.extraction.learning.editing import Entry, add_row, checked, put, remove_row, value_of
from hub.extraction.learning.paths import Target, rows_of, target
from hub.extraction.learning.placing import Beside, Marked, Places, words_marked
from hub.extraction.learning.ways import Place
from hub.extraction.reading import Reading
from hub.extraction.results import Evidence, FieldResult
from hub.extraction.rules.document import Document
from hub.extraction.rules.vocabulary import format_of
from hub.extraction.schemas.fields import Field, FieldType, Format, Schema, leaves
from hub.extraction.values.conventions import conventions_of
from hub.extraction.values.numbers import LARGEST
from hub.extraction.values.typed import Value, normalise

PERSON = "person"
_LONGEST_TEXT = 20_000
# Texts that records write in one way only.
_WRITTEN = frozenset({Format.IBAN, Format.CURRENCY, Format.TIME, Format.MONTH, Format.LANGUAGE})
_UNREAD = frozenset({FieldType.STRING, FieldType.ENUM})


class Change(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True):
    """A value to put right: where in the record, the right value (null: there is none), and where it stands.

    `add` puts a row in front of the one at `path` (`lines[2]`, the value an object of its cells), `remove` takes it
    out.
    """

    path: str
    value: Any = None
    record: Annotated[int, msgspec.Meta(ge=0)] = 0
    kind: Literal["set", "add", "remove"] = "set"
    place: Marked | None = None


class Amendment(msgspec.Struct, frozen=True):
    """One record of an extraction, of how many, with what is to be changed in it."""

    reading: Reading
    schema: Schema
    file: str
    entry: Entry
    changes: tuple[Change, ...]
    record: int = 0
    records: int = 1


class Made(msgspec.Struct, frozen=True, kw_only=True):
    """One change as it was made: the field before, the value after, where it stands and beside what."""

    path: str
    kind: str
    before: Any = None
    after: Any = None
    earlier: dict[str, FieldResult] = msgspec.field(default_factory=dict)
    evidence: tuple[Evidence, ...] = ()
    beside: Beside = Beside()


class Amended(msgspec.Struct, frozen=True):
    """The record after all changes, or as it was, with a sentence for everything that cannot be changed so."""

    entry: Entry
    made: list[Made] = msgspec.field(default_factory=list)
    problems: list[Problem] = msgspec.field(default_factory=list)


def amend(amendment: Amendment) -> Amended:
    """Make all changes of a record or none."""
    room = _Room(amendment)
    entry, made, problems = deepcopy(amendment.entry), [], []
    for change in amendment.changes:
        aim = target(amendment.schema, change.path)
        found = _refusal(entry, change, aim)
        if aim is None or found:
            problems += found
            continue
        try:
            entry, done = room.make(entry, change, aim)
        except InvalidError as error:
            problems += error.errors
        else:
            made.append(done)
    if problems:
        return Amended(amendment.entry, problems=problems)
    return Amended(checked(amendment.schema, amendment.entry, entry), made)


class _Room:
    """The document in which values are looked for."""

    def __init__(self, amendment: Amendment) -> None:
        self._reading = amendment.reading
        self._file = amendment.file
        self._document = Document(amendment.reading, amendment.schema)
        self._conventions = conventions_of(amendment.reading.text)
        self._places = Places(self._document)
        self._leaves = {leaf.path: leaf for leaf in leaves(amendment.schema.spec.fields)}

    def make(self, entry: Entry, change: Change, aim: Target) -> tuple[Entry, Made]:
        """Make one change."""
        before = value_of(entry, aim)
        if change.kind == "remove":
            entry, cells = remove_row(entry, aim)
            return entry, Made(path=change.path, kind="remove", before=before, earlier=cells)
        if change.kind == "add":
            cells = self._row(entry, aim, change)
            after = cells[""].value if aim.is_list else {name: cell.value for name, cell in cells.items()}
            evidence = tuple(one for cell in cells.values() for one in cell.evidence)
            return add_row(entry, aim, cells), Made(path=change.path, kind="add", after=after, evidence=evidence)
        value = self._typed(aim.of, change.value, change.path)
        places = self._found(entry, aim, value, change.place)
        result = self._result(aim.of, value, places)
        single = [field for path, field in entry.fields.items() if "[" not in path]
        taken = [one.characters for field in single for one in field.evidence if one.characters]
        beside = self._places.beside(aim.of, places[0], taken) if places else Beside()
        earlier = {"": entry.fields.get(change.path, FieldResult(value=before))}
        made = Made(
            path=change.path,
            kind="set",
            before=before,
            after=value,
            earlier=earlier,
            evidence=result.evidence,
            beside=beside,
        )
        return put(entry, aim, result), made

    def _found(self, entry: Entry, aim: Target, value: Value | None, mark: Marked | None) -> tuple[Place, ...]:
        if mark is not None:
            places, problem = words_marked(self._reading, mark, aim.path)
            if problem:
                raise InvalidError(problem.message, errors=[problem])
            return places
        if value is None or isinstance(value, bool):
            return ()
        near = _of_row(entry, aim) if aim.row is not None else ()
        leaf = self._leaves.get(aim.root) if aim.row is None else None
        place = self._places.once(aim.of, value, leaf, near)
        return (place,) if place else self._places.in_a_column(value)

    def _row(self, entry: Entry, aim: Target, change: Change) -> dict[str, FieldResult]:
        if aim.is_list:
            value = self._typed(aim.of, change.value, change.path)
            return {"": self._result(aim.of, value, self._found(entry, aim, value, change.place))}
        given = [
            (column, self._typed(column, change.value[column.name], f"{change.path}.{column.name}"))
            for column in aim.field.fields
            if change.value.get(column.name) is not None
        ]
        known = [(column, value) for column, value in given if value is not None]
        taken = {one.characters for field in entry.fields.values() for one in field.evidence if one.characters}
        places = self._places.row(known, taken)
        cells = {
            column.name: self._result(column, value, (place,) if place else ())
            for (column, value), place in zip(known, places, strict=True)
        }
        return {column.name: cells.get(column.name, FieldResult()) for column in aim.field.fields}

    def _result(self, field: Field, value: Value | None, places: Sequence[Place]) -> FieldResult:
        """Return the field as a person gave it; its evidence is verified where the document says the same."""
        if value is None:
            return FieldResult(engine=PERSON, confidence=1.0, score=1.0)
        finding = Finding(value=value, confidence=1.0, engine=PERSON, places=tuple(places))
        typed = msgspec.structs.replace(field, format=format_of(field))
        proved = bool(places) and is_proved(self._reading, typed, finding, self._conventions)
        evidence = tuple(
            msgspec.structs.replace(one, verified=proved) for one in evidence_of(self._reading, finding, self._file)
        )
        return FieldResult(value=value, engine=PERSON, confidence=1.0, score=1.0, evidence=evidence)

    def _typed(self, field: Field, given: Any, path: str) -> Value | None:
        """Read what a person gave as a value of the field; texts may be written as the document writes them."""
        if isinstance(given, int | float) and field.type is not FieldType.STRING and abs(given) > LARGEST:
            message = f"Numbers up to {LARGEST:,} can be kept; this one is larger."
            raise InvalidError(message, errors=[Problem(path, message)])
        value = _converted(field, given)
        typed = msgspec.structs.replace(field, format=format_of(field))
        if isinstance(value, str) and (field.type not in _UNREAD or typed.format in _WRITTEN):
            read = normalise(typed, value, self._conventions)
            if read is None and field.type not in _UNREAD:
                message = f"{value[:100]!r} is no {field.type.value}."
                raise InvalidError(message, errors=[Problem(path, message)])
            value = value if read is None else read
        problems = list(check_value(path, field, field.type, value)) if value is not None else []
        if problems:
            raise InvalidError(problems[0].message, errors=problems)
        return value


def _converted(field: Field, given: Any) -> Value | None:
    """Return a decoded JSON value as one of the record's, or as a text that is still to be read."""
    if isinstance(given, bool):
        return given
    if isinstance(given, int | float) and math.isfinite(given) and field.type is not FieldType.STRING:
        return _number(field, given)
    text = "" if given is None else str(given)[:_LONGEST_TEXT].strip()
    return text or None


def _number(field: Field, given: float) -> Value:
    if field.type is FieldType.INTEGER:
        return int(given) if given == int(given) else given
    return float(given)


def _refusal(entry: Entry, change: Change, aim: Target | None) -> list[Problem]:
    """Say why a change cannot be made, before anything is looked for."""
    if aim is None:
        return [Problem(change.path, f"The schema has no field {change.path[:100]!r}.")]
    rows = len(rows_of(entry.record, aim.root)) if aim.row is not None else 0
    return list(_no_value(change, aim, rows) if change.kind == "set" else _no_row(change, aim, rows))


def _no_row(change: Change, aim: Target, rows: int) -> Iterator[Problem]:
    if aim.row is None or aim.column is not None:
        yield Problem(change.path, f"{change.path!r} is no row; name one like {aim.root}[0].")
    elif aim.row > rows or (change.kind == "remove" and aim.row == rows):
        yield Problem(change.path, f"There are {rows} rows; {change.path!r} is none of them.")
    elif change.kind == "add" and not aim.is_list:
        yield from _no_cells(change, aim)
    elif change.kind == "add" and (change.value is None or isinstance(change.value, list | dict)):
        yield Problem(change.path, "A new entry needs a single value.")


def _no_value(change: Change, aim: Target, rows: int) -> Iterator[Problem]:
    if aim.is_row:
        yield Problem(
            change.path, f"Change the cells of a row one by one, like {change.path}.{aim.field.fields[0].name}."
        )
    elif aim.row is not None and aim.row >= rows:
        yield Problem(change.path, f"There are {rows} rows; {change.path!r} is in none of them. Add a row first.")
    elif isinstance(change.value, list | dict):
        yield Problem(change.path, "Give a single value.")


def _no_cells(change: Change, aim: Target) -> Iterator[Problem]:
    if not isinstance(change.value, dict) or not change.value:
        yield Problem(change.path, "A new row needs an object of its cells as value.")
        return
    names = {column.name for column in aim.field.fields}
    for name, value in change.value.items():
        if name not in names:
            yield Problem(f"{change.path}.{name}"[:200], f"The table has no column {str(name)[:100]!r}.")
        elif isinstance(value, list | dict):
            yield Problem(f"{change.path}.{name}", "Give a single value.")


def _of_row(entry: Entry, aim: Target) -> list[Place]:
    prefix = f"{aim.root}[{aim.row}]."
    return [
        one.characters
        for path, field in entry.fields.items()
        if path.startswith(prefix) and path != aim.path
        for one in field.evidence
        if one.characters
    ]

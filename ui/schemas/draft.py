"""A schema while people work on it: fields by their places, and problems at the fields they belong to."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence

import msgspec

from hub import source
from hub.errors import InvalidError, Problem
from hub.extraction.schemas.document import build_schema
from hub.extraction.schemas.fields import SCALARS, Field, FieldType, Metadata, Order, Schema, Spec, Sum

Place = tuple[int, ...]
Fields = tuple[Field, ...]
Edit = Callable[[Fields, int], Fields]

INNER = frozenset({FieldType.OBJECT, FieldType.TABLE})
NUMBERS = frozenset({FieldType.INTEGER, FieldType.NUMBER, FieldType.MONEY})
DATES = frozenset({FieldType.DATE, FieldType.DATETIME})
_STEP = re.compile(r"\[(\d+)\](?:\.fields(?=\[))?")
_START = "spec.fields"


class Written(msgspec.Struct, frozen=True, kw_only=True):
    """What a text says: `schema` is None when not even its shape can be read."""

    schema: Schema | None = None
    problems: Sequence[Problem] = ()


def written(text: str) -> Written:
    """Read a text that may not be right yet, as far as it goes."""
    try:
        raw = source.read(text)
    except InvalidError as error:
        return Written(problems=error.errors or (Problem("", error.message),))
    try:
        return Written(schema=build_schema(raw))
    except InvalidError as error:
        problems = error.errors or (Problem("", error.message),)
    try:
        return Written(schema=msgspec.convert(raw, Schema), problems=problems)
    except msgspec.ValidationError:
        return Written(problems=problems)


def blank(name: str = "", title: str = "") -> Schema:
    """Return a schema to begin with."""
    return Schema(metadata=Metadata(name=name, title=title), spec=Spec(fields=(Field(name="number"),)))


def place_of(path: str) -> tuple[Place, str] | None:
    """Return the field that a problem's path leads to and which attribute of it; None when it leads elsewhere."""
    if not path.startswith(f"{_START}["):
        return None
    at, place = len(_START), []
    while step := _STEP.match(path, at):
        place.append(int(step.group(1)))
        at = step.end()
    return tuple(place), path[at:].lstrip(".").partition("[")[0]


def field_at(schema: Schema, place: Place) -> Field:
    """Return the field at a place."""
    found = schema.spec.fields[place[0]]
    for index in place[1:]:
        found = found.fields[index]
    return found


def path_at(schema: Schema, place: Place) -> str:
    """Return how rules name the field at a place: `supplier.name`, `lines[].amount`."""
    fields, path = schema.spec.fields, ""
    for index in place:
        field = fields[index]
        path += field.name + {FieldType.OBJECT: ".", FieldType.TABLE: "[]."}.get(field.type, ".")
        fields = field.fields
    return path.removesuffix(".").removesuffix("[]")


def with_field(schema: Schema, place: Place, field: Field) -> Schema:
    """Put a field in the place of another; rules that name it go with its name."""
    old = path_at(schema, place)
    made = _edited(schema, place, lambda fields, index: (*fields[:index], field, *fields[index + 1 :]))
    new = path_at(made, place)
    return made if old == new else _renamed(made, old, new)


def without(schema: Schema, place: Place) -> Schema:
    """Take a field out."""
    return _edited(schema, place, lambda fields, index: (*fields[:index], *fields[index + 1 :]))


def moved(schema: Schema, place: Place, step: int) -> tuple[Schema, Place]:
    """Move a field up (-1) or down (1) among its neighbours; at the end it stays."""
    around = field_at(schema, place[:-1]).fields if len(place) > 1 else schema.spec.fields
    target = min(max(place[-1] + step, 0), len(around) - 1)

    def shift(fields: Fields, index: int) -> Fields:
        rest = [*fields[:index], *fields[index + 1 :]]
        return (*rest[:target], fields[index], *rest[target:])

    return _edited(schema, place, shift), (*place[:-1], target)


def added(schema: Schema, parent: Place) -> tuple[Schema, Place]:
    """Add a text field at the end of an object, a table or, with an empty place, the schema."""
    around = field_at(schema, parent).fields if parent else schema.spec.fields
    taken = {field.name for field in around}
    number = next(number for number in range(1, len(taken) + 2) if f"field_{number}" not in taken)
    place = (*parent, len(around))
    return _edited(schema, place, lambda fields, _: (*fields, Field(name=f"field_{number}"))), place


def retyped(field: Field, kind: FieldType) -> Field:
    """Give a field another type; what the new type cannot have is left out."""
    same = {field.type, kind} <= NUMBERS or {field.type, kind} <= DATES
    return msgspec.structs.replace(
        field,
        type=kind,
        minimum=field.minimum if same else None,
        maximum=field.maximum if same else None,
        options=field.options if FieldType.ENUM in {kind, field.of if kind is FieldType.LIST else kind} else (),
        of=field.of if kind is FieldType.LIST else FieldType.STRING,
        fields=(field.fields or (Field(name="name"),)) if kind in INNER else (),
        format=field.format if kind is FieldType.STRING else None,
        pattern=field.pattern if kind in {FieldType.STRING, FieldType.LIST} else None,
    )


def rule_paths(schema: Schema, kinds: frozenset[FieldType]) -> list[str]:
    """Return the paths that rules may name, of fields of these types."""
    return list(_paths(schema.spec.fields, "", kinds))


def with_rules(schema: Schema, sums: Sequence[Sum], orders: Sequence[Order]) -> Schema:
    """Replace the rules between fields."""
    spec = msgspec.structs.replace(schema.spec, sums=tuple(sums), orders=tuple(orders))
    return msgspec.structs.replace(schema, spec=spec)


def _paths(fields: Fields, prefix: str, kinds: frozenset[FieldType]) -> Iterator[str]:
    for field in fields:
        path = f"{prefix}{field.name}"
        if field.type in INNER:
            yield from _paths(field.fields, f"{path}{'[]' if field.type is FieldType.TABLE else ''}.", kinds)
        elif field.type in kinds & SCALARS:
            yield path


def _edited(schema: Schema, place: Place, edit: Edit) -> Schema:
    spec = msgspec.structs.replace(schema.spec, fields=_within(schema.spec.fields, place, edit))
    return msgspec.structs.replace(schema, spec=spec)


def _within(fields: Fields, place: Place, edit: Edit) -> Fields:
    index = place[0]
    if len(place) == 1:
        return edit(fields, index)
    inner = msgspec.structs.replace(fields[index], fields=_within(fields[index].fields, place[1:], edit))
    return (*fields[:index], inner, *fields[index + 1 :])


def _renamed(schema: Schema, old: str, new: str) -> Schema:
    def name(path: str) -> str:
        return new + path[len(old) :] if path == old or path.startswith((f"{old}.", f"{old}[].")) else path

    sums = [Sum(parts=tuple(map(name, one.parts)), equals=tuple(map(name, one.equals))) for one in schema.spec.sums]
    orders = [Order(first=name(one.first), then=name(one.then)) for one in schema.spec.orders]
    return with_rules(schema, sums, orders)

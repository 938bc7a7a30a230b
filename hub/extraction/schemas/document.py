"""Reading and writing schema documents, with every mistake named by its path."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, TypeGuard

import msgspec
import yaml

from hub import source
from hub.errors import InvalidError, Problem
from hub.extraction.schemas.fields import SCALARS, Field, FieldType, Schema, Spec
from hub.extraction.schemas.json_schema_in import from_json_schema, looks_like_json_schema
from hub.patterns import pattern
from hub.shapes import problem_of

_NAME = re.compile(r"[a-z][a-z0-9]*(?:[-_][a-z0-9]+)*")
_FIELD_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,63}")
_MAX_DEPTH = 6
_MAX_FIELDS = 400
_BOUNDED = {FieldType.INTEGER, FieldType.NUMBER, FieldType.MONEY, FieldType.DATE, FieldType.DATETIME, FieldType.STRING}


def parse_schema(text: str) -> Schema:
    """Read a schema from YAML or JSON, ours or a JSON Schema; raises InvalidError naming every mistake."""
    return build_schema(source.read(text))


def build_schema(raw: object) -> Schema:
    """Make a schema of a decoded document; raises InvalidError naming every mistake."""
    if not _is_mapping(raw):
        raise InvalidError("A schema is a mapping.", errors=[Problem("", "Expected a mapping at the top.")])
    if looks_like_json_schema(raw):
        raw, _ = from_json_schema(raw)
    problems = list(_shape_problems(raw))
    if problems:
        raise InvalidError("The schema is not valid.", errors=problems)
    schema = msgspec.convert(_normal(raw), Schema)
    problems = list(schema_problems(schema))
    if problems:
        raise InvalidError("The schema is not valid.", errors=problems)
    return schema


class Imported(msgspec.Struct, frozen=True, kw_only=True):
    """A schema that was read, and what of its source it cannot say."""

    schema: Schema
    losses: Sequence[Problem] = ()


def import_schema(text: str) -> Imported:
    """Read a schema like `parse_schema`, and name what of a JSON Schema was lost, by JSON pointer."""
    raw = source.read(text)
    losses = from_json_schema(raw)[1] if _is_mapping(raw) and looks_like_json_schema(raw) else []
    return Imported(schema=build_schema(raw), losses=losses)


def dump_schema(schema: Schema) -> str:
    """Write a schema as YAML, always in the same way, so that it lives well in git."""
    plain = msgspec.to_builtins(schema)
    ordered = {key: plain[key] for key in ("apiVersion", "kind", "metadata", "spec")}
    return yaml.safe_dump(ordered, sort_keys=False, allow_unicode=True, width=110)


def schema_problems(schema: Schema) -> Iterator[Problem]:
    """Name what is wrong in a schema of the right shape: names, patterns, bounds, references."""
    if not _NAME.fullmatch(schema.name) or len(schema.name) > 64:
        message = "A name has small letters, digits, single hyphens or underscores, and starts with a letter."
        yield Problem("metadata.name", message)
    if not schema.spec.fields:
        yield Problem("spec.fields", "A schema needs at least one field.")
    if _count(schema.spec.fields) > _MAX_FIELDS:
        yield Problem("spec.fields", f"A schema has at most {_MAX_FIELDS} fields.")
    yield from _fields_problems(schema.spec.fields, "spec.fields", 1)
    yield from _reference_problems(schema.spec)


def _is_mapping(raw: object) -> TypeGuard[Mapping[str, Any]]:
    return isinstance(raw, Mapping) and all(isinstance(key, str) for key in raw)


def _shape_problems(raw: Mapping[str, Any]) -> Iterator[Problem]:
    """Check part by part, so that one mistake does not hide the others."""
    spec = raw.get("spec")
    if _is_mapping(spec) and (fields := _listed(spec.get("fields"))) is not None:
        for place, field in fields:
            yield from _field_shape(field, f"spec.fields{place}")
        raw = {**raw, "spec": {**spec, "fields": []}}
    yield from _conversion_problem(raw, Schema, "")


def _field_shape(raw: object, path: str) -> Iterator[Problem]:
    if not _is_mapping(raw):
        yield Problem(path, "A field is a mapping with a name and a type.")
        return
    inner = _listed(raw.get("fields"))
    if inner is not None:
        for place, field in inner:
            yield from _field_shape(field, f"{path}.fields{place}")
        raw = {**raw, "fields": []}
    yield from _conversion_problem(raw, Field, path)


def _conversion_problem(raw: object, kind: type[Schema] | type[Field], path: str) -> Iterator[Problem]:
    try:
        msgspec.convert(raw, kind)
    except msgspec.ValidationError as error:
        yield problem_of(error, kind, path)


def _listed(fields: object) -> list[tuple[str, object]] | None:
    """Fields are a list, or a mapping from name to field (or just to its type)."""
    if isinstance(fields, list):
        return [(f"[{index}]", field) for index, field in enumerate(fields)]
    if _is_mapping(fields):
        return [(f".{name}", _named(name, field)) for name, field in fields.items()]
    return None


def _named(name: str, field: object) -> object:
    if isinstance(field, str):
        return {"name": name, "type": field}
    return {"name": name, **field} if _is_mapping(field) else field


def _normal(raw: Mapping[str, Any]) -> dict[str, Any]:
    return {**raw, "spec": _with_lists(raw["spec"])}


def _with_lists(holder: Mapping[str, Any]) -> dict[str, Any]:
    listed = _listed(holder.get("fields"))
    if listed is None:
        return dict(holder)
    return {**holder, "fields": [_with_lists(field) if _is_mapping(field) else field for _, field in listed]}


def _count(fields: tuple[Field, ...]) -> int:
    return sum(1 + _count(field.fields) for field in fields)


def _fields_problems(fields: tuple[Field, ...], path: str, depth: int) -> Iterator[Problem]:
    if fields and depth > _MAX_DEPTH:
        yield Problem(path, f"Fields lie at most {_MAX_DEPTH} deep.")
        return
    seen: set[str] = set()
    for index, field in enumerate(fields):
        place = f"{path}[{index}]"
        if not _FIELD_NAME.fullmatch(field.name):
            yield Problem(f"{place}.name", "A field's name has letters, digits and underscores, 64 at most.")
        if field.name in seen:
            yield Problem(f"{place}.name", f"There are two fields named {field.name!r}.")
        seen.add(field.name)
        yield from _type_problems(field, place)
        yield from _bound_problems(field, place)
        yield from _fields_problems(field.fields, f"{place}.fields", depth + 1)


def _type_problems(field: Field, place: str) -> Iterator[Problem]:
    nested = field.type in {FieldType.OBJECT, FieldType.TABLE}
    if nested and not field.fields:
        yield Problem(f"{place}.fields", f"A field of type {field.type} names its own fields.")
    if field.fields and not nested:
        yield Problem(f"{place}.fields", "Only objects and tables have fields of their own.")
    if field.type is FieldType.ENUM and not field.options:
        yield Problem(f"{place}.options", "An enum names its options.")
    if field.options and FieldType.ENUM not in {field.type, field.of}:
        yield Problem(f"{place}.options", "Only an enum has options.")
    if field.of not in SCALARS:
        yield Problem(f"{place}.of", "A list holds single values; use a table for rows.")
    if field.type is FieldType.TABLE and any(column.type not in SCALARS for column in field.fields):
        yield Problem(f"{place}.fields", "The columns of a table are single values.")


def _bound_problems(field: Field, place: str) -> Iterator[Problem]:
    if field.pattern is not None:
        try:
            pattern(field.pattern)
        except ValueError as error:
            yield Problem(f"{place}.pattern", str(error))
    for name, bound in (("minimum", field.minimum), ("maximum", field.maximum)):
        if bound is not None and field.type not in _BOUNDED:
            yield Problem(f"{place}.{name}", f"A field of type {field.type} has no {name}.")
        dated = field.type in {FieldType.DATE, FieldType.DATETIME}
        if bound is not None and field.type in _BOUNDED and isinstance(bound, str) is not dated:
            yield Problem(f"{place}.{name}", "Expected an ISO date." if dated else "Expected a number.")
    if type(field.minimum) is type(field.maximum) and field.minimum is not None and _above(field):
        yield Problem(f"{place}.minimum", "The minimum is above the maximum.")


def _above(field: Field) -> bool:
    if isinstance(field.minimum, str) and isinstance(field.maximum, str):
        return field.minimum > field.maximum
    return isinstance(field.minimum, float) and isinstance(field.maximum, float) and field.minimum > field.maximum


def _reference_problems(spec: Spec) -> Iterator[Problem]:
    known = set(_paths(spec.fields, ""))
    places = [(f"spec.sums[{i}].parts[{j}]", p) for i, s in enumerate(spec.sums) for j, p in enumerate(s.parts)]
    places += [(f"spec.sums[{i}].equals[{j}]", p) for i, s in enumerate(spec.sums) for j, p in enumerate(s.equals)]
    places += [
        (f"spec.orders[{i}].{part}", getattr(o, part)) for i, o in enumerate(spec.orders) for part in ("first", "then")
    ]
    for place, path in places:
        if path not in known:
            yield Problem(place, f"There is no field {path!r}; columns are written as lines[].amount.")


def _paths(fields: tuple[Field, ...], prefix: str) -> Iterator[str]:
    for field in fields:
        path = f"{prefix}{field.name}"
        if field.type is FieldType.OBJECT:
            yield from _paths(field.fields, f"{path}.")
        elif field.type is FieldType.TABLE:
            yield from _paths(field.fields, f"{path}[].")
        else:
            yield path

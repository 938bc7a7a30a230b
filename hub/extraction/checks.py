"""What must hold of a record: types, patterns, bounds, required fields, sums and the order of dates."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Any

from hub.errors import Problem
from hub.extraction.schemas.fields import Field, FieldType, Order, Schema, Sum, leaves

_CENTS = 0.02
_A_LINE = 0.005
_TYPES: dict[FieldType, tuple[type, ...]] = {
    FieldType.STRING: (str,),
    FieldType.ENUM: (str,),
    FieldType.DATE: (str,),
    FieldType.DATETIME: (str,),
    FieldType.BOOLEAN: (bool,),
    FieldType.INTEGER: (int,),
    FieldType.NUMBER: (int, float),
    FieldType.MONEY: (int, float),
}

Record = Mapping[str, Any]


def check(schema: Schema, record: Record) -> Iterator[Problem]:
    """Name everything in a record that cannot be right, by the path of the field."""
    for leaf in leaves(schema.spec.fields):
        yield from _check_leaf(leaf.path, leaf.field, value_at(record, leaf.path))
    for rule in schema.spec.sums:
        yield from _check_sum(rule, record)
    for order in schema.spec.orders:
        yield from _check_order(order, record)


def holding_sums(schema: Schema, record: Record) -> Iterator[tuple[str, ...]]:
    """Return the fields of every sum that could be checked and holds: they confirm each other."""
    for rule in schema.spec.sums:
        parts = _parts(rule, record)
        for path in rule.equals:
            total = value_at(record, path)
            if parts and isinstance(total, int | float) and abs(sum(parts) - total) <= _tolerance(parts):
                yield (*rule.parts, path)


def value_at(record: Record, path: str) -> Any:
    """Return the value at a path of single fields, None where there is none."""
    value: Any = record
    for name in path.split("."):
        value = value.get(name) if isinstance(value, Mapping) else None
    return value


def _check_leaf(path: str, field: Field, value: Any) -> Iterator[Problem]:
    if value is None or value == []:
        if field.required:
            yield Problem(path, "This field is required and was not found.")
        return
    if field.type is FieldType.TABLE:
        for index, row in enumerate(value):
            for column in field.fields:
                yield from _check_leaf(f"{path}[{index}].{column.name}", column, row.get(column.name))
    elif field.type is FieldType.LIST:
        for index, entry in enumerate(value):
            yield from check_value(f"{path}[{index}]", field, field.of, entry)
    else:
        yield from check_value(path, field, field.type, value)


def check_value(path: str, field: Field, kind: FieldType, value: Any) -> Iterator[Problem]:
    """Name what is wrong with one value: its type, its pattern, its options, its bounds."""
    if not isinstance(value, _TYPES[kind]) or (isinstance(value, bool) and kind is not FieldType.BOOLEAN):
        yield Problem(path, f"{value!r} is no {kind.value}.")
        return
    if field.pattern and isinstance(value, str) and not _compiled(field.pattern).search(value):
        yield Problem(path, f"{value!r} does not match the pattern {field.pattern}.")
    if kind is FieldType.ENUM and value not in field.options:
        yield Problem(path, f"{value!r} is none of {', '.join(field.options)}.")
    if field.minimum is not None and _before(value, field.minimum):
        yield Problem(path, f"{_shown(value)} is below {_shown(field.minimum)}.")
    if field.maximum is not None and _before(field.maximum, value):
        yield Problem(path, f"{_shown(value)} is above {_shown(field.maximum)}.")


@lru_cache(maxsize=256)
def _compiled(text: str) -> Any:
    """Compile a pattern as the schema was checked with it: no value, however strange, takes long to match."""
    from hub.patterns import pattern

    return pattern(text)


def _shown(value: Any) -> str:
    """Write 5.0 as 5."""
    return f"{value:.15g}" if isinstance(value, float) else str(value)


def _before(value: Any, bound: Any) -> bool:
    """Compare numbers or ISO dates; a bound on a string is one on its length."""
    if isinstance(value, str) and isinstance(bound, int | float):
        return len(value) < bound
    if isinstance(value, int | float) and isinstance(bound, str):
        return value < len(bound)
    return bool(value < bound)


def _parts(rule: Sum, record: Record) -> list[float] | None:
    """Return the summands, or None when one is missing and nothing can be said."""
    numbers: list[float] = []
    for path in rule.parts:
        if "[]." in path:
            table, column = path.split("[].")
            values = [row.get(column) for row in value_at(record, table) or []]
            if not values:
                return None
        else:
            values = [value_at(record, path)]
        for value in values:
            if not isinstance(value, int | float):
                return None
            numbers.append(value)
    return numbers


def _tolerance(parts: Sequence[float]) -> float:
    return _CENTS + _A_LINE * len(parts)


def _check_sum(rule: Sum, record: Record) -> Iterator[Problem]:
    parts = _parts(rule, record)
    totals = {path: value for path in rule.equals if (value := value_at(record, path)) is not None}
    if not parts or not totals:
        return
    if all(abs(sum(parts) - total) > _tolerance(parts) for total in totals.values()):
        path, total = next(iter(totals.items()))
        yield Problem(path, f"{' + '.join(rule.parts)} is {sum(parts):.2f}, but {path} is {total:.2f}.")


def _check_order(order: Order, record: Record) -> Iterator[Problem]:
    first, then = value_at(record, order.first), value_at(record, order.then)
    if first is not None and then is not None and type(first) is type(then) and then < first:
        yield Problem(order.then, f"{then} comes before {order.first}, {first}.")

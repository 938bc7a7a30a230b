"""Conditions as MongoDB writes them, where values come in under names and never become operators."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from connectors.mongodb.values import as_kept, matching_id
from connectors.sdk import SettingsError

_NAME = re.compile(r":([A-Za-z_]\w*)")
_COMBINING = frozenset({"$and", "$or", "$nor"})
_COMPARING = frozenset(
    [
        "$eq",
        "$ne",
        "$gt",
        "$gte",
        "$lt",
        "$lte",
        "$in",
        "$nin",
        "$exists",
        "$type",
        "$regex",
        "$options",
        "$all",
        "$size",
        "$mod",
        "$bitsAllSet",
        "$bitsAnySet",
    ]
)
_NESTING = frozenset({"$not", "$elemMatch"})
_TYPED = frozenset({"$oid", "$date", "$numberDecimal", "$numberLong"})


def condition(written: Mapping[str, Any], params: Mapping[str, Any]) -> dict[str, Any]:
    """Return the filter with values in the places of their `:names`."""
    return {name: _clause(name, inner, params) for name, inner in written.items()}


def _clause(name: str, written: Any, params: Mapping[str, Any]) -> Any:
    if name in _COMBINING:
        if not isinstance(written, list) or not all(isinstance(part, Mapping) for part in written):
            raise SettingsError(f"{name} takes a list of conditions.")
        return [condition(part, params) for part in written]
    if name.startswith("$"):
        raise SettingsError(f"{name[:60]} cannot be used in a filter.")
    if isinstance(written, Mapping) and _is_operators(written):
        return {operator: _operand(operator, inner, params) for operator, inner in written.items()}
    value = _value(written, params)
    return matching_id(value) if name == "_id" else {"$eq": value}


def _is_operators(written: Mapping[str, Any]) -> bool:
    return any(str(name).startswith("$") and name not in _TYPED for name in written)


def _operand(operator: str, written: Any, params: Mapping[str, Any]) -> Any:
    if operator in _COMPARING:
        return _value(written, params)
    if operator in _NESTING and isinstance(written, Mapping):
        if _is_operators(written):
            return {name: _operand(name, inner, params) for name, inner in written.items()}
        return condition(written, params)
    raise SettingsError(f"{operator[:60]} cannot be used in a filter.")


def _value(written: Any, params: Mapping[str, Any]) -> Any:
    if isinstance(written, str) and (named := _NAME.fullmatch(written)):
        if named[1] not in params:
            raise SettingsError(f"Values has nothing for :{named[1]}.")
        return as_kept(params[named[1]])
    if isinstance(written, list):
        return [_value(part, params) for part in written]
    if isinstance(written, Mapping):
        return as_kept({name: _value(part, params) for name, part in written.items()})
    return written


def names_in(written: Any) -> set[str]:
    """Return the :names that a filter uses."""
    if isinstance(written, str):
        found = _NAME.fullmatch(written)
        return {found[1]} if found else set()
    if isinstance(written, Mapping):
        written = list(written.values())
    return set().union(*(names_in(part) for part in written)) if isinstance(written, list) else set()

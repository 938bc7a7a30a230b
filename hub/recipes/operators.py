"""What two values can be asked: numbers as numbers even when they are text, dates as dates."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, tzinfo
from typing import Any

from hub.patterns import pattern
from hub.recipes.times import moment

Compare = Callable[[Any, Any], bool]

_INT = re.compile(r"^\s*[-+]?[0-9]{1,300}\s*$")
_FLOAT = re.compile(r"^\s*[-+]?(?:[0-9]{1,300}\.?[0-9]{0,300}|\.[0-9]{1,300})(?:[eE][-+]?[0-9]{1,3})?\s*$")
_TRUTH = {"true": True, "false": False}


def number(value: Any) -> int | float | None:
    """Return a number for a number or a text that is one."""
    if isinstance(value, (int, float)):
        return None if isinstance(value, bool) else value
    if not isinstance(value, str):
        return None
    if _INT.match(value):
        return int(value)
    return float(value) if _FLOAT.match(value) else None


def operators(zone: tzinfo = UTC) -> dict[str, Compare]:
    """Return every operator by name; dates without a zone of their own are in `zone`."""

    def order(left: Any, right: Any) -> int | None:
        return _order(left, right, zone)

    return {
        "equals": equal,
        "not_equals": lambda left, right: not equal(left, right),
        "contains": contains,
        "not_contains": lambda left, right: not contains(left, right),
        "starts_with": lambda left, right: left is not None and text(left).startswith(text(right)),
        "ends_with": lambda left, right: left is not None and text(left).endswith(text(right)),
        "matches": matches,
        "at_least": lambda left, right: order(left, right) in {0, 1},
        "at_most": lambda left, right: order(left, right) in {0, -1},
        "greater": lambda left, right: order(left, right) == 1,
        "less": lambda left, right: order(left, right) == -1,
        "between": lambda left, right: _between(left, right, order),
        "in": _is_in,
        "not_in": lambda left, right: not _is_in(left, right),
        "is_empty": lambda left, _: is_empty(left),
        "is_set": lambda left, _: left is not None,
        "before": lambda left, right: _order_moments(left, right, zone) == -1,
        "after": lambda left, right: _order_moments(left, right, zone) == 1,
    }


def equal(left: Any, right: Any) -> bool:
    """Tell whether two values are the same: 100 is "100", true is "true", null is only null."""
    if type(left) is type(right):
        return bool(left == right)
    if left is None or right is None:
        return False
    if isinstance(left, bool) or isinstance(right, bool):
        return _truth(left) is not None and _truth(left) == _truth(right)
    first, second = number(left), number(right)
    return first is not None and first == second


def contains(left: Any, right: Any) -> bool:
    """Tell whether a text holds a text, a list an element, or a map a key."""
    if isinstance(left, list):
        return any(equal(one, right) for one in left)
    if isinstance(left, dict):
        return text(right) in left
    return left is not None and text(right) in text(left)


def matches(left: Any, right: Any) -> bool:
    """Tell whether a regular expression is found in a text; one that cannot be used is never found."""
    if left is None or right is None:
        return False
    compiled = right if not isinstance(right, (str, int, float)) else pattern(text(right))
    return compiled.search(text(left)) is not None


def is_empty(value: Any) -> bool:
    """Tell whether there is nothing: null, no text but blanks, an empty list or map."""
    return value is None or (isinstance(value, str) and not value.strip()) or value in ([], {})


def text(value: Any) -> str:
    """Return a value as the text people see."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    return "" if value is None else str(value)


def _order(left: Any, right: Any, zone: tzinfo) -> int | None:
    """Return -1, 0 or 1; None for values that have no order between them."""
    first, second = number(left), number(right)
    if first is not None and second is not None:
        return (first > second) - (first < second)
    if not isinstance(left, str) or not isinstance(right, str):
        return None
    moments = _order_moments(left, right, zone)
    return moments if moments is not None else (left > right) - (left < right)


def _order_moments(left: Any, right: Any, zone: tzinfo) -> int | None:
    first, second = moment(left, zone), moment(right, zone)
    if first is None or second is None:
        return None
    return (first > second) - (first < second)


def _between(left: Any, right: Any, order: Callable[[Any, Any], int | None]) -> bool:
    if not isinstance(right, list) or len(right) != 2:
        return False
    return order(left, right[0]) in {0, 1} and order(left, right[1]) in {0, -1}


def _is_in(left: Any, right: Any) -> bool:
    return isinstance(right, list) and any(equal(left, one) for one in right)


def _truth(value: Any) -> bool | None:
    return value if isinstance(value, bool) else _TRUTH.get(str(value).strip().lower())

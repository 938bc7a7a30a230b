"""Comparisons that do not tell small letters from capital ones: both sides are made small."""

from __future__ import annotations

from typing import Any

_TEXTS = frozenset({"equals", "not_equals", "contains", "not_contains", "starts_with", "ends_with"})


def small_letters(test: dict[str, Any]) -> dict[str, Any]:
    """Return a comparison of texts in small letters; others, and those whose text has no letters, stay as they are."""
    left, right = test.get("left"), test.get("right")
    if test.get("is") not in _TEXTS or not _single(left) or not isinstance(right, str):
        return test
    if _single(right):
        return {**test, "left": _small(str(left)), "right": _small(right)}
    if "{{" in right or right.lower() == right.upper():
        return test
    return {**test, "left": _small(str(left)), "right": right.lower()}


def _single(value: Any) -> bool:
    """Tell whether a value is one expression that is known."""
    return (
        isinstance(value, str)
        and value.startswith("{{")
        and value.endswith("}}")
        and value.count("{{") == 1
        and "not_translated" not in value
    )


def _small(value: str) -> str:
    return f"{value[:-2].rstrip()} | downcase }}}}"

"""Comparing records with what was expected of them, field by field."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import msgspec

_TOLERANCE = 0.005


class Comparison(msgspec.Struct, frozen=True, kw_only=True):
    """One field of one document: what was expected and what came."""

    path: str
    expected: Any
    actual: Any

    @property
    def right(self) -> bool:
        """Numbers are equal to the cent, texts apart from white space."""
        return bool(_plain(self.expected) == _plain(self.actual))


class Score(msgspec.Struct, frozen=True, kw_only=True):
    """How many of the expected fields are right, and how many values were invented."""

    right: int
    fields: int
    invented: int
    wrong: tuple[Comparison, ...] = ()


def compare(expected: Mapping[str, Any], actual: Mapping[str, Any]) -> Score:
    """Compare two records; a value where null is expected counts as invented."""
    wanted, got = dict(flatten(expected)), dict(flatten(actual))
    paths = list(dict.fromkeys([*wanted, *got]))
    compared = [Comparison(path=path, expected=wanted.get(path), actual=got.get(path)) for path in paths]
    wrong = tuple(one for one in compared if not one.right)
    invented = sum(one.expected is None for one in wrong)
    return Score(right=len(compared) - len(wrong), fields=len(compared), invented=invented, wrong=wrong)


def flatten(value: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    """Walk the single values of a record with their paths."""
    if isinstance(value, Mapping):
        for name, inner in value.items():
            yield from flatten(inner, f"{path}.{name}" if path else name)
    elif isinstance(value, Sequence) and not isinstance(value, str):
        for index, inner in enumerate(value):
            yield from flatten(inner, f"{path}[{index}]")
    else:
        yield path, value


def _plain(value: Any) -> Any:
    if isinstance(value, int | float) and not isinstance(value, bool):
        return round(float(value) / _TOLERANCE) if abs(value) < 1e12 else value
    return " ".join(value.split()) if isinstance(value, str) else value

"""Two versions side by side: path by path, and steps by their ids rather than by their places."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import Any

import msgspec


class DifferenceKind(StrEnum):
    """What happened to a value."""

    ADDED = "added"
    REMOVED = "removed"
    CHANGED = "changed"
    MOVED = "moved"


class Difference(msgspec.Struct, frozen=True, kw_only=True):
    """One value that differs; elements with an id are named by it, as in `spec.steps[book].with.table`."""

    path: str
    kind: DifferenceKind
    before: Any = None
    after: Any = None


def compare(before: Any, after: Any, path: str = "") -> list[Difference]:
    """Return what has to change to get from one to the other, in the order of the document."""
    if isinstance(before, Mapping) and isinstance(after, Mapping):
        return _compare_maps(before, after, path)
    if isinstance(before, list) and isinstance(after, list):
        named = _by_id(before), _by_id(after)
        if named[0] is not None and named[1] is not None:
            return _compare_named(named[0], named[1], path)
        return _compare_lists(before, after, path)
    if type(before) is type(after) and before == after:
        return []
    return [Difference(path=path, kind=DifferenceKind.CHANGED, before=before, after=after)]


def _compare_maps(before: Mapping[str, Any], after: Mapping[str, Any], path: str) -> list[Difference]:
    found: list[Difference] = []
    for key in dict.fromkeys([*before, *after]):
        place = f"{path}.{key}" if path else str(key)
        found.extend(_compare_member(before, after, key, place))
    return found


def _compare_named(before: Mapping[str, Any], after: Mapping[str, Any], path: str) -> list[Difference]:
    found: list[Difference] = []
    for key in dict.fromkeys([*before, *after]):
        found.extend(_compare_member(before, after, key, f"{path}[{key}]"))
    old, new = [key for key in before if key in after], [key for key in after if key in before]
    if old != new:
        found.append(Difference(path=path, kind=DifferenceKind.MOVED, before=old, after=new))
    return found


def _compare_member(before: Mapping[str, Any], after: Mapping[str, Any], key: str, path: str) -> list[Difference]:
    if key not in before:
        return [Difference(path=path, kind=DifferenceKind.ADDED, after=after[key])]
    if key not in after:
        return [Difference(path=path, kind=DifferenceKind.REMOVED, before=before[key])]
    return compare(before[key], after[key], path)


def _compare_lists(before: Sequence[Any], after: Sequence[Any], path: str) -> list[Difference]:
    places = max(len(before), len(after))
    old, new = ({f"[{place}]": value for place, value in enumerate(values)} for values in (before, after))
    return [
        difference
        for place in range(places)
        for difference in _compare_member(old, new, f"[{place}]", f"{path}[{place}]")
    ]


def _by_id(values: Sequence[Any]) -> dict[str, Any] | None:
    """Return elements by their ids, None unless each has one of its own."""
    named = {value["id"]: value for value in values if isinstance(value, dict) and isinstance(value.get("id"), str)}
    return named if len(named) == len(values) else None

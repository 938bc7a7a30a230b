"""Two evaluations of the same documents: which values differ, and which of them became right."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Literal

import msgspec

from hub.extraction.evaluation.judge import Judged
from hub.extraction.evaluation.report import DocumentRow

_FINE = ("right", "absent")


class Change(msgspec.Struct, frozen=True, kw_only=True):
    """A value that two results fill differently."""

    document: str
    path: str
    expected: Any
    before: Any
    after: Any
    change: Literal["mended", "broken", "different"]


def changes(before: Sequence[DocumentRow], after: Sequence[DocumentRow]) -> list[Change]:
    """Return what differs in the documents that both results know."""
    known = {row.document: row for row in before}
    return [change for row in after if row.document in known for change in _of_document(known[row.document], row)]


def _of_document(before: DocumentRow, after: DocumentRow) -> Iterator[Change]:
    first = {(one.path, one.expected is None): one for one in before.values}
    second = {(one.path, one.expected is None): one for one in after.values}
    for key in dict.fromkeys([*first, *second]):
        one, other = first.get(key), second.get(key)
        values = one.actual if one else None, other.actual if other else None
        was, now = _fine(one), _fine(other)
        if values[0] == values[1] and was == now:
            continue
        told = one or other
        yield Change(
            document=before.document,
            path=key[0],
            expected=told.expected if told else None,
            before=values[0],
            after=values[1],
            change="different" if was == now else "mended" if now else "broken",
        )


def _fine(value: Judged | None) -> bool:
    """What a result does not list was rightly left empty."""
    return value is None or value.verdict in _FINE

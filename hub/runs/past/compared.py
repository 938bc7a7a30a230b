"""What a draft would write beside what was written: same, added, missing or changed, row by row and field by field."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Mapping, Sequence
from enum import StrEnum
from itertools import accumulate
from typing import Any

import msgspec

from hub.documents import compare

MOST_RECORDS = 200
MOST_FIELDS = 50
LONGEST_VALUE = 2_000
# What is kept of one item, written as JSON
MOST_BYTES = 200_000


class Kind(StrEnum):
    """What became of a written thing."""

    SAME = "same"
    ADDED = "added"
    MISSING = "missing"
    CHANGED = "changed"


class Writing(msgspec.Struct, frozen=True, kw_only=True):
    """One write: by which step, to which target, with which settings and rows."""

    step: str
    path: str
    target: str
    settings: Mapping[str, Any]
    rows: Sequence[Mapping[str, Any]] = ()
    said: str = ""


class Change(msgspec.Struct, frozen=True):
    """One field that differs."""

    path: str
    before: Any = None
    after: Any = None


class Record(msgspec.Struct, frozen=True, kw_only=True):
    """One row, or one request, on both sides; `label` is its key where it has one."""

    kind: Kind
    step: str
    target: str
    label: str = ""
    fields: list[Change] = []
    before: Any = None
    after: Any = None


class Counts(msgspec.Struct, frozen=True):
    """How many rows and requests are of each kind."""

    same: int = 0
    added: int = 0
    missing: int = 0
    changed: int = 0

    @property
    def differing(self) -> int:
        """How many are not the same."""
        return self.added + self.missing + self.changed


def compare_writes(then: Sequence[Writing], now: Sequence[Writing]) -> list[Record]:
    """Pair what was written with what would be, and compare each pair.

    The same step and element belong together; what is left over is paired by its target, so that a step under another
    name is recognised.
    """
    pairs: list[tuple[Writing | None, Writing | None]] = []
    left, fresh = list(then), list(now)
    for by in (_place, _target):
        waiting: dict[tuple[str, str], deque[Writing]] = {}
        for old in left:
            waiting.setdefault(by(old), deque()).append(old)
        alone: list[Writing] = []
        for new in fresh:
            alike = waiting.get(by(new))
            if alike:
                pairs.append((alike.popleft(), new))
            else:
                alone.append(new)
        left, fresh = [one for held in waiting.values() for one in held], alone
    pairs.extend((None, one) for one in fresh)
    pairs.extend((one, None) for one in left)
    return [record for old, new in pairs for record in _compared(old, new)]


def counts_of(records: Sequence[Record]) -> Counts:
    """Count the records of each kind."""
    found = Counter(str(record.kind) for record in records)
    return Counts(**{name: found.get(name, 0) for name in Counts.__struct_fields__})


def shortened(records: Sequence[Record]) -> list[Record]:
    """Return what is kept to be shown: what differs first, long values cut, the rest only counted."""
    ordered = sorted(records, key=lambda record: record.kind is Kind.SAME)[:MOST_RECORDS]
    cut = [
        msgspec.structs.replace(
            record,
            fields=[Change(one.path, _cut(one.before), _cut(one.after)) for one in record.fields[:MOST_FIELDS]],
            before=None if record.kind is Kind.SAME else _cut(record.before),
            after=_cut(record.after),
        )
        for record in ordered
    ]
    sizes = accumulate(len(msgspec.json.encode(record)) for record in cut)
    return [record for record, size in zip(cut, sizes, strict=True) if size <= MOST_BYTES]


def _compared(old: Writing | None, new: Writing | None) -> list[Record]:
    some = new or old
    if some is None:
        return []
    if old is not None and new is not None and (old.rows or new.rows):
        settings = compare(_plain(old.settings), _plain(new.settings))
        rows = _rows(old, new)
        if not settings:
            return rows
        fields = [Change(f"with.{one.path}", one.before, one.after) for one in settings]
        return [_record(Kind.CHANGED, some, "", fields, old.settings, new.settings), *rows]
    if some.rows:
        kind = Kind.ADDED if new else Kind.MISSING
        return [
            _record(kind, some, _label(some, row), [], row if old else None, row if new else None) for row in some.rows
        ]
    before, after = old.settings if old else None, new.settings if new else None
    if old is None or new is None:
        return [_record(Kind.ADDED if new else Kind.MISSING, some, "", [], before, after)]
    fields = [Change(one.path, one.before, one.after) for one in compare(_plain(before), _plain(after))]
    return [_record(Kind.CHANGED if fields else Kind.SAME, some, "", fields, before, after)]


def _rows(old: Writing, new: Writing) -> list[Record]:
    """Compare rows that have the same key, or, where there is none, the same place."""
    before = {_label(old, row) or str(place): row for place, row in enumerate(old.rows)}
    after = {_label(new, row) or str(place): row for place, row in enumerate(new.rows)}
    found: list[Record] = []
    for label in dict.fromkeys([*before, *after]):
        then, now = before.get(label), after.get(label)
        if then is None or now is None:
            found.append(_record(Kind.MISSING if now is None else Kind.ADDED, new, label, [], then, now))
            continue
        fields = [Change(one.path, one.before, one.after) for one in compare(_plain(then), _plain(now))]
        found.append(_record(Kind.CHANGED if fields else Kind.SAME, new, label, fields, then, now))
    return found


def _record(  # both sides of one row
    kind: Kind, about: Writing, label: str, fields: list[Change], before: Any, after: Any
) -> Record:
    return Record(
        kind=kind, step=about.step, target=about.target, label=label, fields=fields, before=before, after=after
    )


def _label(writing: Writing, row: Mapping[str, Any]) -> str:
    """Return a row's key as a text, nothing when its target names none."""
    key = writing.settings.get("key")
    if not isinstance(key, (list, tuple)) or not key:
        return ""
    return ", ".join(str(row.get(name)) for name in key)


def _place(writing: Writing) -> tuple[str, str]:
    return writing.step, writing.path


def _target(writing: Writing) -> tuple[str, str]:
    return writing.target, writing.path


def _plain(value: Any) -> Any:
    """Return a value as JSON has it, so that 1 and 1.0 or lists and tuples are not told as changes."""
    decoded = msgspec.json.decode(msgspec.json.encode(value))
    return _levelled(decoded)


def _levelled(value: Any) -> Any:
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, dict):
        return {key: _levelled(inner) for key, inner in value.items()}
    return [_levelled(inner) for inner in value] if isinstance(value, list) else value


def _cut(value: Any) -> Any:
    """Cut what is too long to be shown beside others."""
    if isinstance(value, str):
        return value if len(value) <= LONGEST_VALUE else f"{value[:LONGEST_VALUE]}…"
    if value is None or isinstance(value, (int, float)):
        return value
    text = msgspec.json.encode(value).decode()
    return value if len(text) <= LONGEST_VALUE else f"{text[:LONGEST_VALUE]}…"

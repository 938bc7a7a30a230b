"""What the simulated services know: plain records in one file, written whole with every change."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec

Kind = str
_BEGIN = datetime(2026, 11, 2, 8, tzinfo=UTC)
FIELDS: Mapping[Kind, Mapping[str, type]] = {
    "contacts": {"name": str, "email": str, "company": str, "phone": str, "segment": str},
    "tickets": {"subject": str, "description": str, "priority": str, "status": str, "contact": str},
    "answers": {"contact": str, "email": str, "score": int, "comment": str},
}
_FIRST: Mapping[Kind, Sequence[Mapping[str, Any]]] = {
    "contacts": [
        {"name": "Ada Lindqvist", "email": "ada@nordlicht.example", "company": "Nordlicht AB", "segment": "enterprise"},
        {"name": "Bruno Keller", "email": "bruno@kellerbau.example", "company": "Keller Bau", "segment": "midsize"},
        {"name": "Chiara Conti", "email": "chiara@contitours.example", "company": "Conti Tours", "segment": "small"},
    ],
    "tickets": [{"subject": "Invoice sent twice", "priority": "normal", "status": "open", "contact": "Bruno Keller"}],
    "answers": [
        {"contact": "Ada Lindqvist", "email": "ada@nordlicht.example", "score": 9, "comment": "Quick and friendly."},
        {"contact": "Chiara Conti", "email": "chiara@contitours.example", "score": 3, "comment": "Nobody called back."},
    ],
}


class RefusedError(ValueError):
    """A record that the service does not take, with a sentence that says why."""


class Store:
    """Records by kind and id; `keys` remembers what was made under which idempotency key."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._records: dict[Kind, dict[str, dict[str, Any]]] = {kind: {} for kind in FIELDS}
        self._keys: dict[str, str] = {}
        self._load()

    def list(self, kind: Kind, since: str = "") -> list[dict[str, Any]]:
        """Return the records changed after a moment, the oldest change first."""
        found = [record for record in self._records[kind].values() if record["updated_at"] > since]
        return sorted(found, key=lambda record: (record["updated_at"], int(record["id"])))

    def find(self, kind: Kind, identity: str) -> dict[str, Any] | None:
        """Return one record."""
        return self._records[kind].get(identity)

    def add(self, kind: Kind, values: Mapping[str, Any], key: str = "") -> dict[str, Any]:
        """Add a record; the same idempotency key gives the same record again."""
        if key and (made := self._keys.get(f"{kind} {key}")):
            return self._records[kind][made]
        record = self._new(kind, values)
        if key:
            self._keys[f"{kind} {key}"] = record["id"]
        self._save()
        return record

    def change(self, kind: Kind, identity: str, values: Mapping[str, Any]) -> dict[str, Any] | None:
        """Change some fields of a record; None when there is none."""
        record = self._records[kind].get(identity)
        if record is None:
            return None
        record.update(_checked(kind, values), updated_at=_now())
        self._save()
        return record

    def _new(self, kind: Kind, values: Mapping[str, Any], at: str = "") -> dict[str, Any]:
        number = max((int(known) for known in self._records[kind]), default=100) + 1
        empty = {name: 0 if kind_of is int else "" for name, kind_of in FIELDS[kind].items()}
        moment = at or _now()
        record = {"id": str(number), **empty, **_checked(kind, values), "created_at": moment, "updated_at": moment}
        self._records[kind][record["id"]] = record
        return record

    def _load(self) -> None:
        if self._path.exists():
            kept = msgspec.json.decode(self._path.read_bytes())
            self._records, self._keys = kept["records"], kept["keys"]
            return
        for kind, records in _FIRST.items():
            for record in records:
                self._new(kind, record, _BEGIN.isoformat())
        self._save()

    def _save(self) -> None:
        content = msgspec.json.encode({"records": self._records, "keys": self._keys})
        with tempfile.NamedTemporaryFile(dir=self._path.parent, delete=False) as written:
            written.write(content)
        Path(written.name).replace(self._path)


def _checked(kind: Kind, values: Mapping[str, Any]) -> dict[str, Any]:
    fields = FIELDS[kind]
    if unknown := sorted(set(values) - set(fields)):
        raise RefusedError(f"There is no field {unknown[0][:60]!r}; {', '.join(fields)} are there.")
    for name, value in values.items():
        if not isinstance(value, fields[name]) or isinstance(value, bool):
            raise RefusedError(f"{name} must be {'a whole number' if fields[name] is int else 'a text'}.")
        if isinstance(value, str) and len(value) > 2000:
            raise RefusedError(f"{name} may have 2,000 letters at most.")
    if not 0 <= values.get("score", 0) <= 10:
        raise RefusedError("score must be 0 to 10.")
    return dict(values)


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="microseconds")

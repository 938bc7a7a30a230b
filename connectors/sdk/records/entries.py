"""Records of business services, such as contacts and tickets: found, written by a key, compared, and taken back."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Annotated, Any, Literal, Protocol

import msgspec

from connectors.sdk.errors import SettingsError, TemporaryError
from connectors.sdk.items import Change, ChangeKind, Receipt, Record
from connectors.sdk.settings import field

MOST_FOUND = 10_000

Mode = Annotated[
    Literal["insert", "upsert", "update"],
    field("Mode", hint="insert adds a record, update changes the one that is there, upsert does either."),
]
Limit = Annotated[int, field("Most records", hint="More than this is an error.", advanced=True)]


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """One record at a service, with its fields as the service names them.

    `version` is another with each change, where the service counts them and tells times in whole seconds.
    """

    id: str
    values: Mapping[str, Any]
    title: str = ""
    created: datetime | None = None
    changed: datetime | None = None
    url: str | None = None
    version: str = ""


class Searchable(Protocol):
    """Records that can be looked for."""

    async def search(self, where: Mapping[str, Any], limit: int) -> Sequence[Entry]:
        """Return the records whose fields have these values, some more than `limit` at most."""
        ...


class Entries(Searchable, Protocol):
    """All records of one kind at a service; `kind` is the word for one of them in sentences.

    `mark` names a field that may carry our key with a record that has no key of its own, '' where there is none.
    """

    kind: str
    mark: str

    async def keyed(self, name: str, value: Any) -> Sequence[Entry]:
        """Return the records whose field has a value, two at most, by the surest way the service has."""
        ...

    async def entry(self, identity: str) -> Entry | None:
        """Return one record; None when it is not there or has been archived."""
        ...

    async def create(self, values: Mapping[str, Any]) -> Entry:
        """Add a record."""
        ...

    async def change(self, identity: str, values: Mapping[str, Any]) -> Entry:
        """Set some fields of a record."""
        ...

    async def remove(self, identity: str) -> None:
        """Archive or delete a record that was added by mistake."""
        ...

    def plain(self, values: Mapping[str, Any]) -> dict[str, Any]:
        """Return values as they compare, whether they were read or are to be written."""
        ...


def require_key(mode: str, key: str, columns: Mapping[str, Any]) -> None:
    """Raise ValueError when a mode lacks its key, or the key its value."""
    if mode != "insert" and not key:
        raise ValueError(f"The mode {mode} needs a key field; the mode insert does without.")
    if key and columns and key not in columns:
        raise ValueError(f"The key field {key} is not among the fields.")


def require_limit(limit: int) -> None:
    """Raise ValueError for a number of records that cannot be asked for."""
    if not 0 < limit <= MOST_FOUND:
        raise ValueError(f"The most records can be 1 to {MOST_FOUND}.")


def content_of(entry: Entry) -> dict[str, Any]:
    """Return a record as an item shows it."""
    return {
        "id": entry.id,
        "url": entry.url,
        "title": entry.title,
        "created": entry.created.isoformat() if entry.created else None,
        "changed": entry.changed.isoformat() if entry.changed else None,
        "fields": dict(entry.values),
    }


def digest(values: Mapping[str, Any]) -> str:
    """Return what differs as soon as a value does, where a service tells times in whole seconds."""
    return hashlib.sha256(msgspec.json.encode(values, order="deterministic")).hexdigest()[:16]


def alike(values: Mapping[str, Any]) -> dict[str, Any]:
    """Return values so that they are equal when a service takes them for the same: most do not look at capitals."""
    return {name: one.casefold() if isinstance(one, str) else one for name, one in values.items()}


async def look_up(entries: Searchable, where: Mapping[str, Any], limit: int) -> dict[str, Any]:
    """Return what a lookup gives: the `records`, their `count` and the `first`."""
    for name, value in where.items():
        if isinstance(value, (Mapping, list, tuple)):
            raise SettingsError(f"The value of {name} must be a single value, not a list or a mapping.")
    found = [content_of(entry) for entry in await entries.search(where, limit)]
    if len(found) > limit:
        raise SettingsError(f"More than {limit} records were found; ask for fewer or raise the limit.")
    return {"records": found, "count": len(found), "first": found[0] if found else None}


class Writing:
    """One record to write among the entries of a service."""

    def __init__(self, entries: Entries, mode: str, key: str, record: Record) -> None:
        self._entries = entries
        self._mode = mode
        self._key = key
        self._mark = "" if key or entries.mark in record.values else entries.mark
        self._values = dict(record.values) | ({self._mark: record.key} if self._mark else {})

    async def write(self) -> Receipt:
        """Add the record, or change the one that stands."""
        standing = await self.standing()
        if standing is None:
            return self.receipt(await self._entries.create(self._values), None)
        before = self.before(standing)
        return self.receipt(await self._entries.change(standing.id, self._values), before)

    async def preview(self) -> list[Change]:
        """Compare it with the one that stands; nothing when it already is as it would be."""
        standing = await self.standing()
        after = self._entries.plain({name: one for name, one in self._values.items() if name != self._mark})
        if standing is None:
            return [Change(kind=ChangeKind.ADD, reference=self._named(), after=after)]
        before = self.before(standing)
        if before == after:
            return []
        version = standing.changed.isoformat() if standing.changed else None
        return [Change(kind=ChangeKind.CHANGE, reference=self._named(), before=before, after=after, version=version)]

    async def find(self) -> Receipt | None:
        """Look for the record as it was to be written; None when it was not."""
        if not self._key and not self._mark:
            raise SettingsError(
                f"Without a key field nobody can tell whether the {self._entries.kind} was written; look and decide."
            )
        standing = await self._only(self._key or self._mark)
        if standing is None:
            return None
        # Our own mark is proof enough: rules at the service may have changed the record since
        if not self._mark and self.before(standing) != self._entries.plain(self._values):
            self._undecided()
            return None
        return self.receipt(standing, None, known=False)

    async def standing(self) -> Entry | None:
        """Return the record that is there already; SettingsError when there is none to update, or several."""
        if self._mode == "insert":
            return None
        found = await self._only(self._key)
        if found is None and self._mode == "update":
            raise SettingsError(f"There is no {self._entries.kind} with {self._named()} to update.")
        return found

    def before(self, entry: Entry) -> dict[str, Any]:
        """Return what stands in the fields that are to be written."""
        return self._entries.plain({name: entry.values.get(name) for name in self._values})

    def receipt(self, entry: Entry, before: Mapping[str, Any] | None, *, known: bool = True) -> Receipt:
        """Return the proof of a write; without `before` the record was added, unless what was there is not `known`."""
        return Receipt(
            reference=self._named() or entry.id,
            version=entry.changed.isoformat() if entry.changed else None,
            url=entry.url,
            output={"id": entry.id, "url": entry.url, "added": before is None},
            before=({} if before is None else dict(before)) if known else None,
            after={"id": entry.id, "added": before is None, "values": self._entries.plain(self._values)}
            if known
            else None,
        )

    async def _only(self, name: str) -> Entry | None:
        value = self._values.get(name)
        if value in (None, ""):
            raise SettingsError(f"The key field {name} is empty.")
        found = await self._entries.keyed(name, value)
        if len(found) > 1:
            raise SettingsError(f"There are several of {self._entries.kind} with {name} {value}; a key must be unique.")
        return found[0] if found else None

    def _undecided(self) -> None:
        """Let a record that stands otherwise be written; one that is only to be added may be there already."""
        if self._mode == "insert":
            raise SettingsError(
                f"There is a {self._entries.kind} with {self._named()}, but not as it was to be written, so nobody can "
                "tell whether it was added and then changed; look and decide."
            )

    def _named(self) -> str | None:
        return f"{self._key} {self._values[self._key]}" if self._key else None


async def take_back(entries: Entries, receipt: Receipt) -> Receipt:
    """Give a record its former values, or remove it where it was added; only while it is as it was written."""
    after = receipt.after
    if not isinstance(after, Mapping):
        raise SettingsError("How it was before is not known, so this cannot be undone.")
    entry = await entries.entry(str(after["id"]))
    values = after["values"]
    if entry is None or entries.plain({name: entry.values.get(name) for name in values}) != dict(values):
        raise SettingsError(
            f"The {entries.kind} {receipt.reference} has changed since it was written, so it stays as it is."
        )
    if after["added"]:
        await entries.remove(entry.id)
    else:
        await entries.change(entry.id, receipt.before)
    return Receipt(reference=receipt.reference)


def moment(text: str | None, service: str) -> datetime:
    """Read a time of a service; TemporaryError when there is none."""
    try:
        return datetime.fromisoformat(text or "")
    except ValueError as error:
        raise TemporaryError(f"{service} answered with a record without a time.") from error

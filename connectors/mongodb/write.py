"""Write many documents in few requests; a document that is refused does not hold up the others."""

from __future__ import annotations

import copy
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import msgspec

from connectors.mongodb.settings import Documents
from connectors.mongodb.values import as_json, as_kept, encoded
from connectors.sdk import Receipt, Record, Rejected, SettingsError
from connectors.sdk.records.rows import WriteMode

if TYPE_CHECKING:
    from pymongo.asynchronous.collection import AsyncCollection

    Collection = AsyncCollection[dict[str, Any]]

LARGEST = 16 * 1024 * 1024
AT_ONCE = 1_000
_Keys = tuple[str, ...]


class Line(msgspec.Struct, kw_only=True):
    """One document to write, the record it belongs to, and how it stands before and after."""

    record: int
    values: dict[str, Any]
    key: _Keys = ()
    before: dict[str, Any] | None = None
    after: dict[str, Any] | None = None
    refused: str = ""


async def make_index(collection: Collection, key: Sequence[str]) -> None:
    """See to it that the server itself keeps the key unique."""
    from pymongo.errors import OperationFailure

    try:
        await collection.create_index([(name, 1) for name in key], unique=True)
    except OperationFailure as error:
        if error.code == 11000:
            raise SettingsError(
                f"Two documents of {collection.name} have the same {', '.join(key)}, so no unique index can be made."
            ) from error
        raise


def lines_of(settings: Documents, records: Sequence[Record]) -> list[Line]:
    """Return a line for each row; what cannot be kept at all is refused at once."""
    return [_line(settings, number, row) for number, record in enumerate(records) for row in record.rows]


async def standing(collection: Collection, settings: Documents, lines: Sequence[Line]) -> None:
    """Read how the documents of the keys stand, and reckon how each line leaves its own."""
    known: dict[_Keys, dict[str, Any] | None] = {}
    sound = [line for line in lines if not line.refused]
    for start in range(0, len(sound), AT_ONCE):
        known |= await _found(collection, settings.key, sound[start : start + AT_ONCE])
    for line in sound:
        line.before = known.get(line.key)
        if line.before is None and settings.mode is WriteMode.UPDATE:
            line.refused = f"There is no document with {_named(settings.key, line.values)} to update."
            continue
        line.after = changed(line.before or {}, line.values)
        known[line.key] = line.after


async def write(collection: Collection, settings: Documents, lines: Sequence[Line]) -> None:
    """Write the lines that are sound, and note on each what the server refused."""
    stands: dict[_Keys, dict[str, Any] | None] = {}
    for round_of in _rounds(settings, lines):
        for line in round_of:
            if line.key in stands:
                line.before = stands[line.key]
                line.after = changed(line.before or {}, line.values)
        for start in range(0, len(round_of), AT_ONCE):
            await _write_together(collection, settings, round_of[start : start + AT_ONCE])
        if settings.mode is not WriteMode.INSERT:
            stands |= {line.key: line.before if line.refused else line.after for line in round_of}


def outcomes(settings: Documents, records: Sequence[Record], lines: Sequence[Line]) -> list[Receipt | Rejected]:
    """Return what became of each record."""
    of_record: dict[int, list[Line]] = {number: [] for number in range(len(records))}
    for line in lines:
        of_record[line.record].append(line)
    return [_outcome(settings, of_record[number]) for number in range(len(records))]


def changed(document: Mapping[str, Any], values: Mapping[str, Any]) -> dict[str, Any]:
    """Return the document with fields set by their paths, as `$set` does it."""
    made = copy.deepcopy(dict(document))
    for name, value in values.items():
        *path, last = name.split(".")
        place: Any = made
        for part in path:
            place = place[int(part)] if isinstance(place, list) else place.setdefault(part, {})
        place[int(last) if isinstance(place, list) else last] = value
    return made


def reference(key: Iterable[str], document: Mapping[str, Any]) -> str:
    """Name a document by its key, or by its _id."""
    return _named(key, document) or f"_id {as_json(document.get('_id'))}"


def key_filter(key: Iterable[str], values: Mapping[str, Any]) -> dict[str, Any]:
    """Return the condition that a document has these values at its key."""
    return {name: {"$eq": values[name]} for name in key}


def _line(settings: Documents, number: int, row: Mapping[str, Any]) -> Line:
    import bson
    from bson import ObjectId
    from bson.errors import BSONError

    try:
        values = {name: as_kept(value, settings.types.get(name)) for name, value in row.items()}
        if len(bson.encode(values)) > LARGEST:
            raise SettingsError(f"A document may have {LARGEST // 1024 // 1024} MB at most.")
        empty = [name for name in settings.key if values.get(name) is None]
        if empty and settings.mode is not WriteMode.INSERT:
            raise SettingsError(f"The key field {', '.join(empty)} is empty.")
        if any(isinstance(values.get(name), (dict, list)) for name in settings.key):
            raise SettingsError("A key field takes a single value, not a list or a mapping.")
    except SettingsError as error:
        return Line(record=number, values={}, refused=error.message)
    except (BSONError, OverflowError) as error:
        return Line(record=number, values={}, refused=f"MongoDB cannot keep this: {str(error).rstrip('.')[:200]}.")
    if settings.mode is WriteMode.INSERT:
        values = {"_id": ObjectId(), **values}
        return Line(record=number, values=values, after=changed({}, values))
    return Line(record=number, values=values, key=_identity(settings.key, values))


def _identity(key: Iterable[str], values: Mapping[str, Any]) -> _Keys:
    return tuple(encoded(values[name]) for name in key)


async def _found(
    collection: Collection, key: Sequence[str], lines: Sequence[Line]
) -> dict[_Keys, dict[str, Any] | None]:
    if len(key) == 1:
        condition: dict[str, Any] = {key[0]: {"$in": [line.values[key[0]] for line in lines]}}
    else:
        condition = {"$or": [key_filter(key, line.values) for line in lines]}
    found: dict[_Keys, dict[str, Any] | None] = {}
    wanted = {line.key for line in lines} if lines else set()
    async for document in collection.find(condition):
        identity = tuple(encoded(_at(document, name)) for name in key)
        if identity not in wanted:  # 1 and 1.0 are equal to the server
            identity = next((line.key for line in lines if _equal(key, line.values, document)), identity)
        found.setdefault(identity, document)
    return found


def _equal(key: Sequence[str], values: Mapping[str, Any], document: Mapping[str, Any]) -> bool:
    return all(values[name] == _at(document, name) for name in key)


def _at(document: Mapping[str, Any], name: str) -> Any:
    value: Any = document
    for part in name.split("."):
        value = value.get(part) if isinstance(value, Mapping) else None
    return value


def _rounds(settings: Documents, lines: Sequence[Line]) -> list[list[Line]]:
    """Part lines that share a key: requests of one round may be done in any order."""
    rounds: list[list[Line]] = []
    nth: dict[_Keys, int] = {}
    for line in lines:
        if line.refused:
            continue
        place = 0 if settings.mode is WriteMode.INSERT else nth.get(line.key, 0)
        nth[line.key] = place + 1
        if place == len(rounds):
            rounds.append([])
        rounds[place].append(line)
    return rounds


async def _write_together(collection: Collection, settings: Documents, lines: Sequence[Line]) -> None:
    from pymongo import InsertOne, UpdateOne
    from pymongo.errors import BulkWriteError

    insert = settings.mode is WriteMode.INSERT
    upsert = settings.mode is WriteMode.UPSERT
    requests: list[Any] = [
        InsertOne(line.values)
        if insert
        else UpdateOne(key_filter(settings.key, line.values), {"$set": line.values}, upsert=upsert)
        for line in lines
    ]
    try:
        upserted = (await collection.bulk_write(requests, ordered=False)).upserted_ids or {}
    except BulkWriteError as error:
        for failed in error.details["writeErrors"]:
            lines[failed["index"]].refused = _refusal(failed)
        upserted = {one["index"]: one["_id"] for one in error.details.get("upserted", [])}
        if error.details.get("writeConcernErrors"):
            raise
    for place, identity in upserted.items():
        line = lines[place]
        line.before = None
        line.after = {"_id": identity, **changed({}, line.values)}


def _outcome(settings: Documents, lines: Sequence[Line]) -> Receipt | Rejected:
    refused = next((line.refused for line in lines if line.refused), "")
    if refused:
        return Rejected(message=refused)
    documents = [line.after or {} for line in lines]
    only = documents[0] if len(documents) == 1 else None
    added = sum(line.before is None for line in lines)
    return Receipt(
        reference=settings.collection if only is None else reference(settings.key, only),
        output={
            "documents": len(lines),
            "added": added,
            "changed": len(lines) - added,
            "document": as_json(only),
        },
        before=[None if line.before is None else encoded(line.before) for line in lines],
        after=[encoded(line.after) for line in lines],
    )


def _named(key: Iterable[str], document: Mapping[str, Any]) -> str:
    at = {name: document[name] if name in document else _at(document, name) for name in key}
    return ", ".join(f"{name} {as_json(value)}" for name, value in at.items())


def _refusal(failed: Mapping[str, Any]) -> str:
    said = str(failed.get("errmsg", "")).rstrip(".")[:300]
    if failed.get("code") == 11000:
        values = failed.get("keyValue") or {}
        named = ", ".join(f"{name} {as_json(value)}" for name, value in values.items())
        return f"There is already a document with {named}." if named else f"The document is there already: {said}."
    return f"MongoDB refuses this document: {said}."

"""What is sent: type, time, and data with the id of what it is about; what documents say only where asked for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import msgspec

from hub.database import fetch_one, from_jsonb
from hub.errors import NotFoundError
from hub.ids import parse

# What an event says in words may quote a document: the title of an item, why it died.
QUOTING = frozenset({"subject", "reason"})
_EXTRACTION = "ext"


class Payload(msgspec.Struct, frozen=True, kw_only=True):
    """The body of a message, as the specification names its parts."""

    type: str
    timestamp: str
    data: dict[str, Any]


class Happened(msgspec.Struct, frozen=True, kw_only=True):
    """An event as a message keeps it."""

    workspace: UUID
    kind: str
    subject: str
    body: Mapping[str, Any]
    at: datetime


async def payload(event: Happened, *, with_values: bool) -> Payload:
    """Say what happened; with values also the records of an extraction, as they are now."""
    said = {name: value for name, value in event.body.items() if with_values or name not in QUOTING}
    if with_values and event.kind.startswith("extraction."):
        said["records"] = await _records(event.workspace, event.subject)
    moment = event.at.astimezone(UTC).isoformat().replace("+00:00", "Z")
    return Payload(type=event.kind, timestamp=moment, data={"id": event.subject, **said})


async def _records(workspace: UUID, extraction: str) -> Sequence[Any] | None:
    """Return an extraction's records; None once it has been deleted."""
    try:
        identity = parse(_EXTRACTION, extraction)
    except NotFoundError:
        return None
    row = await fetch_one(_RECORDS, workspace, identity)
    return from_jsonb(row["records"]) if row and row["records"] else None


_RECORDS = "select result->'records' as records from extractions where workspace = $1 and id = $2"

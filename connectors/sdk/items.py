"""What passes through a connector: items in, records out, and the proof of a delivery."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import Any

import msgspec


class Attachment(msgspec.Struct, frozen=True, kw_only=True):
    """A file that arrived inside an item; the hub stores it and puts a reference in its place.

    `name` is the sender's label and never becomes a path.
    """

    name: str
    media_type: str
    content: bytes


class Item(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that arrived.

    `key` says "the same event again" (None: every arrival counts); `subject` says "about the same thing"; `cursor` is
    how far the trigger has read once this item is kept; `content` becomes `trigger` in templates. An item whose
    content is None moves the cursor and is no arrival (a first look that only takes the base line, a new ETag).
    """

    content: Any
    key: str | None = None
    title: str = ""
    cursor: str | None = None
    subject: str | None = None


class Record(msgspec.Struct, frozen=True, kw_only=True):
    """One delivery: its idempotency key and the row or rows to write."""

    key: str
    rows: Sequence[Mapping[str, Any]] = ()

    @property
    def values(self) -> Mapping[str, Any]:
        """The only row, or the first of several; empty when the target takes no columns."""
        return self.rows[0] if self.rows else {}


class Receipt(msgspec.Struct, frozen=True, kw_only=True):
    """Proof of one delivery: the service's reference and version, and what later steps may read.

    `before` and `after` are the images that undo needs, when the target offers undo.
    """

    reference: str | None = None
    version: str | None = None
    url: str | None = None
    output: Any = None
    before: Any = None
    after: Any = None


class Pending(msgspec.Struct, frozen=True, kw_only=True):
    """The service took the work and is not done: ask its `check` about `token` after so many seconds."""

    token: str
    after: float = 5.0


class Rejected(msgspec.Struct, frozen=True, kw_only=True):
    """One record of a batch that was not written while others were; `kind` names the error class.

    `retry_after` and `uncertain` are those of a `TemporaryError` that met a part of the batch.
    """

    message: str
    kind: str = "SettingsError"
    retry_after: float | None = None
    uncertain: bool = False


class ChangeKind(StrEnum):
    """What a write would do to one row."""

    ADD = "add"
    CHANGE = "change"
    REMOVE = "remove"
    SEND = "send"


class Change(msgspec.Struct, frozen=True, kw_only=True):
    """One line of a preview: the row as it is, as it would be, and the version that was seen."""

    kind: ChangeKind
    reference: str | None = None
    before: Any = None
    after: Any = None
    version: str | None = None


class WebhookRequest(msgspec.Struct, frozen=True, kw_only=True):
    """An inbound call as received: raw body, lower-case header names, first value of each query name."""

    body: bytes
    headers: Mapping[str, str]
    query: Mapping[str, str]
    method: str = "POST"


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """What a service that calls wants to hear, with status 200.

    A webhook returns it in place of items when the service only asks whether the address is ours. One that is declared
    with it gives it for every call, once its items are kept.
    """

    text: str = ""
    media_type: str = "text/plain"

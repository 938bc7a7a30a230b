"""What the service for documents takes and gives."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from hub.errors import Problem
from hub.members import Verb


class Kind(msgspec.Struct, frozen=True, kw_only=True):
    """One kind of document: its name, the prefix of its ids, what people call it, and who may change it."""

    name: str
    prefix: str
    word: str
    edit: Verb


class Draft(msgspec.Struct, frozen=True, kw_only=True):
    """What is being worked on; `problems` do not keep it from being stored, only from being published."""

    name: str
    content: Mapping[str, Any]
    title: str = ""
    labels: Sequence[str] = ()
    problems: Sequence[Problem] = ()


class Document(msgspec.Struct, frozen=True, kw_only=True):
    """A document with its draft; `changed` tells whether the draft differs from the active version."""

    id: UUID
    name: str
    title: str
    labels: list[str]
    content: dict[str, Any]
    problems: list[Problem]
    revision: int
    active_version: int | None
    changed: bool
    created_at: datetime
    changed_at: datetime
    changed_by: UUID | None


class DocumentPage(msgspec.Struct, frozen=True, kw_only=True):
    """Some documents by name, and where to go on."""

    documents: list[Document]
    cursor: str | None


class VersionSummary(msgspec.Struct, frozen=True, kw_only=True):
    """One published version, without its content."""

    number: int
    note: str
    published_at: datetime
    published_by: UUID | None
    active: bool


class Version(msgspec.Struct, frozen=True, kw_only=True):
    """One published version; it never changes."""

    document: UUID
    number: int
    content: dict[str, Any]
    note: str
    published_at: datetime
    published_by: UUID | None


class VersionPage(msgspec.Struct, frozen=True, kw_only=True):
    """Some versions, newest first, and where to go on."""

    versions: list[VersionSummary]
    cursor: str | None


class Published(msgspec.Struct, frozen=True, kw_only=True):
    """The version that is active now, and whether it is a new one."""

    version: Version
    fresh: bool


def hash_of(content: Mapping[str, Any]) -> bytes:
    """Return what tells two contents apart; order counts, as it is that of columns."""
    return hashlib.sha256(msgspec.json.encode(content)).digest()

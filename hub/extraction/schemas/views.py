"""Schemas and their versions as the faces show them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import msgspec

from hub.documents import Document, VersionSummary
from hub.errors import Problem
from hub.extraction.schemas.starter import starter
from hub.ids import show


class SchemaView(msgspec.Struct, frozen=True, kw_only=True):
    """A schema with its document; a starter schema has no id and is the same for everyone."""

    id: str | None
    name: str
    title: str
    version: int
    starter: bool
    document: dict[str, Any]
    revision: int = 0
    changed_at: datetime | None = None
    # What of an imported JSON Schema cannot be said here, by JSON pointer.
    notices: list[Problem] = []


class SchemaSummary(msgspec.Struct, frozen=True, kw_only=True):
    """A schema in a list."""

    id: str | None
    name: str
    title: str
    version: int
    starter: bool
    changed_at: datetime | None = None


class SchemaPage(msgspec.Struct, frozen=True, kw_only=True):
    """Some schemas by name, and where to go on."""

    items: Sequence[SchemaSummary]
    cursor: str | None = None


class SchemaVersions(msgspec.Struct, frozen=True, kw_only=True):
    """Versions of a schema, newest first."""

    items: Sequence[VersionSummary]
    cursor: str | None = None


def view_of(document: Document) -> SchemaView:
    """Show a stored schema as its draft has it."""
    return SchemaView(
        id=show("sch", document.id),
        name=document.name,
        title=document.title,
        version=document.active_version or 1,
        starter=False,
        document=document.content,
        revision=document.revision,
        changed_at=document.changed_at,
    )


def summary_of(document: Document) -> SchemaSummary:
    """Show a stored schema in a list."""
    view = view_of(document)
    return SchemaSummary(
        id=view.id,
        name=view.name,
        title=view.title,
        version=view.version,
        starter=False,
        changed_at=view.changed_at,
    )


def starter_view(name: str) -> SchemaView:
    """Show a starter schema."""
    schema = starter(name)
    return SchemaView(
        id=None,
        name=schema.name,
        title=schema.metadata.title,
        version=1,
        starter=True,
        document=msgspec.to_builtins(schema),
    )


def starter_summary(name: str) -> SchemaSummary:
    """Show a starter schema in a list."""
    schema = starter(name)
    return SchemaSummary(id=None, name=schema.name, title=schema.metadata.title, version=1, starter=True)

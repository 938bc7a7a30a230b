"""The schemas of a workspace: the starters that are always there, and versioned documents of its own."""

from __future__ import annotations

from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from hub.database import fetch_one, from_jsonb
from hub.documents import Difference, Document, Documents, Draft, Kind, VersionSummary, compare
from hub.errors import ConflictError
from hub.extraction.schemas.document import build_schema, parse_schema
from hub.extraction.schemas.fields import Schema
from hub.extraction.schemas.starter import starter, starter_names
from hub.ids import show
from hub.members import Member, Verb

SCHEMA = Kind(name="schema", prefix="sch", word="schema", edit=Verb.EDIT_SCHEMAS)
_STARTER = "starter."  # begins the cursors among the starters


_ACTIVE = """
select v.document, v.number, v.content from documents d
join document_versions v on v.document = d.id and v.number = d.active_version
where d.workspace = $1 and d.kind = $2 and lower(d.name) = $3 and d.deleted_at is null"""


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


class Resolved(msgspec.Struct, frozen=True, kw_only=True):
    """The schema that a name means in a workspace, and which version of it."""

    schema: Schema
    version: int = 1
    id: UUID | None = None


class Schemas:
    """Lists, shows and stores schemas; one of the workspace's own hides a starter of the same name."""

    def __init__(self, documents: Documents) -> None:
        self._documents = documents

    async def names(self, workspace: UUID) -> AbstractSet[str]:
        """Return every name in lower case, starter schemas included."""
        return {*await self._documents.names(workspace, SCHEMA), *starter_names()}

    async def list(self, member: Member, *, limit: int = 50, cursor: str | None = None, search: str = "") -> SchemaPage:
        """Return the starters that the workspace does not hide, then its own schemas by name."""
        member.authorize(Verb.READ)
        if cursor is not None and not cursor.startswith(_STARTER):
            return await self._own_page(member, limit, cursor, search)
        hidden = await self._documents.names(member.workspace, SCHEMA)
        last = (cursor or "").removeprefix(_STARTER)
        shown = [name for name in sorted(starter_names()) if name not in hidden and search.lower() in name]
        rest = [name for name in shown if name > last]
        starters = [_starter_summary(name) for name in rest[:limit]]
        if len(rest) > limit or (len(rest) == limit and hidden):
            return SchemaPage(items=starters, cursor=f"{_STARTER}{rest[limit - 1]}")
        if len(rest) == limit:
            return SchemaPage(items=starters)
        page = await self._own_page(member, limit - len(rest), None, search)
        return SchemaPage(items=[*starters, *page.items], cursor=page.cursor)

    async def _own_page(self, member: Member, limit: int, cursor: str | None, search: str) -> SchemaPage:
        page = await self._documents.list(member, SCHEMA, limit=limit, cursor=cursor, search=search)
        return SchemaPage(items=[_summary(document) for document in page.documents], cursor=page.cursor)

    async def find(self, member: Member, reference: str) -> SchemaView:
        """Return a schema by id or name; its active version."""
        member.authorize(Verb.READ)
        document = await self._find(member, reference)
        if document is None:
            return _starter_view(reference)
        return _view(document)

    async def create(self, member: Member, text: str, note: str = "") -> SchemaView:
        """Store a new schema, written in YAML or JSON, as version 1; one with problems is refused."""
        schema = parse_schema(text)
        document = await self._documents.create(member, SCHEMA, _draft(schema))
        await self._documents.publish(member, SCHEMA, document.id, note=note)
        return await self.find(member, show("sch", document.id))

    async def put(
        self, member: Member, reference: str, text: str, *, revision: int | None = None, note: str = ""
    ) -> SchemaView:
        """Make a new version of a schema, or store it when there is none; an unchanged one keeps its version."""
        known = await self._documents.names(member.workspace, SCHEMA)
        if not reference.startswith("sch_") and reference.lower() not in known:
            return await self.create(member, text, note)
        document = await self._own(member, reference)
        schema = parse_schema(text)
        await self._documents.save(member, SCHEMA, document.id, _draft(schema), revision=revision)
        await self._documents.publish(member, SCHEMA, document.id, note=note)
        return await self.find(member, show("sch", document.id))

    async def remove(self, member: Member, reference: str) -> None:
        """Take a schema away; extractions keep the version they were made with."""
        document = await self._own(member, reference)
        await self._documents.remove(member, SCHEMA, document.id)

    async def versions(
        self, member: Member, reference: str, *, limit: int = 50, cursor: str | None = None
    ) -> SchemaVersions:
        """Return the versions of a schema of the workspace; a starter, which never changes, has none to choose from."""
        document = await self._find(member, reference)
        if document is None:
            return SchemaVersions(items=[])
        page = await self._documents.versions(member, SCHEMA, document.id, limit=limit, cursor=cursor)
        return SchemaVersions(items=page.versions, cursor=page.cursor)

    async def version(self, member: Member, reference: str, number: int) -> SchemaView:
        """Return a schema as one version had it."""
        document = await self._own(member, reference)
        version = await self._documents.version(member, SCHEMA, document.id, number)
        return msgspec.structs.replace(_view(document), version=number, document=dict(version.content))

    async def compare(self, member: Member, reference: str, before: int, after: int) -> Sequence[Difference]:
        """Return what differs between two versions."""
        first = await self.version(member, reference, before)
        second = await self.version(member, reference, after)
        return compare(first.document, second.document)

    async def resolve(self, workspace: UUID, name: str) -> Resolved:
        """Return the schema a name means, for the engine, which has been allowed already."""
        row = await fetch_one(_ACTIVE, workspace, SCHEMA.name, name.lower())
        if row is None:
            return Resolved(schema=starter(name))
        return Resolved(schema=build_schema(from_jsonb(row["content"])), version=row["number"], id=row["document"])

    async def resolve_for(self, member: Member, reference: str) -> Resolved:
        """Return the schema that a member names by id or name."""
        member.authorize(Verb.EXTRACT)
        document = await self._find(member, reference)
        if document is None:
            return Resolved(schema=starter(reference))
        schema = build_schema(document.content)
        return Resolved(schema=schema, version=document.active_version or 1, id=document.id)

    async def _find(self, member: Member, reference: str) -> Document | None:
        """Return the workspace's document, or None where a starter is meant."""
        known = await self._documents.names(member.workspace, SCHEMA)
        if reference.lower() not in known and reference.replace("-", "_") in starter_names():
            return None
        return await self._documents.find(member, SCHEMA, reference)

    async def _own(self, member: Member, reference: str) -> Document:
        document = await self._find(member, reference)
        if document is None:
            message = f"{reference} is a starter schema; store one of your own under that name to change it."
            raise ConflictError(message)
        return document


def _draft(schema: Schema) -> Draft:
    plain: dict[str, Any] = msgspec.to_builtins(schema)
    return Draft(name=schema.name, content=plain, title=schema.metadata.title, labels=list(schema.metadata.labels))


def _view(document: Document) -> SchemaView:
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


def _summary(document: Document) -> SchemaSummary:
    view = _view(document)
    return SchemaSummary(
        id=view.id,
        name=view.name,
        title=view.title,
        version=view.version,
        starter=False,
        changed_at=view.changed_at,
    )


def _starter_view(name: str) -> SchemaView:
    schema = starter(name)
    return SchemaView(
        id=None,
        name=schema.name,
        title=schema.metadata.title,
        version=1,
        starter=True,
        document=msgspec.to_builtins(schema),
    )


def _starter_summary(name: str) -> SchemaSummary:
    schema = starter(name)
    return SchemaSummary(id=None, name=schema.name, title=schema.metadata.title, version=1, starter=True)

"""The schemas of a workspace: the starters that are always there, and versioned documents of its own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from typing import Any, Protocol
from uuid import UUID

import msgspec

from hub.database import fetch_one, from_jsonb, transaction
from hub.documents import Difference, Document, Documents, Draft, Kind
from hub.errors import ConflictError, NotFoundError, Problem
from hub.extraction.schemas.compare import compare_schemas
from hub.extraction.schemas.document import build_schema, dump_schema, import_schema
from hub.extraction.schemas.fields import Schema
from hub.extraction.schemas.starter import starter, starter_names
from hub.extraction.schemas.views import (
    SchemaPage,
    SchemaSummary,
    SchemaVersions,
    SchemaView,
    starter_summary,
    starter_view,
    summary_of,
    view_of,
)
from hub.ids import show
from hub.members import Member, Verb

__all__ = ["Resolved", "SchemaSummary", "SchemaView", "Schemas"]

SCHEMA = Kind(name="schema", prefix="sch", word="schema", edit=Verb.EDIT_SCHEMAS)
_STARTER = "starter."  # begins the cursors among the starters


_VERSION = """
select v.document, v.number, v.content from documents d
join document_versions v on v.document = d.id and v.number = coalesce($4, d.active_version)
where d.workspace = $1 and d.kind = $2 and lower(d.name) = $3 and d.deleted_at is null"""


class Resolved(msgspec.Struct, frozen=True, kw_only=True):
    """The schema that a name means in a workspace, and which version of it."""

    schema: Schema
    version: int = 1
    id: UUID | None = None


class Gate(Protocol):
    """Holds back what extractions must not use yet."""

    async def admit(self, workspace: UUID, schema: Schema) -> None:
        """Refuse a schema that does not reach what its golden set demands."""


class Schemas:
    """Lists, shows and stores schemas; one of the workspace's own hides a starter of the same name."""

    def __init__(self, documents: Documents) -> None:
        self._documents = documents
        self._gate: Gate | None = None

    def guard_with(self, gate: Gate) -> None:
        """Let a gate decide which versions may be activated; it needs extractions, which need schemas."""
        self._gate = gate

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
        starters = [starter_summary(name) for name in rest[:limit]]
        if len(rest) > limit or (len(rest) == limit and hidden):
            return SchemaPage(items=starters, cursor=f"{_STARTER}{rest[limit - 1]}")
        if len(rest) == limit:
            return SchemaPage(items=starters)
        page = await self._own_page(member, limit - len(rest), None, search)
        return SchemaPage(items=[*starters, *page.items], cursor=page.cursor)

    async def _own_page(self, member: Member, limit: int, cursor: str | None, search: str) -> SchemaPage:
        page = await self._documents.list(member, SCHEMA, limit=limit, cursor=cursor, search=search)
        return SchemaPage(items=[summary_of(document) for document in page.documents], cursor=page.cursor)

    async def find(self, member: Member, reference: str) -> SchemaView:
        """Return a schema by id or name as its active version has it, or as `name@3` has it."""
        member.authorize(Verb.READ)
        name, number = parted(reference)
        document = await self._find(member, name)
        if document is None:
            return starter_view(_only_first(name, number))
        return await self._view(member, document, number)

    async def create(self, member: Member, text: str, note: str = "") -> SchemaView:
        """Store a new schema, written in YAML or JSON, as version 1; one with problems is refused."""
        imported = import_schema(text)
        if self._gate:
            await self._gate.admit(member.workspace, imported.schema)
        return self._with(imported.losses, await self._create(member, imported.schema, note))

    async def put(  # the last three say how
        self,
        member: Member,
        reference: str,
        text: str,
        *,
        revision: int | None = None,
        note: str = "",
        activate: bool = True,
    ) -> SchemaView:
        """Make a new version of a schema, or store it when there is none; an unchanged one keeps its version.

        A version that is not activated is there to be tried, as `name@3`, until it is.
        """
        known = await self._documents.names(member.workspace, SCHEMA)
        if not reference.startswith("sch_") and reference.lower() not in known:
            return await self.create(member, text, note)
        document = await self._own(member, reference)
        imported = import_schema(text)
        if activate and self._gate:
            await self._gate.admit(member.workspace, imported.schema)
        async with transaction():  # or what somebody else saves in between would be published, past the gate
            await self._documents.save(member, SCHEMA, document.id, _draft(imported.schema), revision=revision)
            made = await self._documents.publish(member, SCHEMA, document.id, note=note, activate=activate)
        document = await self._documents.find(member, SCHEMA, document.id)
        return self._with(imported.losses, await self._view(member, document, made.version.number))

    async def propose(self, member: Member, text: str, note: str = "") -> SchemaView:
        """Store a version that no extraction uses until a person activates it, of a new schema as well."""
        imported = import_schema(text)
        name = imported.schema.name
        if name.lower() in await self._documents.names(member.workspace, SCHEMA):
            return await self.put(member, name, text, note=note, activate=False)
        if name.replace("-", "_") in starter_names():
            raise ConflictError(f"{name} is a starter schema, which is in use. Propose this under another name.")
        async with transaction():
            document = await self._documents.create(member, SCHEMA, _draft(imported.schema))
            await self._documents.publish(member, SCHEMA, document.id, note=note, activate=False)
        return self._with(imported.losses, await self.find(member, show("sch", document.id)))

    async def activate(self, member: Member, reference: str, number: int) -> SchemaView:
        """Let extractions use a version from now on."""
        document = await self._own(member, reference)
        if self._gate:
            found = await self._documents.version(member, SCHEMA, document.id, number)
            await self._gate.admit(member.workspace, build_schema(found.content))
        await self._documents.activate(member, SCHEMA, document.id, number)
        return await self.find(member, show("sch", document.id))

    async def restore(self, member: Member, reference: str, number: int, note: str = "") -> SchemaView:
        """Make a new version that says what an earlier one said."""
        found = await self.version(member, reference, number)
        text = dump_schema(build_schema(found.document))
        return await self.put(member, str(found.id), text, note=note or f"Version {number} restored.")

    async def duplicate(
        self, member: Member, reference: str, name: str, *, number: int | None = None, note: str = ""
    ) -> SchemaView:
        """Store a copy under another name: of the active version, or of another one to experiment with."""
        found = await self.find(member, reference if number is None else f"{reference}@{number}")
        schema = build_schema(found.document)
        metadata = msgspec.structs.replace(schema.metadata, name=name)
        copied = build_schema(msgspec.to_builtins(msgspec.structs.replace(schema, metadata=metadata)))
        return await self._create(member, copied, note or f"Copied from {found.name}, version {found.version}.")

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
        return await self._view(member, await self._own(member, reference), number)

    async def compare(self, member: Member, before: str, after: str) -> Sequence[Difference]:
        """Return what differs between two schemas or versions, attribute by attribute: `invoice@2`, `invoice@3`."""
        first, second = await self.find(member, before), await self.find(member, after)
        return compare_schemas(first.document, second.document)

    async def resolve(self, workspace: UUID, name: str) -> Resolved:
        """Return the schema a name means, for the engine, which has been allowed already."""
        name, number = parted(name)
        row = await fetch_one(_VERSION, workspace, SCHEMA.name, name.lower(), number)
        if row is None:
            return Resolved(schema=starter(_only_first(name, number)))
        return Resolved(schema=build_schema(from_jsonb(row["content"])), version=row["number"], id=row["document"])

    async def resolve_for(self, member: Member, reference: str) -> Resolved:
        """Return the schema that a member names by id or name, `name@3` for one version of it."""
        member.authorize(Verb.EXTRACT)
        name, number = parted(reference)
        document = await self._find(member, name)
        if document is None:
            return Resolved(schema=starter(_only_first(name, number)))
        if document.active_version is None and number is None:
            message = f"{document.name} is only proposed: activate it first, or try it as {document.name}@1."
            raise ConflictError(message)
        view = await self._view(member, document, number)
        return Resolved(schema=build_schema(view.document), version=view.version, id=document.id)

    async def _create(self, member: Member, schema: Schema, note: str) -> SchemaView:
        async with transaction():
            document = await self._documents.create(member, SCHEMA, _draft(schema))
            await self._documents.publish(member, SCHEMA, document.id, note=note)
        return await self.find(member, show("sch", document.id))

    async def _view(self, member: Member, document: Document, number: int | None = None) -> SchemaView:
        """Return a document as a version has it; its draft equals the active one unless another was tried last."""
        wanted = number or document.active_version or 1
        content: Mapping[str, Any] = document.content
        if wanted != document.active_version or document.changed:
            content = (await self._documents.version(member, SCHEMA, document.id, wanted)).content
        return msgspec.structs.replace(view_of(document), version=wanted, document=dict(content))

    def _with(self, losses: Sequence[Problem], view: SchemaView) -> SchemaView:
        return msgspec.structs.replace(view, notices=list(losses))

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


def parted(reference: str) -> tuple[str, int | None]:
    """Part `invoice@3` into the name and the version, None where the active one is meant."""
    name, _, number = reference.partition("@")
    if not number:
        return name, None
    if not number.isdigit() or len(number) > 9:
        raise NotFoundError(f"There is no version {number[:20]!r}; write a number, as in {name[:60]}@3.")
    return name, int(number)


def _only_first(name: str, number: int | None) -> str:
    """Return the name of a starter, which has one version."""
    if number not in {None, 1}:
        raise NotFoundError(f"There is no version {number} of {name!r} here.")
    return name


def _draft(schema: Schema) -> Draft:
    plain: dict[str, Any] = msgspec.to_builtins(schema)
    return Draft(name=schema.name, content=plain, title=schema.metadata.title, labels=list(schema.metadata.labels))

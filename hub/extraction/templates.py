"""Extraction templates: a schema, a kind of source and settings under one name, for people who do it often."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any, Literal

import asyncpg
import msgspec

from hub.audit import Audit
from hub.database import Row, execute, fetch, fetch_one, struct_from_jsonb, to_jsonb, transaction
from hub.errors import ConflictError, InvalidError, NotFoundError, Problem
from hub.extraction.choice import Choice, stored
from hub.extraction.schemas.workspace import Schemas
from hub.extraction.service import tags_of
from hub.ids import new_id, parse, show
from hub.members import Member, Verb

PREFIX = "tpl"
_NAME = re.compile(r"[a-z][a-z0-9]*(?:[-_][a-z0-9]+)*")

SourceKind = Literal["file", "image", "recording", "url", "text"]


class NewTemplate(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a template says: `source` is what it is meant for, which the faces offer first."""

    name: Annotated[str, msgspec.Meta(max_length=64)]
    schema: str
    title: Annotated[str, msgspec.Meta(max_length=200)] = ""
    source: SourceKind = "file"
    settings: Choice = Choice()
    tags: tuple[str, ...] = ()


class Template(msgspec.Struct, frozen=True, kw_only=True):
    """A template as it is stored."""

    id: str
    name: str
    title: str
    schema: str
    source: SourceKind
    settings: Choice
    tags: list[str]
    created_at: datetime
    changed_at: datetime

    def choice(self, asked: Choice) -> Choice:
        """Return the template's settings with what was asked for besides."""
        said = {name: value for name, value in _parts(asked) if value != getattr(Choice(), name)}
        return msgspec.structs.replace(self.settings, **said)


class Templates:
    """Keeps a workspace's extraction templates, found by id or name."""

    def __init__(self, *, schemas: Schemas, audit: Audit) -> None:
        self._schemas = schemas
        self._audit = audit

    async def list(self, member: Member) -> Sequence[Template]:
        """Return all templates by name."""
        member.authorize(Verb.READ)
        rows = await fetch(f"{_SELECT} order by lower(name)", member.workspace)
        return [_template(row) for row in rows]

    async def find(self, member: Member, reference: str) -> Template:
        """Return a template by id or name."""
        member.authorize(Verb.READ)
        return _template(await self._row(member, reference))

    async def create(self, member: Member, new: NewTemplate) -> Template:
        """Store a template; ConflictError when its name is taken."""
        await self._check(member, new)
        identity = new_id()
        async with transaction():
            try:
                await execute(
                    _INSERT, identity, member.workspace, new.name, new.title.strip(), new.schema, new.source,
                    to_jsonb(stored(new.settings)), list(tags_of(new.tags)), member.user,
                )  # fmt: skip
            except asyncpg.UniqueViolationError as error:
                raise ConflictError(f"There is a template named {new.name!r} already; choose another name.") from error
            await self._audit.record(member, "template.created", show(PREFIX, identity), {"name": new.name})
        return await self.find(member, show(PREFIX, identity))

    async def put(self, member: Member, reference: str, new: NewTemplate) -> Template:
        """Replace what a template says."""
        await self._check(member, new)
        row = await self._row(member, reference)
        async with transaction():
            try:
                put = await execute(
                    _UPDATE, member.workspace, row["id"], new.name, new.title.strip(), new.schema, new.source,
                    to_jsonb(stored(new.settings)), list(tags_of(new.tags)),
                )  # fmt: skip
            except asyncpg.UniqueViolationError as error:
                raise ConflictError(f"There is a template named {new.name!r} already; choose another name.") from error
            if not put:
                raise _absent(reference)
            await self._audit.record(member, "template.changed", show(PREFIX, row["id"]), {"name": new.name})
        return await self.find(member, show(PREFIX, row["id"]))

    async def remove(self, member: Member, reference: str) -> None:
        """Take a template away; what was extracted with it stays."""
        member.authorize(Verb.EDIT_SCHEMAS)
        row = await self._row(member, reference)
        async with transaction():
            if not await execute(_DELETE, member.workspace, row["id"]):
                raise _absent(reference)
            await self._audit.record(member, "template.deleted", show(PREFIX, row["id"]), {"name": row["name"]})

    async def _check(self, member: Member, new: NewTemplate) -> None:
        member.authorize(Verb.EDIT_SCHEMAS)
        if not _NAME.fullmatch(new.name):
            message = "A name has small letters, digits, single hyphens or underscores, and starts with a letter."
            raise InvalidError(message, errors=[Problem("name", message)])
        new.settings.reading.check()
        if new.settings.reading.password:
            message = "A template keeps no password; give it with each document."
            raise InvalidError(message, errors=[Problem("settings.reading.password", message)])
        await self._schemas.resolve_for(member, new.schema)

    async def _row(self, member: Member, reference: str) -> Row:
        named = reference.startswith(f"{PREFIX}_") and len(reference) > len(PREFIX) + 20
        column, value = ("id", parse(PREFIX, reference)) if named else ("lower(name)", reference.lower())
        row = await fetch_one(f"{_SELECT} and {column} = $2", member.workspace, value)
        if row is None:
            raise _absent(reference)
        return row


def _absent(reference: str) -> NotFoundError:
    return NotFoundError(f"There is no template {reference[:100]!r} in this workspace.")


def _parts(choice: Choice) -> list[tuple[str, Any]]:
    return [(name, getattr(choice, name)) for name in Choice.__struct_fields__]


def _template(row: Row) -> Template:
    return Template(
        id=show(PREFIX, row["id"]),
        name=row["name"],
        title=row["title"],
        schema=row["schema_name"],
        source=row["source"],
        settings=struct_from_jsonb(row["settings"], Choice),
        tags=list(row["tags"]),
        created_at=row["created_at"],
        changed_at=row["changed_at"],
    )


_SELECT = "select * from extraction_templates where workspace = $1"
_INSERT = (
    "insert into extraction_templates (id, workspace, name, title, schema_name, source, settings, tags, created_by) "
    "values ($1, $2, $3, $4, $5, $6, $7, $8, $9)"
)
_DELETE = "delete from extraction_templates where workspace = $1 and id = $2"
_UPDATE = (
    "update extraction_templates set name = $3, title = $4, schema_name = $5, source = $6, settings = $7, tags = $8, "
    "changed_at = now() where workspace = $1 and id = $2"
)

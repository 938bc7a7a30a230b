"""Drafts that may be wrong, versions that never change, and the way between the two."""

from __future__ import annotations

from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error as Base64Error
from collections.abc import Mapping
from typing import Any
from uuid import UUID

import asyncpg
import msgspec

from hub.audit import Audit
from hub.database import Row, execute, fetch, fetch_one, from_jsonb, struct_from_jsonb, to_jsonb, transaction
from hub.documents.shapes import (
    Document,
    DocumentPage,
    Draft,
    Kind,
    Published,
    Version,
    VersionPage,
    VersionSummary,
    hash_of,
)
from hub.errors import ConflictError, InvalidError, NotFoundError, Problem, StaleError
from hub.ids import foreign_cursor, new_id, parse, show
from hub.members import Member, Verb

MOST = 200


class Documents:
    """Stores documents of every kind; each domain brings its own rules about their content."""

    def __init__(self, audit: Audit) -> None:
        self._audit = audit

    async def list(
        self, member: Member, kind: Kind, *, limit: int = 50, cursor: str | None = None, search: str = ""
    ) -> DocumentPage:
        """Return documents by name, those whose name, title or labels hold `search`."""
        member.authorize(Verb.READ)
        limit = max(1, min(limit, MOST))
        after = _open_cursor(cursor)
        rows = await fetch(_LIST, member.workspace, kind.name, after, f"%{_escaped(search)}%", limit + 1)
        documents = [_document(row) for row in rows[:limit]]
        more = _cursor(documents[-1].name.lower()) if len(rows) > limit else None
        return DocumentPage(documents=documents, cursor=more)

    async def find(self, member: Member, kind: Kind, reference: str | UUID) -> Document:
        """Return a document by its id or its name, case aside."""
        member.authorize(Verb.READ)
        return _document(await self._row(member.workspace, kind, reference))

    async def names(self, workspace: UUID, kind: Kind) -> dict[str, UUID]:
        """Return every document of a kind by its name in lower case."""
        rows = await fetch(
            "select lower(name) as name, id from documents where workspace = $1 and kind = $2 and deleted_at is null",
            workspace,
            kind.name,
        )
        return {row["name"]: row["id"] for row in rows}

    async def hold(self, workspace: UUID) -> None:
        """Let nobody else take or free a name until the current transaction ends.

        That is the audit trail's lock: whoever had one of the two and waited for the other would wait in a circle.
        """
        await self._audit.hold(workspace)

    async def create(self, member: Member, kind: Kind, draft: Draft) -> Document:
        """Store a new document as a draft; ConflictError when its name is taken."""
        member.authorize(kind.edit)
        identity = new_id()
        async with transaction():
            await self.hold(member.workspace)
            row = await fetch_one(
                "insert into documents (id, workspace, kind, name, title, labels, draft, problems, created_by,"
                " changed_by) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $9) on conflict do nothing returning id",
                identity, member.workspace, kind.name, draft.name, draft.title, list(draft.labels),
                to_jsonb(draft.content), to_jsonb(draft.problems), member.user,
            )  # fmt: skip
            if row is None:
                raise _taken(kind, draft.name)
            await self._audit.record(member, f"{kind.name}.created", show(kind.prefix, identity), {"name": draft.name})
        return await self.find(member, kind, identity)

    async def save(
        self, member: Member, kind: Kind, identity: UUID, draft: Draft, *, revision: int | None = None
    ) -> Document:
        """Replace the draft; StaleError unless it still has that revision, nothing happens when nothing changed."""
        member.authorize(kind.edit)
        async with transaction():
            row = await self._locked(member.workspace, kind, identity)
            _check_revision(kind, row, revision)
            if _same(row, draft):
                return _document(row)
            renamed = row["name"] != draft.name
            if renamed:
                await self.hold(member.workspace)
            await self._store(member, identity, draft)
            if renamed:
                detail = {"from": row["name"], "to": draft.name}
                await self._audit.record(member, f"{kind.name}.renamed", show(kind.prefix, identity), detail)
        return await self.find(member, kind, identity)

    async def publish(  # the last two say how
        self,
        member: Member,
        kind: Kind,
        identity: UUID,
        *,
        revision: int | None = None,
        note: str = "",
        activate: bool = True,
    ) -> Published:
        """Make the draft an immutable version, the active one unless told otherwise.

        One that equals the active version gives that one again.
        """
        member.authorize(kind.edit)
        async with transaction():
            row = await self._locked(member.workspace, kind, identity)
            _check_revision(kind, row, revision)
            problems = struct_from_jsonb(row["problems"], list[Problem])
            if problems:
                raise InvalidError(f"This {kind.word} has problems and cannot be published.", errors=problems)
            content = from_jsonb(row["draft"])
            if row["active_version"] is not None and not row["changed"]:
                return Published(version=await self.version(member, kind, identity, row["active_version"]), fresh=False)
            number = await self._number(member, identity, content, note)
            if activate:
                await self._activate(identity, number)
            detail = {"name": row["name"], "version": number, "note": note}
            await self._audit.record(member, f"{kind.name}.published", show(kind.prefix, identity), detail)
            return Published(version=await self.version(member, kind, identity, number), fresh=True)

    async def activate(self, member: Member, kind: Kind, identity: UUID, number: int) -> Version:
        """Make a version the active one."""
        member.authorize(kind.edit)
        async with transaction():
            row = await self._locked(member.workspace, kind, identity)
            version = await self.version(member, kind, identity, number)
            if row["active_version"] != number:
                await self._activate(identity, number)
                detail = {"name": row["name"], "version": number, "before": row["active_version"]}
                await self._audit.record(member, f"{kind.name}.activated", show(kind.prefix, identity), detail)
        return version

    async def versions(
        self, member: Member, kind: Kind, identity: UUID, *, limit: int = 50, cursor: str | None = None
    ) -> VersionPage:
        """Return versions, newest first."""
        member.authorize(Verb.READ)
        row = await self._row(member.workspace, kind, identity)
        limit = max(1, min(limit, MOST))
        before = _open_cursor(cursor)
        rows = await fetch(
            "select number, note, published_at, published_by from document_versions where workspace = $1"
            " and document = $2 and number < $3 order by number desc limit $4",
            member.workspace, identity, int(before) if before.isdigit() else 2**31 - 1, limit + 1,
        )  # fmt: skip
        versions = [VersionSummary(**found, active=found["number"] == row["active_version"]) for found in rows[:limit]]
        more = _cursor(str(versions[-1].number)) if len(rows) > limit else None
        return VersionPage(versions=versions, cursor=more)

    async def version(self, member: Member, kind: Kind, identity: UUID, number: int) -> Version:
        """Return one version."""
        member.authorize(Verb.READ)
        await self._row(member.workspace, kind, identity)
        found = await self.content(member.workspace, identity, number)
        if found is None:
            raise NotFoundError(f"This {kind.word} has no version {number}.")
        return found

    async def content(self, workspace: UUID, identity: UUID, number: int) -> Version | None:
        """Return one version without asking who wants it: for the engine, which has been allowed already."""
        row = await fetch_one(
            "select document, number, content, note, published_at, published_by from document_versions"
            " where workspace = $1 and document = $2 and number = $3",
            workspace, identity, min(number, 2**31 - 1),
        )  # fmt: skip
        return Version(**{**row, "content": from_jsonb(row["content"])}) if row else None

    async def remove(self, member: Member, kind: Kind, identity: UUID) -> None:
        """Take a document away; its versions stay for the runs that name them, its name becomes free."""
        member.authorize(kind.edit)
        async with transaction():
            row = await self._locked(member.workspace, kind, identity)
            await self.hold(member.workspace)
            await execute("update documents set deleted_at = now() where id = $1", identity)
            detail = {"name": row["name"]}
            await self._audit.record(member, f"{kind.name}.deleted", show(kind.prefix, identity), detail)

    async def _store(self, member: Member, identity: UUID, draft: Draft) -> None:
        try:
            await execute(
                "update documents set name = $2, title = $3, labels = $4, draft = $5, problems = $6, changed_by = $7,"
                " changed_at = now(), revision = revision + 1 where id = $1",
                identity, draft.name, draft.title, list(draft.labels), to_jsonb(draft.content),
                to_jsonb(draft.problems), member.user,
            )  # fmt: skip
        except asyncpg.UniqueViolationError as error:
            raise ConflictError(f"The name {draft.name!r} is taken; choose another one.") from error

    async def _number(self, member: Member, identity: UUID, content: Mapping[str, Any], note: str) -> int:
        row = await fetch_one(
            "insert into document_versions (workspace, document, number, content, hash, note, published_by)"
            " select $1, $2, coalesce(max(number), 0) + 1, $3, $4, $5, $6 from document_versions where document = $2"
            " returning number",
            member.workspace, identity, to_jsonb(content), hash_of(content), note, member.user,
        )  # fmt: skip
        if row is None:
            raise NotFoundError("The document is gone.")
        return int(row["number"])

    async def _activate(self, identity: UUID, number: int) -> None:
        await execute("update documents set active_version = $2 where id = $1", identity, number)

    async def _row(self, workspace: UUID, kind: Kind, reference: str | UUID) -> Row:
        identity = parse(kind.prefix, str(reference)) if _is_id(kind, reference) else reference
        column = "d.id" if isinstance(identity, UUID) else "lower(d.name)"
        value = identity if isinstance(identity, UUID) else identity.lower()
        row = await fetch_one(f"{_SELECT} and {column} = $3", workspace, kind.name, value)
        if row is None:
            raise NotFoundError(f"There is no {kind.word} {str(reference)[:100]!r} here.")
        return row

    async def _locked(self, workspace: UUID, kind: Kind, identity: UUID) -> Row:
        await fetch_one("select from documents where workspace = $1 and id = $2 for no key update", workspace, identity)
        return await self._row(workspace, kind, identity)


_SELECT = """
select d.*, d.active_version is null or d.draft::text is distinct from v.content::text as changed
from documents d left join document_versions v on v.document = d.id and v.number = d.active_version
where d.workspace = $1 and d.kind = $2 and d.deleted_at is null"""

_LIST = f"""{_SELECT} and lower(d.name) > $3
  and (d.name || ' ' || d.title || ' ' || array_to_string(d.labels, ' ')) ilike $4
order by lower(d.name) limit $5"""


def _document(row: Row) -> Document:
    return Document(
        id=row["id"],
        name=row["name"],
        title=row["title"],
        labels=list(row["labels"]),
        content=from_jsonb(row["draft"]),
        problems=struct_from_jsonb(row["problems"], list[Problem]),
        revision=row["revision"],
        active_version=row["active_version"],
        changed=row["changed"],
        created_at=row["created_at"],
        changed_at=row["changed_at"],
        changed_by=row["changed_by"],
    )


def _same(row: Row, draft: Draft) -> bool:
    return (
        hash_of(from_jsonb(row["draft"])) == hash_of(draft.content)
        and struct_from_jsonb(row["problems"], list[Problem]) == list(draft.problems)
        and (row["name"], row["title"], list(row["labels"])) == (draft.name, draft.title, list(draft.labels))
    )


def _check_revision(kind: Kind, row: Row, revision: int | None) -> None:
    if revision is not None and revision != row["revision"]:
        raise StaleError(f"The {kind.word} was changed meanwhile; load it again and repeat your change.")


def _taken(kind: Kind, name: str) -> ConflictError:
    return ConflictError(f"There is a {kind.word} named {name!r} already; choose another name.")


def _is_id(kind: Kind, reference: str | UUID) -> bool:
    return isinstance(reference, str) and reference.startswith(f"{kind.prefix}_") and len(reference) > 26


def _escaped(search: str) -> str:
    return search[:200].replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")


def _cursor(last: str) -> str:
    return urlsafe_b64encode(msgspec.json.encode(last)).decode().rstrip("=")


def _open_cursor(cursor: str | None) -> str:
    if not cursor:
        return ""
    try:
        return msgspec.json.decode(urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)), type=str)
    except (msgspec.DecodeError, Base64Error, ValueError) as error:
        raise foreign_cursor() from error

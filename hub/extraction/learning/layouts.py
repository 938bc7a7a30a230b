"""The layouts a workspace knows: looked up by their words, learnt under a lock, shown and forgotten."""

from __future__ import annotations

import hashlib
import re
import zlib
from collections.abc import Iterator, Sequence
from datetime import datetime
from uuid import UUID

import msgspec

from hub.audit import Audit
from hub.database import Row, alone, execute, fetch, fetch_one, transaction
from hub.errors import NotFoundError
from hub.extraction.learning.frame import words_in
from hub.extraction.learning.inside import LEARN, LIMITS, Taught
from hub.extraction.learning.learnt import LearntLayout, Way
from hub.extraction.learning.marks import stable
from hub.extraction.learning.teach import Lesson
from hub.extraction.reading import Reading
from hub.ids import new_id, parse, show
from hub.jail import Jail
from hub.members import Member, Verb
from hub.sealing import Vault, place

PREFIX = "lay"
# How many layouts of a schema are kept, and how many of them are looked at closely for one document.
MOST_LAYOUTS, NEAREST = 500, 3
MOST = 200
_HEAD, _TAIL, _MOST_WORDS = 60_000, 20_000, 4000
# Of a mail or an archive so many documents are looked at, and those in them so far down.
_MOST_INSIDE, _DEEPEST = 10, 2
_SAID = {
    "behind": "right of", "right_of": "right of", "below": "below", "left_of": "left of", "above": "above",
    "at": "at its place",
}  # fmt: skip


class LearntPlace(msgspec.Struct, frozen=True, kw_only=True):
    """Where a layout has a value: right of or below which label, and how often that proved right."""

    path: str
    relation: str
    label: str = ""
    seen: int = 0
    absent: bool = False


class LayoutSummary(msgspec.Struct, frozen=True, kw_only=True):
    """A learnt layout: from how many documents, by which words it is known, and where its values stand."""

    id: str
    schema: str
    samples: int
    words: tuple[str, ...]
    places: tuple[LearntPlace, ...]
    tables: tuple[str, ...]
    created_at: datetime
    changed_at: datetime


class LayoutPage(msgspec.Struct, frozen=True, kw_only=True):
    """Learnt layouts, the last changed first, and where to go on."""

    items: Sequence[LayoutSummary]
    cursor: str | None = None


class Layouts:
    """Knows the layouts that corrected and confirmed documents taught."""

    def __init__(self, *, jail: Jail, vault: Vault, audit: Audit) -> None:
        self._jail = jail
        self._vault = vault
        self._audit = audit

    async def for_reading(self, workspace: UUID, schema: str, reading: Reading) -> tuple[LearntLayout, ...]:
        """Return the few layouts of a schema that share most words with a document, for the engine to compare."""
        known = await fetch_one(_ANY, workspace, schema)
        if known is None:
            return ()
        words = _hashes(workspace, _words_of(reading))
        rows = await fetch(_NEAREST, workspace, schema, words, NEAREST, MOST_LAYOUTS)
        return tuple([await self._opened(workspace, row) for row in rows])

    async def hold(self, workspace: UUID) -> None:
        """Let the lessons of a workspace go one after another until the transaction ends, so that none is lost.

        Whoever locks an extraction as well does this first: locks taken in another order may wait for each other.
        """
        await alone(f"layouts{workspace}")

    async def learn(self, workspace: UUID, schema: str, lesson: Lesson) -> str | None:
        """Add what a document teaches to its layout, or make one; returns its id, None when nothing was taught."""
        async with transaction():
            await self.hold(workspace)
            known = await self.for_reading(workspace, schema, lesson.reading)
            shown = msgspec.structs.replace(lesson, layouts=known)
            layout = (await self._jail.run(LEARN, shown, Taught, LIMITS)).layout
            if layout is None:
                return None
            identity = parse(PREFIX, layout.id) if layout.id else new_id()
            await self.keep(workspace, schema, msgspec.structs.replace(layout, id=show(PREFIX, identity)), identity)
        return show(PREFIX, identity)

    async def unlearn(self, workspace: UUID, layout: str, path: str) -> None:
        """Drop what a layout knows of one field or table, because what taught it was taken back."""
        async with transaction():
            await self.hold(workspace)
            row = await fetch_one(_FIND, workspace, parse(PREFIX, layout))
            if row is None:
                return
            known = await self._opened(workspace, row)
            root = path.partition("[")[0]
            fields = {name: field for name, field in known.fields.items() if name != root}
            tables = {name: table for name, table in known.tables.items() if name != root}
            await self.keep(
                workspace, row["schema_name"], msgspec.structs.replace(known, fields=fields, tables=tables), row["id"]
            )

    async def list(
        self, member: Member, *, schema: str | None = None, limit: int = 50, cursor: str | None = None
    ) -> LayoutPage:
        """Return the learnt layouts, newest first."""
        member.authorize(Verb.READ)
        limit = max(1, min(limit, MOST))
        before = parse(PREFIX, cursor) if cursor else None
        rows = await fetch(_LIST, member.workspace, schema, before, limit + 1)
        items = [_summary(row, await self._opened(member.workspace, row)) for row in rows[:limit]]
        return LayoutPage(items=items, cursor=items[-1].id if len(rows) > limit else None)

    async def find(self, member: Member, reference: str) -> LayoutSummary:
        """Return one learnt layout."""
        member.authorize(Verb.READ)
        row = await fetch_one(_FIND, member.workspace, parse(PREFIX, reference))
        if row is None:
            raise NotFoundError("There is no such layout in this workspace.")
        return _summary(row, await self._opened(member.workspace, row))

    async def forget(self, member: Member, reference: str) -> None:
        """Forget a layout; documents of it are read by the rules again until somebody teaches it anew."""
        member.authorize(Verb.REVIEW)
        async with transaction():
            await self.hold(member.workspace)
            rows = await fetch(
                "delete from learnt_layouts where workspace = $1 and id = $2 returning schema_name",
                member.workspace,
                parse(PREFIX, reference),
            )
            if not rows:
                raise NotFoundError("There is no such layout in this workspace.")
            await execute(_UNKNOWN, member.workspace, reference)
            await self._audit.record(member, "layout.forget", reference, {"schema": rows[0]["schema_name"]})

    async def keep(self, workspace: UUID, schema: str, layout: LearntLayout, identity: UUID) -> None:
        """Store a layout under an id, and forget the oldest beyond what is kept of a schema."""
        packed = zlib.compress(msgspec.msgpack.encode(layout), 1)
        sealed = await self._vault.seal(workspace, place("learnt_layouts", identity, "content"), packed)
        words = _hashes(workspace, {mark.word for mark in stable(layout)})
        await execute(_KEEP, identity, workspace, schema, words, sealed, layout.samples)
        await execute(_FORGET_OLDEST, workspace, schema, MOST_LAYOUTS)

    async def _opened(self, workspace: UUID, row: Row) -> LearntLayout:
        opened = await self._vault.open(workspace, place("learnt_layouts", row["id"], "content"), row["content"])
        return msgspec.msgpack.decode(zlib.decompress(opened), type=LearntLayout)


def _words_of(reading: Reading) -> set[str]:
    """Return the words of a document's beginning and end and of the documents in it, those of letters only."""
    found: dict[str, None] = {}
    for text in _texts(reading, _DEEPEST):
        shown = text if len(text) <= _HEAD + _TAIL else f"{text[:_HEAD]}\n{text[-_TAIL:]}"
        for match in re.finditer(r"[^\W\d_]{2,40}", shown):
            found[match[0]] = None
            if len(found) >= _MOST_WORDS:
                break
    return {word for written in found for word in words_in(written)}


def _texts(reading: Reading, deep: int) -> Iterator[str]:
    yield reading.text
    inside = [one.reading for one in reading.embedded if one.reading is not None] if deep else []
    for one in inside[:_MOST_INSIDE]:
        yield from _texts(one, deep - 1)


def _hashes(workspace: UUID, words: set[str]) -> list[int]:
    """Hash words under the workspace's id: they serve for comparing and do not tell what a document says."""
    return [
        int.from_bytes(hashlib.blake2b(word.encode(), digest_size=8, key=workspace.bytes).digest(), signed=True)
        for word in sorted(words)
    ]


def _summary(row: Row, layout: LearntLayout) -> LayoutSummary:
    places = [
        LearntPlace(path=path, relation="", absent=True) if field.absent > field.present else _place(path, field.ways)
        for path, field in layout.fields.items()
        if field.ways or field.absent > field.present
    ]
    return LayoutSummary(
        id=show(PREFIX, row["id"]),
        schema=row["schema_name"],
        samples=row["samples"],
        words=tuple(dict.fromkeys(mark.word for mark in stable(layout)))[:12],
        places=tuple(places),
        tables=tuple(layout.tables),
        created_at=row["created_at"],
        changed_at=row["changed_at"],
    )


def _place(path: str, ways: Sequence[Way]) -> LearntPlace:
    best = max(ways, key=lambda way: way.trust)
    return LearntPlace(path=path, relation=_SAID[best.relation], label=" ".join(best.label), seen=best.hits)


_ANY = "select 1 as there from learnt_layouts where workspace = $1 and lower(schema_name) = lower($2) limit 1"
# The share of a layout's words that the document has too; which of them stand where they should is looked at later.
_NEAREST = (
    "select l.id, l.content from (select id, content, words from learnt_layouts "
    "where workspace = $1 and lower(schema_name) = lower($2) order by changed_at desc limit $5) l "
    "cross join lateral unnest(l.words) as w(word) join unnest($3::bigint[]) as d(word) on d.word = w.word "
    "group by l.id, l.content, l.words having count(*) * 2 >= cardinality(l.words) "
    "order by count(*)::float / cardinality(l.words) desc, l.id desc limit $4"
)
_FIND = "select * from learnt_layouts where workspace = $1 and id = $2"
# Extractions name no layout that is not there; what was judged under it stays counted.
_UNKNOWN = (
    "with held as materialized ("
    "select id from extractions where workspace = $1 and layout = $2 order by id for no key update) "
    "update extractions e set layout = null, result = jsonb_set(result::jsonb, '{layout}', 'null')::json "
    "from held where e.id = held.id"
)
_LIST = (
    "select * from learnt_layouts where workspace = $1 and ($2::text is null or lower(schema_name) = lower($2)) "
    "and ($3::uuid is null or id < $3) order by id desc limit $4"
)
_KEEP = (
    "insert into learnt_layouts (id, workspace, schema_name, words, content, samples) values ($1, $2, $3, $4, $5, $6) "
    "on conflict (id) do update set words = excluded.words, content = excluded.content, samples = excluded.samples, "
    "changed_at = now() where learnt_layouts.workspace = excluded.workspace"
)
_FORGET_OLDEST = (
    "delete from learnt_layouts where id in (select id from learnt_layouts where workspace = $1 "
    "and lower(schema_name) = lower($2) order by changed_at desc offset $3)"
)

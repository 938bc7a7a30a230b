"""Extractions as members make, see, repeat, tag and delete them."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from uuid import UUID

import msgspec

from hub.audit import Audit
from hub.database import transaction
from hub.errors import ConflictError, InvalidError, NotFoundError, Problem
from hub.extraction import export, history, store
from hub.extraction.capturing.pages import Wanted
from hub.extraction.choice import AUTO, Choice
from hub.extraction.differences import Difference, differences
from hub.extraction.extractor import Asked, Extractor
from hub.extraction.history import ExtractionPage, ExtractionSummary, Selection
from hub.extraction.results import Extraction
from hub.extraction.schemas.workspace import Resolved, Schemas
from hub.extraction.sources import Given
from hub.extraction.store import Origin
from hub.files import Files, Upload
from hub.ids import parse, show
from hub.members import Member, Verb

__all__ = ["Choice", "Extractions", "Keep"]

_MOST_TAGS, _LONGEST_TAG = 20, 60


class Keep(msgspec.Struct, frozen=True, kw_only=True):
    """How a result is kept: a preview is forgotten after a day unless it is saved."""

    preview: bool = False
    tags: tuple[str, ...] = ()
    repeats: UUID | None = None


KEEP = Keep()


Forget = Callable[[UUID, Sequence[str]], Awaitable[None]]


class Extractions:
    """Applies schemas to files and texts; every result is stored with what was read."""

    def __init__(self, *, files: Files, schemas: Schemas, extractor: Extractor, audit: Audit) -> None:
        self._files = files
        self._schemas = schemas
        self._extractor = extractor
        self._audit = audit
        self._forget: Forget | None = None

    def forget_with(self, forget: Forget) -> None:
        """Have this, too, forget what it says of extractions that are deleted, in the same transaction."""
        self._forget = forget

    async def extract_file(
        self, member: Member, file: str, schema: str, choice: Choice = AUTO, keep: Keep = KEEP
    ) -> Extraction:
        """Apply a schema to a stored file."""
        resolved = await self._schemas.resolve_for(member, schema)
        described = await self._files.describe(member, file)
        return await self._extract(member, Given(name=described.name, file=described.id), resolved, choice, keep)

    async def extract_upload(
        self, member: Member, upload: Upload, schema: str, choice: Choice = AUTO, keep: Keep = KEEP
    ) -> Extraction:
        """Store a file and apply a schema to it."""
        member.authorize(Verb.EXTRACT)
        await self._schemas.resolve_for(member, schema)
        stored = await self._files.store(member, upload.name, upload.media_type, upload.content)
        return await self.extract_file(member, stored.id, schema, choice, keep)

    async def extract_text(
        self, member: Member, text: str, schema: str, choice: Choice = AUTO, keep: Keep = KEEP
    ) -> Extraction:
        """Apply a schema to a text."""
        resolved = await self._schemas.resolve_for(member, schema)
        return await self._extract(member, Given(name="text.txt", text=text), resolved, choice, keep)

    async def extract_page(
        self, member: Member, page: Wanted, schema: str, choice: Choice = AUTO, keep: Keep = KEEP
    ) -> Extraction:
        """Capture a page of the web and apply a schema to it."""
        if page.connection:
            member.authorize(Verb.USE_CONNECTIONS)
        resolved = await self._schemas.resolve_for(member, schema)
        return await self._extract(member, Given(name=page.url, page=page), resolved, choice, keep)

    async def extract_reading(
        self, member: Member, reading: str, schema: str, choice: Choice = AUTO, keep: Keep = KEEP
    ) -> Extraction:
        """Apply a schema to what was read already, with its corrections."""
        resolved = await self._schemas.resolve_for(member, schema)
        return await self._extract(member, Given(name=reading, reading=reading), resolved, choice, keep)

    async def repeat(
        self, member: Member, reference: str, choice: Choice | None = None, schema: str | None = None
    ) -> Extraction:
        """Extract from the same source again, with other settings or another schema; the first result stays."""
        member.authorize(Verb.EXTRACT)
        made = await store.made_with(member.workspace, reference)
        if made.file is None:
            raise ConflictError("Only extractions from files can be repeated; give the text again.")
        described = await self._files.describe(member, made.file)
        resolved = await self._schemas.resolve_for(member, schema or made.schema)
        keep = Keep(tags=made.tags, repeats=parse("ext", reference))
        given = Given(name=described.name, file=described.id)
        return await self._extract(member, given, resolved, choice or made.choice, keep)

    async def save(self, member: Member, reference: str) -> Extraction:
        """Keep a preview for good; one that is kept already stays as it is."""
        member.authorize(Verb.EXTRACT)
        await store.keep_preview(member.workspace, reference)
        return await store.find(member.workspace, reference)

    async def list(self, member: Member, wanted: Selection | None = None, **narrowed: object) -> ExtractionPage:
        """Return extractions, newest first: all, or those that `wanted` (or its parts by name) describes."""
        member.authorize(Verb.READ)
        return await history.page(member.workspace, wanted or Selection(**narrowed))  # type: ignore[arg-type]  # parts by name

    async def export(self, member: Member, wanted: Selection) -> bytes:
        """Return matching extractions as CSV, a row for each record."""
        member.authorize(Verb.READ)
        resolved = await self._schemas.resolve(member.workspace, wanted.schema) if wanted.schema else None
        return await export.export(member.workspace, wanted, resolved.schema if resolved else None)

    async def find(self, member: Member, reference: str) -> Extraction:
        """Return one extraction with its evidence."""
        member.authorize(Verb.READ)
        return await store.find(member.workspace, reference)

    async def settings(self, member: Member, reference: str) -> Choice:
        """Return what an extraction was made with; a document's password is not kept."""
        member.authorize(Verb.READ)
        return (await store.made_with(member.workspace, reference)).choice

    async def summary(self, member: Member, reference: str) -> ExtractionSummary:
        """Return one extraction as the history lists it: with its tags, verdict and file name."""
        found = await self.list(member, Selection(id=reference))
        if not found.items:
            raise NotFoundError("There is no such extraction in this workspace.")
        return found.items[0]

    async def answer(self, member: Member, reference: str) -> str | None:
        """Return what the model answered word for word, None when none was asked."""
        member.authorize(Verb.READ)
        return await store.answer(member.workspace, reference)

    async def compare(self, member: Member, first: str, second: str) -> Sequence[Difference]:
        """Return the fields in which two extractions differ."""
        member.authorize(Verb.READ)
        return differences(await store.find(member.workspace, first), await store.find(member.workspace, second))

    async def tag(self, member: Member, reference: str, tags: Sequence[str]) -> Sequence[str]:
        """Replace the tags of an extraction."""
        member.authorize(Verb.EXTRACT)
        kept = tags_of(tags)
        await history.tag(member.workspace, parse("ext", reference), kept)
        return kept

    async def tags(self, member: Member) -> Sequence[str]:
        """Return the tags in use, most used first."""
        member.authorize(Verb.READ)
        return await history.tags(member.workspace)

    async def delete(self, member: Member, references: Sequence[str], *, files: bool = False) -> int:
        """Delete extractions, and their files where asked and nothing else was made of them; returns how many went."""
        member.authorize(Verb.EDIT_DATASETS)
        identities = [parse("ext", reference) for reference in references]
        async with transaction():
            deleted = await history.delete(member.workspace, identities)
            if self._forget:
                await self._forget(member.workspace, [show("ext", one.id) for one in deleted])
            for one in deleted:
                await self._audit.record(member, "extraction.deleted", show("ext", one.id), {"schema": one.schema})
        if files:
            for file in await history.unused(member.workspace, [one.file for one in deleted if one.file]):
                with suppress(NotFoundError):  # somebody else deleted the last of its extractions at the same moment
                    await self._files.delete(member, show("fil", file))
        return len(deleted)

    async def _extract(self, member: Member, given: Given, schema: Resolved, choice: Choice, keep: Keep) -> Extraction:
        origin = Origin(member=member.user, repeats=keep.repeats)
        return await self._extractor.extract(
            Asked(
                workspace=member.workspace,
                schema=schema,
                given=given,
                choice=choice,
                origin=origin,
                preview=keep.preview,
                tags=tags_of(keep.tags),
            )
        )


def tags_of(tags: Sequence[str]) -> tuple[str, ...]:
    """Return tags as they are kept: trimmed, in small letters, each once; InvalidError when there are too many."""
    kept = tuple(dict.fromkeys(tag.strip().lower() for tag in tags if tag.strip()))
    if any(len(tag) > _LONGEST_TAG for tag in kept):
        message = f"A tag has at most {_LONGEST_TAG} characters."
        raise InvalidError(message, errors=[Problem("tags", message)])
    if len(kept) > _MOST_TAGS:
        message = f"An extraction has at most {_MOST_TAGS} tags."
        raise InvalidError(message, errors=[Problem("tags", message)])
    return kept

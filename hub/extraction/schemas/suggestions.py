"""Schemas suggested to members from their own documents; nothing is stored until they say so."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Protocol
from uuid import UUID

import msgspec

from hub.errors import InvalidError, Problem
from hub.extraction.language_models.proposing import ProposedField
from hub.extraction.reading import Reading
from hub.extraction.readings import Readings
from hub.extraction.schemas.document import build_schema
from hub.extraction.schemas.fields import Field, Spec
from hub.extraction.schemas.suggest import Samples, SuggestedField, Suggestion
from hub.extraction.sources import Given
from hub.files import Files
from hub.jail import Jail, JailError, Limits
from hub.members import Member, Verb

SUGGEST = "hub.extraction.schemas.suggest:suggest"
MOST = 20
_LIMITS = Limits(seconds=60, cpu_seconds=60)


class SampleDocuments(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Documents of one kind, stored or as text, and what the schema shall be called.

    With `model` the workspace's language model sees them, too, and adds the fields it finds.
    """

    name: str = "suggested"
    model: bool = False
    files: Annotated[list[str], msgspec.Meta(max_length=MOST)] = []
    texts: Annotated[list[str], msgspec.Meta(max_length=MOST)] = []


class Proposing(Protocol):
    """What asks a language model for fields."""

    async def propose(self, workspace: UUID, readings: Sequence[Reading]) -> Sequence[ProposedField]:
        """Return fields that stand in the documents; none when there is no model to ask."""


class Suggestions:
    """Suggests a schema from what documents of one kind have in common, by rules and, on wish, by a model."""

    def __init__(self, *, readings: Readings, files: Files, jail: Jail, models: Proposing) -> None:
        self._readings = readings
        self._files = files
        self._jail = jail
        self._models = models

    async def suggest(self, member: Member, given: SampleDocuments) -> Suggestion:
        """Read the documents and suggest a schema; InvalidError when they have nothing in common that is labelled."""
        member.authorize(Verb.EXTRACT)
        sources = [Given(name="text.txt", text=text) for text in given.texts]
        sources += [Given(name=(await self._files.describe(member, file)).name, file=file) for file in given.files]
        if not sources:
            message = "Give a few documents of one kind."
            raise InvalidError(message, errors=[Problem("files", message)])
        read = [(await self._readings.read(member.workspace, source)).reading for source in sources]
        try:
            found = await self._jail.run(SUGGEST, Samples(tuple(read), given.name), Suggestion, _LIMITS)
        except JailError as error:
            raise InvalidError("The documents are too large to compare. Give fewer or shorter ones.") from error
        if given.model:
            found = with_proposed(found, await self._proposed(member, read))
        return checked(found)

    async def _proposed(self, member: Member, read: Sequence[Reading]) -> Sequence[ProposedField]:
        proposed = await self._models.propose(member.workspace, read)
        if not proposed:
            message = "No language model proposed a field. Set one up, or leave `model` out."
            raise InvalidError(message, errors=[Problem("model", message)])
        return proposed


def with_proposed(found: Suggestion, proposed: Sequence[ProposedField]) -> Suggestion:
    """Add the fields of a model that the rules did not find, under names that are free."""
    spec = msgspec.convert(found.document["spec"], Spec)
    taken = {field.name for field in spec.fields} | {one.path for one in found.fields}
    told = {label.casefold() for field in spec.fields for label in (field.title, *field.labels)}
    added = [one for one in proposed if one.name not in taken and not {x.casefold() for x in one.labels} & told]
    fields = (
        *spec.fields,
        *(Field(name=one.name, type=one.type, title=one.title, labels=one.labels) for one in added),
    )
    why = (SuggestedField(path=one.name, type=one.type, samples=one.examples, documents=0) for one in added)
    document = {**found.document, "spec": msgspec.to_builtins(msgspec.structs.replace(spec, fields=fields))}
    return msgspec.structs.replace(found, document=document, fields=(*found.fields, *why))


def checked(found: Suggestion) -> Suggestion:
    """Return a suggestion that is a valid schema, or say that nothing was found."""
    if not found.fields:
        message = "These documents share no labels and no tables. Give more of one kind, or write the fields yourself."
        raise InvalidError(message, errors=[Problem("files", message)])
    build_schema(found.document)
    return found

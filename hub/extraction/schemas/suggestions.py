"""Schemas suggested to members from their own documents; nothing is stored until they say so."""

from __future__ import annotations

from typing import Annotated

import msgspec

from hub.errors import InvalidError, Problem
from hub.extraction.readings import Readings
from hub.extraction.schemas.document import build_schema
from hub.extraction.schemas.suggest import Samples, Suggestion
from hub.extraction.sources import Given
from hub.files import Files
from hub.jail import Jail, JailError, Limits
from hub.members import Member, Verb

SUGGEST = "hub.extraction.schemas.suggest:suggest"
MOST = 20
_LIMITS = Limits(seconds=60, cpu_seconds=60)


class SampleDocuments(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Documents of one kind, stored or as text, and what the schema shall be called."""

    name: str = "suggested"
    files: Annotated[list[str], msgspec.Meta(max_length=MOST)] = []
    texts: Annotated[list[str], msgspec.Meta(max_length=MOST)] = []


class Suggestions:
    """Suggests a schema from what documents of one kind have in common, by rules."""

    def __init__(self, *, readings: Readings, files: Files, jail: Jail) -> None:
        self._readings = readings
        self._files = files
        self._jail = jail

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
        return checked(found)


def checked(found: Suggestion) -> Suggestion:
    """Return a suggestion that is a valid schema, or say that nothing was found."""
    if not found.fields:
        message = "These documents share no labels and no tables. Give more of one kind, or write the fields yourself."
        raise InvalidError(message, errors=[Problem("files", message)])
    build_schema(found.document)
    return found

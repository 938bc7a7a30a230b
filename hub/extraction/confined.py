"""The local engine in the jail: what documents hold is hostile to pattern matching too."""

from __future__ import annotations

import msgspec

from hub.errors import InvalidError
from hub.extraction.engines import Answer, find_locally
from hub.extraction.findings import Findings
from hub.extraction.reading import Reading
from hub.extraction.schemas.fields import Schema
from hub.jail import Jail, JailError, Limits

FIND = "hub.extraction.confined:find"
_LIMITS = Limits(seconds=60, cpu_seconds=60)


class Search(msgspec.Struct, frozen=True):
    """What goes into the jail."""

    reading: Reading
    schema: Schema


def find(search: Search) -> Findings:
    """Apply the local engine inside the jail."""
    return find_locally(search.reading, search.schema)


class Confined:
    """The local engine, run in a child process with limits on time and memory."""

    def __init__(self, jail: Jail) -> None:
        self._jail = jail

    async def find(self, reading: Reading, schema: Schema) -> Answer:
        """Return what needs no model; a document that takes too long to search is refused."""
        try:
            return Answer(await self._jail.run(FIND, Search(reading, schema), Findings, _LIMITS))
        except JailError as error:
            message = "The document is too large or too strange to search. Split it or make it simpler."
            raise InvalidError(message) from error

"""The local engine in the jail: what documents hold is hostile to pattern matching too."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from hub.errors import InvalidError
from hub.extraction.engines import Answer, Engine, find_locally
from hub.extraction.learning.learnt import LearntLayout
from hub.extraction.reading import Reading
from hub.extraction.schemas.fields import Schema
from hub.jail import Jail, JailError, Limits

FIND = "hub.extraction.confined:find"
_LIMITS = Limits(seconds=60, cpu_seconds=60)


class Search(msgspec.Struct, frozen=True):
    """What goes into the jail."""

    reading: Reading
    schema: Schema
    layouts: tuple[LearntLayout, ...] = ()


def find(search: Search) -> Answer:
    """Apply the local engine inside the jail."""
    return find_locally(search.reading, search.schema, search.layouts)


class Confined:
    """The local engine, run in a child process with limits on time and memory."""

    def __init__(self, jail: Jail, layouts: Sequence[LearntLayout] = ()) -> None:
        self._jail = jail
        self._layouts = tuple(layouts)

    def knowing(self, layouts: Sequence[LearntLayout]) -> Engine:
        """Return an engine that knows some layouts."""
        return Confined(self._jail, layouts)

    async def find(self, reading: Reading, schema: Schema) -> Answer:
        """Return what needs no model; a document that takes too long to search is refused."""
        try:
            return await self._jail.run(FIND, Search(reading, schema, self._layouts), Answer, _LIMITS)
        except JailError as error:
            message = "The document is too large or too strange to search. Split it or make it simpler."
            raise InvalidError(message) from error

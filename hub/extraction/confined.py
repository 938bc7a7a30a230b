"""The local engine in the jail: what documents hold is hostile to pattern matching too."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from hub.errors import InvalidError
from hub.extraction.engines import Answer, Engine, find_locally
from hub.extraction.learning.learnt import LearntLayout
from hub.extraction.parting.cuts import WHOLE, Cut
from hub.extraction.reading import Reading
from hub.extraction.schemas.fields import Schema
from hub.extraction.splitting import cuts, is_whole
from hub.jail import Jail, JailError, Limits

FIND, CUTS = "hub.extraction.confined:find", "hub.extraction.confined:split"
_LIMITS = Limits(seconds=60, cpu_seconds=60)
_TOO_STRANGE = "The document is too large or too strange to search. Split it or make it simpler."


class Search(msgspec.Struct, frozen=True):
    """What goes into the jail."""

    reading: Reading
    schema: Schema
    layouts: tuple[LearntLayout, ...] = ()


def find(search: Search) -> Answer:
    """Apply the local engine inside the jail."""
    return find_locally(search.reading, search.schema, search.layouts)


def split(search: Search) -> list[Cut]:
    """Look inside the jail for where to split."""
    return cuts(search.reading, search.schema)


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
        search = Search(_bare(reading, nested=False), schema, self._layouts)
        try:
            return await self._jail.run(FIND, search, Answer, _LIMITS)
        except JailError as error:
            raise InvalidError(_TOO_STRANGE) from error

    async def cuts(self, reading: Reading, schema: Schema) -> list[Cut]:
        """Return where to split; a source that can only be one document is not searched for it."""
        if is_whole(reading):
            return [WHOLE]
        try:
            return await self._jail.run(CUTS, Search(_bare(reading, nested=True), schema), list[Cut], _LIMITS)
        except JailError as error:
            raise InvalidError(_TOO_STRANGE) from error


def _bare(reading: Reading, *, nested: bool) -> Reading:
    """The reading without the files inside it but for what they say: they can be many times as large."""
    files = tuple(
        msgspec.structs.replace(
            file,
            content=file.content if file.kind == "schema.org" else b"",
            reading=_bare(file.reading, nested=True) if nested and file.reading else None,
        )
        for file in reading.embedded
    )
    return msgspec.structs.replace(reading, embedded=files) if files else reading

"""Pages of the file that is extracted, drawn in the jail for models that see."""

from __future__ import annotations

from uuid import UUID

from hub.extraction.readers.pictures import Picture, View
from hub.extraction.readers.source import Source, check_size
from hub.extraction.sources import Given
from hub.files import Files
from hub.jail import Jail, JailError, Limits

PICTURE = "hub.extraction.readers.pictures:picture"
_LIMITS = Limits(seconds=30, cpu_seconds=30)
# Wide enough for small print, small enough for every provider.
_WIDTH = 1400


class FilePictures:
    """The pages of one stored file; a page that cannot be drawn is left out."""

    def __init__(self, files: Files, jail: Jail, workspace: UUID, given: Given) -> None:
        self._files = files
        self._jail = jail
        self._workspace = workspace
        self._given = given
        self._content: bytes | None = None

    async def png(self, page: int) -> bytes | None:
        """Return a page, counted from 1, as PNG; None where there is none."""
        if self._given.file is None:
            return None
        if self._content is None:
            self._content = await self._files.open(self._workspace, self._given.file)
            check_size(len(self._content))
        source = Source(self._content, self._given.name, self._given.options)
        try:
            drawn = await self._jail.run(PICTURE, View(source=source, number=page, width=_WIDTH), Picture, _LIMITS)
        except JailError:
            return None
        return drawn.content or None

"""Pages of files as pictures, the way a reading sees them."""

from __future__ import annotations

from hub.errors import NotFoundError
from hub.extraction.readers.options import Options
from hub.extraction.readers.pictures import LEAST, MOST, Picture, View
from hub.extraction.readers.source import Source, check_size
from hub.extraction.reading import ReadingError
from hub.files import Files
from hub.jail import Jail, JailError, Limits
from hub.members import Member, Verb

PICTURE = "hub.extraction.readers.pictures:picture"
LIMITS = Limits(seconds=30, cpu_seconds=30)
WIDTH = 1200
FAILED = "The page cannot be shown: {reason} The file itself can still be downloaded."


class Pages:
    """Draws pages in the jail: those of PDFs, and images."""

    def __init__(self, *, files: Files, jail: Jail) -> None:
        self._files = files
        self._jail = jail

    async def picture(
        self, member: Member, file: str, number: int, *, width: int = WIDTH, options: Options | None = None
    ) -> bytes:
        """A page as a PNG that is so many pixels wide, within limits.

        A box of the reading made with the same options, times the picture's width over the page's, lies on its words.
        """
        drawn = await self._draw(member, file, number, width, options)
        if not drawn.content:
            there = "1 page" if drawn.pages == 1 else f"{drawn.pages} pages"
            raise NotFoundError(f"The file has {there}; there is no page {number} that can be shown.")
        return drawn.content

    async def count(self, member: Member, file: str, options: Options | None = None) -> int:
        """How many pages the file has."""
        return (await self._draw(member, file, 0, WIDTH, options)).pages

    async def _draw(self, member: Member, file: str, number: int, width: int, options: Options | None) -> Picture:
        member.authorize(Verb.READ)
        options = options or Options()
        options.check()
        described = await self._files.describe(member, file)
        content = await self._files.open(member, file)
        check_size(len(content))
        source = Source(content, described.name, options)
        view = View(source=source, number=number, width=max(LEAST, min(width, MOST)))
        try:
            drawn = await self._jail.run(PICTURE, view, Picture, LIMITS)
        except JailError as error:
            raise ReadingError(FAILED.format(reason=error.message)) from error
        if not drawn.pages:
            raise NotFoundError("This file has no pages: it is a text, a table or a recording.")
        return drawn

"""How a source shall be read, where a person or a recipe knows better than the reader."""

from __future__ import annotations

import hashlib
import re
from typing import Literal

import msgspec

from hub.errors import InvalidError, Problem
from hub.extraction.reading import Box

# ISO 639, with a script where a language has several: "de", "zh-Hant".
LANGUAGE = re.compile(r"[a-z]{2,3}(?:-[A-Za-z]{4})?")
MOST_LANGUAGES = 5

Recognition = Literal["auto", "never", "always"]


class Crop(msgspec.Struct, frozen=True, kw_only=True):
    """The only part to read: a box in points of the page as it is shown."""

    page: int
    box: Box


class Options(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A way of reading; the defaults fit most sources.

    `language` is what the source is written or spoken in, one code or several; `pages` the first and the last to read;
    `rotate` by how many degrees to turn every page clockwise before it is shown and read; `ocr` whether pages are
    recognised as images: where they have no text, never, or always; `selector` the part of a web page to read.
    """

    language: str | tuple[str, ...] = ()
    password: str | None = None
    pages: tuple[int, int] | None = None
    rotate: Literal[0, 90, 180, 270] = 0
    crop: Crop | None = None
    ocr: Recognition = "auto"
    selector: str | None = None

    def __repr__(self) -> str:
        """Show all but the password, so that no log carries it."""
        shown = [f"{name}={getattr(self, name)!r}" for name in self.__struct_fields__ if name != "password"]
        return f"Options({', '.join(shown)})"

    @property
    def languages(self) -> tuple[str, ...]:
        """The languages as codes, none when it is not known."""
        return (self.language,) if isinstance(self.language, str) and self.language else tuple(self.language)

    @property
    def fingerprint(self) -> str:
        """A short text that is the same for the same way of reading, '' for the defaults.

        A password is no part of it: it opens the source and changes nothing of what is read.
        """
        bare = msgspec.structs.replace(self, password=None, language=self.languages)
        if bare == Options():
            return ""
        return hashlib.sha256(msgspec.json.encode(bare, order="sorted")).hexdigest()[:24]

    def wants(self, page: int) -> bool:
        """Whether this page is one of those to read."""
        first, last = self.pages or (1, page)
        return first <= page <= last and (self.crop is None or self.crop.page == page)

    def check(self) -> None:
        """Refuse what makes no sense, with a sentence for each."""
        problems = []
        if len(self.languages) > MOST_LANGUAGES or not all(map(LANGUAGE.fullmatch, self.languages)):
            message = f'Give up to {MOST_LANGUAGES} languages as two- or three-letter codes, "de" say.'
            problems.append(Problem("language", message))
        if self.pages and not 1 <= self.pages[0] <= self.pages[1]:
            problems.append(Problem("pages", "Give the first and the last page, counted from 1."))
        if self.crop and not _is_box(self.crop):
            problems.append(
                Problem("crop", "Give a page counted from 1 and a box: left, top, right, bottom in points.")
            )
        if problems:
            raise InvalidError(problems[0].message, errors=problems)


def _is_box(crop: Crop) -> bool:
    left, top, right, bottom = crop.box
    return crop.page >= 1 and 0 <= left < right < 1e6 and 0 <= top < bottom < 1e6

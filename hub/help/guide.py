"""The guide: pages of Markdown that come with the hub, cut into sections that can be searched."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path

import msgspec

from hub.errors import NotFoundError
from hub.help.render import outline, rendered
from hub.members import Member, Verb

START = "index"
MOST_FOUND = 20
LONGEST_SEARCH = 200
AROUND = 90
_WORD = re.compile(r"\w+")


class Section(msgspec.Struct, frozen=True, kw_only=True):
    """A part of a page below one heading; the first has no anchor."""

    anchor: str
    title: str
    text: str


class GuidePage(msgspec.Struct, frozen=True, kw_only=True):
    """A page of the guide: its name in addresses, what it says, and the same as HTML that holds no foreign markup."""

    name: str
    title: str
    markdown: str
    html: str
    sections: Sequence[Section]


class Found(msgspec.Struct, frozen=True, kw_only=True):
    """A section that a search found, with the words around the first hit."""

    page: str
    anchor: str
    title: str
    section: str
    words: str


class Guide:
    """Reads the guide once and answers from memory; the same for everybody who is signed in."""

    def __init__(self, folder: Path | None = None) -> None:
        self._folder = folder or _folder()

    @property
    def images(self) -> Path:
        """Where the pictures are."""
        return self._folder / "images"

    async def list(self, member: Member) -> Sequence[GuidePage]:
        """Return all pages, those of the table of contents first."""
        member.authorize(Verb.READ)
        return list((await asyncio.to_thread(lambda: self._pages)).values())

    async def show(self, member: Member, name: str = START) -> GuidePage:
        """Return one page."""
        member.authorize(Verb.READ)
        found = (await asyncio.to_thread(lambda: self._pages)).get(name)
        if found is None:
            raise NotFoundError(f"The guide has no page {name[:60]!r}.")
        return found

    async def search(self, member: Member, words: str) -> Sequence[Found]:
        """Return the sections with all of the words, or words that begin so; titles count most."""
        wanted = list(dict.fromkeys(_WORD.findall(words[:LONGEST_SEARCH].lower())))
        if not wanted:
            return []
        hits = [
            (score, page, section)
            for page in await self.list(member)
            for section in page.sections
            if (score := _score(page, section, wanted))
        ]
        hits.sort(key=lambda hit: -hit[0])
        return [_found(page, section, wanted) for _, page, section in hits[:MOST_FOUND]]

    @cached_property
    def _pages(self) -> dict[str, GuidePage]:
        files = sorted(self._folder.rglob("*.md"), key=lambda file: (len(file.relative_to(self._folder).parts), file))
        names = {file.relative_to(self._folder).with_suffix("").as_posix(): file for file in files}
        pages = {name: _page(name, file.read_text(encoding="utf-8"), set(names)) for name, file in names.items()}
        first = [name for name in _linked(pages[START].markdown) if name in pages] if START in pages else []
        return {name: pages[name] for name in dict.fromkeys([START, *first, *pages]) if name in pages}


def _folder() -> Path:
    """Return where the guide lies: beside this module once installed, at the root of the source otherwise."""
    packed = Path(__file__).parent / "docs"
    return packed if packed.is_dir() else Path(__file__).parents[2] / "docs"


def _page(name: str, markdown: str, known: set[str]) -> GuidePage:
    sections = [Section(anchor=anchor, title=title, text=text) for anchor, title, text in outline(markdown)]
    return GuidePage(
        name=name,
        title=sections[0].title if sections else name,
        markdown=markdown,
        html=rendered(markdown, name, known),
        sections=sections,
    )


def _linked(markdown: str) -> list[str]:
    return re.findall(r"\]\(([\w/-]+)\.md", markdown)


def _score(page: GuidePage, section: Section, wanted: Sequence[str]) -> int:
    """Return how well a section fits, 0 when a word is missing."""
    title, whole = section.title.lower(), f"{page.title} {section.title} {section.text}".lower()
    score = 0
    for word in wanted:
        starts = len(re.findall(rf"\b{re.escape(word)}", whole))
        if not starts:
            return 0
        score += min(starts, 5) + (20 if re.search(rf"\b{re.escape(word)}", title) else 0)
        score += 10 if re.search(rf"\b{re.escape(word)}", page.title.lower()) else 0
    return score


def _found(page: GuidePage, section: Section, wanted: Sequence[str]) -> Found:
    text = " ".join(section.text.split())
    at = next((hit.start() for word in wanted if (hit := re.search(rf"\b{re.escape(word)}", text.lower()))), 0)
    start = max(0, at - AROUND)
    cut = text[start : at + AROUND]
    words = f"{'…' if start else ''}{cut}{'…' if at + AROUND < len(text) else ''}"
    return Found(page=page.name, anchor=section.anchor, title=page.title, section=section.title, words=words)

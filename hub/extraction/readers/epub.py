"""EPUB: the chapters of a book in their order, each read as the page that it is."""

import posixpath
from urllib.parse import unquote

from hub.extraction.readers.draft import Draft
from hub.extraction.readers.flow import Flow
from hub.extraction.readers.html import page_text, write_page
from hub.extraction.readers.markup import Element, local_name, parse_xml
from hub.extraction.readers.packages import Package, opened
from hub.extraction.readers.source import Source
from hub.extraction.reading import Metadata, Reading, ReadingError

WHAT = "The book"
CONTAINER, RIGHTS = "META-INF/container.xml", "META-INF/encryption.xml"
PAGES = frozenset(("application/xhtml+xml", "text/html"))
PROTECTED = "The book is protected against copying and cannot be read. Send one without protection."
NO_CHAPTERS = "The book is broken: it does not say which chapters it has. Save it again in the program that made it."


def read_epub(source: Source) -> Reading:
    """Read the chapters; each becomes a part of one text."""
    draft = Draft(source, "application/epub+zip")
    with opened(source.content, WHAT) as package:
        place = _place(package)
        book = parse_xml(package.part(place), WHAT)
        chapters = [name for name in _chapters(book, place) if name in package]
        if RIGHTS in package and any(name.encode() in package.part(RIGHTS) for name in chapters[:1]):
            raise ReadingError(PROTECTED)
        if not chapters:
            raise ReadingError(NO_CHAPTERS)
        flow = Flow(draft)
        for name in chapters:
            write_page(draft, page_text(package.part(name)), flow)
        draft.metadata = _metadata(book)
    draft.write("\n" if draft.length else "")
    return draft.finish()


def _place(package: Package) -> str:
    """Where the book's own description lies."""
    if CONTAINER not in package:
        raise ReadingError(NO_CHAPTERS)
    for element in parse_xml(package.part(CONTAINER), WHAT).iter():
        if local_name(element) == "rootfile" and element.get("full-path", "") in package:
            return element.get("full-path", "")
    raise ReadingError(NO_CHAPTERS)


def _chapters(book: Element, place: str) -> list[str]:
    named = {
        element.get("id"): posixpath.normpath(
            posixpath.join(posixpath.dirname(place), unquote(element.get("href", "")))
        )
        for element in book.iter()
        if local_name(element) == "item" and element.get("media-type") in PAGES
    }
    order = [element.get("idref") for element in book.iter() if local_name(element) == "itemref"]
    return [named[one] for one in dict.fromkeys(order) if one in named]


def _metadata(book: Element) -> Metadata:
    values: dict[str, str] = {}
    for element in book.iter():
        if isinstance(element.tag, str) and element.tag.startswith("{http://purl.org/dc/elements/1.1/}"):
            values.setdefault(local_name(element), " ".join((element.text or "").split()))
    return Metadata(
        title=values.get("title") or None,
        author=values.get("creator") or None,
        language=values.get("language") or None,
        created=values.get("date") or None,
    )

"""From HTML to the text a reader sees, a line for each block; read in a child process."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import msgspec

from connectors.sdk import SettingsError
from connectors.sdk.texts import storable
from connectors.web.difference import Difference, difference

if TYPE_CHECKING:
    from lxml import etree, html

LONGEST_TEXT = 200_000
_UNSEEN = frozenset({"script", "style", "noscript", "template", "head", "svg", "iframe"})
_INLINE = frozenset(
    {
        *("a", "abbr", "b", "bdi", "bdo", "cite", "code", "data", "del", "dfn", "em", "font", "i", "img", "ins", "kbd"),
        *("label", "mark", "q", "s", "samp", "small", "span", "strong", "sub", "sup", "time", "u", "var"),
    }
)
_CELLS = frozenset({"td", "th"})
_BLANKS = re.compile(r"\s+")


class Source(msgspec.Struct, frozen=True, kw_only=True):
    """What came from where, what of it counts, and the text that was there before."""

    content: bytes
    kind: str
    url: str
    selector: str
    ignore: str
    before: str | None


class Page(msgspec.Struct, frozen=True):
    """What there is to read, and how it differs from before."""

    title: str
    text: str
    change: Difference | None


def look(source: Source) -> Page:
    """Read a page and compare it."""
    title, text = _read(source)
    known = source.before is None or source.before == text
    return Page(title, text, None if known else difference(source.before or "", text))


def _read(source: Source) -> tuple[str, str]:
    """Return the title and the readable text of what the selector picks."""
    kind = source.kind.partition(";")[0].strip().lower()
    if kind and kind not in {"text/html", "application/xhtml+xml", "application/xml", "text/xml"}:
        if not kind.startswith("text/") and not kind.endswith("json"):
            raise SettingsError(f"{source.url} is no page but {kind}.")
        return "", _clipped(_plain(source))
    root = parsed(source)
    cleaned(root, source.ignore)
    chosen = _select(root, source.selector) if source.selector else [root]
    if not chosen:
        raise SettingsError(f"Nothing on the page matches the selector {source.selector}.")
    title = storable(root.findtext(".//title") or "").strip()
    return title, _clipped("\n".join(text_of(element) for element in chosen))


def parsed(source: Source) -> html.HtmlElement:
    """Return the root of a page."""
    from lxml import etree, html

    try:
        parser = html.HTMLParser(encoding=_charset(source) or None, no_network=True, huge_tree=False)
        return html.document_fromstring(source.content, parser=parser)
    except (etree.ParserError, ValueError, LookupError) as error:
        raise SettingsError(f"The page at {source.url} is empty or cannot be read.") from error


def cleaned(root: html.HtmlElement, ignore: str) -> None:
    """Take out of a page what is to be left out."""
    for element in _select(root, ignore) if ignore else ():
        element.drop_tree()


def text_of(element: etree._Element) -> str:
    """Return an element's text as lines, without what is not shown."""
    pieces: list[str] = []
    _collect(element, pieces)
    lines = (line.strip().split("\t") for line in "".join(pieces).split("\n"))
    return "\n".join(" | ".join(cell.strip() for cell in cells) for cells in lines if any(cells))


def _select(root: html.HtmlElement, selector: str) -> list[html.HtmlElement]:
    from lxml import etree, html
    from lxml.cssselect import CSSSelector

    try:
        found = CSSSelector(selector, translator="html")(root)
    except etree.XPathError as error:
        raise SettingsError(f"The selector {selector} cannot be used on a page.") from error
    return [element for element in found if isinstance(element, html.HtmlElement)] if isinstance(found, list) else []


def _collect(root: etree._Element, pieces: list[str]) -> None:
    """Walk without recursion: pages may be nested deeper than Python's stack."""
    waiting: list[tuple[etree._Element, bool]] = [(root, False)]
    while waiting:
        element, done = waiting.pop()
        tag = element.tag if isinstance(element.tag, str) else ""
        edge = "" if tag in _INLINE else "\t" if tag in _CELLS and done else "\n"
        if done:
            pieces.append(edge)
        elif tag and tag not in _UNSEEN:
            pieces.append(("" if tag in _CELLS else edge) + _flat(element.text))
            waiting.append((element, True))
            waiting.extend((child, False) for child in reversed(element))
        if element is not root and (done or not tag or tag in _UNSEEN):
            pieces.append(_flat(element.tail))


def _flat(text: str | None) -> str:
    return _BLANKS.sub(" ", text) if text else ""


def _plain(source: Source) -> str:
    try:
        return source.content.decode(_charset(source) or "utf-8", errors="replace")
    except LookupError:
        return source.content.decode("utf-8", errors="replace")


def _charset(source: Source) -> str:
    _, _, charset = source.kind.partition("charset=")
    return charset.split(";")[0].strip("\"' ")


def _clipped(text: str) -> str:
    return storable(text[:LONGEST_TEXT])

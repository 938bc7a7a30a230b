"""From HTML to the text a reader sees, a line for each block."""

from __future__ import annotations

import re

import msgspec
from cssselect import SelectorError
from lxml import etree, html
from lxml.cssselect import CSSSelector

from connectors.sdk import SettingsError
from connectors.sdk.http import Response
from connectors.sdk.texts import storable

LARGEST_PAGE = 10 * 1024 * 1024
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


class Page(msgspec.Struct, frozen=True):
    """What there is to read."""

    title: str
    text: str


def check_selector(selector: str) -> None:
    """Raise ValueError when a CSS selector is not one."""
    if selector:
        try:
            CSSSelector(selector, translator="html")
        except (SelectorError, etree.XPathError) as error:
            raise ValueError(f"This is not a CSS selector: {selector[:100]}") from error


def read_page(response: Response, selector: str, ignore: str) -> Page:
    """Return the title and the readable text of what the selector picks."""
    kind = response.headers.get("Content-Type", "").partition(";")[0].strip().lower()
    if kind and kind not in {"text/html", "application/xhtml+xml", "application/xml", "text/xml"}:
        if not kind.startswith("text/") and not kind.endswith("json"):
            raise SettingsError(f"{response.url} is no page but {kind}.")
        return Page("", _clipped(response.text()))
    root = _parsed(response)
    for element in _select(root, ignore) if ignore else ():
        element.drop_tree()
    chosen = _select(root, selector) if selector else [root]
    if not chosen:
        raise SettingsError(f"Nothing on the page matches the selector {selector}.")
    return Page(
        storable(root.findtext(".//title") or "").strip(), _clipped("\n".join(text_of(element) for element in chosen))
    )


def text_of(element: etree._Element) -> str:
    """Return an element's text as lines, without what is not shown."""
    pieces: list[str] = []
    _collect(element, pieces)
    lines = (line.strip().split("\t") for line in "".join(pieces).split("\n"))
    return "\n".join(" | ".join(cell.strip() for cell in cells) for cells in lines if any(cells))


def _select(root: html.HtmlElement, selector: str) -> list[html.HtmlElement]:
    found = CSSSelector(selector, translator="html")(root)
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


def _parsed(response: Response) -> html.HtmlElement:
    parser = html.HTMLParser(encoding=_charset(response), no_network=True, huge_tree=False)
    try:
        return html.document_fromstring(response.content, parser=parser)
    except (etree.ParserError, ValueError, LookupError) as error:
        raise SettingsError(f"The page at {response.url} is empty or cannot be read.") from error


def _charset(response: Response) -> str | None:
    _, _, charset = response.headers.get("Content-Type", "").partition("charset=")
    return charset.split(";")[0].strip("\"' ") or None


def _clipped(text: str) -> str:
    return storable(text[:LONGEST_TEXT])

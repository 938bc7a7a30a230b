"""The parts of a page that a person may mean, each with a CSS selector that finds it and nothing else."""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING

import msgspec

from connectors.web.page import Source, cleaned, parsed, text_of

if TYPE_CHECKING:
    from lxml import html

MOST_BLOCKS = 150
MOST_LOOKED_AT = 5_000
LONGEST_EXCERPT = 120
_WORTH = frozenset(
    {
        *("main", "article", "section", "aside", "header", "footer", "nav", "table", "ul", "ol", "dl", "form"),
        *("h1", "h2", "h3", "h4", "p", "div", "span", "pre", "blockquote", "figure", "tr", "li", "dd", "td", "time"),
        *("strong", "b", "output", "data"),
    }
)
# A name that a person gave, and not a machine at each build
_NAME = re.compile(r"[A-Za-z][A-Za-z_-]{1,40}\d{0,2}")


class Block(msgspec.Struct, frozen=True):
    """A part of the page: its selector and how its text begins."""

    selector: str
    text: str


def find_blocks(source: Source) -> list[Block]:
    """Return what can be picked, in the order of the page; of parts with the same text only the outermost."""
    root = parsed(source)
    cleaned(root, source.ignore)
    elements = [one for one in root.iter() if isinstance(one.tag, str)][:MOST_LOOKED_AT]
    names = _Names(elements)
    found: list[Block] = []
    seen: set[str] = set()
    for element in elements:
        if element.tag not in _WORTH or len(found) == MOST_BLOCKS:
            continue
        text = " ".join(text_of(element).split())
        selector = names.selector(element) if text and text not in seen else ""
        if selector:
            seen.add(text)
            found.append(Block(selector, text[:LONGEST_EXCERPT]))
    return found


class _Names:
    """What tells elements apart: ids, classes and marks that stand on the page once."""

    def __init__(self, elements: list[html.HtmlElement]) -> None:
        self._counts = Counter(name for element in elements for name in _own_names(element))

    def selector(self, element: html.HtmlElement) -> str:
        """Return a selector of the element alone: a name of its own, or the way from the nearest that has one."""
        way: list[str] = []
        current: html.HtmlElement | None = element
        while current is not None and current.tag not in {"html", "body"}:
            own = next((name for name in _own_names(current) if self._counts[name] == 1), "")
            if own:
                return " > ".join([own, *reversed(way)])
            way.append(_place(current))
            current = current.getparent()
        return " > ".join(["body", *reversed(way)]) if len(way) <= 8 else ""


def _own_names(element: html.HtmlElement) -> list[str]:
    """Return the simple selectors that name an element, the steadiest first."""
    names = [f"#{one}" for one in [element.get("id", "")] if _NAME.fullmatch(one)]
    marks = [(mark, element.get(mark, "")) for mark in ("itemprop", "data-testid")]
    names += [f'[{mark}="{value}"]' for mark, value in marks if _NAME.fullmatch(value)]
    names += [f"{element.tag}.{one}" for one in element.get("class", "").split()[:5] if _NAME.fullmatch(one)]
    if element.tag in {"main", "h1", "table", "article", "form"}:
        names.append(str(element.tag))
    return names


def _place(element: html.HtmlElement) -> str:
    number = 1 + sum(1 for one in element.itersiblings(preceding=True) if one.tag == element.tag)
    return f"{element.tag}:nth-of-type({number})"

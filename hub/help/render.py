"""Markdown as HTML that holds nothing but what Markdown can say; links stay within the guide where they can."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator, Sequence, Set

from markdown_it import MarkdownIt
from markdown_it.token import Token

GUIDE = "/help"
IMAGES = "/help-images"
_AWAY = re.compile(r"^(https?:|mailto:)", re.IGNORECASE)


def rendered(markdown: str, name: str, known: Set[str]) -> str:
    """Render a page: raw HTML is shown as text, headings can be linked to, other pages are found below the guide."""
    parser = _parser()
    tokens = parser.parse(markdown)
    _anchor(tokens)
    for token in tokens:
        for child in token.children or ():
            _lead(child, name, known)
    html: str = parser.renderer.render(tokens, parser.options, {})
    # Wide tables scroll, by the keyboard too.
    return html.replace("<table>", '<div class="pd-grid-table" tabindex="0"><table>').replace(
        "</table>", "</table></div>"
    )


def outline(markdown: str) -> Iterator[tuple[str, str, str]]:
    """Yield anchor, title and text of each part below a heading."""
    tokens = _parser().parse(markdown)
    anchors = _anchor(tokens)
    title, anchor = "", ""
    text: list[str] = []
    for number, token in enumerate(tokens):
        if token.type == "heading_open" and token.tag in {"h1", "h2", "h3"}:
            if title:
                yield anchor, title, "\n".join(text)
            title, anchor, text = _plain(tokens[number + 1]), anchors[number], []
        elif token.type in {"fence", "code_block"}:
            text.append(token.content)
        elif token.type == "inline" and tokens[number - 1].type != "heading_open":
            text.append(_plain(token))
    if title:
        yield anchor, title, "\n".join(text)


def _parser() -> MarkdownIt:
    return MarkdownIt("commonmark", {"html": False, "linkify": False}).enable("table")


def _anchor(tokens: Sequence[Token]) -> dict[int, str]:
    """Give every heading a name as GitHub would, so that links work in both places; the first heading has none."""
    anchors: dict[int, str] = {}
    for number, token in enumerate(tokens):
        if token.type == "heading_open":
            words = re.sub(r"[^\w\- ]", "", _plain(tokens[number + 1]).lower()).strip().replace(" ", "-")
            anchors[number] = "" if token.tag == "h1" else words
            if anchors[number]:
                token.attrSet("id", anchors[number])
    return anchors


def _lead(token: Token, name: str, known: Set[str]) -> None:
    """Let a link lead to the page of the guide, a picture to where pictures are; elsewhere opens a tab of its own."""
    if token.type == "link_open":
        target = str(token.attrGet("href") or "")
        if _AWAY.match(target):
            token.attrSet("target", "_blank")
            token.attrSet("rel", "noopener noreferrer")
        elif not target.startswith(("#", "/")):
            token.attrSet("href", _inside(target, name, known))
    elif token.type == "image":
        source = posixpath.normpath(posixpath.join(posixpath.dirname(name), str(token.attrGet("src") or "")))
        token.attrSet("src", f"{IMAGES}/{source.removeprefix('images/')}")
        token.attrSet("loading", "lazy")


def _inside(target: str, name: str, known: Set[str]) -> str:
    path, _, anchor = target.partition("#")
    page = posixpath.normpath(posixpath.join(posixpath.dirname(name), path)).removesuffix(".md")
    return f"{GUIDE}/{page}{'#' + anchor if anchor else ''}" if page in known else GUIDE


def _plain(token: Token) -> str:
    """Return the words of a line without its marks."""
    return "".join(child.content or " " for child in token.children or ()).strip()

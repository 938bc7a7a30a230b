"""Markdown as people write it, put into the markup of a chat service; what has no mark there comes out as words."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import msgspec

if TYPE_CHECKING:
    from markdown_it.tree import SyntaxTreeNode

Pair = tuple[str, str]
DEEPEST = 20


class Dialect(msgspec.Struct, frozen=True, kw_only=True):
    """How one service marks up: what stands around words, links of (words, address), and how words are escaped."""

    escape: Callable[[str], str]
    strong: Pair
    emphasis: Pair
    struck: Pair
    code: Pair
    block: Pair
    link: Callable[[str, str], str]
    quote: Callable[[str], str]


def translate(markdown: str, dialect: Dialect) -> str:
    """Return a text in the dialect; HTML in it stays what it is, words."""
    from markdown_it import MarkdownIt
    from markdown_it.tree import SyntaxTreeNode

    reader = MarkdownIt("commonmark", {"html": False, "maxNesting": DEEPEST}).enable("strikethrough")
    return _blocks(SyntaxTreeNode(reader.parse(markdown.replace("\0", ""))).children, dialect)


def _blocks(nodes: Sequence[SyntaxTreeNode], dialect: Dialect, between: str = "\n\n") -> str:
    return between.join(_block(node, dialect) for node in nodes)


def _block(node: SyntaxTreeNode, dialect: Dialect) -> str:
    match node.type:
        case "fence" | "code_block":
            return _around(dialect.block, dialect.escape(node.content.rstrip("\n")))
        case "bullet_list" | "ordered_list":
            return _list(node, dialect)
        case "blockquote":
            return dialect.quote(_blocks(node.children, dialect))
        case "hr":
            return "———"
        case "inline":
            return "".join(_inline(inner, dialect) for inner in node.children)
    words = _blocks(node.children, dialect)
    return _around(dialect.strong, words) if node.type == "heading" else words


def _list(node: SyntaxTreeNode, dialect: Dialect) -> str:
    first = int(node.attrs.get("start", 1))
    marks = (f"{first + place}." if node.type == "ordered_list" else "•" for place in range(len(node.children)))
    points = (_blocks(point.children, dialect, "\n").replace("\n", "\n    ") for point in node.children)
    return "\n".join(f"{mark} {words}" for mark, words in zip(marks, points, strict=True))


def _inline(node: SyntaxTreeNode, dialect: Dialect) -> str:
    match node.type:
        case "softbreak" | "hardbreak":
            return "\n"
        case "code_inline":
            return _around(dialect.code, dialect.escape(node.content))
        case "image":
            return dialect.link(dialect.escape(node.content), str(node.attrs.get("src", "")))
        case "text" | "html_inline":
            return dialect.escape(node.content)
    words = "".join(_inline(inner, dialect) for inner in node.children)
    if node.type == "link":
        return dialect.link(words, str(node.attrs.get("href", "")))
    return _around(
        {"strong": dialect.strong, "em": dialect.emphasis, "s": dialect.struck}.get(node.type, ("", "")), words
    )


def _around(pair: Pair, text: str) -> str:
    return f"{pair[0]}{text}{pair[1]}" if text.strip() else text

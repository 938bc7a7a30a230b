"""Jira's texts: the Atlassian Document Format, read as plain text and written from it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from connectors.sdk import SettingsError
from connectors.sdk.texts import storable

LONGEST = 32_000
_DEEPEST = 50
_BLOCKS = frozenset(
    {"paragraph", "heading", "listItem", "codeBlock", "blockquote", "panel", "tableRow", "rule", "mediaSingle"}
)
_ITEM = re.compile(r"\s*[-*] (?=\S)")
# What stands for a node that holds no text of its own
_ATTRIBUTES = {"mention": "text", "emoji": "text", "inlineCard": "url", "blockCard": "url", "status": "text"}


def plain(document: Any) -> str:
    """Return the words of a document, a line for each of its blocks; what is text already stays."""
    if isinstance(document, str):
        return storable(document)
    lines = "".join(_words(document, 0)).split("\n")
    return storable(re.sub(r"\n{3,}", "\n\n", "\n".join(line.rstrip() for line in lines))).strip()


def document(text: str) -> dict[str, Any]:
    """Return a document that shows a text: paragraphs, their lines, and lists where lines begin with - or *."""
    if len(text) > LONGEST:
        raise SettingsError(f"The text has {len(text):,} characters; Jira takes {LONGEST:,}.")
    blocks = [block.strip("\n") for block in re.split(r"\n\s*\n", storable(text).replace("\r\n", "\n"))]
    content = [_block(block.split("\n")) for block in blocks if block.strip()]
    return {"type": "doc", "version": 1, "content": content}


def _block(lines: list[str]) -> dict[str, Any]:
    if all(_ITEM.match(line) for line in lines):
        items = [{"type": "listItem", "content": [_paragraph([_ITEM.sub("", line, count=1)])]} for line in lines]
        return {"type": "bulletList", "content": items}
    return _paragraph(lines)


def _paragraph(lines: list[str]) -> dict[str, Any]:
    content: list[dict[str, Any]] = []
    for number, line in enumerate(lines):
        content += [{"type": "hardBreak"}] if number else []
        content += [{"type": "text", "text": line}] if line else []
    return {"type": "paragraph", "content": content}


def _words(node: Any, depth: int) -> list[str]:
    if not isinstance(node, Mapping) or depth > _DEEPEST:
        return []
    kind, attributes = str(node.get("type")), node.get("attrs")
    if kind in {"text", "hardBreak"}:
        return [str(node.get("text", "")) if kind == "text" else "\n"]
    if kind in _ATTRIBUTES and isinstance(attributes, Mapping):
        return [str(attributes.get(_ATTRIBUTES[kind], ""))]
    content = node.get("content")
    inner = [word for one in (content if isinstance(content, list) else ()) for word in _words(one, depth + 1)]
    if kind == "listItem":
        return ["- ", *inner]
    if kind in {"tableCell", "tableHeader"}:
        return ["".join(inner).strip().replace("\n", " "), "\t"]
    return [*inner, "\n"] if kind in _BLOCKS else inner

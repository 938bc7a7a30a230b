"""Slack's markup: made of Markdown for what goes out, turned into plain words for what comes in."""

from __future__ import annotations

import re
from typing import Any, Literal

from connectors.sdk import SettingsError
from connectors.sdk.markdown import Dialect, translate

LONGEST_TEXT, LONGEST_SECTION, MOST_BLOCKS = 4000, 2900, 50
_REFERENCE = re.compile(r"<([#@!]?)([^<>|]*)(?:\|([^<>]*))?>")

Format = Literal["markdown", "slack"]


def escaped(text: str) -> str:
    """Return words in which Slack finds no mention and no link."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def plain(text: str) -> str:
    """Return the words of a marked-up text: people by their id, links by address, nothing escaped."""
    return _REFERENCE.sub(_reference, text).replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")


def message(text: str, form: Format, blocks: Any) -> dict[str, Any]:
    """Return a message's `text` and, for given or long ones, its `blocks`."""
    marked = translate(text, _SLACK) if form == "markdown" else text.replace("\0", "")
    if blocks not in (None, "", []):
        return {"text": (marked or "…")[:LONGEST_TEXT], "blocks": _given(blocks)}
    if not marked.strip():
        raise SettingsError("There is nothing to say: the text is empty.")
    if len(marked) <= LONGEST_TEXT:
        return {"text": marked}
    pieces = list(_pieces(marked))
    if len(pieces) > MOST_BLOCKS:
        raise SettingsError("The message is too long for Slack. Shorten it, or upload it as a file.")
    sections = [{"type": "section", "text": {"type": "mrkdwn", "text": piece}} for piece in pieces]
    return {"text": f"{escaped(plain(marked)[:500])}…", "blocks": sections}


def _given(blocks: Any) -> list[Any]:
    found = blocks.get("blocks") if isinstance(blocks, dict) else blocks
    if not isinstance(found, list) or not all(isinstance(block, dict) and "type" in block for block in found):
        raise SettingsError("Blocks are a list of objects, each with a type, as Slack's Block Kit Builder shows them.")
    if len(found) > MOST_BLOCKS:
        raise SettingsError(f"A message has {MOST_BLOCKS} blocks at most; this has {len(found)}.")
    return found


def _pieces(text: str) -> list[str]:
    """Cut a long text at its lines, and a long line where it must be."""
    pieces = [""]
    for line in text.splitlines(keepends=True):
        for start in range(0, len(line), LONGEST_SECTION):
            part = line[start : start + LONGEST_SECTION]
            if len(pieces[-1]) + len(part) > LONGEST_SECTION:
                pieces.append("")
            pieces[-1] += part
    return [piece for piece in pieces if piece.strip()]


def _reference(found: re.Match[str]) -> str:
    mark, target, label = found.groups()
    if mark == "@":
        return f"@{label or target}"
    if mark == "#":
        return f"#{label or target}"
    if mark == "!":
        return label or f"@{target.partition('^')[0]}"
    return f"{label} ({target})" if label and label not in target else target.removeprefix("mailto:")


def _link(words: str, address: str) -> str:
    if not address.startswith(("http://", "https://", "mailto:")):
        return words
    return f"<{escaped(address).replace('|', '%7C')}|{words.replace('|', '¦')}>" if words else f"<{escaped(address)}>"


_SLACK = Dialect(
    escape=escaped,
    strong=("*", "*"),
    emphasis=("_", "_"),
    struck=("~", "~"),
    code=("`", "`"),
    block=("```\n", "\n```"),
    link=_link,
    quote=lambda text: "> " + text.replace("\n", "\n> "),
)

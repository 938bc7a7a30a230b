"""Words on their way between people and Slack: what Slack marks up is read as people meant it, and back again."""

from __future__ import annotations

import re

_MARKED = re.compile(r"<([^<>|]*)(?:\|([^<>]*))?>")
_HIDDEN = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\u202a-\u202e\u2066-\u2069]")


def spoken(text: str, bots: frozenset[str] = frozenset()) -> str:
    """Return what somebody wrote: addresses bare, names as words, mentions of the bot left out."""

    def bare(found: re.Match[str]) -> str:
        meant, label = found[1], found[2]
        if meant.startswith("@"):
            return "" if meant[1:] in bots else f"@{label or meant[1:]}"
        if meant.startswith(("#", "!")):
            return f"{meant[0].replace('!', '@')}{label or meant[1:]}"
        return meant.removeprefix("mailto:")

    plain = _MARKED.sub(bare, text).replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
    return plain.strip()


def inert(text: str) -> str:
    """Return foreign words as Slack's markup shows exactly these words: nothing links, nobody is called."""
    return visible(text).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def visible(text: str) -> str:
    """Return words without what is not seen and turns the rest around."""
    return _HIDDEN.sub("", text)

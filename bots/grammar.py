"""How people write commands: in any case, with or without a slash or quotes, and not always rightly spelled."""

from __future__ import annotations

import re
from collections.abc import Iterable
from difflib import get_close_matches

import msgspec

# /run@patchdeck_bot, as groups write it
_WORD = re.compile(r"/?([^\W_][\w-]*)(?:@\w+)?[:,]?(?:\s+|$)")
_QUOTES = {"\u201c": "\u201d", "\u201e": "\u201c", "\u00ab": "\u00bb", "\u2018": "\u2019", '"': '"', "'": "'", "`": "`"}


class Said(msgspec.Struct, frozen=True):
    """The first word in small letters, and the rest as it was written."""

    word: str
    argument: str


def parse(text: str) -> Said:
    """Part what was written into a word and its argument, which keeps its lines; the word may be empty."""
    plain = text.replace("\u00a0", " ").strip()
    found = _WORD.match(plain)
    if found is None:
        return Said("", unquoted(plain))
    return Said(found[1].lower(), unquoted(plain[found.end() :]))


def one_line(text: str) -> str:
    """Return a text with one space wherever there was any."""
    return " ".join(text.split())


def unquoted(text: str) -> str:
    """Return a text without the quotes around all of it."""
    plain = text.strip()
    for opening, closing in _QUOTES.items():
        if len(plain) > 1 and plain[0] == opening and plain.endswith(closing) and opening not in plain[1:-1]:
            return plain[1:-1].strip()
    return plain


def close_to(word: str, known: Iterable[str], most: int = 3) -> list[str]:
    """Return the known words that somebody may have meant."""
    by_lower = {one.lower(): one for one in known}
    return [by_lower[one] for one in get_close_matches(word.lower(), by_lower, n=most, cutoff=0.6)]


def did_you_mean(words: Iterable[str]) -> str:
    """Return the question for close words, an empty text when there are none."""
    named = list(words)
    if not named:
        return ""
    return f" Did you mean {named[0]}?" if len(named) == 1 else f" Did you mean {', '.join(named[:-1])} or {named[-1]}?"

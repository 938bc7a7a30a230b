"""LinkedIn's format for the words of a post, called little: some letters are escaped, hashtags and mentions marked."""

from __future__ import annotations

import re

_RESERVED = r"\\|{}@\[\]()<>#*_~"
_MENTION = r"@\[[^\[\]\n]{1,200}\]\(urn:li:(?:person|organization):[\w-]{1,60}\)"
_HASHTAG = r"(?<![\w/#&])#(?P<tag>\w*[^\W\d_]\w*)"
_ESCAPED = re.compile(rf"{_HASHTAG}|[{_RESERVED}]")
_ESCAPED_OR_MENTION = re.compile(rf"{_MENTION}|{_ESCAPED.pattern}")
_WORDS = r"(?:\\.|[^\\{}|\[\]])*"
_MARKED = re.compile(rf"\{{hashtag\|\\?#\|({_WORDS})\}}|@\[({_WORDS})\]\(urn:[^()\s]*\)|\\(.)", re.DOTALL)


def little(text: str, *, mentions: bool = False) -> str:
    """Write plain text so that LinkedIn shows it as it is, with its hashtags as such.

    With `mentions`, `@[Name](urn:li:organization:1)` mentions somebody; without, it is text like any other.
    """
    return (_ESCAPED_OR_MENTION if mentions else _ESCAPED).sub(_marked, text)


def plain(text: str) -> str:
    """Return the words that people read."""
    return _MARKED.sub(_read, text)


def _marked(found: re.Match[str]) -> str:
    if found["tag"]:
        return f"{{hashtag|\\#|{_ESCAPED.sub(_marked, found['tag'])}}}"
    return found[0] if len(found[0]) > 1 else f"\\{found[0]}"


def _read(found: re.Match[str]) -> str:
    tag, name, escaped = found.groups()
    if escaped is not None:
        return str(escaped)
    return f"#{plain(tag)}" if tag is not None else f"@{plain(name)}"

"""Text from elsewhere, made fit to be kept: databases take neither NUL characters nor halves of characters."""

from __future__ import annotations

import codecs
import re

# Character sets by Python's names. Its other codecs unpack archives, or take a time that grows with the square of what
# they are given; a server may not choose these.
_CHARACTER_SET = re.compile(
    r"ascii|big5\w*|cp\d+|euc_\w+|gb\w+|hz|iso2022_\w+|iso8859-\d+|johab|koi8-[rtu]|kz1048|mac-\w+|ptcp154|shift_jis\w*"
    r"|tis-620|utf-(?:8|16|32)(?:-\w+)?"
)
_ESCAPED_NUL = re.compile(rb"(?<!\\)((?:\\\\)*)\\u0000")


def character_set(kind: str) -> str:
    """Return Python's name for the character set of a media type, '' when it names none of the web's."""
    _, _, name = kind.partition("charset=")
    try:
        found = codecs.lookup(name.split(";")[0].strip("\"' ")).name
    except (LookupError, ValueError):
        return ""
    return found if _CHARACTER_SET.fullmatch(found) else ""


def storable(text: str) -> str:
    """Return text without NUL characters, and with a ? for what is no character."""
    return text.replace("\0", "").encode("utf-8", "replace").decode()


def storable_json(encoded: bytes) -> bytes:
    """Return JSON without escaped NUL characters.

    What has some again once they are out was no JSON, and stays as it is, so that whoever reads it says so.
    """
    if b"\\u0000" not in encoded:
        return encoded
    cleaned = _ESCAPED_NUL.sub(rb"\1", encoded)
    return encoded if _ESCAPED_NUL.search(cleaned) else cleaned

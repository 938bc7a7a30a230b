"""Names of files are labels: kept readable, without a way to anywhere."""

from __future__ import annotations

import re
import unicodedata

LONGEST = 200
_UNPRINTABLE = re.compile(r"[\x00-\x1f\x7f\u200b-\u200f\u202a-\u202e\u2066-\u2069\ufeff]")
_MEDIA_TYPE = re.compile(r"[a-z0-9][a-z0-9.+-]{0,63}/[a-z0-9][a-z0-9.+-]{0,126}")


def label(name: str) -> str:
    """The last part of a name as a person reads it; a long one keeps its ending."""
    last = _UNPRINTABLE.sub("", unicodedata.normalize("NFC", name)).replace("\\", "/").rsplit("/", 1)[-1].strip()
    if last.strip(".") == "":
        return "file"
    if len(last) <= LONGEST:
        return last
    stem, dot, ending = last.rpartition(".")
    return stem[: LONGEST - 12] + dot + ending[:11] if dot else last[:LONGEST]


def media_type(stated: str) -> str:
    """The media type without its parameters, or the one of plain bytes when it is none."""
    bare = stated.partition(";")[0].strip().lower()
    return bare if _MEDIA_TYPE.fullmatch(bare) else "application/octet-stream"

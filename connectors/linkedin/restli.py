"""Rest.li 2.0, the protocol under LinkedIn's API: how names, lists and records stand in an address."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from urllib.parse import quote

from yarl import URL

Value = str | int | Sequence[str] | Mapping[str, int]
Query = dict[str, Value]


def address(base: str, path: Sequence[str], query: Query) -> URL:
    """Return the address of a resource; each part of its path is a name or a key."""
    asked = "&".join(f"{name}={encoded(value)}" for name, value in query.items())
    place = "/".join(_word(part) for part in path)
    return URL(f"{base.rstrip('/')}/{place}{'?' if asked else ''}{asked}", encoded=True)


def encoded(value: Value) -> str:
    """Write a value as queries have it: the letters that lists and records are made of stand for nothing else."""
    if isinstance(value, Mapping):
        return f"({','.join(f'{_word(name)}:{one}' for name, one in value.items())})"
    if isinstance(value, (str, int)):
        return _word(str(value))
    return f"List({','.join(map(_word, value))})"


def _word(text: str) -> str:
    return quote(text, safe="")

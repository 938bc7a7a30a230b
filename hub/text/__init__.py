"""The message catalogue: every string shown to people, by key, so that a language is one more module."""

from __future__ import annotations

from hub.text.en import MESSAGES

__all__ = ["MESSAGES", "count", "say"]


def say(key: str, /, **values: object) -> str:
    """Return a message with its values in place; a key that is not there is a mistake of ours."""
    return MESSAGES[key].format(**values)


def count(key: str, number: int, /, **values: object) -> str:
    """Return the message for a number of things: `key.one` or `key.other`."""
    return say(f"{key}.{'one' if number == 1 else 'other'}", number=f"{number:,}", **values)

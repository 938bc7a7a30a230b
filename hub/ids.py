"""Ids: UUIDv7 inside, a prefix and 26 letters outside (`rcp_01jz...`), so that people see what an id names."""

from __future__ import annotations

from uuid import UUID

from uuid_utils import uuid7

from hub.errors import InvalidError, NotFoundError, Problem

ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"
_VALUES = {letter: value for value, letter in enumerate(ALPHABET)}
_PAIRS = [first + second for first in ALPHABET for second in ALPHABET]


def new_id() -> UUID:
    """Return a fresh id that sorts by the time it was made."""
    return UUID(int=uuid7().int)


def show(prefix: str, value: UUID) -> str:
    """Write an id as it appears in the API."""
    number = value.int
    pairs = [_PAIRS[(number >> shift) & 1023] for shift in range(120, -1, -10)]
    return f"{prefix}_{''.join(pairs)}"


def parse(prefix: str, text: str) -> UUID:
    """Read an id of the API; what is not one names nothing, so it is not found."""
    head, _, body = text.partition("_")
    if head != prefix or len(body) != 26 or body[0] > "7":
        raise NotFoundError(f"There is no {text[:60]!r} here.")
    number = 0
    for letter in body:
        if letter not in _VALUES:
            raise NotFoundError(f"There is no {text[:60]!r} here.")
        number = number << 5 | _VALUES[letter]
    return UUID(int=number)


def parse_cursor(prefix: str, cursor: str | None) -> UUID | None:
    """Read the cursor of a list by ids; InvalidError when it is none of this list."""
    try:
        return None if cursor is None else parse(prefix, cursor)
    except NotFoundError as error:
        raise foreign_cursor() from error


def foreign_cursor() -> InvalidError:
    """Return the refusal of a cursor that no answer of this list gave."""
    return InvalidError("This cursor is none of ours.", errors=[Problem("cursor", "Leave it out.")])

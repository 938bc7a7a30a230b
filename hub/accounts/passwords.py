"""Passwords: argon2id, hashed beside the event loop, two at a time so that sign-ins cannot eat the memory."""

from __future__ import annotations

import asyncio
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from hub.errors import InvalidError, Problem

SHORTEST = 8
LONGEST = 1024
_HASHER = PasswordHasher()
_OFTEN_USED = frozenset(
    {
        *(
            "00000000",
            "11111111",
            "12345678",
            "123456789",
            "1234567890",
            "abc12345",
            "abcd1234",
            "admin123",
            "admin1234",
        ),
        *("administrator", "changeme", "changeme1", "iloveyou", "letmein1", "password", "password1", "password12"),
        *("password123", "patchdeck", "patchdeck1", "qwerty123", "qwertyui", "qwertyuiop", "welcome1", "welcome123"),
    }
)


def check_strength(password: str, email: str = "") -> None:
    """Refuse what is guessed first: short ones, the usual ones, the address itself."""
    message = None
    if len(password) < SHORTEST:
        message = f"The password needs {SHORTEST} characters or more."
    elif len(password) > LONGEST:
        message = f"The password may have {LONGEST} characters at most."
    elif password.casefold() in _OFTEN_USED or len(set(password)) < 4:
        message = "This password is among the first that are tried; choose another."
    elif email and password.casefold() in (email.casefold(), email.casefold().partition("@")[0]):
        message = "The password must not be the e-mail address."
    if message:
        raise InvalidError(message, errors=[Problem("password", message)])


async def hashed(password: str) -> str:
    """Return the argon2id hash to store."""
    async with _turns():
        return await asyncio.to_thread(_HASHER.hash, password)


async def matches(password: str, stored: str | None) -> bool:
    """Compare with a stored hash; takes as long when there is none, so that time tells nothing about accounts."""
    async with _turns():
        return await asyncio.to_thread(_verify, password[: LONGEST + 1], stored)


def _verify(password: str, stored: str | None) -> bool:
    try:
        return _HASHER.verify(stored or _nobodys(), password) and stored is not None
    except (VerificationError, InvalidHashError):
        return False


@cache
def _nobodys() -> str:
    return _HASHER.hash("nobody has this password")


_TURNS: dict[asyncio.AbstractEventLoop, asyncio.Semaphore] = {}


def _turns() -> asyncio.Semaphore:
    loop = asyncio.get_running_loop()
    if loop not in _TURNS:
        _TURNS.clear()
        _TURNS[loop] = asyncio.Semaphore(2)
    return _TURNS[loop]

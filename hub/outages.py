"""Which low-level failures mean that a part of the hub is down or full, so that callers are told to come back."""

from __future__ import annotations

import errno

import asyncpg

from hub.errors import InvalidError, UnavailableError

# Raised by asyncpg when the database is gone, going or coming back; a cut in mid-statement shows as an internal error
LOST: tuple[type[Exception], ...] = (
    asyncpg.PostgresConnectionError,
    asyncpg.CannotConnectNowError,
    asyncpg.AdminShutdownError,
    asyncpg.CrashShutdownError,
    asyncpg.TooManyConnectionsError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,
    ConnectionError,
    TimeoutError,
)
# For one statement of ours: also a socket file that is not there
GONE: tuple[type[Exception], ...] = (*LOST, FileNotFoundError)
# For what runs for ever and tries again: also whatever SQL a fault cut short
AWAY: tuple[type[Exception], ...] = (*LOST, OSError, asyncpg.PostgresError)


def outage_of(error: BaseException) -> UnavailableError | None:
    """Return what to tell the caller about a lost database or a full disk; None for every other failure."""
    if isinstance(error, asyncpg.DiskFullError) or (isinstance(error, OSError) and error.errno == errno.ENOSPC):
        return UnavailableError("The disk is full; nothing was stored.", retry_after=30)
    # A socket file that is gone comes without a name; a file of ours that is missing has one.
    socket_gone = isinstance(error, FileNotFoundError) and error.filename is None
    if isinstance(error, LOST) or socket_gone:
        return UnavailableError("The database does not answer; nothing was stored.", retry_after=5)
    return None


def unusable(error: BaseException) -> InvalidError | None:
    """Return what to tell the caller about values that no database takes; None for every other failure."""
    if isinstance(error, (asyncpg.DataError, asyncpg.ProgramLimitExceededError)):
        return InvalidError("This holds a NUL character, or a text or number too large to be stored or looked for.")
    if isinstance(error, RecursionError):
        return InvalidError("This nests too deep.")
    return None

"""Which low-level failures mean that a part of the hub is down or full, so that callers are told to come back."""

from __future__ import annotations

import errno

import asyncpg

from hub.errors import UnavailableError

_LOST = (
    asyncpg.PostgresConnectionError,
    asyncpg.CannotConnectNowError,
    asyncpg.AdminShutdownError,
    asyncpg.CrashShutdownError,
    asyncpg.TooManyConnectionsError,
    asyncpg.InterfaceError,
    ConnectionError,
    TimeoutError,
)


def outage_of(error: BaseException) -> UnavailableError | None:
    """Return what to tell the caller about a lost database or a full disk; None for every other failure."""
    if isinstance(error, asyncpg.DiskFullError) or (isinstance(error, OSError) and error.errno == errno.ENOSPC):
        return UnavailableError("The disk is full; nothing was stored.", retry_after=30)
    # A socket file that is gone comes without a name; a file of ours that is missing has one.
    socket_gone = isinstance(error, FileNotFoundError) and error.filename is None
    if isinstance(error, _LOST) or socket_gone:
        return UnavailableError("The database does not answer; nothing was stored.", retry_after=5)
    return None

"""A client of a hub for Python programs: typed by the hub's own structs, in a blocking and an asynchronous kind."""

from hub.client.asynchronous.hub import AsyncPatchdeck
from hub.client.blocking.hub import Patchdeck
from hub.client.exchange import UnreachableError, UnreadableError
from hub.errors import (
    ConflictError,
    ForbiddenError,
    GoneError,
    HubError,
    InvalidError,
    NotFoundError,
    Problem,
    StaleError,
    TooLargeError,
    TooManyError,
    UnauthorizedError,
    UnavailableError,
)

__all__ = [
    "AsyncPatchdeck",
    "ConflictError",
    "ForbiddenError",
    "GoneError",
    "HubError",
    "InvalidError",
    "NotFoundError",
    "Patchdeck",
    "Problem",
    "StaleError",
    "TooLargeError",
    "TooManyError",
    "UnauthorizedError",
    "UnavailableError",
    "UnreachableError",
    "UnreadableError",
]

"""What can go wrong in a service, in words for the person who asked; each face translates them in one place."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec


class Problem(msgspec.Struct, frozen=True):
    """One thing to mend: where (a path such as `spec.steps[2].with.table`) and a sentence."""

    path: str
    message: str


class HubError(Exception):
    """Base of what services raise; `errors` names single fields where that helps."""

    status = 400
    title = "Bad request"

    def __init__(self, message: str, *, errors: Sequence[Problem] = (), retry_after: float | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.errors = tuple(errors)
        self.retry_after = retry_after


class InvalidError(HubError):
    """What was sent cannot be used as it is; nothing was stored."""

    status = 422
    title = "Not valid"


class UnauthorizedError(HubError):
    """Nobody is signed in, or the key is not known."""

    status = 401
    title = "Sign in first"


class ForbiddenError(HubError):
    """The member's role or the key's scopes do not allow this."""

    status = 403
    title = "Not allowed"


class NotFoundError(HubError):
    """There is no such thing in this workspace; also said of what is someone else's."""

    status = 404
    title = "Not found"


class ConflictError(HubError):
    """It has changed meanwhile, or its name is taken."""

    status = 409
    title = "Conflict"


class StaleError(HubError):
    """The version named by `If-Match` is no longer the newest."""

    status = 412
    title = "Changed meanwhile"


class TooLargeError(HubError):
    """More was sent than the limit allows."""

    status = 413
    title = "Too large"


class TooManyError(HubError):
    """The caller is over a limit; `retry_after` says when to come back."""

    status = 429
    title = "Too many requests"


class UnavailableError(HubError):
    """A part of the hub is down or full and nothing was stored; come back after `retry_after` seconds."""

    status = 503
    title = "Not available now"


class GoneError(HubError):
    """It was here and is not any more, for good."""

    status = 410
    title = "Gone"

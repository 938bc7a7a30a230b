"""A key's limit, told in the `RateLimit-*` headers of every answer."""

from __future__ import annotations

from litestar.types import Scope

from hub.accounts import Limit

_STATE = "patchdeck_limit"


def note_limit(scope: Scope, limit: Limit) -> None:
    """Keep the limit for the answer's headers; TooManyError when it is used up."""
    scope["state"][_STATE] = limit
    limit.check()


def limit_headers(scope: Scope) -> list[tuple[str, str]]:
    """Return the headers that tell a caller with a key how much is left."""
    limit: Limit | None = scope.get("state", {}).get(_STATE)
    return [] if limit is None else limit.headers

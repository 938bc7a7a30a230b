"""How often a key may call: a bucket a key in this process, told in `RateLimit-*` headers."""

from __future__ import annotations

import math
import time
from uuid import UUID

import msgspec
from litestar.types import Scope

from hub.errors import TooManyError

MOST_BUCKETS = 10_000
_STATE = "patchdeck_limit"


class Limit(msgspec.Struct, frozen=True):
    """A key's limit, what is left of it now, and in how many seconds it is whole again."""

    limit: int
    remaining: int
    reset: int


class KeyLimits:
    """Token buckets: as many calls at once as the limit says, refilled at that many a second."""

    def __init__(self) -> None:
        self._buckets: dict[UUID, tuple[float, float]] = {}

    def take(self, key: UUID, limit: int) -> Limit:
        """Count one call."""
        now = time.monotonic()
        left, at = self._buckets.get(key, (float(limit), now))
        left = min(float(limit), left + (now - at) * limit)
        if len(self._buckets) >= MOST_BUCKETS:
            self._buckets.clear()
        self._buckets[key] = (max(left - 1, 0.0) if left >= 1 else left, now)
        return Limit(limit, -1 if left < 1 else int(left - 1), math.ceil((limit - max(left - 1, 0)) / limit))


def note_limit(scope: Scope, limit: Limit) -> None:
    """Keep the limit for the answer's headers; TooManyError when it is used up."""
    scope["state"][_STATE] = limit
    if limit.remaining < 0:
        raise TooManyError(f"This key may call {limit.limit} times a second; slow down.", retry_after=1)


def limit_headers(scope: Scope) -> list[tuple[str, str]]:
    """Return the headers that tell a caller with a key how much is left."""
    limit: Limit | None = scope.get("state", {}).get(_STATE)
    if limit is None:
        return []
    return [
        ("ratelimit-limit", str(limit.limit)),
        ("ratelimit-remaining", str(max(limit.remaining, 0))),
        ("ratelimit-reset", str(limit.reset)),
    ]

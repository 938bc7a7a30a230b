"""How often a key may call: a bucket a key in this process, whichever face its calls come by."""

from __future__ import annotations

import math
import time
from uuid import UUID

import msgspec

from hub.errors import TooManyError

MOST_BUCKETS = 10_000


class Limit(msgspec.Struct, frozen=True):
    """A key's limit, what is left of it now, and in how many seconds it is whole again."""

    limit: int
    remaining: int
    reset: int

    @property
    def headers(self) -> list[tuple[str, str]]:
        """What tells a caller over HTTP how much is left."""
        return [
            ("ratelimit-limit", str(self.limit)),
            ("ratelimit-remaining", str(max(self.remaining, 0))),
            ("ratelimit-reset", str(self.reset)),
        ]

    def check(self) -> None:
        """Raise TooManyError when it is used up."""
        if self.remaining < 0:
            raise TooManyError(f"This key may call {self.limit} times a second; slow down.", retry_after=1)


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

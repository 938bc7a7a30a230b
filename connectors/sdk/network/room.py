"""How much of its rate limit a service says is left, as the headers of its answers tell it."""

from __future__ import annotations

import re
import time
from collections.abc import Mapping
from datetime import UTC, datetime

import msgspec

# Beyond this a reset is a moment in Unix time, below it a number of seconds
_MOMENTS = 1_000_000_000
_LATEST = 4_000_000_000
_REMAINING = ("x-ratelimit-remaining", "x-rate-limit-remaining", "ratelimit-remaining")
_LIMIT = ("x-ratelimit-limit", "x-rate-limit-limit", "ratelimit-limit", "x-ratelimit-total")
_RESET = ("x-ratelimit-reset", "x-rate-limit-reset", "ratelimit-reset", "x-ratelimit-reset-after")
# Salesforce tells what was used within a day: `api-usage=18/5000`
_USED = re.compile(r"\s*api-usage=(\d{1,12})/(\d{1,12})\b")
# draft-ietf-httpapi-ratelimit-headers: `"default";r=50;t=30`
_FIELD = re.compile(r";\s*(r|t)=(\d{1,12})(?=\s*(?:[;,]|$))")


class Room(msgspec.Struct, frozen=True):
    """Calls left, of how many, and when there are all of them again; what a service does not say is None."""

    remaining: int
    limit: int | None = None
    resets_at: datetime | None = None


def room_of(headers: Mapping[str, str]) -> Room | None:
    """Return what an answer says of its rate limit; None when it says nothing. Case of header names is ignored."""
    if told := headers.get("RateLimit"):
        fields = {name: float(value) for name, value in _FIELD.findall(told[:1000])}
        return Room(int(fields["r"]), None, _moment(fields.get("t"))) if "r" in fields else None
    if used := _USED.match(headers.get("Sforce-Limit-Info", "")):
        return Room(max(0, int(used[2]) - int(used[1])), int(used[2]))
    remaining = _first(headers, _REMAINING)
    if remaining is None:
        return None
    limit = _first(headers, _LIMIT)
    return Room(int(remaining), None if limit is None else int(limit), _moment(_first(headers, _RESET)))


def _first(headers: Mapping[str, str], names: tuple[str, ...]) -> float | None:
    for name in names:
        text = headers.get(name, "").partition(",")[0].partition(";")[0].strip()
        if re.fullmatch(r"\d{1,12}(\.\d{1,9})?", text):
            return float(text)
    return None


def _moment(told: float | None) -> datetime | None:
    if told is None or told > _LATEST:
        return None
    return datetime.fromtimestamp(told if told >= _MOMENTS else time.time() + told, UTC)

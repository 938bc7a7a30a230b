"""Time zones by name."""

from __future__ import annotations

from datetime import UTC, tzinfo
from functools import cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones


def zone_of(name: str) -> tzinfo:
    """Return the zone of a name such as Europe/Paris; UTC for what names none (`is_zone` tells)."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return UTC


def is_zone(name: str) -> bool:
    """Tell whether a time zone of this name is known."""
    return name in zones()


@cache
def zones() -> frozenset[str]:
    """Return all known names."""
    return frozenset(available_timezones())

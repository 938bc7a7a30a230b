"""Times of day, weeks and intervals as schedules here say them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

WEEKDAYS = ("SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT")


def every(count: int | float, unit: str) -> dict[str, str]:
    """Return the settings for an interval."""
    return {"every": f"{max(int(count), 1)}{unit}"}


def at(hour: int, minute: int, *, weekdays: Sequence[Any] = (), day: int | None = None) -> dict[str, str] | None:
    """Return the settings for a time of day, on weekdays (0 is Sunday, or their names) or a day of the month."""
    days = [_weekday(one) for one in weekdays]
    if (
        not 0 <= hour <= 23 or not 0 <= minute <= 59 or None in days or (day is not None and not 1 <= day <= 31)
    ):  # the clock's and the calendar's own
        return None
    which = ",".join(one for one in days if one) or "*"
    return {"cron": f"{minute} {hour} {day or '*'} * {which}"}


def _weekday(value: Any) -> str | None:
    if isinstance(value, int) and not isinstance(value, bool):
        return WEEKDAYS[value % 7] if 0 <= value <= 7 else None  # 7 is Sunday too
    if isinstance(value, str):
        if value.isdigit():
            return _weekday(int(value))
        short = value.strip()[:3].upper()
        return short if short in WEEKDAYS else None
    return None

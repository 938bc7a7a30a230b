"""Intervals as people write them: 30s, 5m, 2h, 1d, 1w."""

from __future__ import annotations

import re
from datetime import timedelta

_INTERVAL = re.compile(r"(\d{1,6})\s*(s|m|h|d|w)")
_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days", "w": "weeks"}
_SHORTEST = timedelta(seconds=1)
_LONGEST = timedelta(days=366)


def interval(text: str) -> timedelta:
    """Read an interval such as 15m; raises ValueError with a sentence."""
    found = _INTERVAL.fullmatch(text.strip())
    length = timedelta(**{_UNITS[found[2]]: int(found[1])}) if found else timedelta(0)
    if not _SHORTEST <= length <= _LONGEST:
        raise ValueError(
            "Write the interval as a number and s, m, h, d or w, such as 15m; a second at least, a year at most."
        )
    return length

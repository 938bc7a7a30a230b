"""How long: `500ms`, `2s`, `1h30m`, `7d`."""

from __future__ import annotations

import re

DURATION = r"^([0-9]{1,9}(ms|s|m|h|d|w))+$"
WORDS = "Write how long with units, such as 500ms, 2s, 5m, 1h30m or 7d."

_WHOLE = re.compile(DURATION)
_PART = re.compile(r"([0-9]+)(ms|s|m|h|d|w)")
_UNITS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0, "w": 604800.0}


def seconds(duration: str) -> float:
    """Return how long a duration is; raises ValueError with a sentence when it is none."""
    if not _WHOLE.match(duration):
        raise ValueError(WORDS)
    return sum(int(count) * _UNITS[unit] for count, unit in _PART.findall(duration))


def check_duration(name: str, value: str | None) -> None:
    """Raise ValueError naming the setting unless it is a duration, a template or left out."""
    if value is not None and "{{" not in value and not _WHOLE.match(value):
        raise ValueError(f"{name}: {WORDS}")

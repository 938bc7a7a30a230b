"""Moments in recipes: ISO dates, mail dates and unix times, compared in one time zone."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, date, datetime, time, tzinfo
from email.utils import parsedate_to_datetime
from typing import Any

_ISO = re.compile(r"^\d{4}-\d{2}-\d{2}([T ]|$)")
_MAIL = re.compile(r"^([A-Za-z]{3}, )?\d{1,2} [A-Za-z]{3} \d{4}")

# What `now` and `today` mean when a recipe is run as if it were another time
_PRESENT: ContextVar[datetime | None] = ContextVar("present", default=None)


@contextmanager
def at_moment(present: datetime) -> Iterator[None]:
    """Let `now` and `today` mean another moment inside, in templates and conditions."""
    token = _PRESENT.set(present)
    try:
        yield
    finally:
        _PRESENT.reset(token)


def moment(value: Any, zone: tzinfo = UTC) -> datetime | None:
    """Return the moment a value names, None when it names none; without a zone of its own it is in `zone`."""
    if isinstance(value, datetime):
        return value if value.tzinfo else value.replace(tzinfo=zone)
    if isinstance(value, date):
        return datetime.combine(value, time.min, zone)
    if isinstance(value, str):
        return _read(value.strip(), zone)
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return _unix(value)
    return None


def _now(zone: tzinfo) -> datetime:
    present = _PRESENT.get()
    return datetime.now(zone) if present is None else present.astimezone(zone)


def _read(text: str, zone: tzinfo) -> datetime | None:
    if text == "now":
        return _now(zone)
    if text == "today":
        return datetime.combine(_now(zone).date(), time.min, zone)
    if len(text) > 64:
        return None
    try:
        if _ISO.match(text):
            return moment(datetime.fromisoformat(text), zone)
        return moment(parsedate_to_datetime(text), zone) if _MAIL.match(text) else None
    except (ValueError, OverflowError):
        return None


def _unix(value: float) -> datetime | None:
    try:
        return datetime.fromtimestamp(value, UTC)
    except (ValueError, OverflowError, OSError):
        return None

"""Jira's query language: values that stay values, and moments in the time zone in which Jira reads them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from connectors.sdk import SettingsError

_PIECES = re.compile(r""""(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*'|:(?P<name>[A-Za-z_]\w*)""")
_ORDER = re.compile(r"\border\s+by\b", re.IGNORECASE)
# Nobody lives further behind
_FURTHEST = timedelta(hours=12)


def quoted(value: Any) -> str:
    """Write a value so that nothing in it is read as JQL; a list stands in brackets."""
    if isinstance(value, Mapping):
        raise SettingsError("A value of a query is a text, a number or a list of them.")
    if isinstance(value, (list, tuple)):
        if not value:
            raise SettingsError("A list of a query is empty, so it fits nothing.")
        return f"({', '.join(quoted(one) for one in value)})"
    text = re.sub(r"[\x00-\x1f\x7f]+", " ", str(value)).replace("\\", "\\\\").replace('"', '\\"')
    return f'"{text}"'


def filled(jql: str, params: Mapping[str, Any]) -> str:
    """Return a query with values in the places of their :names, which do not count inside quotes."""

    def value(found: re.Match[str]) -> str:
        name = found["name"]
        if name is None:
            return found[0]
        if name not in params:
            raise SettingsError(f"Values has nothing for :{name}.")
        return quoted(params[name])

    return _PIECES.sub(value, jql)


def is_ordered(jql: str) -> bool:
    """Tell whether a query says an order of its own."""
    return _ORDER.search(_PIECES.sub("", jql)) is not None


def since(at: str, moment: datetime, zone: str) -> str:
    """Return the condition for what lies at or after a moment, or a little before it.

    Jira reads times to the minute in the time zone of the account. In the hour that comes twice in autumn the first is
    meant; in a zone that is not known here, the furthest behind.
    """
    try:
        local = moment.astimezone(ZoneInfo(zone))
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return f'{at} >= "{moment - moment.utcoffset() - _FURTHEST:%Y-%m-%d %H:%M}"'  # type: ignore[operator]  # aware
    twice = local.replace(fold=0).utcoffset() != local.replace(fold=1).utcoffset()
    return f'{at} >= "{local - timedelta(hours=1 if twice else 0):%Y-%m-%d %H:%M}"'

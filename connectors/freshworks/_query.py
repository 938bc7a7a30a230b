"""Conditions of the services' search: values that stay values."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from connectors.sdk import SettingsError

LONGEST = 512
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,99}")
# Nobody documents how these could stand inside a value
_CLOSING = re.compile(r"[\"'\\\x00-\x1f\x7f]")
_NUMBERS = frozenset(
    {
        *("agent_id", "group_id", "priority", "status", "requester_id", "urgency", "impact", "workspace_id"),
        "department_id",
    }
)


def condition(name: str, value: Any) -> str:
    """Write one condition."""
    if not _NAME.fullmatch(name):
        raise SettingsError(f"Tickets cannot be searched by {name[:100]!r}; give the name of a field.")
    if value is None or value == "":
        return f"{name}:null"
    if isinstance(value, bool):
        return f"{name}:{str(value).lower()}"
    if isinstance(value, (int, float)) or (name in _NUMBERS and re.fullmatch(r"\d{1,18}", str(value).strip())):
        return f"{name}:{str(value).strip()}"
    text = str(value).strip()
    if _CLOSING.search(text):
        raise SettingsError(f"The search takes no quotes, backslashes or line breaks in a value, as in that of {name}.")
    return f"{name}:'{text}'"


def query(where: Mapping[str, Any], more: str = "") -> str:
    """Return a whole query out of the values that fields must have, and more conditions as they are written."""
    conditions = [condition(name, value) for name, value in where.items()]
    written = " AND ".join([*conditions, *([f"({more.strip()})"] if more.strip() else [])])
    if not written:
        raise SettingsError("Say what to look for: the values of fields, or a query.")
    if len(written) > LONGEST:
        raise SettingsError(f"The search takes {LONGEST} characters at most; this one has {len(written)}.")
    return f'"{written}"'

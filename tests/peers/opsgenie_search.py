"""Searches in Opsgenie's words, as far as the connector writes them; any other field is refused as Opsgenie does."""

import re
from collections.abc import Callable
from functools import cache
from typing import Any

from tests.peers.openapi import Refused

Row = dict[str, Any]
BY_DEFAULT = {"status": "open", "acknowledged": False, "priority": "P3", "message": "", "owner": "", "source": ""}
_CONDITION = re.compile(r'([A-Za-z.]+)(>=|:)(\([^)]*\)|"[^"]*"|[^\s()"]+)')
_BETWEEN = re.compile(r' AND (?=(?:[^"]*"[^"]*")*[^"]*$)')
_TIMES = {"createdAt": "created", "updatedAt": "changed"}
_PLAIN = {"alias", "entity", "description", *BY_DEFAULT}
_SEVERAL = {"tag": "tags", "teams": "teams", "details.key": "details"}


@cache
def search(query: str) -> Callable[[Row], bool]:
    """Return what tells whether an alert fits; ANDs stand between conditions only, ORs inside one."""
    parts = [_part(part.strip()) for part in _BETWEEN.split(query) if part.strip()]
    return lambda row: all(fits(row) for fits in parts)


def _part(part: str) -> Callable[[Row], bool]:
    if part.startswith("(") and part.endswith(")"):
        return search(part[1:-1])
    found = _CONDITION.fullmatch(part)
    if found is None:
        if re.search(r"[:<>()]", part):
            raise Refused(422, f"query: can not be parsed at {part}")
        return lambda row: part.lower() in str(_value(row, "message")).lower()
    name, operator, text = found.groups()
    if name in _TIMES and operator == ">=":
        return lambda row: round(row[_TIMES[name]].timestamp() * 1000) >= int(text)
    wanted = {one.strip('"').lower() for one in text.strip("()").split(" OR ")}
    if name in _SEVERAL:
        return lambda row: any(str(one).lower() in wanted for one in row["values"].get(_SEVERAL[name], []))
    if name not in _PLAIN or operator != ":":
        raise Refused(422, f"query: has no field {name}{operator}")
    return lambda row: str(_value(row, name)).lower() in wanted


def _value(row: Row, name: str) -> Any:
    return row["values"].get(name, BY_DEFAULT.get(name, row["id"] if name == "alias" else ""))

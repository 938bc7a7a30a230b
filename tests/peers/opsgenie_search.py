"""Searches in Opsgenie's words, as far as the connector writes them; any other field is refused as Opsgenie does."""

import re
from datetime import datetime
from typing import Any

from tests.peers.openapi import Refused

_CONDITION = re.compile(r'([A-Za-z.]+)(>=|:)(\([^)]*\)|"[^"]*"|[^\s()"]+)')
_BETWEEN = re.compile(r' AND (?=(?:[^"]*"[^"]*")*[^"]*$)')
_FIELDS = {"alias", "message", "entity", "source", "status", "acknowledged", "priority", "owner", "description"}


def fits(query: str, shown: dict[str, Any], row: dict[str, Any]) -> bool:
    """Tell whether an alert fits all conditions; ANDs stand between conditions only, ORs inside one."""
    return all(_fits(part.strip(), shown, row) for part in _BETWEEN.split(query) if part.strip())


def _fits(part: str, shown: dict[str, Any], row: dict[str, Any]) -> bool:
    if part.startswith("(") and part.endswith(")"):
        return fits(part[1:-1], shown, row)
    found = _CONDITION.fullmatch(part)
    if found is None:
        if re.search(r"[:<>()]", part):
            raise Refused(422, f"query: can not be parsed at {part}")
        return part.lower() in shown["message"].lower()
    name, operator, text = found.groups()
    if name in {"createdAt", "updatedAt"}:
        assert operator == ">="
        return _milliseconds(shown[name]) >= int(text)
    wanted = [one.strip('"').lower() for one in text.strip("()").split(" OR ")]
    return any(str(value).lower() in wanted for value in _values(name, shown, row))


def _values(name: str, shown: dict[str, Any], row: dict[str, Any]) -> list[Any]:
    if name in _FIELDS:
        return [shown[name]]
    several = {"tag": shown["tags"], "teams": row["values"].get("teams", []), "details.key": list(shown["details"])}
    if name not in several:
        raise Refused(422, f"query: has no field {name}")
    return list(several[name])


def _milliseconds(text: str) -> int:
    return round(datetime.fromisoformat(text).timestamp() * 1000)

"""Node-RED's values: properties of the message, typed literals, mustache texts."""

from __future__ import annotations

import json
import re
from typing import Any

import msgspec

from hub.foreign.liquid_of import ISO
from hub.foreign.secrets import PUT_FOR
from hub.foreign.shapes import Given, Loss, Remark, no_liquid

UNKNOWN = "{{ not_translated }}"
_MUSTACHE = re.compile(r"\{\{\{?\s*([^{}]*?)\s*\}?\}\}")
_WAY = re.compile(r"\[(?:(\d+)|\"([^\"]*)\"|'([^']*)')\]|\.?([^.\[\]]+)")
_NUMBER = re.compile(r"^-?\d+(?:\.\d+)?$")


class Values:
    """Translates the values of one node, and keeps what it could not say."""

    def __init__(self, given: Given) -> None:
        self._given = given
        self.remarks: list[Remark] = []

    def typed(self, value: Any, kind: str, name: str) -> Any:
        """Return a value of one of the editor's types: a property, or something literal."""
        if kind == "msg":
            return self.path(str(value), name)
        if kind in {"str", "num", "bool", "json", "date"}:
            return self._plain(value, kind, name)
        words = {
            "jsonata": "a JSONata expression",
            "flow": "the flow's context",
            "global": "the global context",
            "env": "the environment",
        }
        self._cannot(str(value), name, f"it is {words.get(kind, kind)}")
        return UNKNOWN

    def path(self, text: str, name: str) -> str:
        """Return the Liquid for a property of the message."""
        found = self._given.sight.find(way(text.removeprefix("msg.")))
        if found is not None:
            return f"{{{{ {found} }}}}"
        self._cannot(f"msg.{text}", name, "nothing before it sets this property")
        return UNKNOWN

    def mustache(self, text: str, name: str) -> str:
        """Return a mustache text as Liquid; sections have no counterpart that is sure to say the same."""
        if PUT_FOR in text:
            self.secret(name)
        if re.search(r"\{\{[#^/>!]", text) or "{%" in text:
            self._cannot(text, name, "it has sections or partials")
            return UNKNOWN
        return _MUSTACHE.sub(lambda found: self.path(found[1], name), text)

    def secret(self, name: str) -> None:
        """Say that a credential was left out."""
        self.remarks.append(
            Remark(
                kind=Loss.SECRET,
                did=f"{name} held what looks like a credential.",
                why="Credentials never stand in a recipe, so it was left out.",
                instead="Put it into a connection and choose that at the step.",
            )
        )

    def _plain(self, value: Any, kind: str, name: str) -> Any:
        if kind == "date":
            return f"{{{{ {ISO} }}}}"
        if kind == "num" and _NUMBER.match(str(value)):
            return float(value) if "." in str(value) else int(value)
        if kind == "bool":
            return str(value).lower() == "true"
        if kind == "json":
            try:
                return msgspec.json.decode(str(value))
            except msgspec.DecodeError:
                self._cannot(str(value), name, "it is no JSON")
                return UNKNOWN
        text = str(value)
        if PUT_FOR in text:
            self.secret(name)
        return f"{{% raw %}}{text}{{% endraw %}}" if "{{" in text or "{%" in text else text

    def _cannot(self, text: str, name: str, why: str) -> None:
        self.remarks.append(no_liquid(text, name, why))


def way(text: str) -> list[str | int]:
    """Split `payload.rows[0]["total"]` into its names."""
    names: list[str | int] = []
    for found in _WAY.finditer(text.strip()):
        place, double, single, plain = found.groups()
        names.append(
            int(place) if place is not None else next(one for one in (double, single, plain) if one is not None)
        )
    return names


def literal(value: Any, kind: str) -> str | None:
    """Return a literal as Liquid writes one; None where it has no form for it."""
    if kind == "num" and _NUMBER.match(str(value)):
        return str(value)
    if kind == "bool":
        return str(value).lower()
    if kind == "date":
        return ISO
    if kind == "str" and isinstance(value, str) and '"' not in value and PUT_FOR not in value and "}" not in value:
        return json.dumps(value, ensure_ascii=False) if value else '""'
    return None

"""Zapier's values: texts with references such as {{123__customer__name}}."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from hub.foreign.secrets import PUT_FOR
from hub.foreign.shapes import Given, Loss, Remark

UNKNOWN = "{{ not_translated }}"
_REFERENCE = re.compile(r"\{\{\s*(?:=)?([^{}]*?)\s*\}\}")
_PARTS = re.compile(r"^(\d+|[A-Za-z][\w-]*?)__(.+)$")


class Values:
    """Translates the values of one node, and keeps what it could not say."""

    def __init__(self, given: Given) -> None:
        self._given = given
        self.remarks: list[Remark] = []

    def value(self, value: Any, name: str) -> Any:
        """Return a value with every reference inside it in Liquid."""
        if isinstance(value, Mapping):
            return {str(key): self.value(inner, f"{name}.{key}") for key, inner in value.items()}
        if isinstance(value, list):
            return [self.value(inner, name) for inner in value]
        if not isinstance(value, str):
            return value
        if PUT_FOR in value:
            self.remarks.append(
                Remark(
                    kind=Loss.SECRET,
                    did=f"{name} held what looks like a credential.",
                    why="Credentials never stand in a recipe, so it was left out.",
                    instead="Put it into a connection and choose that at the step.",
                )
            )
            return value.replace(PUT_FOR, "")
        made = _REFERENCE.sub(lambda found: self.reference(found[1], name), value)
        return made.replace("{%", "{ %")

    def text(self, value: Any, name: str) -> str:
        """Return a value as a text."""
        return str(self.value("" if value is None else value, name))

    def reference(self, text: str, name: str) -> str:
        """Return the Liquid for one reference."""
        found = _PARTS.match(text)
        sight = self._given.seen.get(found[1]) if found else None
        path = sight.find(_names(found[2])) if found and sight else None
        if path is not None:
            return f"{{{{ {path} }}}}"
        why = "No step before this one gives that value." if found else "It is no field of a step."
        instead = f"Write {name} anew; until then it says not_translated, which keeps the recipe from running."
        self.remarks.append(
            Remark(kind=Loss.EXPRESSION, did=f"{name} was {{{{{text[:200]}}}}}", why=why, instead=instead)
        )
        return UNKNOWN


def _names(path: str) -> list[str | int]:
    """Split a path at its double underscores; numbers are places in a list."""
    return [
        int(one) if one.isdigit() and len(one) < 6 else one for one in path.split("__") if one
    ]  # longer ones are names

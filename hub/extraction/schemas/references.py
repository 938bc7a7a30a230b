"""References and alternatives inside one JSON Schema, followed within bounds."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import unquote

Schema = Mapping[str, Any]

# Hostile documents refer to themselves in ways that double with every step.
_MOST_STEPS = 5_000
_DEEPEST = 50


class References:
    """Follows what parts of a document refer to; what cannot be followed is told to `lose`, with a JSON pointer."""

    def __init__(self, root: Schema, lose: Callable[[str, str], None]) -> None:
        self._root = root
        self._lose = lose
        self._steps = 0

    def resolved(self, body: Schema, path: str, seen: tuple[str, ...]) -> dict[str, Any]:
        """Follow local references, join what must hold together, and take the first way that is not null."""
        self._steps += 1
        if self._steps > _MOST_STEPS:
            self._lose(path, "The document refers to itself too often to be followed further.")
            return {}
        found = dict(body)
        reference = found.pop("$ref", None)
        if isinstance(reference, str):
            found = {**self._target(reference, path, seen), **found}
        for part in found.pop("allOf", None) or []:
            if isinstance(part, Mapping):
                found = _joined(found, self.resolved(part, path, seen))
        for key in ("anyOf", "oneOf"):
            ways = found.pop(key, None)
            if isinstance(ways, list) and ways:
                real = [way for way in ways if isinstance(way, Mapping) and way.get("type") != "null"]
                if len(real) > 1:
                    self._lose(f"{path}/{key}", f"It may be one of {len(real)} kinds; the first is taken.")
                if real:
                    found = _joined(self.resolved(real[0], path, seen), found)
        return found

    def _target(self, reference: str, path: str, seen: tuple[str, ...]) -> dict[str, Any]:
        target: Any = self._root if reference == "#" or reference.startswith("#/") else None
        for part in reference.removeprefix("#").split("/")[1:]:
            key = unquote(part).replace("~1", "/").replace("~0", "~")
            target = target.get(key) if isinstance(target, Mapping) else None
        if not isinstance(target, Mapping):
            self._lose(path, f"It refers to {reference!r}, which is not in this document.")
            return {}
        if len(seen) > _DEEPEST or seen.count(reference) > 1:
            self._lose(path, "It refers to itself; only the outermost level is kept.")
            return {}
        return self.resolved(target, path, (*seen, reference))


def _joined(first: Schema, second: Schema) -> dict[str, Any]:
    """Join two descriptions of the same thing; the second's words go first, fields and required ones add up."""
    joined = {**first, **second}
    if isinstance(first.get("properties"), Mapping) and isinstance(second.get("properties"), Mapping):
        joined["properties"] = {**first["properties"], **second["properties"]}
    if isinstance(first.get("required"), list) and isinstance(second.get("required"), list):
        joined["required"] = [*first["required"], *second["required"]]
    return joined


def pointer(key: str) -> str:
    """Write a key as a part of a JSON pointer."""
    return key.replace("~", "~0").replace("/", "~1")

"""Expressions of n8n: a text that begins with = and holds JavaScript in double braces."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from hub.foreign.javascript import Called, CannotError, Literal, Member, Name, Tree
from hub.foreign.liquid_of import ISO, dotted, translate, translate_bare
from hub.foreign.secrets import PUT_FOR
from hub.foreign.shapes import Given, Loss, Remark, no_liquid

UNKNOWN = "{{ not_translated }}"
_BRACES = re.compile(r"\{\{(.*?)\}\}", re.DOTALL)
_MARKUP = re.compile(r"\{\{|\{%")
_FIXED = {"$now": ISO, "$today": '"now" | date: "%Y-%m-%d"', "$itemIndex": "loop.index"}
_ABOUT = {"$workflow.name": "recipe.title", "$execution.id": "run.id", "$workflow.id": "recipe.name"}
_FIRST = {"first", "last", "item"}


class Values:
    """Translates the values of one part, and keeps what it could not say."""

    def __init__(self, given: Given) -> None:
        self._given = given
        self.remarks: list[Remark] = []

    def value(self, value: Any, name: str) -> Any:
        """Return a value with every expression inside it in Liquid."""
        if isinstance(value, dict):
            if value.get("__rl") is True:
                return self.value(value.get("value"), name)
            return {str(key): self.value(inner, f"{name}.{key}") for key, inner in value.items()}
        if isinstance(value, list):
            return [self.value(inner, name) for inner in value]
        if not isinstance(value, str):
            return value
        if PUT_FOR in value:
            self._secret(name)
        return self._text(value, name)

    def text(self, value: Any, name: str) -> str:
        """Return a value as a text."""
        made = self.value(value, name)
        return "" if made is None else made if isinstance(made, str) else str(made)

    def _text(self, value: str, name: str) -> str:
        if not value.startswith("="):
            return f"{{% raw %}}{value}{{% endraw %}}" if _MARKUP.search(value) else value
        body = value[1:]
        if "{%" in body:
            self._cannot(value, name, "it has braces that mean something else here")
            return UNKNOWN
        return _BRACES.sub(lambda found: self._expression(found[1], name), body)

    def _expression(self, text: str, name: str) -> str:
        try:
            return translate(text, self._find)
        except CannotError as error:
            self._cannot(f"{{{{{text}}}}}", name, str(error))
            return UNKNOWN

    def bare(self, text: str) -> str:
        """Return one expression without braces; raises CannotError."""
        return translate_bare(text, self._find)

    def _cannot(self, text: str, name: str, why: str) -> None:
        self.remarks.append(no_liquid(text, name, why))

    def _secret(self, name: str) -> None:
        self.remarks.append(secret_remark(name))

    def _find(self, tree: Tree) -> str | None:
        """Return where the data that an expression names stands here."""
        if isinstance(tree, Name) and tree.name in _FIXED:
            return _FIXED[tree.name]
        if dotted(tree) in _ABOUT:
            return _ABOUT[dotted(tree)]
        if isinstance(tree, Member) and tree.key == "length":
            return None
        if (root := _root(tree)) is None:
            return None
        node, names = root
        sight = self._given.sight if node is None else self._given.seen.get(node)
        if sight is None:
            raise CannotError(f"the node {str(node)[:60]!r} does not come before this one")
        found = sight.find(names)
        if found is None:
            raise CannotError("nothing before it gives this value")
        return found


def secret_remark(name: str) -> Remark:
    """Say that a credential was found in a setting and left out."""
    return Remark(
        kind=Loss.SECRET,
        did=f"{name} held what looks like a credential.",
        why="Credentials never stand in a recipe, so it was left out.",
        instead="Put it into a connection and choose that at the step. If the export was shown to others, replace it.",
    )


def _root(tree: Tree) -> tuple[str | None, list[str | int]] | None:
    """Split an expression into the node it reads (None: the one before) and the path in its data."""
    names: list[str | int] = []
    while isinstance(tree, Member):
        names.insert(0, tree.key)
        if (start := _start(tree.of)) is not None:
            return _past(start, names)
        tree = tree.of
    if isinstance(tree, Name) and tree.name == "$json":
        return None, names
    start = _start(tree)
    return _past(start, names) if start is not None else None


def _start(tree: Tree) -> str | None:
    """Return the node that `$('X')`, `$node["X"]` or `$input` name, nothing ("") for the one before."""
    if isinstance(tree, Name) and tree.name in {"$input", "$prevNode", "items"}:
        return ""
    if isinstance(tree, Member) and isinstance(tree.of, Name) and tree.of.name == "$node":
        return str(tree.key)
    if isinstance(tree, Called) and len(tree.arguments) == 1 and isinstance(tree.arguments[0], Literal):
        if isinstance(tree.function, Name) and tree.function.name in {"$", "$items"}:
            return str(tree.arguments[0].value)
        return _called_on(tree)
    return _called_on(tree) if isinstance(tree, Called) else None


def _called_on(tree: Called) -> str | None:
    """Read `$('X').first()` as `$('X')`: an item here is one item."""
    if isinstance(tree.function, Member) and tree.function.key in _FIRST and not tree.arguments:
        return _start(tree.function.of)
    return None


def _past(start: str, names: list[str | int]) -> tuple[str | None, list[str | int]] | None:
    rest = names[1:] if names and names[0] in _FIRST else names
    if not rest or rest[0] != "json":
        return None
    return start or None, rest[1:]


def pairs(value: Any) -> Mapping[str, Any]:
    """Return `{parameters: [{name, value}]}`, and older forms of the same, as a map."""
    listed = value.get("parameters", value.get("parameter", ())) if isinstance(value, dict) else value
    found = [one for one in listed if isinstance(one, dict)] if isinstance(listed, list) else []
    return {str(one["name"]): one.get("value", "") for one in found if isinstance(one.get("name"), str)}

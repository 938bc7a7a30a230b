"""Which names a template may use at a place, and what to say about others."""

from __future__ import annotations

from collections.abc import Set as AbstractSet
from typing import Any

import msgspec

from hub.errors import Problem
from hub.recipes.liquid import WORDS, TemplateError
from hub.recipes.templates import Segments, compile_text, is_template
from hub.shapes import join, suggest

ALWAYS = frozenset({"trigger", "item", "run", "recipe", "vars"})
RESERVED = ALWAYS | WORDS | {"row", "loop", "error", "forloop", "tablerowloop"}


class Names(msgspec.Struct, frozen=True, kw_only=True):
    """What is known at a place: the names themselves, every step there is, and the declared variables."""

    known: AbstractSet[str]
    steps: AbstractSet[str] = frozenset()
    variables: AbstractSet[str] = frozenset()

    def with_also(self, *names: str) -> Names:
        """Return the same with more names known."""
        return msgspec.structs.replace(self, known=self.known | set(names))

    def complaint(self, path: Segments) -> str | None:
        """Return what is wrong with reading a path here, None when nothing is."""
        root = str(path[0])
        if root in self.known:
            if root == "vars" and len(path) > 1 and path[1] not in self.variables:
                return f"There is no variable {path[1]!r} in spec.vars.{suggest(str(path[1]), self.variables)}"
            return None
        if root in self.steps:
            return f"The step {root!r} does not come before this one, so its output is not known here."
        return _SPECIAL.get(root) or f"There is nothing named {root!r} here.{suggest(root, self.known)}"


_SPECIAL = {
    "row": "row is only known inside the columns of a step.",
    "loop": "loop is only known in a step with each.",
    "not_translated": "What stood here in another tool could not be translated. Write it anew.",
    "error": "error is only known in the steps that on_error leads to.",
}


def check_templates(value: Any, path: str, names: Names, problems: list[Problem]) -> None:
    """Check every template inside a value: its syntax, its filters and the names it reads."""
    if isinstance(value, dict):
        for key, inner in value.items():
            check_templates(inner, join(path, key), names, problems)
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            check_templates(inner, f"{path}[{index}]", names, problems)
    elif isinstance(value, str) and is_template(value):
        problems.extend(_problems(value, path, names))


def refuse_templates(value: Any, path: str, problems: list[Problem]) -> None:
    """Refuse templates inside a value that is always literal."""
    if isinstance(value, dict):
        for key, inner in value.items():
            refuse_templates(inner, join(path, key), problems)
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            refuse_templates(inner, f"{path}[{index}]", problems)
    elif isinstance(value, str) and "{{" in value:
        problems.append(Problem(path, "This is taken literally and cannot be a template."))


def has_template(value: Any) -> bool:
    """Tell whether there is a template anywhere inside a value."""
    if isinstance(value, dict):
        return any(has_template(inner) for inner in value.values())
    if isinstance(value, list):
        return any(has_template(inner) for inner in value)
    return isinstance(value, str) and is_template(value)


def _problems(text: str, path: str, names: Names) -> list[Problem]:
    try:
        compiled = compile_text(text)
    except TemplateError as error:
        return [Problem(path, str(error))]
    complaints = {names.complaint(one): None for one in sorted(compiled.paths, key=str)}
    return [Problem(path, complaint) for complaint in complaints if complaint]

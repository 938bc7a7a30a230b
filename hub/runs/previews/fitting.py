"""Whether what a value gives fits what its setting asks for, in a sentence."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from connectors.sdk import Settings, Shape
from connectors.sdk.describe import FieldDescription, FieldKind
from hub.recipes.durations import DURATION
from hub.recipes.rendering import Cell
from hub.recipes.settings import type_problem
from hub.recipes.times import moment

_DURATION = re.compile(DURATION)
_GIVEN = {
    "text": "a text", "number": "a number", "boolean": "yes or no", "list": "a list",
    "map": "a map of names and values", "file": "a file", "nothing": "nothing",
}  # fmt: skip
_ASKED = {
    FieldKind.TEXT: "a text", FieldKind.MULTILINE: "a text", FieldKind.NUMBER: "a number",
    FieldKind.BOOLEAN: "yes or no", FieldKind.LIST: "a list", FieldKind.CHOICES: "a list", FieldKind.GROUPS: "a list",
    FieldKind.MAPPING: "a map of names and values", FieldKind.GROUP: "a map of names and values",
    FieldKind.DURATION: "a length of time, such as 2h or 3d", FieldKind.MOMENT: "a day or a moment",
    FieldKind.FILE: "a file, or a text",
}  # fmt: skip


def failing(cells: Sequence[Cell]) -> int:
    """Return for how many samples there is no value because something went wrong."""
    return sum(bool(cell.problem) for cell in cells)


def absence(cells: Sequence[Cell]) -> str:
    """Say what none of the samples has, when a value is nothing for that reason."""
    told = [cell.absent for cell in cells if not cell.problem]
    return told[0] if told and all(told) else ""


def misfit(settings: type[Settings], field: FieldDescription, cells: Sequence[Cell]) -> str:
    """Say what is given and what is asked for, where these differ in some sample."""
    judged = [cell for cell in cells if not cell.problem and not cell.cut and cell.kind != "nothing"]
    wrong = [cell for cell in judged if not _fits(settings, field, cell.value)]
    if not wrong:
        return ""
    asked = "a list" if field.shape is Shape.LIST else _ASKED.get(field.kind, "something else")
    if field.choices and field.kind is FieldKind.CHOICE:
        asked = "one of " + ", ".join(field.choices)
    given = _GIVEN[wrong[0].kind]
    shown = f" ({wrong[0].text[:40]})" if wrong[0].kind in {"text", "number"} else ""
    often = "" if len(wrong) == len(judged) else f" in {len(wrong)} of {len(judged)} samples"
    return f"This gives {given}{shown}{often}; {asked} is asked for."


def _fits(settings: type[Settings], field: FieldDescription, value: Any) -> bool:
    if field.shape is Shape.DURATION:
        return isinstance(value, str) and _DURATION.match(value) is not None
    if field.shape is Shape.MOMENT:
        return moment(value) is not None
    if field.shape is Shape.LIST:
        return isinstance(value, list)
    if field.shape is Shape.FILE:
        return isinstance(value, (str, dict, list))
    return type_problem(settings, field.name, value, field.name) is None

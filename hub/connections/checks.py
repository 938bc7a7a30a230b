"""A connection's settings against its connector's struct: everything that is wrong with them at once."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, get_type_hints

import msgspec

from connectors.sdk import Settings, fields_of, fill
from connectors.sdk.settings import open_secret
from hub.errors import Problem
from hub.shapes import join, problem_of, suggest

_PATH = "settings"


def settings_problems(kind: type[Settings], values: Mapping[str, Any]) -> list[Problem]:
    """Return a problem for each setting that is unknown, missing or of the wrong type, else what the struct says."""
    declared, hints = fields_of(kind), get_type_hints(kind, include_extras=True)
    required = [field.name for field in msgspec.structs.fields(kind) if field.required]
    problems = [Problem(join(_PATH, name), "This is missing.") for name in required if name not in values]
    for name, value in values.items():
        if name in declared:
            problems += _wrong(value, hints[name], join(_PATH, name))
        else:
            suggestion = suggest(name, declared)
            problems.append(Problem(join(_PATH, name), f"There is no setting {name[:60]!r}.{suggestion}"))
    return problems or _wrong_together(kind, values)


def _wrong(value: Any, hint: Any, path: str) -> list[Problem]:
    try:
        msgspec.convert(value, hint, strict=False, dec_hook=open_secret)
    except msgspec.ValidationError as error:
        return [problem_of(error, hint, path)]
    return []


def _wrong_together(kind: type[Settings], values: Mapping[str, Any]) -> list[Problem]:
    try:
        fill(kind, values)
    except msgspec.ValidationError as error:
        return [problem_of(error, kind, _PATH)]
    return []

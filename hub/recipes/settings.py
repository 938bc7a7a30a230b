"""A step's `with` against its settings struct: unknown, missing, wrong and wrongly templated settings."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any, get_type_hints

import msgspec

from connectors.sdk import Settings, fields_of, fill
from hub.errors import Problem
from hub.recipes.names import Names, check_templates, has_template, refuse_templates
from hub.shapes import join, problem_of, suggest


def check_settings(
    kind: type[Settings], values: Mapping[str, Any], path: str, names: Names, problems: list[Problem]
) -> None:
    """Add a problem for everything that is wrong with the settings."""
    before = len(problems)
    declared = fields_of(kind)
    problems.extend(
        Problem(join(path, name), f"There is no setting {name[:60]!r}.{suggest(name, declared)}")
        for name in values
        if name not in declared
    )
    problems.extend(Problem(join(path, name), "This is missing.") for name in _required(kind) if name not in values)
    late: set[str] = set()
    for name, value in values.items():
        if name not in declared:
            continue
        place = join(path, name)
        if declared[name].templated:
            inner = names.with_also("row") if declared[name].record else names
            check_templates(value, place, inner, problems)
        else:
            refuse_templates(value, place, problems)
        problem = type_problem(kind, name, value, place)
        if problem and has_template(value):
            late.add(name)
        elif problem:
            problems.append(problem)
    if len(problems) == before and not late & _required(kind):
        _check_whole(kind, {name: value for name, value in values.items() if name not in late}, path, problems)


def type_problem(kind: type[Settings], name: str, value: Any, path: str) -> Problem | None:
    """Tell what is wrong with one value by its type; a template may still become the right one."""
    hint = _hints(kind)[name]
    try:
        msgspec.convert(value, hint, strict=False)
    except msgspec.ValidationError as error:
        return problem_of(error, hint, path)
    return None


def _check_whole(kind: type[Settings], values: Mapping[str, Any], path: str, problems: list[Problem]) -> None:
    """Ask the struct itself, which knows crons, addresses and what excludes what."""
    try:
        fill(kind, values)
    except msgspec.ValidationError as error:
        found = problem_of(error, kind, "")
        name, told, rest = found.message.partition(": ")
        if told and name in values:
            problems.append(Problem(join(path, name), rest))
        else:
            problems.append(Problem(join(path, found.path or _culprit(kind, values, str(error))), found.message))


def _culprit(kind: type[Settings], values: Mapping[str, Any], message: str) -> str:
    """Find the one setting without which the struct no longer says this; nothing when several could be meant."""
    mended, changed = [], []
    for name in values:
        try:
            fill(kind, {other: value for other, value in values.items() if other != name})
        except msgspec.ValidationError as error:
            if str(error) != message:
                changed.append(name)
        else:
            mended.append(name)
    candidates = mended or changed
    return candidates[0] if len(candidates) == 1 else ""


@cache
def _hints(kind: type[Settings]) -> Mapping[str, Any]:
    return get_type_hints(kind, include_extras=True)


@cache
def _required(kind: type[Settings]) -> frozenset[str]:
    return frozenset(field.name for field in msgspec.structs.fields(kind) if field.required)

"""Conditions as data: left, operator, right, joined by all and any; checked with paths, compiled to closures."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, tzinfo
from typing import Any

import msgspec

from hub.errors import Problem
from hub.patterns import pattern
from hub.recipes.liquid import TemplateError
from hub.recipes.operators import Compare, operators
from hub.recipes.templates import Rendered, Scope, Segments, compile_value
from hub.shapes import join, suggest

Test = Callable[[Scope], bool]

OPERATORS = tuple(operators())
ALONE = frozenset({"is_empty", "is_set"})
MAX_DEPTH = 20
_LISTS = {"between": 2, "in": None, "not_in": None}


class Condition(msgspec.Struct, frozen=True, kw_only=True):
    """A compiled condition: the test, and the paths it reads."""

    test: Test
    paths: frozenset[Segments] = frozenset()

    @property
    def roots(self) -> frozenset[str]:
        """The names it reads, such as `trigger` or a step id."""
        return frozenset(str(path[0]) for path in self.paths)


ALWAYS = Condition(test=lambda _: True)


def compile_condition(
    value: Any, path: str, problems: list[Problem], *, zone: tzinfo = UTC, depth: int = 0
) -> Condition:
    """Compile a condition; mistakes are added to `problems` and make it always true."""
    if not isinstance(value, dict) or not value:
        problems.append(Problem(path, "Expected a condition: left, is and right, or a list under all or any."))
        return ALWAYS
    if depth > MAX_DEPTH:
        problems.append(Problem(path, "Conditions are nested too deeply."))
        return ALWAYS
    for word in ("all", "any"):
        if word in value:
            return _group(value, word, path, problems, zone, depth)
    return _comparison(value, path, problems, zone)


def _group(
    value: Mapping[str, Any], word: str, path: str, problems: list[Problem], zone: tzinfo, depth: int
) -> Condition:
    problems.extend(
        Problem(join(path, key), f"{key[:60]!r} cannot stand beside {word}.") for key in value if key != word
    )
    parts = value[word]
    place = join(path, word)
    if not isinstance(parts, list) or not parts:
        problems.append(Problem(place, "Expected a list of conditions."))
        return ALWAYS
    compiled = [
        compile_condition(part, f"{place}[{index}]", problems, zone=zone, depth=depth + 1)
        for index, part in enumerate(parts)
    ]
    return Condition(
        test=_joined([one.test for one in compiled], word),
        paths=frozenset().union(*(one.paths for one in compiled)),
    )


def _joined(tests: list[Test], word: str) -> Test:
    if len(tests) == 1:
        return tests[0]
    if word == "all":
        return lambda scope: all(test(scope) for test in tests)
    return lambda scope: any(test(scope) for test in tests)


def _comparison(value: Mapping[str, Any], path: str, problems: list[Problem], zone: tzinfo) -> Condition:
    before = len(problems)
    operator = value.get("is")
    _check_keys(value, path, problems)
    if not isinstance(operator, str) or operator not in OPERATORS:
        if "is" in value:
            near = suggest(str(operator), OPERATORS) or f" Use one of {', '.join(OPERATORS)}."
            problems.append(Problem(join(path, "is"), f"There is no operator {str(operator)[:40]!r}.{near}"))
        return ALWAYS
    left = _side(value, "left", path, problems)
    right = _side(value, "right", path, problems)
    _check_right(value, operator, path, problems)
    if len(problems) > before:
        return ALWAYS
    return Condition(test=_test(operator, left, right, zone), paths=left.paths | right.paths)


def _check_keys(value: Mapping[str, Any], path: str, problems: list[Problem]) -> None:
    known = ("left", "is", "right")
    problems.extend(
        Problem(join(path, key), f"There is no {key[:60]!r} in a condition.{suggest(key, (*known, 'all', 'any'))}")
        for key in value
        if key not in known
    )
    needed = known if "is" in value and value["is"] not in ALONE else ("left", "is")
    problems.extend(Problem(join(path, key), "This is missing.") for key in needed if key not in value)


def _check_right(value: Mapping[str, Any], operator: str, path: str, problems: list[Problem]) -> None:
    right = value.get("right")
    place = join(path, "right")
    if operator in ALONE and "right" in value:
        problems.append(Problem(place, f"{operator} needs no right side."))
    if operator in _LISTS and not (isinstance(right, str) and "{{" in right):
        count = _LISTS[operator]
        if not isinstance(right, list) or (count and len(right) != count):
            problems.append(Problem(place, "Expected the list [lowest, highest]." if count else "Expected a list."))
    if operator == "matches" and isinstance(right, str) and "{{" in right:
        problems.append(Problem(place, "A regular expression cannot be a template."))
    elif operator == "matches":
        _check_pattern(right, place, problems)


def _check_pattern(right: Any, place: str, problems: list[Problem]) -> None:
    if not isinstance(right, str):
        problems.append(Problem(place, "Expected a regular expression."))
        return
    try:
        pattern(right)
    except ValueError as error:
        problems.append(Problem(place, str(error)))


def _side(value: Mapping[str, Any], side: str, path: str, problems: list[Problem]) -> Rendered:
    try:
        return compile_value(value.get(side))
    except TemplateError as error:
        problems.append(Problem(join(path, side), str(error)))
        return compile_value(None)


def _test(operator: str, left: Rendered, right: Rendered, zone: tzinfo) -> Test:
    compare: Compare = operators(zone)[operator]
    read, other = left.render, right.render
    if not right.constant:
        return lambda scope: compare(read(scope), other(scope))
    fixed = other({})
    if operator == "matches":
        fixed = pattern(fixed)
    return lambda scope: compare(read(scope), fixed)

"""The steps that need nothing but the item: pure functions from what is known to an output or a decision."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from enum import StrEnum
from typing import Any

import msgspec

from hub.errors import Problem
from hub.recipes.builtins import SetFields, Stop
from hub.recipes.conditions import Condition, compile_condition
from hub.recipes.graph import Edge
from hub.recipes.liquid import as_text
from hub.recipes.templates import Rendered, Scope, Segments, compile_value
from hub.recipes.zones import zone_of
from hub.shapes import join as join_path


class Verdict(StrEnum):
    """What becomes of the item after a step: it goes on, or it ends in one of three ways."""

    GO = "go"
    DELIVERED = "delivered"
    FILTERED = "filtered"
    DEAD = "dead"


class Decision(msgspec.Struct, frozen=True):
    """What an in-process step gives: its output, the case a branch took, and whether the item ends."""

    output: Any = None
    case: str | None = None
    verdict: Verdict = Verdict.GO
    reason: str = ""


Evaluate = Callable[[Scope], Decision]

PASSED = Decision(output=True)
FILTERED = Decision(output=False, verdict=Verdict.FILTERED, reason="The filter's condition does not hold.")


class Local(msgspec.Struct, frozen=True):
    """A compiled in-process step: what to call, and which paths it reads."""

    evaluate: Evaluate
    paths: frozenset[Segments] = frozenset()


class Source(msgspec.Struct, frozen=True, kw_only=True):
    """What an in-process step is compiled from; `path` is that of its `with`."""

    settings: Mapping[str, Any]
    path: str
    edges: tuple[Edge, ...]
    time_zone: str
    problems: list[Problem]


def compile_filter(source: Source) -> Local:
    """Go on only when the condition holds."""
    condition = _condition(source.settings, source.path, source)
    test = condition.test
    return Local(lambda scope: PASSED if test(scope) else FILTERED, condition.paths)


def compile_branch(source: Source) -> Local:
    """Take the first case whose condition holds, else the one named by `else`."""
    cases = source.settings.get("cases")
    named = cases if isinstance(cases, dict) else {}
    tests = [
        (_taken(name), _condition(condition, join_path(f"{source.path}.cases", name), source))
        for name, condition in named.items()
    ]
    otherwise = source.settings.get("else")
    last = _taken(otherwise if isinstance(otherwise, str) else None)

    def evaluate(scope: Scope) -> Decision:
        return next((decision for decision, condition in tests if condition.test(scope)), last)

    return Local(evaluate, frozenset().union(*(condition.paths for _, condition in tests)))


def compile_set(source: Source) -> Local:
    """Give a map of computed fields, on top of a base when one is named."""
    settings = msgspec.convert(source.settings, SetFields)
    fields, base = compile_value(settings.fields), compile_value(settings.base)
    rename, remove = settings.rename, frozenset(settings.remove)
    paths = fields.paths | base.paths
    if settings.base is None:
        return Local(_output(fields), paths)

    def evaluate(scope: Scope) -> Decision:
        start = base.render(scope)
        kept = start if isinstance(start, dict) else {}
        renamed = {rename.get(name, name): value for name, value in kept.items() if name not in remove}
        return Decision(renamed | fields.render(scope))

    return Local(evaluate, paths)


def compile_template(source: Source) -> Local:
    """Give a text."""
    text = compile_value(source.settings.get("text", ""))
    render = text.render

    def evaluate(scope: Scope) -> Decision:
        value = render(scope)
        return Decision(as_text(value))

    return Local(evaluate, text.paths)


def compile_join(source: Source) -> Local:
    """Give the outputs of the steps before it by name."""
    names = [edge.step for edge in source.edges]
    paths: frozenset[Segments] = frozenset((name,) for name in names)
    return Local(lambda scope: Decision({name: scope.get(name) for name in names}), paths)


def compile_stop(source: Source) -> Local:
    """End the item."""
    settings = msgspec.convert(source.settings, Stop)
    reason, verdict = compile_value(settings.reason), Verdict(settings.outcome)
    return Local(lambda scope: Decision(verdict=verdict, reason=as_text(reason.render(scope))), reason.paths)


LOCALS: Mapping[str, Callable[[Source], Local]] = {
    "filter": compile_filter,
    "branch": compile_branch,
    "set": compile_set,
    "template": compile_template,
    "join": compile_join,
    "stop": compile_stop,
}


def _condition(value: Any, path: str, source: Source) -> Condition:
    return compile_condition(value, path, source.problems, zone=zone_of(source.time_zone))


def _taken(case: str | None) -> Decision:
    return Decision(output={"case": case}, case=case)


def _output(value: Rendered) -> Evaluate:
    render = value.render
    return lambda scope: Decision(render(scope))

"""n8n's conditions as structured ones, and the nodes that branch by them: If, Filter, Switch."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from hub.foreign.letters import small_letters
from hub.foreign.n8n.expressions import Values
from hub.foreign.shapes import Given, Loss, Part, Remark, Turned, lost

# Operations of both forms of the node; None: no counterpart
OPERATORS = {
    "equals": "equals", "equal": "equals", "notEquals": "not_equals", "notEqual": "not_equals",
    "contains": "contains", "notContains": "not_contains", "startsWith": "starts_with", "endsWith": "ends_with",
    "regex": "matches", "gt": "greater", "larger": "greater", "lt": "less", "smaller": "less",
    "gte": "at_least", "largerEqual": "at_least", "lte": "at_most", "smallerEqual": "at_most",
    "after": "after", "before": "before", "afterOrEquals": "at_least", "beforeOrEquals": "at_most",
    "notEmpty": "is_set", "isNotEmpty": "is_set", "empty": "is_empty", "isEmpty": "is_empty",
    "exists": "is_set", "notExists": "is_empty",
    "lengthEquals": "equals", "lengthGt": "greater", "lengthLt": "less", "lengthGte": "at_least",
    "lengthLte": "at_most", "lengthNotEquals": "not_equals",
}  # fmt: skip
ALONE = {"is_set", "is_empty"}
_LENGTH = "length"
_WHY_NOT = "This comparison has no counterpart."


class UntoldError(ValueError):
    """A condition cannot be said; the message says which."""


def condition(settings: Mapping[str, Any], values: Values) -> dict[str, Any]:
    """Return the condition of an If or Filter node, newer or older form; raises UntoldError."""
    given = settings.get("conditions")
    if not isinstance(given, dict):
        raise UntoldError("it has no conditions")
    if isinstance(given.get("conditions"), list):
        options = given.get("options")
        loose = isinstance(options, dict) and options.get("caseSensitive") is False
        tests = [_newer(one, values) for one in given["conditions"] if isinstance(one, dict)]
        tests = [small_letters(test) for test in tests] if loose else tests
        word = "any" if given.get("combinator") == "or" else "all"
    else:
        tests = [
            _older(kind, one, values)
            for kind, listed in given.items()
            for one in (listed if isinstance(listed, list) else ())
            if isinstance(one, dict)
        ]
        word = "any" if settings.get("combineOperation") == "any" else "all"
    if not tests:
        raise UntoldError("it has no conditions")
    return tests[0] if len(tests) == 1 else {word: tests}


def _newer(test: Mapping[str, Any], values: Values) -> dict[str, Any]:
    operator = test.get("operator")
    kind, operation = (
        (operator.get("type"), operator.get("operation")) if isinstance(operator, dict) else ("string", operator)
    )
    return _test(str(kind), str(operation or "equals"), (test.get("leftValue"), test.get("rightValue")), values)


def _older(kind: str, test: Mapping[str, Any], values: Values) -> dict[str, Any]:
    usual = {"number": "smaller", "dateTime": "after"}.get(kind, "equals")
    right = test.get("value2", True if kind == "boolean" else "")
    return _test(kind, str(test.get("operation") or usual), (test.get("value1"), right), values)


def _test(kind: str, operation: str, sides: tuple[Any, Any], values: Values) -> dict[str, Any]:
    left = values.value(sides[0], "left")
    if operation in {"true", "false"}:
        return {"left": left, "is": "equals", "right": operation == "true"}
    negated = {"notRegex": "matches", "notStartsWith": "starts_with", "notEndsWith": "ends_with"}
    if operation in negated or operation not in OPERATORS:
        raise UntoldError(f"the comparison {operation[:40]!r} has no counterpart")
    word = OPERATORS[operation]
    if operation.startswith(_LENGTH) and isinstance(left, str) and left.startswith("{{") and left.endswith("}}"):
        left = f"{left[:-2].rstrip()} | size }}}}"
    if word in ALONE:
        return {"left": left, "is": word}
    right = values.value(sides[1], "right")
    if word == "matches":
        right = str(right).strip("/") if str(right).startswith("/") else right
    if kind == "number" and isinstance(right, str) and "{{" not in right:
        right = _number(right)
    if word in {"equals", "not_equals"} and right == "" and "{{" in str(left):
        return {"left": left, "is": "is_empty" if word == "equals" else "is_set"}
    return {"left": left, "is": word, "right": right}


def _number(text: str) -> str | int | float:
    try:
        return float(text) if "." in text else int(text)
    except ValueError:
        return text


def _if(part: Part, given: Given) -> Turned:
    """Branch in two; in a list, keep the elements for which the condition holds."""
    values = Values(given)
    try:
        test = condition(part.settings, values)
    except UntoldError as error:
        return lost("Branched by a condition.", "Write the condition anew.", f"{str(error).capitalize()}.")
    if given.sight.each is not None and given.outputs <= {0}:
        return Turned(uses="filter", settings=test, out="", remarks=values.remarks)
    cases = {"cases": {"yes": test}, **({"else": "no"} if 1 in given.outputs else {})}
    return Turned(uses="branch", settings=cases, cases={0: "yes", 1: "no"}, remarks=values.remarks)


def _filter(part: Part, given: Given) -> Turned:
    """Go on only when the condition holds; where other ways go on beside, only this way ends."""
    values = Values(given)
    try:
        test = condition(part.settings, values)
    except UntoldError as error:
        return lost("Let only some items pass.", "Write the condition anew.", f"{str(error).capitalize()}.")
    if given.sight.each is not None:
        return Turned(uses="filter", settings=test, out="", remarks=values.remarks)
    if given.forked:
        return Turned(uses="branch", settings={"cases": {"yes": test}}, cases={0: "yes"}, remarks=values.remarks)
    return Turned(uses="filter", settings=test, remarks=values.remarks)


def _switch(part: Part, given: Given) -> Turned:
    """Branch by the first rule that holds."""
    values, settings = Values(given), part.settings
    rules = settings.get("rules")
    listed = (rules.get("values") or rules.get("rules")) if isinstance(rules, dict) else None
    if settings.get("mode") == "expression" or not isinstance(listed, list) or not listed:
        return lost(
            "Chose one of its outputs by a computed number.", "Write a branch with a case for each output.", _WHY_NOT
        )
    listed = [one for one in listed if isinstance(one, dict)]
    try:
        tests = [_rule(one, settings, values) for one in listed]
    except UntoldError as error:
        return lost("Branched into several ways.", "Write the cases anew.", f"{str(error).capitalize()}.")
    names = _names(listed)
    outputs = [one.get("output", place) if "value2" in one else place for place, one in enumerate(listed)]
    cases: dict[int, str] = {}
    for output, name in zip(outputs, names, strict=True):
        cases.setdefault(output if isinstance(output, int) else 0, name)
    options = settings.get("options")
    fallback = options.get("fallbackOutput") if isinstance(options, dict) else settings.get("fallbackOutput")
    made: dict[str, Any] = {"cases": dict(zip(names, tests, strict=True))}
    if fallback == "extra" or len(names) in given.outputs:
        made["else"] = cases[len(names)] = "otherwise"
    elif isinstance(fallback, int) and fallback >= 0:
        made["else"] = cases.setdefault(fallback, "otherwise")
    remarks = [*values.remarks]
    if isinstance(options, dict) and options.get("allMatchingOutputs"):
        why = "A branch takes the first case that holds."
        remarks.append(
            Remark(kind=Loss.PARTLY, did="Went all ways whose rule held.", why=why, instead="Use when on the steps.")
        )
    return Turned(uses="branch", settings=made, cases=cases, remarks=remarks)


def _rule(rule: Mapping[str, Any], settings: Mapping[str, Any], values: Values) -> dict[str, Any]:
    if "conditions" in rule:
        return condition(rule, values)
    sides = (settings.get("value1"), rule.get("value2"))
    kind = str(settings.get("dataType") or "number")
    return _test(kind, str(rule.get("operation") or "equal"), sides, values)


def _names(rules: Sequence[Mapping[str, Any]]) -> list[str]:
    """Return a name for each case: what the output was called, made safe and unique."""
    found: list[str] = []
    for place, rule in enumerate(rules, 1):
        told = str(rule.get("outputKey") or rule.get("value2") or "")
        told = told if "{{" not in told else ""
        name = "".join(letter if letter.isalnum() or letter in " _-" else " " for letter in told).strip()[:40]
        name = name or f"case {place}"
        found.append(name if name not in found and name != "otherwise" else f"{name} {place}")
    return found


BRANCHES: Mapping[str, Callable[[Part, Given], Turned]] = {"if": _if, "filter": _filter, "switch": _switch}

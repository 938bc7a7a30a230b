from functools import reduce

import pytest

from hub.errors import Problem
from hub.recipes.conditions import OPERATORS, compile_condition
from hub.recipes.zones import zone_of

SCOPE = {
    "x": {"n": "118.00", "d": "2026-03-01", "l": ["a", "5"], "t": "Invoice 7", "e": "  ", "m": {"k": 1}, "y": True}
}


def holds(condition, zone="UTC"):
    problems: list[Problem] = []
    compiled = compile_condition(condition, "with", problems, zone=zone_of(zone))
    assert problems == []
    return compiled.test(SCOPE)


@pytest.mark.parametrize(
    ("left", "operator", "right", "expected"),
    [
        ("{{ x.n }}", "equals", 118, True),
        ("{{ x.n }}", "equals", "118", False),
        ("{{ x.t }}", "equals", "Invoice 7", True),
        ("{{ x.y }}", "equals", "true", True),
        ("{{ x.y }}", "equals", 1, False),
        ("{{ x.none }}", "equals", None, True),
        ("{{ x.none }}", "equals", "", False),
        ("{{ x.n }}", "not_equals", 118, False),
        ("{{ x.t }}", "contains", "voice", True),
        ("{{ x.l }}", "contains", 5, True),
        ("{{ x.m }}", "contains", "k", True),
        ("{{ x.none }}", "contains", "k", False),
        ("{{ x.l }}", "not_contains", "b", True),
        ("{{ x.t }}", "starts_with", "Inv", True),
        ("{{ x.none }}", "starts_with", "", False),
        ("{{ x.t }}", "ends_with", "7", True),
        ("{{ x.t }}", "matches", r"^Invoice \d+$", True),
        ("{{ x.none }}", "matches", ".*", False),
        ("{{ x.n }}", "at_least", 118, True),
        ("{{ x.n }}", "at_least", "99", True),
        ("{{ x.n }}", "at_most", 117.9, False),
        ("{{ x.n }}", "greater", 20, True),
        ("{{ x.n }}", "less", "1000", True),
        ("{{ x.none }}", "less", 5, False),
        ("{{ x.t }}", "greater", 5, False),
        ("{{ x.n }}", "between", [100, 118], True),
        ("{{ x.n }}", "between", [119, 200], False),
        ("{{ x.n }}", "between", "{{ x.l }}", False),
        ("{{ x.n }}", "in", [1, 118], True),
        ("{{ x.n }}", "not_in", [1, 2], True),
        ("{{ x.d }}", "before", "2026-03-01T00:00:01Z", True),
        ("{{ x.d }}", "before", "2026-03-01", False),
        ("{{ x.d }}", "after", "Sat, 28 Feb 2026 23:59:59 +0000", True),
        ("{{ x.d }}", "before", "now", True),
        ("{{ x.t }}", "before", "now", False),
        ("{{ x.d }}", "greater", "2026-02-28T10:00:00+02:00", True),
    ],
)
def test_compares(left, operator, right, expected):
    assert holds({"left": left, "is": operator, "right": right}) is expected


@pytest.mark.parametrize(
    ("left", "operator", "expected"),
    [
        ("{{ x.e }}", "is_empty", True),
        ("{{ x.none }}", "is_empty", True),
        ("{{ x.n }}", "is_empty", False),
        ("{{ x.e }}", "is_set", True),
        ("{{ x.none }}", "is_set", False),
    ],
)
def test_asks_about_one_side(left, operator, expected):
    assert holds({"left": left, "is": operator}) is expected


def test_takes_dates_without_zone_in_the_recipes():
    condition = {"left": "{{ x.d }}", "is": "before", "right": "2026-02-28T23:30:00Z"}
    assert (holds(condition, "Europe/Paris"), holds(condition, "UTC")) == (True, False)


def test_joins_with_all_and_any():
    yes, no = {"left": 1, "is": "equals", "right": 1}, {"left": 1, "is": "equals", "right": 2}
    assert holds({"all": [yes, {"any": [no, yes]}]})
    assert not holds({"all": [yes, no]})
    assert not holds({"any": [no, {"all": [yes, no]}]})


@pytest.mark.parametrize(
    ("condition", "path"),
    [
        (3, "with"),
        ({}, "with"),
        ({"left": 1, "is": "at_lest", "right": 2}, "with.is"),
        ({"left": 1, "right": 2}, "with.is"),
        ({"is": "equals", "right": 2}, "with.left"),
        ({"left": 1, "is": "equals"}, "with.right"),
        ({"left": 1, "is": "equals", "right": 2, "rigth": 3}, "with.rigth"),
        ({"left": 1, "is": "is_set", "right": 2}, "with.right"),
        ({"left": 1, "is": "between", "right": [1]}, "with.right"),
        ({"left": 1, "is": "in", "right": 1}, "with.right"),
        ({"left": 1, "is": "matches", "right": "(a"}, "with.right"),
        ({"left": 1, "is": "matches", "right": 5}, "with.right"),
        ({"left": 1, "is": "matches", "right": "{{ x }}"}, "with.right"),
        ({"left": "{{ a", "is": "equals", "right": 1}, "with.left"),
        ({"all": []}, "with.all"),
        ({"all": {}}, "with.all"),
        ({"all": [{"left": 1, "is": "is_set"}], "left": 1}, "with.left"),
        ({"any": [{"all": [{"left": 1, "is": "nope", "right": 1}]}]}, "with.any[0].all[0].is"),
    ],
)
def test_says_what_is_wrong(condition, path):
    problems: list[Problem] = []
    compile_condition(condition, "with", problems)
    assert [problem.path for problem in problems] == [path]


def test_refuses_conditions_nested_without_end():
    nested = reduce(lambda inner, _: {"all": [inner]}, range(30), {"left": 1, "is": "is_set"})
    problems: list[Problem] = []
    compile_condition(nested, "with", problems)
    assert problems[0].message == "Conditions are nested too deeply."


def test_matches_in_linear_time():
    condition = compile_condition({"left": "{{ x }}", "is": "matches", "right": "^(a+)+$"}, "with", [])
    assert condition.test({"x": "a" * 50_000 + "b"}) is False


def test_has_every_operator_of_the_contract():
    assert set(OPERATORS) == {
        "equals", "not_equals", "contains", "not_contains", "starts_with", "ends_with", "matches", "at_least",
        "at_most", "greater", "less", "between", "in", "not_in", "is_empty", "is_set", "before", "after",
    }  # fmt: skip

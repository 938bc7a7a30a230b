import pytest

from hub.documents import Difference, DifferenceKind, compare

A, B = {"id": "a", "with": {"n": 1}}, {"id": "b"}
OLD = {"spec": {"steps": [A, B], "vars": {"x": [1, 2]}}}


def spec(*steps, **rest):
    return {"spec": {"steps": list(steps), **rest}}


@pytest.mark.parametrize(
    ("after", "path", "kind"),
    [
        (spec({"id": "a", "with": {"n": 2}}, B, vars={"x": [1, 2]}), "spec.steps[a].with.n", "changed"),
        (spec({"id": "a", "with": {"n": True}}, B, vars={"x": [1, 2]}), "spec.steps[a].with.n", "changed"),
        (spec(A, vars={"x": [1, 2]}), "spec.steps[b]", "removed"),
        (spec(B, A, vars={"x": [1, 2]}), "spec.steps", "moved"),
        (spec(A, B, vars={"x": [1, 2, 3]}), "spec.vars.x[2]", "added"),
        (spec(A, B), "spec.vars", "removed"),
    ],
)
def test_names_the_one_place_that_differs(after, path, kind):
    assert [(found.path, found.kind) for found in compare(OLD, after)] == [(path, kind)]


def test_finds_nothing_between_equals():
    assert compare(OLD, OLD) == []


def test_carries_both_values():
    assert compare({"a": 1}, {"a": "1"}) == [
        Difference(path="a", kind=DifferenceKind.CHANGED, before=1, after="1"),
    ]

"""Where steps stand on the canvas: under what leads to them, never on one another, no way through a step."""

from itertools import combinations

import pytest

from hub.errors import Problem
from hub.recipes import parse
from tests.ui.documents import ORDERS, SORTING
from ui.canvas.graph import Box, Picture, picture
from ui.canvas.layout import GAP, WIDE

FAILING = SORTING.replace("{id: first, uses: set,", "{id: first, uses: set, on_error: rescue,") + (
    "    - {id: rescue, uses: set, with: {fields: {c: 1}}}\n    - {id: last, uses: join, after: [meet]}\n"
)
WIDE_BRANCH = SORTING.replace(
    "- {id: meet", "- {id: third, uses: set, after: [{step: kind, case: big}], with: {fields: {d: 1}}}\n    - {id: meet"
)
DOCUMENTS = [SORTING, FAILING, WIDE_BRANCH, ORDERS.format(name="plain", title="Plain")]


@pytest.mark.parametrize("document", DOCUMENTS)
def test_every_step_stands_below_all_that_lead_to_it(document: str):
    drawn = _drawn(document)
    rows = {one.id: one.y for one in drawn.boxes}
    assert all(rows[cable.source] < rows[cable.target] for cable in drawn.cables)


@pytest.mark.parametrize("document", DOCUMENTS)
def test_no_two_steps_overlap(document: str):
    pairs = combinations(_drawn(document).boxes, 2)
    assert [(one.id, other.id) for one, other in pairs if _overlap(one, other)] == []


def test_a_way_past_a_step_has_a_column_of_its_own():
    drawn = _drawn(SORTING)
    cable = next(one for one in drawn.cables if one.case == "rest")
    lane = next(one for one in drawn.boxes if one.id == "first")
    assert cable.bend is not None
    assert abs(cable.bend - lane.x) > WIDE / 2


def test_what_catches_failures_stands_to_the_right():
    places = {one.id: one.x for one in _drawn(FAILING).boxes}
    assert places["rescue"] > places["first"]


def test_open_ends_are_offered_for_each_case_that_leads_nowhere():
    text = ORDERS.format(name="open", title="Open") + (
        "    - {id: kind, uses: branch, with: {cases: {big: {all: []}, small: {all: []}}, else: rest}}\n"
        "    - {id: next, uses: join, after: [{step: kind, case: small}]}\n"
    )
    assert [(end.source, end.case) for end in _drawn(text).ends] == [("kind", "big"), ("kind", "rest"), ("next", None)]


def test_problems_stand_at_their_step():
    problems = [Problem("spec.steps[1].with.x", "Wrong."), Problem("spec.trigger.uses", "No."), Problem("", "All.")]
    drawn = picture(parse(SORTING), problems)
    assert {one.id: list(one.problems) for one in drawn.boxes if one.problems} == {
        "trigger": ["No."],
        "first": ["Wrong."],
    }
    assert list(drawn.problems) == ["All."]


def test_steps_that_go_round_in_a_circle_are_drawn_all_the_same():
    text = SORTING.replace(
        "{id: first, uses: set, after: [{step: kind, case: big}]", "{id: first, uses: set, after: [meet]"
    )
    assert {one.id for one in _drawn(text).boxes} == {"trigger", "kind", "first", "second", "meet"}


def _drawn(document: str) -> Picture:
    return picture(parse(document), [])


def _overlap(one: Box, other: Box) -> bool:
    return one.y == other.y and abs(one.x - other.x) < WIDE + GAP / 2

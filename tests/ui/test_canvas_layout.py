"""Where steps stand on the canvas: under what leads to them, never on one another, no way through a step."""

from collections.abc import Callable
from itertools import combinations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hub.errors import Problem
from hub.recipes import RecipeDocument, export, parse
from hub.recipes.rewiring import Way, Wiring
from hub.recipes.sketching import Sketch
from tests.ui.documents import ORDERS, SORTING
from ui.canvas.changes import both
from ui.canvas.graph import Box, Picture, picture
from ui.canvas.layout import GAP, ROW, WIDE
from ui.canvas.places import settle

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
        "first": ["X: Wrong."],
    }
    assert list(drawn.problems) == ["All."]


def test_steps_that_go_round_in_a_circle_are_drawn_all_the_same():
    text = SORTING.replace(
        "{id: first, uses: set, after: [{step: kind, case: big}]", "{id: first, uses: set, after: [meet]"
    )
    assert {one.id for one in _drawn(text).boxes} == {"trigger", "kind", "first", "second", "meet"}


def test_what_comes_into_a_way_later_finds_room_and_nothing_else_moves_aside():
    document = _placed(parse(SORTING))
    wiring = Wiring(document)
    way = Way("first", "second")
    wiring.insert({"uses": "set", "with": {"fields": {"x": 1}}}, way)
    inserted = wiring.document()
    settled = settle(inserted, picture(inserted, ()).places, way)
    before, after = document.metadata.canvas.places, settled.metadata.canvas.places
    assert {step: (after[step].x, after[step].y - place.y) for step, place in before.items()} == {
        "trigger": (before["trigger"].x, 0), "kind": (before["kind"].x, 0), "first": (before["first"].x, 0),
        "second": (before["second"].x, ROW), "meet": (before["meet"].x, ROW),
    }  # fmt: skip
    assert (after["set"].x, after["set"].y) == (before["first"].x, before["first"].y + ROW)


def test_steps_written_in_by_hand_stand_beside_what_is_placed_and_on_nothing():
    text = export(_placed(parse(SORTING)))
    added = text.replace(
        "  - id: second", "  - {id: aside, uses: set, after: [first]}\n  - after: [first]\n    id: second"
    )
    drawn = picture(parse(added), ())
    assert {one.id for one in drawn.boxes} >= {"aside", "second"}
    assert [(one.id, other.id) for one, other in combinations(drawn.boxes, 2) if _overlap(one, other)] == []


def test_nothing_is_placed_where_nobody_moved_anything():
    document = parse(SORTING)
    assert settle(document, picture(document, ()).places) is document


def test_a_folded_group_stands_for_its_steps():
    sketch = Sketch(parse(SORTING))
    sketch.change_group(sketch.group(["first", "second", "gone"], "Both"), folded=True)
    drawn = picture(sketch.document(), [Problem("spec.steps[1].with", "Wrong.")])
    (frame,) = drawn.frames
    assert [one.id for one in drawn.boxes] == ["trigger", "kind", "meet"]
    assert (frame.id, frame.title, list(frame.steps), frame.problems) == ("group:group", "Both", ["first", "second"], 1)
    ways = {(one.source, one.target) for one in drawn.cables}
    assert ways == {("trigger", "kind"), ("kind", "group:group"), ("group:group", "meet"), ("kind", "meet")}


def test_two_states_are_drawn_as_one_with_what_is_new_other_and_gone():
    before = parse(SORTING)
    after = parse(SORTING.replace("id: second", "id: fresh").replace("[second,", "[fresh,").replace("a: 1", "a: 2"))
    found = both(before, after)
    assert found.steps == {"first": "changed", "fresh": "added", "meet": "changed", "second": "removed"}
    assert [step.id for step in found.document.spec.steps] == ["kind", "first", "second", "fresh", "meet"]
    assert found.ways == {"first second ": "removed", "second meet ": "removed", "fresh meet ": "added"}


@settings(max_examples=60)
@given(st.lists(st.tuples(st.sampled_from("tnmgurs"), st.integers(-(10**7), 10**7)), max_size=12))
def test_any_gestures_leave_a_drawing_that_can_be_read_again(gestures: list[tuple[str, int]]):
    document = parse(SORTING)
    for gesture, number in gestures:
        document = _sketched(document, gesture, number)
    assert parse(export(document)) == document
    assert {one.id for one in picture(document, (), folds=False).boxes} == {"trigger", *_steps(document)}
    assert document.spec == parse(SORTING).spec


def _sketched(document: RecipeDocument, gesture: str, number: int) -> RecipeDocument:
    sketch, canvas = Sketch(document), document.metadata.canvas
    step = [*_steps(document), "gone"][number % 5]
    acts: dict[str, Callable[[], object]] = {
        "t": sketch.tidy,
        "n": lambda: sketch.add_note(number, -number / 3, "x" * (number % 4000)),
        "m": lambda: sketch.stand({step: (number, number / 7)}),
        "g": lambda: sketch.group([step, "kind"], "Group"),
        "u": lambda: sketch.ungroup(list(canvas.groups)[:1]),
        "r": lambda: sketch.remove_notes(list(canvas.notes)[:1]),
        "s": lambda: _fold(sketch, list(canvas.groups), folded=number % 2 == 0),
    }
    acts[gesture]()
    return sketch.document()


def _steps(document: RecipeDocument) -> list[str]:
    return [step.id for step in document.spec.steps]


def _placed(document: RecipeDocument) -> RecipeDocument:
    """Return a recipe all of whose steps somebody placed."""
    sketch = Sketch(document)
    sketch.stand(picture(document, ()).places)
    return sketch.document()


def _drawn(document: str) -> Picture:
    return picture(parse(document), [])


def _overlap(one: Box, other: Box) -> bool:
    return one.y == other.y and abs(one.x - other.x) < WIDE + GAP / 2


def _fold(sketch: Sketch, groups: list[str], *, folded: bool) -> None:
    for group in groups:
        sketch.change_group(group, folded=folded)

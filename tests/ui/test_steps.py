"""Lanes of branches, places of problems, and the catalogue of messages."""

import ast
import string
from pathlib import Path

import pytest

from hub.recipes import parse, validate
from hub.text import MESSAGES, count, say
from tests.ui.documents import SORTING
from ui.recipes.examples import EXAMPLES, Example
from ui.recipes.palette import Offer, offers, with_step, with_trigger
from ui.recipes.places import line_of
from ui.recipes.steps import lanes_of

UI = Path(__file__).parents[2] / "ui"


def test_steps_lie_in_the_lane_of_their_case_and_meet_again_below():
    lanes, ordered, _ = lanes_of(parse(SORTING).spec.steps)
    assert [step.id for step in ordered] == ["kind", "first", "second", "meet"]
    assert lanes == {"kind": (), "first": (("kind", "big"),), "second": (("kind", "big"),), "meet": ()}


def test_a_case_that_leads_on_at_once_is_known_to_meet():
    _, _, ways = lanes_of(parse(SORTING).spec.steps)
    assert ((("kind", "rest"),), ()) in ways


@pytest.mark.parametrize(
    ("path", "line"),
    [
        ("metadata.name", 4),
        ("spec.trigger.uses", 6),
        ("spec.steps[0].with.cases.big", 11),
        ("spec.steps[2]", 14),
        ("spec.steps[2].nothing", 14),
        ("spec.steps[99]", 7),
        ("", None),
    ],
)
def test_a_problem_is_found_in_the_text(path: str, line: int | None):
    assert line_of(SORTING, path) == line


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example.key)
def test_every_starter_example_is_sound(example: Example):
    assert validate(parse(example.document)) == []
    assert example.title
    assert example.text


@pytest.mark.parametrize("offer", offers(triggers=False), ids=lambda offer: offer.uses)
def test_every_step_of_the_palette_makes_a_document_that_can_be_read(offer: Offer):
    text = with_step(parse(SORTING), offer, [])
    assert parse(text).spec.steps[-1].uses == offer.uses


@pytest.mark.parametrize("offer", offers(triggers=True), ids=lambda offer: offer.uses)
def test_every_trigger_of_the_palette_makes_a_sound_recipe(offer: Offer):
    document = parse(with_trigger(parse(SORTING), offer, []))
    problems = [problem for problem in validate(document) if problem.path.startswith("spec.trigger")]
    assert problems == []


def test_a_text_that_is_no_yaml_names_the_line_in_its_message():
    assert line_of("a: [", "", "This is not valid YAML: line 1, column 5: oh.") == 1
    assert line_of("a: [", "metadata.name") is None


def test_numbers_choose_their_words():
    assert count("runs.items", 1) == "1 item"
    assert count("runs.items", 1200) == "1,200 items"


@pytest.mark.parametrize("page", sorted(UI.rglob("*.py")), ids=lambda page: str(page.relative_to(UI)))
def test_every_message_that_a_page_says_is_in_the_catalogue(page: Path):
    missing = {key for key in _said(page) if key not in MESSAGES}
    assert missing == set()


def test_messages_take_their_values_by_name():
    fields = {
        field for text in MESSAGES.values() for _, field, _, _ in string.Formatter().parse(text) if field is not None
    }
    assert all(field.isidentifier() for field in fields)
    assert say("recipe.version", number=3) == "version 3"


def _said(page: Path) -> set[str]:
    """Return the keys that stand as plain words in calls of `say` and `count`."""
    calls = [node for node in ast.walk(ast.parse(page.read_text())) if isinstance(node, ast.Call) and node.args]
    named = [(call.func.id, call.args[0]) for call in calls if isinstance(call.func, ast.Name)]
    plain = [(word, key.value) for word, key in named if isinstance(key, ast.Constant) and isinstance(key.value, str)]
    return {key for word, key in plain if word == "say"} | {f"{key}.other" for word, key in plain if word == "count"}

"""Steps put in, taken out and led elsewhere: what runs after what, and that the rest of the text stays."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub import source
from hub.errors import InvalidError, Problem
from hub.recipes import RecipeDocument, export, parse
from hub.recipes.copying import copied
from hub.recipes.graph import Edge, draw
from hub.recipes.rewiring import Way, Wiring

HEAD = """
apiVersion: patchdeck/v1
kind: Recipe
metadata: {name: led}
spec:
  trigger: {uses: webhook.received}
  steps:
"""


def _joins(names: str) -> str:
    return "".join(f"    - {{id: {name}, uses: join}}\n" for name in names)


CHAIN = parse(HEAD + _joins("abc"))
BRANCH = parse(
    HEAD
    + """
    - {id: kind, uses: branch, with: {cases: {big: {all: []}}, else: rest}}
    - {id: first, uses: join, after: [{step: kind, case: big}], on_error: rescue}
    - {id: second, uses: join}
    - {id: rescue, uses: join, after: []}
    - {id: meet, uses: join, after: [second, {step: kind, case: rest}]}
"""
)
PART = {"uses": "set", "with": {"fields": {"x": 1}}}


@pytest.mark.parametrize(
    ("way", "order"),
    [
        (Way("trigger", "a"), {"set": [], "a": ["set"], "b": ["a"], "c": ["b"]}),
        (Way("a", "b"), {"a": [], "set": ["a"], "b": ["set"], "c": ["b"]}),
        (Way("c"), {"a": [], "b": ["a"], "c": ["b"], "set": ["c"]}),
        (Way("a"), {"a": [], "b": ["a"], "c": ["b"], "set": ["a"]}),
    ],
)
def test_a_step_is_put_into_a_way(way: Way, order: dict[str, list[str]]):
    wiring = Wiring(CHAIN)
    assert wiring.insert(PART, way) == "set"
    assert _before(wiring.document()) == order


def test_a_step_in_a_case_keeps_the_case_before_it():
    wiring = Wiring(BRANCH)
    wiring.insert(PART, Way("kind", "meet", case="rest"))
    edges = draw(wiring.document().spec.steps, []).edges
    assert edges["set"] == [Edge("kind", "rest")]
    assert edges["meet"] == [Edge("second"), Edge("set")]


def test_a_step_on_a_failure_catches_it_and_leads_on():
    wiring = Wiring(BRANCH)
    wiring.insert(PART, Way("first", "rescue", error=True))
    document = wiring.document()
    edges = draw(document.spec.steps, []).edges
    assert edges["set"] == [Edge("first", error=True)]
    assert edges["rescue"] == [Edge("set")]
    assert edges["second"] == [Edge("first")]


def test_what_came_after_a_removed_step_comes_after_what_was_before_it():
    wiring = Wiring(CHAIN)
    wiring.remove({"b"})
    assert _before(wiring.document()) == {"a": [], "c": ["a"]}
    assert "after" not in export(wiring.document())


def test_a_removed_step_in_a_case_leaves_the_case_to_what_follows():
    wiring = Wiring(BRANCH)
    wiring.remove({"first"})
    document = wiring.document()
    assert draw(document.spec.steps, []).edges["second"] == [Edge("kind", "big")]


def test_a_removed_catcher_leaves_its_failures_to_the_dead_letters():
    wiring = Wiring(BRANCH)
    wiring.remove({"rescue"})
    assert next(step for step in wiring.document().spec.steps if step.id == "first").on_error == "dead_letter"


def test_everything_can_be_removed():
    wiring = Wiring(BRANCH)
    wiring.remove({step.id for step in BRANCH.spec.steps})
    assert wiring.document().spec.steps == []


def test_ways_are_made_and_cut():
    wiring = Wiring(CHAIN)
    wiring.connect(Way("a", "c"))
    assert _before(wiring.document())["c"] == ["b", "a"]
    wiring.cut(Way("b", "c"))
    assert _before(wiring.document()) == {"a": [], "b": ["a"], "c": ["a"]}
    wiring.cut(Way("a", "c"))
    assert _before(wiring.document())["c"] == []


@pytest.mark.parametrize("way", [Way("c", "a"), Way("b", "b"), Way("c", "a", error=True)])
def test_a_circle_is_refused(way: Way):
    with pytest.raises(InvalidError, match="circle"):
        Wiring(CHAIN).connect(way)


def test_pasted_steps_get_free_names_in_templates_too():
    text = "- {id: b, uses: set, with: {fields: {x: 1}}}\n- {id: new, uses: set, with: {fields: {y: '{{ b.x }} b'}}}"
    wiring = Wiring(CHAIN)
    assert wiring.paste(text, Way("b", "c")) == ["b_2", "new"]
    document = wiring.document()
    assert _before(document) == {"a": [], "b": ["a"], "b_2": ["b"], "new": ["b_2"], "c": ["new"]}
    assert next(step for step in document.spec.steps if step.id == "new").settings == {"fields": {"y": "{{ b_2.x }} b"}}


def test_a_whole_recipe_can_be_pasted_with_its_branches():
    wiring = Wiring(CHAIN)
    wiring.paste(export(BRANCH), Way("c"))
    edges = draw(wiring.document().spec.steps, []).edges
    assert edges["kind"] == [Edge("c")]
    assert edges["meet"] == [Edge("second"), Edge("kind", "rest")]
    assert edges["rescue"] == [Edge("first", error=True)]


@pytest.mark.parametrize(
    "text",
    ["hello", "[]", "{}", "- 1", "- {id: x}", "a: [", "spec: 7", "- {id: x, uses: set, nonsense: 1}", "x" * 500_000],
)
def test_what_is_no_list_of_steps_is_refused_and_nothing_changes(text: str):
    wiring = Wiring(CHAIN)
    with pytest.raises(InvalidError):
        wiring.paste(text, Way("c"))
    assert wiring.document() == CHAIN


def test_steps_change_places():
    wiring = Wiring(CHAIN)
    wiring.move("b", up=True)
    assert export(wiring.document()) == export(parse(HEAD + _joins("bac")))
    wiring.move("b", up=False)
    assert wiring.document() == CHAIN


def test_a_step_moves_out_of_a_case_before_its_branch():
    wiring = Wiring(BRANCH)
    wiring.move("first", up=True)
    edges = draw(wiring.document().spec.steps, []).edges
    assert edges["first"] == []
    assert edges["kind"] == [Edge("first")]
    assert edges["second"] == [Edge("kind", "big")]


@pytest.mark.parametrize(
    ("step", "up"),
    [("kind", True), ("kind", False), ("meet", True), ("meet", False), ("rescue", True), ("gone", True)],
)
def test_a_step_that_has_no_place_to_move_to_is_refused(step: str, up: bool):
    with pytest.raises(InvalidError):
        Wiring(BRANCH).move(step, up=up)


def test_what_a_step_comes_after_is_said_anew():
    wiring = Wiring(BRANCH)
    wiring.lead("meet", [Edge("kind", "rest"), Edge("kind", "rest"), Edge("rescue")], on_error="continue")
    document = wiring.document()
    assert draw(document.spec.steps, []).edges["meet"] == [Edge("kind", "rest"), Edge("rescue")]
    assert document.spec.steps[-1].on_error == "continue"
    wiring.lead("meet", [], on_error="dead_letter")
    assert draw(wiring.document().spec.steps, []).edges["meet"] == []


def test_only_what_comes_before_or_beside_is_offered_to_come_after():
    assert Wiring(BRANCH).candidates("first") == ["kind"]
    with pytest.raises(InvalidError, match="circle"):
        Wiring(BRANCH).lead("kind", [Edge("meet")])


def test_a_removed_step_leaves_the_canvas():
    text = "metadata: {name: led, canvas: {places: {a: {x: 1, y: 2}, b: {x: 3, y: 4}}, groups: {g: {steps: [b]}}}}"
    wiring = Wiring(parse(export(CHAIN).replace("metadata:\n  name: led", text)))
    wiring.remove({"b"})
    canvas = wiring.document().metadata.canvas
    assert list(canvas.places) == ["a"]
    assert canvas.groups == {}


def test_copied_text_leaves_secrets_behind_and_nothing_else():
    headers = {"Authorization": "Bearer s3cr3t", "X-Api-Key": "s3cr3t", "Accept": "a/b", "Token": "{{ vars.x }}"}
    settings = {"url": "https://ann:s3cr3t@shop.example/x", "headers": headers, "clientSecret": ["s3cr3t"], "tokens": 7}
    text = copied({"id": "send", "uses": "http.send", "connection": "shop", "with": settings})
    assert "s3cr3t" not in text
    kept = {"Authorization": "", "X-Api-Key": "", "Accept": "a/b", "Token": "{{ vars.x }}"}
    bare = {"url": "https://shop.example/x", "headers": kept, "clientSecret": [""], "tokens": 7}
    assert source.read(text) == [{"id": "send", "uses": "http.send", "connection": "shop", "with": bare}]


@pytest.mark.parametrize(
    ("typed", "copy"),
    [
        ("https://a.example/x?api_key=s3cr3t&page=2", "https://a.example/x?api_key=&page=2"),
        ("https://a.example/{{ x }}?access_token=s3cr3t#top", "https://a.example/{{ x }}?access_token=#top"),
        ("https://a.example/x?token={{ vars.token }}&q={{ a | join: '&' }}", None),
        ("https://x.blob.example/a?sv=2024&X-Amz-Signature=s3cr3t", "https://x.blob.example/a?sv=2024&X-Amz-Signature="),
        ("https://f.example/api/go?code=s3cr3ts3cr3ts3cr3t==", "https://f.example/api/go?code="),
        ("https://f.example/list?code=DE&key=number&tokens=7", None),
        ("https://ann:s3cr3t@a.example/{{ item.id }}", "https://a.example/{{ item.id }}"),
        ("https://hooks.slack.com/services/T0/B0/s3cr3t", "https://hooks.slack.com/"),
        ("https://discord.com/api/webhooks/123/s3cr3t", "https://discord.com/api/webhooks/"),
        ("curl -H 'Authorization: Bearer s3cr3ts3cr3t' {{ x }}", "curl -H 'Authorization: Bearer ' {{ x }}"),
        ("Bearer {{ vars.token }}", None),
        ("use ghp_s3cr3ts3cr3ts3cr3t here", "use  here"),
        ("Dear {{ name }}, the basic price? a=b; Bearer bonds.", None),
    ],
)  # fmt: skip
def test_a_secret_within_a_copied_text_stays_behind(typed: str, copy: str | None):
    bare = typed if copy is None else copy
    assert source.read(copied({"id": "ask", "uses": "http.send", "with": {"url": typed}}))[0]["with"]["url"] == bare


def test_two_steps_of_one_name_are_refused():
    with pytest.raises(InvalidError, match="same id"):
        Wiring(parse(HEAD + "    - {id: a, uses: join}\n    - {id: a, uses: join}\n"))


def test_nothing_is_written_differently_when_nothing_changes():
    assert Wiring(BRANCH).document() == BRANCH


@given(st.lists(st.tuples(st.booleans(), st.integers(0, 9), st.integers(0, 9)), max_size=12))
def test_any_gestures_leave_a_recipe_without_circles_that_can_be_read_again(gestures: list[tuple[bool, int, int]]):
    document = CHAIN
    for adds, first, second in gestures:
        document = _after(document, adds, first, second)
    problems: list[Problem] = []
    draw(document.spec.steps, problems)
    assert problems == []
    assert parse(export(document)) == document


def _after(document: RecipeDocument, adds: bool, first: int, second: int) -> RecipeDocument:
    names = [step.id for step in document.spec.steps] or ["trigger"]
    source, target = names[first % len(names)], names[second % len(names)]
    wiring = Wiring(document)
    if adds:
        wiring.insert(PART, Way(source))
    elif first % 4 == 1 and len(draw(document.spec.steps, []).edges.get(source, [])) == 1:
        _moved(wiring, source)
    elif first % 3:
        wiring.remove({source} - {"trigger"})
    elif target not in {source, "trigger"} and source not in wiring._after(target):
        wiring.connect(Way(source, target, error=bool(second % 2)))
    return wiring.document()


def _moved(wiring: Wiring, step: str) -> None:
    with suppress(InvalidError):
        Wiring(wiring.document()).move(step, up=True)
        wiring.move(step, up=True)


def _before(document: RecipeDocument) -> dict[str, list[str]]:
    return {step: [edge.step for edge in edges] for step, edges in draw(document.spec.steps, []).edges.items()}

"""Forms drawn from structs: every setting of every part has a widget, and reading it back changes nothing."""

from __future__ import annotations

import typing
from collections.abc import Iterator, Mapping
from typing import Annotated, Any, Literal

import msgspec
import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as tried
from hypothesis import strategies as st
from nicegui import Client, ElementFilter, ui

from connectors.sdk import Settings, Shape, field
from connectors.sdk.describe import FieldDescription, FieldKind, describe, json_schema
from connectors.sdk.registry import registry
from hub.errors import InvalidError, Problem
from hub.recipes import BUILT_INS
from hub.recipes.conditions import ALONE, OPERATORS, compile_condition
from hub.runs.previews import KnownField, KnownFields, Source
from ui.form import Form
from ui.recipes.condition_form import draw_cases, draw_condition
from ui.recipes.fitting import fitting
from ui.recipes.mapping import map_same
from ui.recipes.palette import holds, offers, part_for
from ui.recipes.palette import settings_of as asked_by
from ui.recipes.repeat import EACH, ONCE, ROWS, turned


class Line(Settings):
    """One line of an order."""

    name: Annotated[str, field("Name")]
    amount: Annotated[int, field("Amount")] = 1


class Everything(Settings):
    """One of every kind, fixed and templated."""

    text: Annotated[str, field("Text")] = ""
    open_number: Annotated[int, field("Open number", templated=True)] = 0
    switch: Annotated[bool, field("Switch", templated=True)] = False
    one: Annotated[Literal["a", "b"], field("One", templated=True)] = "a"
    several: Annotated[tuple[Literal["x", "y", "z"], ...], field("Several")] = ()
    others: Annotated[list[str], field("Others", choices=("x", "y"))] = []
    long: Annotated[str, field("Length", shape=Shape.DURATION)] = ""
    due: Annotated[Any, field("Due", shape=Shape.MOMENT, templated=True)] = None
    lines: Annotated[list[Line], field("Lines")] = []
    inner: Annotated[Line | None, field("Inner")] = None
    only_b: Annotated[str, field("Only for b", when={"one": ("b",)})] = ""
    names: Annotated[dict[str, Any], field("Names", templated=True)] = {}


class Told(Settings):
    """Choices whose hints say what each means, or speak of them in another way."""

    each: Annotated[Literal["a", "b"], field("Each", hint="a: adds rows; b: changes them: all.")]
    together: Annotated[Literal["a", "b", "c"], field("Together", hint="a or b: the same; c: another")]
    one: Annotated[Literal["a", "b"], field("One", hint="b: only this one is told")]
    sentence: Annotated[Literal["a", "b"], field("Sentence", hint="a adds, b changes.")]
    stranger: Annotated[Literal["a", "b"], field("Stranger", hint="a: adds; z: is no choice")]


PARTS = {
    part.uses: part.settings
    for connector in registry().values()
    for part in (*connector.triggers.values(), *connector.lookups.values(), *connector.targets.values())
}
STRUCTS = {
    "everything": Everything,
    **PARTS,
    **{name: one.settings for name, one in BUILT_INS.items() if one.settings},
    **{f"{name} connection": one.connection for name, one in registry().items() if one.connection},
}
WORDS = st.text(st.characters(codec="utf-8", exclude_categories=("Cs", "Cc")), min_size=1, max_size=20)
NAMES = st.from_regex(r"[a-z][a-z ]{0,8}[a-z]", fullmatch=True)
TEMPLATES = st.sampled_from(["{{ trigger.body }}", "{{ a.b | upcase }} and more", "{% if a %}x{% endif %}"])
SCALARS = st.none() | st.booleans() | st.integers(-(2**40), 2**40) | st.floats(-1e6, 1e6, width=32) | WORDS | TEMPLATES
ANYTHING = st.recursive(SCALARS, lambda one: st.lists(one, max_size=3) | st.dictionaries(NAMES, one, max_size=3))


def values_of(described: FieldDescription) -> st.SearchStrategy[Any]:
    """Generate values that may stand in a recipe for a setting."""
    made: Mapping[FieldKind, st.SearchStrategy[Any]] = {
        FieldKind.NUMBER: st.integers(-(2**40), 2**40) | st.floats(-1e6, 1e6, width=32),
        FieldKind.BOOLEAN: st.booleans(),
        FieldKind.CHOICE: st.sampled_from([*described.choices, "unknown"]),
        FieldKind.CHOICES: st.lists(
            st.sampled_from(described.choices or ("x",)) | (WORDS if described.extends else st.nothing()), unique=True
        ),
        FieldKind.DURATION: st.sampled_from(["", "5m", "1h30m", "90s", "7d", "500ms", "{{ a }}", "soon"]),
        FieldKind.MOMENT: st.sampled_from(["2026-11-21", "2026-11-21T09:00:00Z", "{{ read.due }}", "now"]),
        FieldKind.LIST: st.lists(WORDS, max_size=4),
        FieldKind.MAPPING: st.dictionaries(NAMES, ANYTHING, max_size=4),
        FieldKind.GROUP: settings_of(described.fields),
        FieldKind.GROUPS: st.lists(settings_of(described.fields), max_size=3),
        FieldKind.ANY: ANYTHING,
        FieldKind.FILE: ANYTHING,
    }
    return made.get(described.kind, WORDS | st.just("")) | (TEMPLATES if described.templated else st.nothing())


def settings_of(fields: typing.Sequence[FieldDescription]) -> st.SearchStrategy[dict[str, Any]]:
    """Generate what may be given for some of the fields."""
    return st.fixed_dictionaries({}, optional={one.name: values_of(one) for one in fields})


@pytest.fixture
def drawn() -> Iterator[Client]:
    """Somewhere to draw without a browser."""
    client = Client(ui.page("/forms"), request=None)
    with client:
        yield client


@pytest.mark.parametrize("struct", STRUCTS.values(), ids=STRUCTS)
@tried(max_examples=8, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_reading_a_form_back_gives_what_was_put_in(drawn, struct, data):
    fields = [one for one in describe(struct) if one.kind is not FieldKind.SECRET]
    values = data.draw(settings_of(fields))
    form = Form(fields, values)
    form.draw()
    assert form.values() == values


LISTS = {"between", "in", "not_in"}
RIGHT = {name: [1, 2] if name in LISTS else "1" for name in OPERATORS if name not in ALONE}
SIDES = st.integers() | st.booleans() | WORDS | TEMPLATES
COMPARISONS = st.one_of(
    st.fixed_dictionaries({"left": SIDES, "is": st.sampled_from(sorted(ALONE))}),
    st.fixed_dictionaries({"left": SIDES, "is": st.just("between"), "right": st.lists(SIDES, min_size=2, max_size=2)}),
    st.fixed_dictionaries({"left": SIDES, "is": st.just("in"), "right": st.lists(SIDES, max_size=3) | TEMPLATES}),
    st.fixed_dictionaries({"left": SIDES, "is": st.just("matches"), "right": st.just("^A[0-9]+$")}),
    st.fixed_dictionaries(
        {"left": SIDES, "is": st.sampled_from(["equals", "greater", "before", "contains"]), "right": SIDES}
    ),
)
CONDITIONS = st.recursive(
    COMPARISONS,
    lambda one: st.dictionaries(
        st.sampled_from(["all", "any"]), st.lists(one, min_size=1, max_size=3), min_size=1, max_size=1
    ),
    max_leaves=8,
)


@tried(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(condition=CONDITIONS)
def test_reading_a_condition_back_gives_what_was_put_in(drawn, condition):
    assert draw_condition(condition)() == condition


@pytest.mark.parametrize(
    "condition",
    [{"all": [], "any": []}, {"left": 1, "is": "unheard"}, {"any": "x"}, {"all": [{"odd": 1}]}, {"left": 1, "more": 2}],
)
def test_what_is_no_condition_is_shown_as_text_and_kept(drawn, condition):
    assert draw_condition(condition)() == condition


def test_reading_cases_back_gives_what_was_put_in(drawn):
    cases = {"cases": {"big": {"all": [{"left": "{{ a }}", "is": "greater", "right": 1}]}}, "else": "other"}
    read, renamed = draw_cases(cases)
    assert read() == cases
    assert renamed() == {"big": "big", "other": "other"}


@pytest.mark.parametrize("operator", OPERATORS)
def test_every_operator_is_drawn_with_the_operands_it_takes(drawn, operator):
    problems: list[Problem] = []
    read = draw_condition({"left": "{{ trigger.body }}", "is": operator})()
    compile_condition(read | {"right": RIGHT[operator]} if operator in RIGHT else read, "with", problems)
    assert problems == []


def test_a_form_tells_what_cannot_be_read_and_shows_problems_at_their_field(drawn):
    fields = describe(Everything)
    form = Form(fields, {"names": {"a": 1}})
    form.draw()
    form.blame([Problem("settings.text", "Too long."), Problem("names.a", "Not this.")])
    told = [line.text for _, line in form.around._places if line.text]  # what the page shows
    assert told == ["Too long.", "Not this."]
    with pytest.raises(InvalidError, match="is not valid JSON"):
        _typed(fields, "due", "[1,").values()


def test_a_choice_decides_what_is_asked_for(drawn):
    hidden, shown, kept = ({"one": "a"}, {"one": "b", "only_b": "x"}, {"one": "a", "only_b": "left over"})
    assert [_visible(values, "only_b") for values in (hidden, shown, kept)] == [False, True, True]
    assert not _visible({"one": "a", "only_b": ""}, "only_b")


def test_a_list_with_choices_takes_several_and_others_only_where_there_may_be_more(drawn):
    given = {"several": ["x", "y"], "others": ["x", "seen nowhere"]}
    form = Form(describe(Everything), given)
    form.draw()
    assert form.values() == given
    found = {name: next(iter(ElementFilter(kind=ui.select, marker=f"field-{name}"))) for name in given}
    assert {name: one.props.get("new-value-mode") for name, one in found.items()} == {
        "several": None, "others": "add-unique"
    }  # fmt: skip
    schema = json_schema(Everything)["properties"]
    assert schema["several"]["items"] == {"type": "string", "enum": ["x", "y", "z"]}
    assert schema["others"]["items"] == {"type": "string", "examples": ["x", "y"]}


def test_a_step_goes_through_a_list_in_another_way():
    once = {"with": {"columns": {"a": '{{ read.lines | map: "amount" }}', "b": "{{ read.total }}"}}}
    rows = turned(once, ROWS, "columns", "read.lines")
    assert rows["with"] == {"columns": {"a": "{{ row.amount }}", "b": "{{ read.total }}"}, "rows": "{{ read.lines }}"}
    each = turned(rows, EACH, "columns")
    assert (each["each"], each["with"]["columns"]["a"]) == ("{{ read.lines }}", "{{ element.amount }}")
    assert turned(each, ONCE, "columns") == once


def test_what_a_hint_says_of_each_choice_is_told_with_it():
    each, together, one, sentence, stranger = (field.meanings for field in describe(Told))
    assert each == {"a": "Adds rows.", "b": "Changes them: all."}
    assert together == {"a": "The same.", "b": "The same.", "c": "Another."}
    assert one == {"b": "Only this one is told."}
    assert sentence == stranger == {}


def test_columns_are_mapped_by_the_names_of_fields():
    supplier = KnownField(
        name="supplier", template="", fields=[KnownField(name="name", template="{{ read.supplier.name }}")]
    )
    total = KnownField(name="total", template="{{ read.total }}")
    read = KnownField(name="read", template="{{ read }}", fields=[total, supplier])
    known = KnownFields(samples=(), sources=[Source(name="read", title="", state="", field=read)])
    found = map_same(["Total", "supplier_name", "other", "number"], ["number"], known)
    assert found == {"Total": "{{ read.total }}", "supplier_name": "{{ read.supplier.name }}"}


@pytest.mark.parametrize(
    ("brought", "uses", "begun"),
    [
        # A webhook whose body nobody has seen yet, one that has been heard, and a trigger that declares what it gives
        ({"body": []}, "dataset.write_rows", {"columns": {"number": "{{ trigger.body.number }}"}}),
        ({"body": ["sum"]}, "dataset.write_rows", {"columns": {"sum": "{{ trigger.body.sum }}"}}),
        ({"subject": [], "files": []}, "dataset.write_rows", {"columns": {"subject": "{{ trigger.subject }}"}}),
        ({"body": ["number"]}, "dedupe", {"key": "{{ trigger.body.number }}"}),
        ({"subject": []}, "dedupe", {}),
        ({"total": [], "supplier": []}, "approve", {"question": "Pay {{ trigger.total }} to {{ trigger.supplier }}?"}),
    ],
)
def test_a_new_step_begins_with_what_is_there_and_names_nothing_else(brought, uses, begun):
    fields = [
        _known(f"trigger.{name}", [_known(f"trigger.{name}.{one}") for one in names]) for name, names in brought.items()
    ]
    trigger = Source(name="trigger", title="", state="", field=_known("trigger", fields))
    offer = next(one for one in offers(triggers=False) if one.uses == uses)
    made = fitting(part_for(offer, ()), asked_by(offer), (), KnownFields(samples=(), sources=[trigger]))
    assert {name: value for name, value in made["with"].items() if name not in {"dataset", "mode"}} == begun
    asked = asked_by(offer)
    assert asked is not None
    assert holds(asked, made["with"]) == bool(begun)


def _known(path: str, fields: typing.Sequence[KnownField] = ()) -> KnownField:
    return KnownField(name=path.rpartition(".")[2], template=f"{{{{ {path} }}}}", fields=fields)


def _typed(fields: typing.Sequence[FieldDescription], name: str, text: str) -> Form:
    """Return a form in which somebody typed a text into a field of any shape."""
    form = Form(
        [msgspec.structs.replace(one, kind=FieldKind.ANY, templated=False) for one in fields if one.name == name], {}
    )
    form.draw()
    list(ElementFilter(kind=ui.textarea, marker=f"field-{name}"))[-1].set_value(text)
    return form


def _visible(values: Mapping[str, Any], name: str) -> bool:
    form = Form(describe(Everything), values)
    form.draw()
    return bool(form._boxes[name].visible)  # what the page shows

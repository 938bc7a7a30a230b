"""Forms drawn from structs: every setting of every part has a widget, and reading it back changes nothing."""

from __future__ import annotations

import typing
from collections.abc import Iterator, Mapping
from typing import Annotated, Any, Literal

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as tried
from hypothesis import strategies as st
from nicegui import Client, ui

from connectors.sdk import Settings, Shape, field
from connectors.sdk.describe import FieldDescription, FieldKind, describe
from connectors.sdk.registry import registry
from hub.errors import InvalidError, Problem
from hub.recipes import BUILT_INS
from ui.form import Form


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
    long: Annotated[str, field("Length", shape=Shape.DURATION)] = ""
    due: Annotated[Any, field("Due", shape=Shape.MOMENT, templated=True)] = None
    lines: Annotated[list[Line], field("Lines")] = []
    inner: Annotated[Line | None, field("Inner")] = None
    only_b: Annotated[str, field("Only for b", when={"one": ("b",)})] = ""
    names: Annotated[dict[str, Any], field("Names", templated=True)] = {}


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
        FieldKind.CHOICES: st.lists(st.sampled_from(described.choices or ("x",)), unique=True),
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
@tried(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_reading_a_form_back_gives_what_was_put_in(drawn, struct, data):
    fields = [one for one in describe(struct) if one.kind is not FieldKind.SECRET]
    values = data.draw(settings_of(fields))
    form = Form(fields, values)
    form.draw()
    assert form.values() == values

"""Templates that go through a list, turned from the whole list to one element and back."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.recipes.lists import by_element, path_of, whole

NAMES = st.from_regex(r"[a-z][a-z0-9_]{0,6}|[a-z]+ [a-z]+", fullmatch=True)


@pytest.mark.parametrize(
    ("listed", "element"),
    [
        ('{{ read.lines | map: "amount" }}', "{{ row.amount }}"),
        ('{{ read.lines | map: "tax" | map: "rate" }}', "{{ row.tax.rate }}"),
        ('{{ read.lines | map: "odd name" | join: ", " }}', '{{ row["odd name"] | join: ", " }}'),
        ('x {{ read.lines | map: "a" }} y {{ read.lines | map: "b" }}', "x {{ row.a }} y {{ row.b }}"),
        ('{{ read.lines_of | map: "a" }}', '{{ read.lines_of | map: "a" }}'),
        ("{{ read.lines | size }}", "{{ read.lines | size }}"),
    ],
)
def test_a_field_of_all_elements_becomes_one_of_the_element_at_hand_and_back(listed, element):
    assert by_element({"a": [listed]}, "read.lines", "row") == {"a": [element]}
    assert whole([element], "read.lines", "row") == [listed]


@given(st.lists(NAMES, min_size=1, max_size=3))
def test_there_and_back_again_is_the_same(inner):
    text = "{{ trigger.body.lines" + "".join(f' | map: "{one}"' for one in inner) + " }}"
    there = by_element(text, "trigger.body.lines", "line")
    assert " | map" not in there
    assert whole(there, "trigger.body.lines", "line") == text


@pytest.mark.parametrize(
    ("value", "path"),
    [
        ("{{ read.lines }}", "read.lines"), ("{{read.lines}}", "read.lines"), ("{{ read.lines | first }}", ""),
        ("{{ a }} {{ b }}", ""), ("lines", ""), (None, ""), ([1], ""), ('{{ a["odd name"].b }}', 'a["odd name"].b'),
    ],
)  # fmt: skip
def test_a_value_that_is_nothing_but_a_path_is_recognised(value, path):
    assert path_of(value) == path

"""Settings out of plain values: what a text takes besides texts, and what it refuses."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Annotated, Any

import msgspec
import pytest

from connectors.sdk import Settings, fill
from connectors.sdk.settings import Secret, field
from hub.recipes.templates import compile_value

MOMENT = datetime(2026, 3, 4, 5, 6, 7, tzinfo=UTC)


class Mail(Settings):
    """Settings in which a text stands alone, beside nothing, in a list, in a map and in a group."""

    subject: Annotated[str, field("Subject", templated=True)] = ""
    reply: Annotated[str | None, field("Reply")] = None
    short: Annotated[Annotated[str, msgspec.Meta(max_length=3)], field("Short")] = ""
    to: Annotated[list[str], field("To")] = []
    headers: Annotated[Mapping[str, str], field("Headers")] = {}
    count: Annotated[int, field("Count")] = 0
    either: Annotated[str | int, field("Either")] = ""
    record: Annotated[Mapping[str, Any], field("Record")] = {}
    password: Annotated[Secret | None, field("Password")] = None
    inner: Annotated[Mail | None, field("Inner")] = None


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (17, "17"),
        (12.5, "12.5"),
        (True, "true"),
        (False, "false"),
        (2**70, str(2**70)),
        (MOMENT, "2026-03-04T05:06:07Z"),
        (date(2026, 3, 4), "2026-03-04"),
    ],
)
def test_a_text_takes_numbers_truth_values_and_moments(value, text):
    made = fill(Mail, {"subject": value, "reply": value, "to": [value, "x"], "headers": {"a": value}})
    assert (made.subject, made.reply, made.to, made.headers) == (text, text, [text, "x"], {"a": text})
    assert fill(Mail, {"inner": {"subject": value}}).inner == Mail(subject=text)


def test_what_one_expression_gives_fills_a_text():
    rendered = compile_value({"subject": "{{ trigger.number }}"}).render({"trigger": {"number": 17}})
    assert fill(Mail, rendered).subject == "17"


def test_what_takes_a_number_keeps_it():
    made = fill(Mail, {"subject": 1, "count": 2, "either": 3, "record": {"a": 4}})
    assert (made.count, made.either, made.record) == (2, 3, {"a": 4})


@pytest.mark.parametrize(
    ("values", "path"),
    [
        ({"subject": ["a"]}, "$.subject"),
        ({"subject": {"a": 1}}, "$.subject"),
        ({"subject": None}, "$.subject"),
        ({"to": [["a"]]}, r"$.to\[0\]"),
        ({"to": 5}, "$.to"),
        ({"short": 12345}, "$.short"),
        ({"subject": 5, "count": "many"}, "$.count"),
        ({"subject": 5, "unknown": 1}, "unknown"),
        ({"password": 5}, "$.password"),
    ],
)
def test_all_else_stays_refused_where_it_stands(values, path):
    with pytest.raises(msgspec.ValidationError, match=path.replace("$", r"\$")):
        fill(Mail, values)

"""Numbers in every usual way of writing."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.extraction.values.numbers import decimal_mark, find_numbers, parse_number


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("1.200,00", "1200.00"),
        ("1,200.00", "1200.00"),
        ("1 200,00", "1200.00"),
        ("1\u00a0200,00", "1200.00"),
        ("1\u202f200,00", "1200.00"),
        ("1'200.00", "1200.00"),
        ("1’200.–", "1200"),
        ("50.-", "50"),
        ("1,20,000.00", "120000.00"),
        ("12.500.000", "12500000"),
        ("1.200", "1200"),
        ("0,500", "0.500"),
        ("12,5", "12.5"),
        ("1234567.89", "1234567.89"),
        ("-5,00", "-5.00"),
        ("−5,00", "-5.00"),
        ("100,00-", "-100.00"),
        ("(12.00)", "-12.00"),
        ("7", "7"),
    ],
)
def test_reads_a_number_as_it_is_written(written, value):
    assert parse_number(written) == Decimal(value)


@pytest.mark.parametrize("written", ["", "INV-17", "12x", "1.2.3.4", "1.234.56", "10.00%", "2026-03-05", "€5"])
def test_refuses_what_is_more_or_less_than_a_number(written):
    assert parse_number(written) is None


@pytest.mark.parametrize(("mark", "value"), [(",", "1200"), (".", "1.200"), (None, "1200")])
def test_the_document_decides_what_can_be_read_in_two_ways(mark, value):
    assert parse_number("1.200", mark) == Decimal(value)


@pytest.mark.parametrize(
    ("text", "mark"),
    [("Sum 1.200,00 and 3,50", ","), ("Sum 1,200.00 and 3.50", "."), ("1.200 and 1,200", None), ("no numbers", None)],
)
def test_tells_the_decimal_mark_of_a_document(text, mark):
    assert decimal_mark(text) == mark


@pytest.mark.parametrize(
    "written", ["123456789012345678901234567890", "99999999999999999999.00", "-18446744073709551617"]
)
def test_more_digits_than_can_be_kept_are_no_number(written):
    assert parse_number(written) is None


def test_finds_numbers_where_they_stand():
    text = "2 pieces at € 1.250,00 each"
    assert [text[one.start : one.end] for one in find_numbers(text, ",")] == ["2", "1.250,00"]


_STYLES = st.sampled_from([(",", "."), (".", ","), ("'", "."), (" ", ","), ("\u202f", ","), ("", "."), ("", ",")])


@given(st.integers(0, 10**12), st.integers(0, 99), _STYLES)
def test_reads_back_any_amount_in_any_style(whole, cents, style):
    group, mark = style
    written = f"{whole:,}".replace(",", group) + f"{mark}{cents:02}"
    assert parse_number(written) == Decimal(f"{whole}.{cents:02}")


@given(st.text(max_size=60))
def test_never_fails_and_only_finds_what_is_there(text):
    assert all(0 <= one.start < one.end <= len(text) for one in find_numbers(text))

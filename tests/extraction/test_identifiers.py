"""Accounts, tax numbers, currencies and ways to reach people."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.extraction.values.currencies import find_currencies, home_currency, parse_currency
from hub.extraction.values.identifiers import (
    find_emails,
    find_ibans,
    find_phones,
    find_tax_ids,
    find_urls,
    find_vat_ids,
    is_iban,
)


@pytest.mark.parametrize(
    "written",
    [
        "DE89 3704 0044 0532 0130 00",
        "GB33BUKB20201555555555",
        "FR14 2004 1010 0505 0001 3M02 606",
        "CH9300762011623852957",
    ],
)
def test_knows_an_account_by_its_checksum(written):
    assert is_iban(written)


@pytest.mark.parametrize(
    "written", ["DE88370400440532013000", "DE8937040044053201300", "XX89370400440532013000", "", "DE"]
)
def test_refuses_an_account_with_a_wrong_checksum_length_or_country(written):
    assert not is_iban(written)


def test_finds_an_account_between_other_words():
    text = "IBAN: DE89 3704 0044 0532 0130 00 BIC COBADEFFXXX"
    assert [one.value for one in find_ibans(text)] == ["DE89370400440532013000"]


@given(st.integers(0, 10**18 - 1))
def test_any_german_account_with_computed_digits_is_found(number):
    body = f"{number:018}"
    check = 98 - int(body + "131400") % 97
    assert [one.value for one in find_ibans(f"an {'DE'}{check:02}{body}.")] == [f"DE{check:02}{body}"]


@pytest.mark.parametrize(
    "written",
    ["DE123456789", "ATU12345678", "FR 40 303 265 045", "GB 417 2093 55", "CHE-114.392.887 MWST", "NL812345678B01"],
)
def test_finds_european_tax_numbers(written):
    assert [one.value for one in find_vat_ids(f"VAT {written}, thank you")] == [written]


@pytest.mark.parametrize("written", ["84-1234567", "143/123/12345", "51 824 753 556"])
def test_finds_other_tax_numbers_where_a_label_announces_them(written):
    assert [one.value for one in find_tax_ids(written)] == [written]


@pytest.mark.parametrize(
    ("written", "code"),
    [
        ("118,00 €", "EUR"),
        ("CHF 1'200", "CHF"),
        ("US$ 5", "USD"),
        ("£5", "GBP"),
        ("5 zł", "PLN"),
        ("Total (GBP)", "GBP"),
        ("in Schweizer Franken", "CHF"),
        ("₹ 12", "INR"),
        ("5USD", "USD"),
    ],
)
def test_reads_a_currency(written, code):
    assert parse_currency(written) == code


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("Total $5. Toronto, Ontario, HST", "CAD"),
        ("Summa 5 kr, moms 25%", "SEK"),
        ("Total AUD $5", "AUD"),
        ("Total $5", "USD"),
    ],
)
def test_the_document_tells_what_a_bare_symbol_means(text, code):
    assert {one.value for one in find_currencies(text, home_currency(text))} == {code}


def test_a_crown_without_a_country_is_no_currency():
    assert find_currencies("5 kr") == []


def test_finds_ways_to_reach_people():
    text = "Ann, ann.lee+x@mail.example.org, +44 161 496 0123, www.ann.example/cv. Born 05.03.2026"
    found = [[one.value for one in find(text)] for find in (find_emails, find_phones, find_urls)]
    assert found == [["ann.lee+x@mail.example.org"], ["+44 161 496 0123"], ["www.ann.example/cv"]]

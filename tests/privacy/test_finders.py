"""Personal data found by what its checksums and registers confirm, and nothing else."""

from __future__ import annotations

import time
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.privacy.checksums import luhn
from hub.privacy.finders import Kind, apart, find
from hub.privacy.finders import Spot as At
from hub.privacy.policy import VALIDATED

FOUND = [
    ("IBAN DE89 3704 0044 0532 0130 00 please", Kind.IBAN, "DE89 3704 0044 0532 0130 00"),
    ("IBAN: GB29NWBK60161331926819.", Kind.IBAN, "GB29NWBK60161331926819"),
    ("card 4111 1111 1111 1111, exp 12/28", Kind.CARD, "4111 1111 1111 1111"),
    ("Karte 5500-0000-0000-0004", Kind.CARD, "5500-0000-0000-0004"),
    ("amex 378282246310005", Kind.CARD, "378282246310005"),
    ("USt-IdNr. DE136695976", Kind.VAT_ID, "DE136695976"),
    ("TVA FR40303265045", Kind.VAT_ID, "FR40303265045"),
    ("P.IVA IT00743110157", Kind.VAT_ID, "IT00743110157"),
    ("UID ATU13585627", Kind.VAT_ID, "ATU13585627"),
    ("write to anna.berg+bills@mail.example.org today", Kind.EMAIL, "anna.berg+bills@mail.example.org"),
    ("Tel. +49 30 901820", Kind.PHONE, "+49 30 901820"),
    ("call +1 650-253-0000 now", Kind.PHONE, "+1 650-253-0000"),
    ("téléphone +33 1 42 68 53 00", Kind.PHONE, "+33 1 42 68 53 00"),
    ("Steuer-ID 86 095 742 719", Kind.NATIONAL_ID, "86 095 742 719"),
    ("PESEL 44051401359", Kind.NATIONAL_ID, "44051401359"),
    ("CPF 529.982.247-25", Kind.NATIONAL_ID, "529.982.247-25"),
    ("DNI 12345678Z", Kind.NATIONAL_ID, "12345678Z"),
    ("NIE X1234567L", Kind.NATIONAL_ID, "X1234567L"),
    ("BSN 111222333", Kind.NATIONAL_ID, "111222333"),
    ("NI number QQ 12 34 56 C is no number, AB 12 34 56 C is", Kind.NATIONAL_ID, "AB 12 34 56 C"),
    ("NIR 2 55 08 14 168 025 38", Kind.NATIONAL_ID, "2 55 08 14 168 025 38"),
    ("CF RSSMRA85T10A562S", Kind.NATIONAL_ID, "RSSMRA85T10A562S"),
    ("personnummer 811218-9876", Kind.NATIONAL_ID, "811218-9876"),
    ("AHV 756.9217.0769.85", Kind.NATIONAL_ID, "756.9217.0769.85"),
    ("Rijksregister 85.07.30-033.28", Kind.NATIONAL_ID, "85.07.30-033.28"),
    ("SSN: 078-05-1120", Kind.NATIONAL_ID, "078-05-1120"),
]
NOT = [
    "IBAN DE89 3704 0044 0532 0130 01",
    "order 4111 1111 1111 1112",
    "VAT DE136695977",
    "Total 1.234.567,89 EUR on 2026-05-03 and 03.05.2026",
    "Invoice 2026-000123, customer 100200300",
    "PESEL 44051401358",
    "078-05-1120",
    "ISBN 978-3-16-148410-0",
    "192.168.100.200 and 10.0.0.1",
]


@pytest.mark.parametrize(("text", "kind", "value"), FOUND)
def test_finds_what_its_validator_confirms(text: str, kind: Kind, value: str):
    found = [(spot.kind, text[spot.start : spot.end]) for spot in find(text, VALIDATED)]
    assert found == [(kind, value)]


@pytest.mark.parametrize("text", NOT)
def test_finds_nothing_in_other_numbers(text: str):
    assert find(text, VALIDATED) == []


def test_looks_only_for_the_kinds_that_are_wanted():
    text = "anna@mail.example and DE89370400440532013000"
    assert [spot.kind for spot in find(text, [Kind.EMAIL])] == [Kind.EMAIL]


def test_a_number_without_a_country_is_read_as_of_the_language():
    text = "Telefon: 030 901820-0"
    assert [spot.kind for spot in find(text, [Kind.PHONE], "de")] == [Kind.PHONE]


@pytest.mark.parametrize("language", ["de", "en", "fr", "it"])
@pytest.mark.parametrize("text", ["am 03.05.2026 und 2026-05-03", "Rechnung 2026-001, 1.235,00 EUR", "10115 Berlin"])
def test_dates_and_amounts_are_no_telephone_numbers(text: str, language: str):
    assert find(text, [Kind.PHONE], language) == []


def test_of_those_that_overlap_the_longer_stays():
    spots = [At(Kind.PHONE, 5, 9), At(Kind.IBAN, 0, 22), At(Kind.EMAIL, 30, 40)]
    assert [spot.kind for spot in apart(spots)] == [Kind.IBAN, Kind.EMAIL]


def test_a_number_behind_a_long_table_is_found():
    text = "Item 12.345 and 2026-05-03 at 1.235,00\n" * 2_000 + "Tel. +49 30 901820"
    assert [spot.kind for spot in find(text, [Kind.PHONE], "de")] == [Kind.PHONE]


@given(st.text(max_size=300))
def test_any_text_can_be_searched(text: str):
    spots = find(text, VALIDATED)
    assert all(0 <= spot.start < spot.end <= len(text) for spot in spots)
    assert all(before.end <= after.start for before, after in pairwise(spots))


@given(st.integers(0, 10**15))
def test_a_changed_digit_breaks_the_sum(number: int):
    digits = str(number)
    check = next(str(digit) for digit in range(10) if luhn(digits + str(digit)))
    assert not luhn(digits + str((int(check) + 1) % 10))


@pytest.mark.parametrize("piece", ["1 ", "DE89 ", "+49", "a@", "1.", "A1", "4111-", "@.", "(0"])
def test_long_nonsense_takes_no_long_time(piece: str):
    before = time.process_time()
    find(piece * 20_000, VALIDATED)
    assert time.process_time() - before < 15

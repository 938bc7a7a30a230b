"""What recognition takes for something else is put right where a type says so, and nowhere else."""

import pytest

from hub.extraction.readers.confusions import put_right
from hub.extraction.readers.tesseract import Seen


def _line(text: str, gap: float = 6.0) -> list[Seen]:
    words, left = [], 0.0
    for word in text.split():
        right = left + 6.0 * len(word)
        words.append(Seen(word, (left, 0.0, right, 10.0), 0.9, 1))
        left = right + gap
    return words


def _read(text: str, gap: float = 6.0) -> str:
    return " ".join(word.text for word in put_right(_line(text, gap)))


@pytest.mark.parametrize(
    ("read", "meant"),
    [
        ("Total 1.2O0,00 EUR", "Total 1.200,00 EUR"),
        ("€l2,5O", "€12,50"),
        ("5S.00", "55.00"),
        ("am O5.02.2026", "am 05.02.2026"),
        ("2026-O5-l7", "2026-05-17"),
        ("DE29876S432", "DE298765432"),
        ("ATU6677889g", "ATU6677889g"),
        ("IBAN DE89 37O4 0O44 0532 0l30 00", "IBAN DE89 3704 0044 0532 0130 00"),
        ("IBAN DE893704004405320I3000", "IBAN DE89370400440532013000"),
        ("le ler septembre 2026", "le 1er septembre 2026"),
    ],
)
def test_puts_right_what_a_type_proves(read: str, meant: str) -> None:
    assert _read(read) == meant


@pytest.mark.parametrize(
    "text",
    [
        "SOS OIL BO.OO",
        "S0.1",
        "lO 5B Zl0",
        "39.O2.2026",
        "Servo actuator type O14",
        "FR14 2004 1010 0505 0001 3M02 606",
        "DE89 3704 0044 0532 0131 OO",
        "ler dans la rue",
        "12, 50",
    ],
)
def test_leaves_everything_else_as_it_was_read(text: str) -> None:
    assert _read(text) == text


def test_puts_decimals_to_the_number_they_stand_at() -> None:
    assert _read("1.392, 60 EUR", gap=3.0) == "1.392,60 EUR"


def test_trusts_less_what_was_put_right() -> None:
    (word,) = put_right(_line("1.2O0,00"))
    assert word.confidence == pytest.approx(0.72)

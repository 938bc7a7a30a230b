"""Numbers that name a person or an account, told from other digits by their checksums."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

_CARD_LENGTHS = {"2": (16,), "3": (14, 15), "4": (13, 16, 19), "5": (16,), "6": (16, 17, 18, 19)}
_DNI = "TRWAGMYFPDXBNJZSQVHLCKE"
# What a letter or digit at an odd place of a codice fiscale counts.
_ODD = (1, 0, 5, 7, 9, 13, 15, 17, 19, 21, 2, 4, 18, 20, 11, 3, 6, 8, 12, 14, 16, 10, 22, 25, 24, 23)
_CODICE_ODD = dict(zip("0123456789", _ODD, strict=False)) | dict(zip("ABCDEFGHIJKLMNOPQRSTUVWXYZ", _ODD, strict=True))


def luhn(digits: str) -> bool:
    """Tell whether the last digit is the one that payment cards and many registers add."""
    doubled = [int(digit) * (2 if place % 2 else 1) for place, digit in enumerate(reversed(digits))]
    return sum(value - 9 if value > 9 else value for value in doubled) % 10 == 0


def is_card(digits: str) -> bool:
    """Tell whether digits are a payment card's: a known first digit, its length, the right sum."""
    return len(digits) in _CARD_LENGTHS.get(digits[0], ()) and len(set(digits)) > 1 and luhn(digits)


def is_vat_id(compact: str) -> bool:
    """Tell whether a VAT id's checksum is right; countries whose sum we do not know pass by their form."""
    check = _VAT.get(compact[:2])
    return check is None or check(compact[2:])


def is_national_id(compact: str) -> bool:
    """Tell whether letters and digits are a person's number in one of the countries we know."""
    kinds = _BY_LENGTH.get(len(compact), ())
    return any(check(compact) for check in kinds)


def _german_vat(digits: str) -> bool:
    return len(digits) == 9 and digits.isdigit() and _mod_11_10(digits)


def _mod_11_10(digits: str) -> bool:
    """ISO 7064, mod 11,10: Germany's tax and VAT numbers, Croatia's OIB."""
    product = 10
    for digit in digits[:-1]:
        total = (int(digit) + product) % 10 or 10
        product = total * 2 % 11
    return (11 - product) % 10 == int(digits[-1])


def _french_vat(rest: str) -> bool:
    if len(rest) != 11 or not rest.isdigit():
        return len(rest) == 11
    return int(rest[:2]) == (12 + 3 * (int(rest[2:]) % 97)) % 97


def _italian_vat(rest: str) -> bool:
    return len(rest) == 11 and rest.isdigit() and luhn(rest)


def _austrian_vat(rest: str) -> bool:
    digits = rest[1:]
    if len(digits) != 8 or not digits.isdigit():
        return False
    total = sum(
        (int(one) * 2 // 10 + int(one) * 2 % 10) if place % 2 else int(one) for place, one in enumerate(digits[:7])
    )
    return (96 - total) % 10 == int(digits[7])


def _belgian_vat(rest: str) -> bool:
    digits = rest.zfill(10)
    return digits.isdigit() and 97 - int(digits[:8]) % 97 == int(digits[8:])


def _polish_vat(rest: str) -> bool:
    return len(rest) == 10 and rest.isdigit() and _weighted(rest, (6, 5, 7, 2, 3, 4, 5, 6, 7)) % 11 == int(rest[9])


def _german_tax(compact: str) -> bool:
    """The Steuer-ID: among its first ten digits one stands two or three times."""
    if not compact.isdigit() or compact[0] == "0":
        return False
    most = max(compact[:10].count(digit) for digit in compact[:10])
    return most in {2, 3} and _mod_11_10(compact)


def _polish(compact: str) -> bool:
    if not compact.isdigit() or not _is_day(compact[4:6], str(int(compact[2:4]) % 20).zfill(2)):
        return False
    return (10 - _weighted(compact, (1, 3, 7, 9, 1, 3, 7, 9, 1, 3)) % 10) % 10 == int(compact[10])


def _brazilian(compact: str) -> bool:
    if not compact.isdigit() or len(set(compact)) == 1:
        return False
    first = _weighted(compact, range(10, 1, -1)) * 10 % 11 % 10
    return first == int(compact[9]) and _weighted(compact, range(11, 1, -1)) * 10 % 11 % 10 == int(compact[10])


def _belgian(compact: str) -> bool:
    if not compact.isdigit() or not _is_day(compact[4:6], compact[2:4]):
        return False
    return int(compact[9:]) in {97 - int(century + compact[:9]) % 97 for century in ("", "2")}


def _spanish(compact: str) -> bool:
    digits = str("XYZ".find(compact[0])) + compact[1:8] if compact[0] in "XYZ" else compact[:8]
    return digits.isdigit() and compact[8] == _DNI[int(digits) % 23]


def _dutch(compact: str) -> bool:
    if not compact.isdigit() or compact.startswith("00"):
        return False
    return _weighted(compact, (9, 8, 7, 6, 5, 4, 3, 2, -1)) % 11 == 0


def _british(compact: str) -> bool:
    """A National Insurance number has no checksum but a narrow form."""
    letters = compact[:2] + compact[8:]
    wrong = (
        compact[0] in "DFIQUV" or compact[1] in "DFIQUVO" or compact[:2] in {"BG", "GB", "KN", "NK", "NT", "TN", "ZZ"}
    )
    return letters.isalpha() and compact[2:8].isdigit() and compact[8] in "ABCD" and not wrong


def _french(compact: str) -> bool:
    digits = compact.replace("2A", "19").replace("2B", "18")
    if not digits.isdigit() or digits[0] not in "12":
        return False
    return 97 - int(digits[:13]) % 97 == int(digits[13:])


def _italian(compact: str) -> bool:
    letters = compact[:6] + compact[8] + compact[11] + compact[15]
    if not letters.isalpha() or compact[8] not in "ABCDEHLMPRST" or not compact.isascii() or not compact.isalnum():
        return False
    total = sum(
        _CODICE_ODD[one] if place % 2 == 0 else (int(one) if one.isdigit() else ord(one) - 65)
        for place, one in enumerate(compact[:15])
    )
    return chr(65 + total % 26) == compact[15]


def _swedish(compact: str) -> bool:
    digits = compact[-10:]
    return compact.isdigit() and _is_day(digits[4:6], digits[2:4]) and luhn(digits)


def _swiss(compact: str) -> bool:
    if not compact.isdigit() or not compact.startswith("756"):
        return False
    return (10 - _weighted(compact, (1, 3) * 6) % 10) % 10 == int(compact[12])


def _weighted(digits: str, weights: tuple[int, ...] | range) -> int:
    return sum(int(digit) * weight for digit, weight in zip(digits, weights, strict=False))


def _is_day(day: str, month: str) -> bool:
    try:
        date(2000, int(month), int(day))
    except ValueError:
        return False
    return True


_VAT: dict[str, Callable[[str], bool]] = {
    "AT": _austrian_vat,
    "BE": _belgian_vat,
    "DE": _german_vat,
    "FR": _french_vat,
    "IT": _italian_vat,
    "PL": _polish_vat,
}
# Countries whose numbers have so many letters and digits.
_BY_LENGTH: dict[int, tuple[Callable[[str], bool], ...]] = {
    9: (_spanish, _dutch, _british),
    10: (_swedish,),
    11: (_german_tax, _polish, _brazilian, _belgian),
    12: (_swedish,),
    13: (_swiss,),
    15: (_french,),
    16: (_italian,),
}

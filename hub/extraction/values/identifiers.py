"""Identifiers with a form of their own: IBAN, tax numbers, mail addresses, telephone numbers, web addresses."""

from __future__ import annotations

import re

from hub.extraction.values.found import Found

IBAN_LENGTHS = {
    "AD": 24, "AE": 23, "AL": 28, "AT": 20, "AZ": 28, "BA": 20, "BE": 16, "BG": 22, "BH": 22, "BR": 29, "BY": 28,
    "CH": 21,
    "CR": 22, "CY": 28, "CZ": 24, "DE": 22, "DK": 18, "DO": 28, "EE": 20, "EG": 29, "ES": 24, "FI": 18, "FO": 18,
    "FR": 27,
    "GB": 22, "GE": 22, "GI": 23, "GL": 18, "GR": 27, "GT": 28, "HR": 21, "HU": 28, "IE": 22, "IL": 23, "IQ": 23,
    "IS": 26,
    "IT": 27, "JO": 30, "KW": 30, "KZ": 20, "LB": 28, "LI": 21, "LT": 20, "LU": 20, "LV": 21, "LY": 25, "MC": 27,
    "MD": 24,
    "ME": 22, "MK": 19, "MR": 27, "MT": 31, "MU": 30, "NL": 18, "NO": 15, "PK": 24, "PL": 28, "PS": 29, "PT": 25,
    "QA": 29,
    "RO": 24, "RS": 22, "SA": 24, "SC": 31, "SE": 24, "SI": 19, "SK": 24, "SM": 27, "ST": 25, "SV": 28, "TL": 23,
    "TN": 24,
    "TR": 26, "UA": 29, "VA": 22, "VG": 24, "XK": 20,
}  # fmt: skip
_IBAN = re.compile(r"(?<![A-Z0-9])[A-Z]{2}\d{2}(?:[ \u00a0\u202f.-]?[A-Z0-9]){11,30}", re.IGNORECASE)
_VAT_FORMS = (
    r"ATU\d{8}", r"BE[ .]?[01]?\d{3}[ .]?\d{3}[ .]?\d{3}", r"BG\d{9,10}",
    r"CHE[- ]?\d{3}[. ]?\d{3}[. ]?\d{3}(?: ?(?:MWST|TVA|IVA))?",
    r"CY\d{8}[A-Z]", r"CZ\d{8,10}", r"DE ?\d{3} ?\d{3} ?\d{3}", r"DK ?\d{2} ?\d{2} ?\d{2} ?\d{2}", r"EE\d{9}",
    r"EL\d{9}",
    r"ES ?[A-Z0-9]\d{7}[A-Z0-9]", r"FI\d{8}", r"FR ?[A-Z0-9]{2} ?\d{3} ?\d{3} ?\d{3}",
    r"GB ?\d{3} ?\d{4} ?\d{2}(?: ?\d{3})?",
    r"HR\d{11}", r"HU\d{8}", r"IE\d[A-Z0-9+*]\d{5}[A-Z]{1,2}", r"IT ?\d{11}", r"LT\d{9}(?:\d{3})?", r"LU ?\d{8}",
    r"LV\d{11}",
    r"MT\d{8}", r"NL ?\d{9} ?B ?\d{2}", r"NO ?\d{3} ?\d{3} ?\d{3} ?MVA", r"PL ?\d{10}", r"PT ?\d{9}", r"RO\d{2,10}",
    r"SE ?\d{10} ?01", r"SI\d{8}", r"SK\d{10}", r"XI\d{9}",
)  # fmt: skip
_VAT = re.compile(r"(?<![A-Z0-9])(?:" + "|".join(_VAT_FORMS) + r")(?![A-Z0-9])")
_OTHER_TAX = re.compile(
    r"(?<![\w/-])(?:\d{2}-\d{7}|\d{2,3}/\d{3,4}/\d{4,5}|\d{2} \d{3} \d{3} \d{3}|\d{3}[- ]\d{3}[- ]\d{2}[- ]\d{2}"
    r"|\d{9}\s?RT\s?\d{4}|[A-Z]-?\d{7,8}|\d{2}[A-Z]{5}\d{4}[A-Z]\d[A-Z\d]{2}"
    r"|(?:[A-Z]{1,3}[- ]?)?\d[\d .-]{5,16}\d[A-Z]?)(?![\w/-])"
)
_EMAIL = re.compile(r"(?<![\w.+-])[\w.+-]+@[\w-]+(?:\.[\w-]+)*\.[^\W\d_]{2,}(?![\w-])")
_PHONE = re.compile(r"(?<![\w/.,-])(?:\+|00)?\(?\d[\d\u00a0 ()/.-]{5,20}\d(?![\w/-])")
_URL = re.compile(
    r"(?<![\w@./-])(?:https?://[^\s<>\"')\]]+|www\.[\w-]+(?:\.[\w-]+)+(?:/[^\s<>\"')\]]*)?)", re.IGNORECASE
)
_DATE_LIKE = re.compile(r"\d{1,4}([./-])\d{1,2}\1\d{1,4}")


def find_ibans(text: str) -> list[Found[str]]:
    """Find account numbers whose length and checksum are right, written without spaces in the value."""
    found = []
    for match in _IBAN.finditer(text):
        kept = _longest_iban(match[0])
        if kept:
            found.append(Found(match.start(), match.start() + len(kept[0]), kept[1]))
    return found


def is_iban(text: str) -> bool:
    """Tell whether country, length and ISO 7064 checksum of an account number are right."""
    compact = _compact(text)
    if IBAN_LENGTHS.get(compact[:2]) != len(compact) or not compact.isalnum() or not compact.isascii():
        return False
    digits = "".join(str(int(letter, 36)) for letter in compact[4:] + compact[:4])
    return int(digits) % 97 == 1


def find_vat_ids(text: str) -> list[Found[str]]:
    """Find value-added-tax ids of European form; they need no label to be known."""
    ibans = find_ibans(text)
    return [
        Found(m.start(), m.end(), m[0])
        for m in _VAT.finditer(text)
        if not any(iban.start < m.end() and m.start() < iban.end for iban in ibans)
    ]


def find_tax_ids(text: str) -> list[Found[str]]:
    """Find what may be a tax number where a label has announced one."""
    found = find_vat_ids(text)
    for match in _OTHER_TAX.finditer(text):
        if all(match.end() <= one.start or match.start() >= one.end for one in found):
            found.append(Found(match.start(), match.end(), match[0].strip()))
    return sorted(found, key=lambda one: one.start)


def find_emails(text: str) -> list[Found[str]]:
    """Find mail addresses."""
    return [Found(m.start(), m.end(), m[0]) for m in _EMAIL.finditer(text)]


def find_urls(text: str) -> list[Found[str]]:
    """Find web addresses, without the full stop that ends a sentence."""
    found = []
    for match in _URL.finditer(text):
        kept = match[0].rstrip(".,;:")
        found.append(Found(match.start(), match.start() + len(kept), kept))
    return found


def find_phones(text: str) -> list[Found[str]]:
    """Find telephone numbers of 7 to 15 digits; dates are none."""
    found = []
    for match in _PHONE.finditer(text):
        digits = sum(letter.isdigit() for letter in match[0])
        if 7 <= digits <= 15 and not _DATE_LIKE.fullmatch(match[0].strip()):
            found.append(Found(match.start(), match.end(), match[0].strip()))
    return found


def _longest_iban(written: str) -> tuple[str, str] | None:
    length = IBAN_LENGTHS.get(written[:2].upper())
    if length is None:
        return None
    taken = 0
    for position, letter in enumerate(written):
        taken += letter.isalnum()
        if taken == length:
            kept = written[: position + 1]
            rest = written[position + 1 : position + 2]
            return (kept, _compact(kept)) if is_iban(kept) and not rest.isalnum() else None
    return None


def _compact(text: str) -> str:
    return re.sub(r"[\s.-]", "", text).upper()

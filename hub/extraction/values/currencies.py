"""Currencies by ISO code, symbol and name."""

from __future__ import annotations

import re
from collections import Counter

from hub.extraction.values.found import Found

_LISTED_CODES = """
AED ARS AUD BDT BGN BHD BRL CAD CHF CLP CNY COP CRC CZK DKK DOP DZD EGP EUR GBP GEL GHS HKD HRK HUF IDR ILS
INR ISK JOD JPY KES KRW KWD KZT LBP LKR MAD MDL MKD MUR MXN MYR NGN NOK NZD OMR PEN PHP PKR PLN QAR RON RSD
RUB SAR SEK SGD THB TND TRY TWD TZS UAH UGX USD UYU VND XAF XOF ZAR
"""
_CODES = frozenset(_LISTED_CODES.split())
_SYMBOLS = {
    "US$": "USD", "USD$": "USD", "CA$": "CAD", "C$": "CAD", "CAD$": "CAD", "A$": "AUD", "AU$": "AUD", "NZ$": "NZD",
    "HK$": "HKD", "S$": "SGD", "NT$": "TWD", "MX$": "MXN", "R$": "BRL", "€": "EUR", "£": "GBP", "$": "USD", "¥": "JPY",
    "￥": "JPY", "円": "JPY", "元": "CNY", "₹": "INR", "₽": "RUB", "₺": "TRY", "₩": "KRW", "₪": "ILS", "₴": "UAH",
    "₫": "VND", "₦": "NGN",
    "₱": "PHP", "฿": "THB", "zł": "PLN", "zl": "PLN", "руб.": "RUB", "руб": "RUB", "грн": "UAH", "TL": "TRY",
    "원": "KRW",
    "Kč": "CZK", "Ft": "HUF", "lei": "RON", "лв": "BGN",
    "SFr.": "CHF", "SFr": "CHF", "sFr.": "CHF", "Fr.": "CHF", "Rs.": "INR", "RM": "MYR",
}  # fmt: skip
_NAMES = {
    "euro": "EUR", "euros": "EUR", "us dollar": "USD", "us dollars": "USD", "dollars": "USD", "dollar": "USD",
    "pound sterling": "GBP", "pounds sterling": "GBP", "pounds": "GBP", "swiss francs": "CHF", "swiss franc": "CHF",
    "schweizer franken": "CHF", "franken": "CHF", "francs suisses": "CHF", "yen": "JPY", "swedish kronor": "SEK",
    "danish kroner": "DKK", "norwegian kroner": "NOK", "canadian dollars": "CAD", "australian dollars": "AUD",
    "złoty": "PLN", "zloty": "PLN", "rupees": "INR",
}  # fmt: skip
_BY_LENGTH = sorted([*_SYMBOLS, "kr.", "kr", "Kr"], key=len, reverse=True)
_CURRENCY = re.compile(
    r"(?<![^\W\d_])(?P<code>" + "|".join(sorted(_CODES)) + r")(?![^\W\d_])"
    r"|(?P<symbol>"
    + "|".join(re.escape(s) if not s[0].isalpha() else rf"(?<![^\W\d_]){re.escape(s)}" for s in _BY_LENGTH)
    + r")"
    r"(?![^\W\d_])"
)
_NAME = re.compile(
    r"(?<!\w)(" + "|".join(sorted(map(re.escape, _NAMES), key=len, reverse=True)) + r")(?!\w)", re.IGNORECASE
)
_CROWNS = {"SEK": ("sweden", "sverige", "moms", "bankgiro", "org.nr"), "NOK": ("norway", "norge", "mva", "orgnr"),
           "DKK": ("denmark", "danmark", "cvr")}  # fmt: skip
_DOLLARS = {"CAD": ("canada", "gst/hst", "hst", "québec", "ontario"), "AUD": ("australia", "abn"),
            "NZD": ("new zealand",), "SGD": ("singapore",), "HKD": ("hong kong",), "MXN": ("méxico",
            "mexico")}  # fmt: skip


def find_currencies(text: str, home: str | None = None) -> list[Found[str]]:
    """Find codes, symbols and names; `home` says what a bare $ or kr means in this document."""
    found = []
    for match in _CURRENCY.finditer(text):
        code = match["code"] or _of_symbol(match["symbol"], home)
        if code:
            found.append(Found(match.start(), match.end(), code))
    found += [Found(m.start(), m.end(), _NAMES[m[1].lower()]) for m in _NAME.finditer(text)]
    return sorted(found, key=lambda one: one.start)


def parse_currency(text: str, home: str | None = None) -> str | None:
    """Read the one currency a text names."""
    codes = {one.value for one in find_currencies(text, home)}
    return codes.pop() if len(codes) == 1 else None


def home_currency(text: str) -> str | None:
    """Tell what a bare $ or kr stands for: a code in the text first, then the country it speaks of."""
    codes = Counter(match["code"] for match in _CURRENCY.finditer(text) if match["code"])
    family = _CROWNS if re.search(r"(?<!\w)kr\.?(?!\w)", text, re.IGNORECASE) else _DOLLARS
    named = [code for code, _ in codes.most_common() if code in family or code == "USD"]
    if named:
        return named[0]
    lower = text.lower()
    for code, words in family.items():
        if any(re.search(rf"(?<!\w){re.escape(word)}(?!\w)", lower) for word in words):
            return code
    return None


def _of_symbol(symbol: str, home: str | None) -> str | None:
    if symbol in {"kr", "kr.", "Kr"}:
        return home if home in _CROWNS else None
    if symbol == "$" and home in _DOLLARS:
        return home
    return _SYMBOLS[symbol]

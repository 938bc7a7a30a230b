"""Electronic invoices: UN/CEFACT CII (Factur-X, ZUGFeRD, XRechnung) and UBL, as values of the `invoice` schema."""

import re
from collections.abc import Iterator
from datetime import date
from decimal import Decimal, InvalidOperation

import msgspec

from hub.extraction.readers.markup import Element, local_name, parse_xml
from hub.extraction.reading import EmbeddedValue
from hub.extraction.stated.invoice_paths import CII, UBL, Dialect

DIALECTS = {"CrossIndustryInvoice": CII, "CrossIndustryDocument": CII, "Invoice": UBL, "CreditNote": UBL}
MONEY = frozenset({"net", "tax", "total"})
NUMBERS = frozenset({"quantity", "unit_price", "tax_rate", "amount"})
DATES = frozenset({"issue_date", "due_date"})
LINES = 10_000
LARGEST = Decimal(10) ** 15
# The commonest codes of UN/ECE recommendation 20, as people write them.
UNITS = {
    "C62": "pcs", "H87": "pcs", "EA": "pcs", "HUR": "h", "MIN": "min", "DAY": "day", "WEE": "week", "MON": "month",
    "ANN": "year", "KGM": "kg", "GRM": "g", "TNE": "t", "LTR": "l", "MTR": "m", "KMT": "km", "MTK": "m²", "MTQ": "m³",
    "KWH": "kWh", "SET": "set", "P1": "%", "LS": "flat",
}  # fmt: skip
Found = tuple[Element, str]


def invoice_values(content: bytes) -> tuple[EmbeddedValue, ...]:
    """The values that the XML states, each with the element it stands in; none when it is no invoice we know."""
    root = parse_xml(content, "The embedded invoice")
    dialect = DIALECTS.get(local_name(root))
    return tuple(_values(root, dialect)) if dialect else ()


def _values(root: Element, dialect: Dialect) -> Iterator[EmbeddedValue]:
    top = (root, "/" + local_name(root))
    currency = next(iter(_find(top, dialect.fields["currency"])), None)
    code = (currency[0].text or "").strip() if currency else ""
    for field, paths in dialect.fields.items():
        found = _find(top, paths)
        if field in MONEY:
            found = [one for one in found if one[0].get("currencyID", code) == code] or found
        yield from _value(field, found)
    for party, paths in dialect.parties.items():
        for place in _find(top, paths)[:1]:
            yield from _party(party, place, dialect)
    for number, line in enumerate(_find(top, dialect.lines)[:LINES]):
        yield from _line(f"lines[{number}]", line, dialect)


def _party(party: str, place: Found, dialect: Dialect) -> Iterator[EmbeddedValue]:
    yield from _value(f"{party}.name", _find(place, dialect.name))
    numbers = _find(place, dialect.tax_id)
    yield from _value(f"{party}.tax_id", [one for one in numbers if one[0].get("schemeID") == "VA"] or numbers)
    rows = [[_text(part) for path in row for part in _find(place, path)[:1]] for row in dialect.address]
    address = ", ".join(filter(None, (" ".join(filter(None, row)) for row in rows)))
    if address:
        selector = _find(place, dialect.address_place)[0][1]
        yield EmbeddedValue(path=f"{party}.address", value=address, text=address, selector=selector)


def _line(path: str, place: Found, dialect: Dialect) -> Iterator[EmbeddedValue]:
    for field, paths in dialect.line.items():
        found = _find(place, paths)
        if field == "unit_price":
            yield from _unit_price(path, place, found, dialect)
        else:
            yield from _value(f"{path}.{field}", found)
        if field == "quantity" and found and (unit := found[0][0].get("unitCode")):
            selector = found[0][1] + "/@unitCode"
            yield EmbeddedValue(path=f"{path}.unit", value=UNITS.get(unit, unit), text=unit, selector=selector)


def _unit_price(path: str, place: Found, found: list[Found], dialect: Dialect) -> Iterator[EmbeddedValue]:
    """The price of one, where the invoice may state that of a hundred."""
    each = [_number(_text(one)) for one in _find(place, dialect.price_of)[:1]]
    for value in _value(f"{path}.unit_price", found):
        price = _number(value.text)
        if each and each[0] and price is not None:
            yield msgspec.structs.replace(value, value=float(price / each[0]))
        else:
            yield value


def _value(path: str, found: list[Found]) -> Iterator[EmbeddedValue]:
    """The first element that has a value of the field's kind."""
    field = path.rpartition(".")[2]
    for element, selector in found:
        text = _text((element, selector))
        value: str | float | None = text
        if field in MONEY or field in NUMBERS:
            number = _number(text)
            value = None if number is None else float(number)
        elif field in DATES:
            value = _date(text)
        elif field == "iban":
            value = "".join(text.split())
        if value not in (None, ""):
            yield EmbeddedValue(path=path, value=value, text=text, selector=selector)
            return


def _find(place: Found, paths: str) -> list[Found]:
    """The elements at the first of the paths ("A/B, A/C|D") that leads anywhere; "C|D" is either name."""
    for path in paths.split(", "):
        found = [place]
        for step in path.split("/"):
            names = step.split("|")
            found = [child for parent in found for child in _children(parent, names)]
        if found:
            return found
    return []


def _children(parent: Found, names: list[str]) -> Iterator[Found]:
    element, selector = parent
    same: dict[str, int] = {}
    for child in element:
        name = local_name(child)
        same[name] = same.get(name, 0) + 1
        if name in names:
            yield child, f"{selector}/{name}" + (f"[{same[name]}]" if same[name] > 1 else "")


def _text(found: Found) -> str:
    return " ".join((found[0].text or "").split())


def _number(text: str) -> Decimal | None:
    try:
        number = Decimal(text)
    except InvalidOperation:
        return None
    return number if number.is_finite() and abs(number) < LARGEST else None


def _date(text: str) -> str | None:
    digits = re.match(r"(\d{4})-?(\d\d)-?(\d\d)", text)
    try:
        return date(*map(int, digits.groups())).isoformat() if digits else None
    except ValueError:
        return None

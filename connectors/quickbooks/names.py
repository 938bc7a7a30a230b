"""What people call things, such as an account or an item, as the references that QuickBooks wants."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import msgspec

from connectors.quickbooks.query import MOST_NAMES, Found, among, ask, ask_all, select
from connectors.sdk import Context, SettingsError

_NAME: Mapping[str, str] = {
    "Account": "Name",
    "Item": "Name",
    "TaxCode": "Name",
    "Term": "Name",
    "Vendor": "DisplayName",
    "Customer": "DisplayName",
}
_FULL_NAME = "FullyQualifiedName"
# These stand below others, and their full name tells below which
_NESTED = frozenset({"Account", "Item", "Customer"})
# What else people have for them; accounts cannot be asked for by their number
_ALSO: Mapping[str, str] = {"Account": "AcctNum", "Item": "Sku", "Vendor": "CompanyName", "Customer": "CompanyName"}
_NOT_ASKED = frozenset({"Account"})
_WORDS = {"Account": "account", "Item": "product or service", "TaxCode": "tax code", "Term": "terms"}
# In the United States a line is taxed or not, and these two codes are in no list
_AMERICAN = frozenset({"TAX", "NON"})


class Reference(msgspec.Struct, frozen=True):
    """A thing by its id, and by its name as QuickBooks writes it."""

    id: str
    name: str

    @property
    def body(self) -> dict[str, str]:
        """How it is written in a record."""
        return {"value": self.id}


async def references(context: Context[Any, Any], thing: str, names: Iterable[str]) -> dict[str, Reference]:
    """Return the things of these names, in one question or a few; SettingsError for one that is not there."""
    wanted = list(dict.fromkeys(name.strip() for name in names if name.strip()))
    found = await found_of(context, thing, wanted)
    missing = [name for name in wanted if name not in found]
    if missing:
        raise SettingsError(
            f"QuickBooks has no active {word(thing)} {missing[0][:100]!r}. Write it as the list in QuickBooks shows it."
        )
    return found


async def found_of(context: Context[Any, Any], thing: str, names: Sequence[str]) -> dict[str, Reference]:
    """Return those things of these names that are there: by name, else by number, code or company."""
    found = {name: Reference(name.upper(), name.upper()) for name in names if _is_american(thing, name)}
    left = [name for name in names if name not in found]
    own = [name.rpartition(":")[2].strip() for name in left] if thing in _NESTED else []
    rows = await _among(context, thing, _NAME[thing], [*left, *own])
    for field in (_FULL_NAME, _NAME[thing]):
        found |= _matched(thing, field, [name for name in left if name not in found], rows)
    left = [name for name in left if name not in found]
    if left and thing in _ALSO:
        every = [row async for page in ask_all(context, thing, []) for row in page] if thing in _NOT_ASKED else None
        rows = await _among(context, thing, _ALSO[thing], left) if every is None else every
        found |= _matched(thing, _ALSO[thing], left, rows)
    return found


async def names_of(context: Context[Any, Any], thing: str) -> list[str]:
    """Return the names of all active things of a kind, for people to choose from."""
    names = [_shown(thing, one) async for page in ask_all(context, thing, []) for one in page]
    return sorted(filter(None, names), key=str.casefold)


def word(thing: str) -> str:
    """Return what people call such a thing."""
    return _WORDS.get(thing, thing.lower())


async def _among(context: Context[Any, Any], thing: str, field: str, names: Iterable[str]) -> list[Found]:
    wanted = list(dict.fromkeys(names))
    parts = [wanted[start : start + MOST_NAMES] for start in range(0, len(wanted), MOST_NAMES)]
    return [row for part in parts for row in await ask(context, thing, select(thing, [among(field, part)]))]


def _matched(thing: str, field: str, names: Sequence[str], rows: Sequence[Found]) -> dict[str, Reference]:
    by_name: dict[str, dict[str, Found]] = {}
    for row in rows:
        by_name.setdefault(str(row.get(field) or "").casefold(), {})[str(row["Id"])] = row
    found: dict[str, Reference] = {}
    for name in names:
        several = by_name.get(name.casefold(), {})
        if len(several) > 1:
            raise SettingsError(
                f"QuickBooks has several of {word(thing)} {name[:100]!r}. Write the full name, such as Travel:Meals."
            )
        for identity, row in several.items():
            found[name] = Reference(identity, _shown(thing, row))
    return found


def _shown(thing: str, found: Found) -> str:
    full = found.get(_FULL_NAME) if thing in _NESTED else None
    return str(full or found.get(_NAME[thing]) or "")


def _is_american(thing: str, name: str) -> bool:
    return thing == "TaxCode" and name.upper() in _AMERICAN

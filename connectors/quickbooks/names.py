"""What people call things, such as an account or an item, as the references that QuickBooks wants."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import msgspec

from connectors.quickbooks.query import MOST_NAMES, Found, among, ask, ask_all, select
from connectors.sdk import Context, SettingsError

# By which fields a thing is looked for, the surest first; whoever has a number may write the number
_BY: Mapping[str, Sequence[str]] = {
    "Account": ("FullyQualifiedName", "AcctNum", "Name"),
    "Item": ("FullyQualifiedName", "Sku", "Name"),
    "TaxCode": ("Name",),
    "Term": ("Name",),
    "Vendor": ("DisplayName", "CompanyName"),
    "Customer": ("DisplayName", "FullyQualifiedName", "CompanyName"),
}
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
    """Return those things of these names that are there."""
    found = {name: Reference(name.upper(), name.upper()) for name in names if _is_american(thing, name)}
    for field in _BY[thing]:
        left = [name for name in names if name not in found]
        for start in range(0, len(left), MOST_NAMES):
            part = left[start : start + MOST_NAMES]
            rows = await ask(context, thing, select(thing, [among(field, part)]))
            found |= _matched(thing, field, part, rows)
    return found


async def names_of(context: Context[Any, Any], thing: str) -> list[str]:
    """Return the names of all active things of a kind, for people to choose from."""
    names = [_name(thing, one) async for page in ask_all(context, thing, []) for one in page]
    return sorted(filter(None, names), key=str.casefold)


def word(thing: str) -> str:
    """Return what people call such a thing."""
    return _WORDS.get(thing, thing.lower())


def _matched(thing: str, field: str, names: Sequence[str], rows: Sequence[Found]) -> dict[str, Reference]:
    by_name: dict[str, list[Found]] = {}
    for row in rows:
        by_name.setdefault(str(row.get(field) or "").casefold(), []).append(row)
    found: dict[str, Reference] = {}
    for name in names:
        several = by_name.get(name.casefold(), [])
        if len(several) > 1:
            raise SettingsError(
                f"QuickBooks has several of {word(thing)} {name[:100]!r}. Write the full name, such as Travel:Meals."
            )
        if several:
            found[name] = Reference(str(several[0]["Id"]), _name(thing, several[0]))
    return found


def _name(thing: str, found: Found) -> str:
    return str(found.get(_BY[thing][0]) or found.get("Name") or "")


def _is_american(thing: str, name: str) -> bool:
    return thing == "TaxCode" and name.upper() in _AMERICAN

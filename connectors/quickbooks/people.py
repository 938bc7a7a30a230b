"""Customers and vendors as they are written: by their fields, one by one or in batches."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from connectors.quickbooks.query import Found, condition, select
from connectors.quickbooks.records import Records
from connectors.quickbooks.sending import Operation, Sender
from connectors.sdk import Context, SettingsError
from connectors.sdk.records.entries import Entry

_NAMES = ("DisplayName", "CompanyName", "Title", "GivenName", "MiddleName", "FamilyName", "Suffix", "PrintOnCheckName")
# Where the value of a field stands inside it
_INNER = {
    "PrimaryEmailAddr": "Address",
    "PrimaryPhone": "FreeFormNumber",
    "AlternatePhone": "FreeFormNumber",
    "Mobile": "FreeFormNumber",
    "Fax": "FreeFormNumber",
    "WebAddr": "URI",
    "CurrencyRef": "value",
}
_ADDRESS = ("Line1", "Line2", "Line3", "City", "CountrySubDivisionCode", "PostalCode", "Country")
_TRUTHS = frozenset({"Taxable", "Vendor1099"})
_WORDS = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}
_LONGEST = {"Title": 16, "Suffix": 16, "AcctNum": 100}
_LONGEST_NAME = 100
FIELDS: Mapping[str, Sequence[str]] = {
    "Customer": (
        *_NAMES,
        *_INNER,
        *(f"BillAddr.{part}" for part in _ADDRESS),
        *(f"ShipAddr.{part}" for part in _ADDRESS),
        *("Notes", "Taxable", "ResaleNum"),
    ),
    "Vendor": (*_NAMES, *_INNER, *(f"BillAddr.{part}" for part in _ADDRESS), "AcctNum", "Vendor1099"),
}


class People:
    """All customers or vendors: the connector's entries for writing.

    What was read is remembered for the length of one call, as each change must name the version that it changes.
    """

    mark = ""

    def __init__(self, context: Context[Any, Any], thing: str, send: Sender) -> None:
        self.kind = thing.lower()
        self._context = context
        self._thing = thing
        self._send = send
        self._known: dict[str, Found] = {}

    async def search(self, where: Mapping[str, Any], limit: int) -> Sequence[Entry]:
        """Return those whose fields have these values."""
        return await Records(self._context, self._thing).search(where, limit)

    async def keyed(self, name: str, value: Any) -> Sequence[Entry]:
        """Return those with a value, two at most; the inactive do not count."""
        return await self._asked(condition(name, self.plain({name: value})[name]), most=2)

    async def entry(self, identity: str) -> Entry | None:
        """Return one, None when it is gone or inactive."""
        found = await self._asked(condition("Id", identity), most=1)
        return found[0] if found else None

    async def create(self, values: Mapping[str, Any]) -> Entry:
        """Add one; QuickBooks refuses a name that is there."""
        return await self._write("create", _nested(self.plain(values), {}, empty=False))

    async def change(self, identity: str, values: Mapping[str, Any]) -> Entry:
        """Set fields of one as it was read; StaleError when somebody was faster."""
        standing = await self._standing(identity)
        return await self._write("update", {**_version(standing), **_nested(self.plain(values), standing, empty=True)})

    async def remove(self, identity: str) -> None:
        """Make one inactive; QuickBooks deletes none."""
        standing = await self._standing(identity)
        await self._write("update", {**_version(standing), "Active": False})

    def plain(self, values: Mapping[str, Any]) -> dict[str, Any]:
        """Return values as they are kept: texts, truths, and '' for nothing."""
        takes = FIELDS[self._thing]
        absent = [name for name in values if name not in takes]
        if absent:
            raise SettingsError(
                f"QuickBooks takes no field {', '.join(absent)} of a {self.kind}. It takes {', '.join(takes)}."
            )
        return {name: _plain(name, value) for name, value in values.items()}

    async def _asked(self, wanted: str, most: int) -> list[Entry]:
        statement = select(self._thing, [wanted], most=most)
        found = await self._send(Operation(does="query", thing=self._thing, statement=statement))
        return [self._entry(one) for one in found]

    async def _standing(self, identity: str) -> Found:
        if identity not in self._known and await self.entry(identity) is None:
            raise SettingsError(f"The {self.kind} is gone from QuickBooks, or inactive.")
        return self._known[identity]

    async def _write(self, does: Any, body: Mapping[str, Any]) -> Entry:
        [found] = await self._send(Operation(does=does, thing=self._thing, body=body))
        return self._entry(found)

    def _entry(self, found: Found) -> Entry:
        identity = str(found["Id"])
        self._known[identity] = found
        read = Records(self._context, self._thing).entry(found)
        values = {name: _plain(name, _held(found, name)) for name in FIELDS[self._thing]}
        return msgspec.structs.replace(read, values=values)


def _version(standing: Found) -> dict[str, Any]:
    return {"Id": str(standing["Id"]), "SyncToken": str(standing.get("SyncToken", "0")), "sparse": True}


def _held(found: Found, name: str) -> Any:
    """Return the value of a field, wherever in it that stands."""
    outer, _, part = name.partition(".")
    inner = part or _INNER.get(name, "")
    value = found.get(outer)
    return (value.get(inner) if isinstance(value, Mapping) else None) if inner else value


def _nested(values: Mapping[str, Any], standing: Found, *, empty: bool) -> dict[str, Any]:
    """Return values as QuickBooks has them; an address goes whole, as its parts cannot be set one by one."""
    body: dict[str, Any] = {}
    for name, value in values.items():
        outer, _, part = name.partition(".")
        inner = part or _INNER.get(name, "")
        if value == "" and (not empty or name in _TRUTHS):
            continue
        if not inner:
            body[name] = value
            continue
        held = standing.get(outer)
        beside = dict(held) if part and isinstance(held, Mapping) else {}
        body[outer] = {**beside, **body.get(outer, {}), inner: value}
    return body


def _plain(name: str, value: Any) -> Any:
    if name in _TRUTHS:
        return _truth(name, value)
    if isinstance(value, (Mapping, list, tuple)):
        raise SettingsError(f"The value of {name} must be a text, not a list or a mapping.")
    text = "" if value is None else str(value).strip()
    most = _LONGEST.get(name, _LONGEST_NAME if name in _NAMES else 0)
    if most and len(text) > most:
        raise SettingsError(f"{name} can have {most} characters; {text[:30]!r} and so on has {len(text)}.")
    if name == "DisplayName" and ":" in text:
        raise SettingsError("A DisplayName cannot have a colon; QuickBooks writes it between a customer and its jobs.")
    return text


def _truth(name: str, value: Any) -> bool | str:
    text = str("" if value is None else value).strip().lower()
    if text and text not in _WORDS:
        raise SettingsError(f"{name} is true or false, not {text[:30]!r}.")
    return _WORDS.get(text, "")

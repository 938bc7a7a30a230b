"""Contacts and invoices of an organisation: followed by the time of their last change; contacts also written."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from connectors.sdk import Context, SettingsError, TemporaryError
from connectors.sdk.cursors.following import At
from connectors.sdk.network.http import Options
from connectors.sdk.records.entries import Entry
from connectors.xero.connection import Connection, call

PAGE = 100
WRITABLE = (
    *("Name", "FirstName", "LastName", "EmailAddress", "ContactNumber", "AccountNumber", "TaxNumber", "Website"),
    "BankAccountDetails",
)
_KINDS = {"Contacts": ("ContactID", "Name", "ContactStatus"), "Invoices": ("InvoiceID", "InvoiceNumber", "Status")}
_DATE = re.compile(r"/Date\((-?\d{1,30})(?:[+-]\d{4})?\)/")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_NAME = re.compile(r"[A-Za-z]+(\.[A-Za-z]+)*")
_GUID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")


class Records:
    """All contacts or invoices of one organisation: the connector's entries and their timeline."""

    mark = ""

    def __init__(self, context: Context[Connection, Any], tenant: str, thing: str = "Contacts") -> None:
        self._context = context
        self._tenant = tenant
        self._thing = thing
        self._id, self._title, self._status = _KINDS[thing]
        self.kind = thing.removesuffix("s").lower()

    async def search(self, where: Mapping[str, Any], limit: int) -> Sequence[Entry]:
        """Return the records whose fields have these values."""
        condition = " AND ".join(_condition(name, value) for name, value in where.items())
        params = {"where": condition, "order": self._id} if condition else {"order": self._id}
        found: list[Entry] = []
        page = 1
        while len(found) <= limit:
            records = await self._listed({**params, "page": str(page)}, {})
            found += records
            page += 1
            if len(records) < PAGE:
                break
        return found

    async def keyed(self, name: str, value: Any) -> Sequence[Entry]:
        """Return the contacts with a value, two at most."""
        return (await self.search({name: value}, 1))[:2]

    async def entry(self, identity: str) -> Entry | None:
        """Return one contact, None when it is gone or archived."""
        answer = await call(self._context, self._tenant, "GET", f"{self._thing}/{UUID(identity)}", {"accepts": (404,)})
        found = [] if answer.status == 404 else self._entries(answer.json())
        return found[0] if found and found[0].values.get(self._status) != "ARCHIVED" else None

    async def create(self, values: Mapping[str, Any]) -> Entry:
        """Add a contact; Xero refuses a name that is there."""
        return await self._written("PUT", self._thing, self.plain(values))

    async def change(self, identity: str, values: Mapping[str, Any]) -> Entry:
        """Set fields of a contact."""
        return await self._written("POST", f"{self._thing}/{UUID(identity)}", self.plain(values))

    async def remove(self, identity: str) -> None:
        """Archive a contact; Xero deletes none."""
        await self._written("POST", f"{self._thing}/{UUID(identity)}", {self._status: "ARCHIVED"})

    def plain(self, values: Mapping[str, Any]) -> dict[str, Any]:
        """Return values as texts, as contacts hold them."""
        absent = [name for name in values if name not in WRITABLE]
        if absent:
            raise SettingsError(
                f"Xero takes no field {', '.join(absent)} of a contact. It takes {', '.join(WRITABLE)}."
            )
        return {name: "" if value is None else str(value).strip() for name, value in values.items()}

    async def since(self, start: datetime | None, at: At) -> AsyncIterator[Sequence[Entry]]:  # noqa: ARG002
        """Yield pages, oldest change first; each begins where the last ended, as pages of a list in use shift."""
        page = 1
        while True:
            headers = (
                {} if start is None else {"If-Modified-Since": start.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S")}
            )
            found = await self._listed({"order": "UpdatedDateUTC ASC", "page": str(page)}, headers)
            yield found
            if len(found) < PAGE:
                return
            reached = (found[-1].changed or datetime.now(UTC)) - timedelta(seconds=1)
            start, page = (reached, 1) if start is None or reached > start else (start, page + 1)

    async def newest(self, at: At) -> datetime | None:  # noqa: ARG002  # Xero knows no time of creation
        """Return the time of the newest change."""
        found = await self._listed({"order": "UpdatedDateUTC DESC", "page": "1"}, {})
        return found[0].changed if found else None

    async def _listed(self, params: Mapping[str, str], headers: Mapping[str, str]) -> list[Entry]:
        options: Options = {"params": params, "headers": headers}
        return self._entries((await call(self._context, self._tenant, "GET", self._thing, options)).json())

    async def _written(self, method: str, path: str, values: Mapping[str, Any]) -> Entry:
        options: Options = {"json": {self._thing: [values]}}
        found = self._entries((await call(self._context, self._tenant, method, path, options)).json())
        if not found:
            raise TemporaryError("Xero answered a write without the contact.", uncertain=True)
        return found[0]

    def _entries(self, answer: Any) -> list[Entry]:
        many = answer.get(self._thing) if isinstance(answer, dict) else None
        if not isinstance(many, list):
            raise TemporaryError(f"Xero answered otherwise than it describes: without {self._thing}.")
        return [self._entry(one) for one in many if isinstance(one, dict)]

    def _entry(self, found: Mapping[str, Any]) -> Entry:
        return Entry(
            id=str(found.get(self._id, "")),
            values={name: _shown(value) for name, value in found.items()},
            title=str(found.get(self._title) or found.get(self._id, "")),
            changed=_moment(found.get("UpdatedDateUTC")),
        )


def _moment(text: Any) -> datetime:
    found = _time(text)
    if found is None:
        raise TemporaryError("Xero answered with a record without a time.")
    return found


def _shown(value: Any) -> Any:
    """Return a value with times that people and templates can read."""
    found = _time(value)
    return found.isoformat() if found else value


def _time(value: Any) -> datetime | None:
    """Read a time as Xero writes it, None where it is none: people can write such words into a field as well."""
    found = _DATE.fullmatch(value) if isinstance(value, str) else None
    try:
        return _EPOCH + timedelta(milliseconds=int(found[1])) if found else None
    except OverflowError:
        return None


def _condition(name: str, value: Any) -> str:
    """Write one condition of a filter; a value stays a value."""
    text = str("" if value is None else value)
    if not _NAME.fullmatch(name):
        raise SettingsError(f"Xero cannot look for {name}.")
    if '"' in text or "\\" in text:
        raise SettingsError(f"Xero cannot look for a value of {name} with quotation marks or backslashes.")
    return f'{name}==guid("{text}")' if name.endswith("ID") and _GUID.fullmatch(text) else f'{name}=="{text}"'

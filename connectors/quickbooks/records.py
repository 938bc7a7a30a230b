"""Records of every kind: found by their fields, and followed by the time at which they were created or changed."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Annotated, Any, Literal

from connectors.quickbooks.query import PAGE, Found, ask, condition, moment_text, quoted, select
from connectors.sdk import Context, TemporaryError, field
from connectors.sdk.cursors.following import At
from connectors.sdk.records.entries import Entry, moment
from connectors.sdk.records.plain import plain

Thing = Literal[
    "Invoice",
    "Bill",
    "Customer",
    "Vendor",
    "Payment",
    "Item",
    "Purchase",
    "Account",
    "BillPayment",
    "Class",
    "CreditMemo",
    "Department",
    "Deposit",
    "Employee",
    "Estimate",
    "JournalEntry",
    "PaymentMethod",
    "PurchaseOrder",
    "RefundReceipt",
    "SalesReceipt",
    "TaxCode",
    "Term",
    "TimeActivity",
    "Transfer",
    "VendorCredit",
]
Kind = Annotated[Thing, field("Records")]
# These are never deleted but made inactive, and lists leave the inactive out unless they are asked for
LISTS = frozenset(
    {"Account", "Class", "Customer", "Department", "Employee", "Item", "PaymentMethod", "TaxCode", "Term", "Vendor"}
)
_ACTIVE_OR_NOT = "Active IN (true, false)"
_TIMES = {"created": "CreateTime", "changed": "LastUpdatedTime"}
_TITLES = ("DisplayName", "FullyQualifiedName", "DocNumber", "PaymentRefNum", "Name")
_PARTNERS = ("CustomerRef", "VendorRef", "EntityRef", "EmployeeRef")
_YEARS = (1990, 9000)
_PAGES = {
    "Bill": "bill?txnId=",
    "Customer": "customerdetail?nameId=",
    "Invoice": "invoice?txnId=",
    "Vendor": "vendordetail?nameId=",
}


class Records:
    """All records of one kind in the company, as they are read."""

    def __init__(self, context: Context[Any, Any], thing: str) -> None:
        self._context = context
        self._thing = thing

    async def search(self, where: Mapping[str, Any], limit: int) -> Sequence[Entry]:
        """Return the records whose fields have these values, some more than `limit` at most."""
        conditions = [condition(name, value) for name, value in where.items()]
        found: list[Entry] = []
        while len(found) <= limit:
            statement = select(self._thing, conditions, start=len(found) + 1)
            page = await ask(self._context, self._thing, statement)
            found += map(self.entry, page)
            if len(page) < PAGE:
                break
        return found

    async def since(self, start: datetime | None, at: At) -> AsyncIterator[Sequence[Entry]]:
        """Yield pages, oldest first; each begins where the last ended, as pages of a list in use shift."""
        name = f"MetaData.{_TIMES[at]}"
        place = 1
        while True:
            conditions = [] if start is None else [f"{name} >= {quoted(moment_text(start))}"]
            statement = select(self._thing, [*self._also(), *conditions], order=f"{name} ASC", start=place)
            found = [self.entry(one) for one in await ask(self._context, self._thing, statement)]
            yield found
            if len(found) < PAGE:
                return
            reached = found[-1].created if at == "created" else found[-1].changed
            start, place = (reached, 1) if start is None or (reached or start) > start else (start, place + PAGE)

    async def newest(self, at: At) -> datetime | None:
        """Return the time of the newest record."""
        statement = select(self._thing, self._also(), order=f"MetaData.{_TIMES[at]} DESC", most=1)
        found = [self.entry(one) for one in await ask(self._context, self._thing, statement)]
        if not found:
            return None
        return found[0].created if at == "created" else found[0].changed

    def entry(self, found: Found) -> Entry:
        """Return a record as an entry."""
        about = found.get("MetaData")
        times = about if isinstance(about, Mapping) else {}
        identity = str(found["Id"])
        return Entry(
            id=identity,
            values=_readable(found),
            title=title_of(found, self._thing),
            created=_time(times.get("CreateTime")),
            changed=_time(times.get("LastUpdatedTime")),
            url=page_of(self._context.connection.pages, self._thing, identity),
            version=str(found.get("SyncToken", "")),
        )

    def _also(self) -> list[str]:
        return [_ACTIVE_OR_NOT] if self._thing in LISTS else []


def _time(text: Any) -> datetime | None:
    """Read a time; some tax codes have none."""
    if text in (None, ""):
        return None
    found = moment(str(text), "QuickBooks")
    if not _YEARS[0] <= found.year <= _YEARS[1]:
        raise TemporaryError("QuickBooks answered with a record of a time that cannot be.")
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def _readable(found: Found) -> Any:
    try:
        return plain(found)
    except RecursionError as error:
        raise TemporaryError("QuickBooks answered with a record that is nested too deeply.") from error


def title_of(found: Found, thing: str) -> str:
    """Name a record as people know it: by its name, or by its number and whom it is with."""
    name = next((str(found[one]) for one in _TITLES if found.get(one)), f"{thing} {found['Id']}")
    partner: Mapping[str, Any] = next((found[one] for one in _PARTNERS if isinstance(found.get(one), Mapping)), {})
    return f"{name}, {partner['name']}" if partner.get("name") else name


def page_of(pages: str, thing: str, identity: str) -> str | None:
    """Return where people look at a record, None where there are no pages."""
    return f"{pages}/app/{_PAGES[thing]}{identity}" if pages and thing in _PAGES else None

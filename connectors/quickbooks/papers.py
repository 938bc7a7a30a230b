"""Bills and invoices: booked once, found again, compared, and taken back while nobody has touched them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

import msgspec

from connectors.quickbooks.attachments import attach, has_attachment
from connectors.quickbooks.comparing import comparable, image_of, is_same, is_void, referred
from connectors.quickbooks.lines import CALCULATIONS, Line, Named, lines_of, look_up_names
from connectors.quickbooks.names import Reference, found_of, references, word
from connectors.quickbooks.query import Found, condition, select
from connectors.quickbooks.records import page_of
from connectors.quickbooks.sending import Operation, Single
from connectors.sdk import Change, ChangeKind, Context, Receipt, Record, SettingsError
from connectors.sdk.records.plain import number, plain

LONGEST_NUMBER = 21
_EXPENSE = {"item": "ItemBasedExpenseLineDetail", "account": "AccountBasedExpenseLineDetail"}
_SALE = {"item": "SalesItemLineDetail"}


class Kind(msgspec.Struct, frozen=True, kw_only=True):
    """What tells bills and invoices apart: whom they are with, their lines, and how one is taken back."""

    thing: str
    partner: str
    details: Mapping[str, str]
    taken_back_by: Any


BILL = Kind(thing="Bill", partner="Vendor", details=_EXPENSE, taken_back_by="delete")
INVOICE = Kind(thing="Invoice", partner="Customer", details=_SALE, taken_back_by="void")


class Paper(msgspec.Struct, frozen=True, kw_only=True):
    """A bill or an invoice as it is to be booked; without a partner where that has to be added first."""

    partner: Reference | None
    partner_name: str
    body: Mapping[str, Any]
    shown: Mapping[str, Any]

    @property
    def number(self) -> str:
        """Its number, '' where QuickBooks gives it one or it has none."""
        return str(self.body.get("DocNumber", ""))


async def prepare(context: Context[Any, Any], kind: Kind) -> Paper:
    """Read the settings and look up all names in them."""
    settings = context.settings
    lines = lines_of(settings)
    named = await look_up_names(context, lines)
    name = getattr(settings, kind.partner.lower()).strip()
    if not name:
        raise SettingsError(f"The {word(kind.partner)} is empty.")
    partner = (await found_of(context, kind.partner, [name])).get(name)
    if partner is None and not settings.add_missing:
        raise SettingsError(
            f"QuickBooks has no active {word(kind.partner)} {name[:100]!r}. Add it there, or let missing ones be added."
        )
    terms = await references(context, "Term", [settings.terms]) if settings.terms.strip() else {}
    body = _head(settings, terms) | {"Line": [_line(kind, line, named, at) for at, line in enumerate(lines, 1)]}
    called = name if partner is None else partner.name
    shown: dict[str, Any] = {kind.partner.lower(): called, **comparable(body)}
    return Paper(partner=partner, partner_name=called, body=body, shown=shown)


async def book(context: Context[Any, Any], kind: Kind, record: Record) -> Receipt:
    """Book it under the record's key, unless one with its number is there; one that lacks only its file gets that."""
    paper = await prepare(context, kind)
    alike, unfinished = await _before(context, kind, paper)
    if unfinished is not None:
        await _attach(context, kind, unfinished, record)
        return _receipt(context, kind, unfinished, paper, known=False)
    if alike:
        raise _exists(kind, paper)
    sender = Single(context, record.key)
    partner = paper.partner
    if partner is None:
        named = {"DisplayName": paper.partner_name}
        [added] = await sender.send(Operation(does="create", thing=kind.partner, body=named))
        partner = Reference(str(added["Id"]), paper.partner_name)
    body = {f"{kind.partner}Ref": partner.body, **paper.body}
    [booked] = await sender.send(Operation(does="create", thing=kind.thing, body=body))
    # Without a number this may be the answer of an earlier try, which went further
    if paper.number or not await has_attachment(context, kind.thing, str(booked["Id"])):
        await _attach(context, kind, booked, record)
    return _receipt(context, kind, booked, paper)


async def preview(context: Context[Any, Any], kind: Kind) -> list[Change]:
    """Show what would be booked."""
    paper = await prepare(context, kind)
    alike, unfinished = await _before(context, kind, paper)
    if alike and unfinished is None:
        raise _exists(kind, paper)
    added: dict[str, Any] = {} if paper.partner else {f"adds_{kind.partner.lower()}": paper.partner_name}
    after = plain({**paper.shown, **added})
    return [Change(kind=ChangeKind.ADD, reference=paper.number or None, after=after)]


async def find(context: Context[Any, Any], kind: Kind) -> Receipt | None:
    """Look for it by its number.

    One without a number looks like any other, so it is sent again, and QuickBooks knows the request by its id.
    """
    paper = await prepare(context, kind)
    for one in await _alike(context, kind, paper):
        if is_same(paper.body, one) and await has_attachment(context, kind.thing, str(one["Id"])):
            return _receipt(context, kind, one, paper, known=False)
    return None


async def take_back(context: Context[Any, Any], kind: Kind, receipt: Receipt) -> Receipt:
    """Delete or void it, while it is as it was booked: not changed, not paid."""
    if not isinstance(receipt.after, Mapping):
        raise SettingsError("What was booked is not known, so this cannot be undone.")
    sender = Single(context)
    statement = select(kind.thing, [condition("Id", str(receipt.after.get("id")))], most=1)
    found = await sender.send(Operation(does="query", thing=kind.thing, statement=statement))
    if not found or image_of(found[0], kind.partner) != receipt.after.get("values"):
        raise SettingsError(
            f"The {kind.thing.lower()} {receipt.reference} was changed, paid or deleted since it was booked, so it is "
            "not taken back."
        )
    body = {"Id": str(found[0]["Id"]), "SyncToken": str(found[0].get("SyncToken", "0"))}
    await sender.send(Operation(does=kind.taken_back_by, thing=kind.thing, body=body))
    return Receipt(reference=receipt.reference)


def _head(settings: Any, terms: Mapping[str, Reference]) -> dict[str, Any]:
    document = settings.number.strip()
    if len(document) > LONGEST_NUMBER:
        raise SettingsError(
            f"The number {document[:40]} has more than {LONGEST_NUMBER} characters; QuickBooks has room for no more."
        )
    head: dict[str, Any] = {
        "DocNumber": document,
        "TxnDate": _date("date", settings.date),
        "DueDate": _date("due date", settings.due),
        "PrivateNote": settings.note.strip()[:4000],
        "GlobalTaxCalculation": CALCULATIONS.get(settings.tax, ""),
        **settings.own(),
    }
    if settings.currency.strip():
        head["CurrencyRef"] = {"value": settings.currency.strip().upper()}
    if terms:
        head["SalesTermRef"] = terms[settings.terms.strip()].body
    return {name: value for name, value in head.items() if value != ""}


def _line(kind: Kind, line: Line, named: Named, at: int) -> dict[str, Any]:
    by = "item" if line.item else "account"
    if by not in kind.details or not (line.item or line.account):
        needed = " or an ".join(f"{one}" for one in kind.details)
        raise SettingsError(f"Line {at} needs an {needed}: name it in the line, or one for all lines.")
    reference = named.items[line.item] if line.item else named.accounts[line.account]
    detail: dict[str, Any] = {f"{by.capitalize()}Ref": reference.body}
    if line.item and line.price is not None:
        detail |= {"Qty": line.quantity, "UnitPrice": line.price}
    if line.tax_code:
        detail["TaxCodeRef"] = named.taxes[line.tax_code].body
    said = {"Description": line.description} if line.description else {}
    return {"Amount": line.amount, "DetailType": kind.details[by], **said, kind.details[by]: detail}


def _date(what: str, text: str) -> str:
    if not text.strip():
        return ""
    try:
        return date.fromisoformat(text.strip()[:10]).isoformat()
    except ValueError as error:
        raise SettingsError(f"The {what} is {text[:30]!r}. Write it as 2026-11-30.") from error


async def _before(context: Context[Any, Any], kind: Kind, paper: Paper) -> tuple[list[Found], Found | None]:
    """Return what is like it already, and of that what lacks nothing but the file."""
    has_file = context.settings.file not in (None, "")
    alike = await _alike(context, kind, paper)
    same = [one for one in alike if has_file and is_same(paper.body, one)]
    lacking = [one for one in same if not await has_attachment(context, kind.thing, str(one["Id"]))]
    return alike, lacking[0] if lacking else None


async def _alike(context: Context[Any, Any], kind: Kind, paper: Paper) -> list[Found]:
    """Return those with the same partner and number; none is like one without a number."""
    if paper.partner is None or not paper.number:
        return []
    statement = select(kind.thing, [condition("DocNumber", paper.number)])
    operation = Operation(does="query", thing=kind.thing, statement=statement)
    found = await Single(context).send(operation)
    return [one for one in found if referred(one, kind.partner) == paper.partner.id and not is_void(one)]


async def _attach(context: Context[Any, Any], kind: Kind, booked: Found, record: Record) -> None:
    await attach(context, kind.thing, str(booked["Id"]), record.key)


def _exists(kind: Kind, paper: Paper) -> SettingsError:
    return SettingsError(
        f"QuickBooks has a {kind.thing.lower()} {paper.number} of {paper.partner_name} already, so it is "
        "not booked again. Look at it there; delete it there if it is wrong."
    )


def _receipt(context: Context[Any, Any], kind: Kind, booked: Found, paper: Paper, *, known: bool = True) -> Receipt:
    """Return the receipt; of one that was there before it is not `known` whose it is, so it cannot be taken back."""
    identity = str(booked["Id"])
    total = booked.get("TotalAmt")
    url = page_of(context.connection.pages, kind.thing, identity)
    document = str(booked.get("DocNumber") or "")
    return Receipt(
        reference=document or identity,
        version=str(booked.get("SyncToken", "")),
        url=url,
        output={
            "id": identity,
            "number": document,
            "total": number(total) if isinstance(total, Decimal) else total,
            "url": url,
            f"added_{kind.partner.lower()}": paper.partner is None,
        },
        before={} if known else None,
        after={"id": identity, "values": image_of(booked, kind.partner)} if known else None,
    )

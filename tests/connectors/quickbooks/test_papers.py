"""QuickBooks: bills booked out of documents and invoices written, once, with exact amounts, and taken back."""

import json
from pathlib import Path

import pytest

from connectors.quickbooks import (
    book_bill,
    find_bill,
    find_invoice,
    preview_bill,
    preview_invoice,
    undo_bill,
    undo_invoice,
    write_invoice,
)
from connectors.quickbooks.settings import BookBill, WriteInvoice, accounts, items, tax_codes, terms
from connectors.sdk import Record, SettingsError, TemporaryError, fill
from tests.connectors.contracts import TargetContract
from tests.connectors.wording import WordingStand
from tests.peers.faults import Fault, told

ONE = Record(key="KEY-1")
SAMPLES = Path(__file__).parents[3] / "hub" / "demo" / "samples"
LINES = [
    {"description": "Paper", "quantity": "3", "unit_price": "39.366", "account": "6800", "tax_code": "20% VAT"},
    {"description": "Night train", "amount": 0.2, "account": "Travel:Meals"},
    {"item": "Consulting", "quantity": 2, "unit_price": "10.00", "amount": "18.00"},
]


@pytest.fixture
async def books(peer):
    """Return a company with accounts, items, tax codes, terms, a vendor and a customer."""
    for name, number in (("Office", "6800"), ("Travel", "6810"), ("Travel:Meals", "6811"), ("Sales:Meals", "6812")):
        named = {"Name": name.rpartition(":")[2], "FullyQualifiedName": name, "AcctNum": number}
        peer.of["Account"].add(named)
    peer.of["Item"].add({"Name": "Consulting", "FullyQualifiedName": "Consulting", "Sku": "C-1"})
    peer.of["TaxCode"].add({"Name": "20% VAT"})
    peer.of["Term"].add({"Name": "Net 30"})
    peer.of["Vendor"].add({"DisplayName": "Acme"})
    peer.of["Customer"].add({"DisplayName": "Anna Bold"})
    return peer


@pytest.fixture
def bill(context, books):
    def make(**settings):
        return context(
            BookBill, **{"vendor": "Acme", "number": "R-17", "amount": "118.50", "account": "Office"} | settings
        )

    return make


@pytest.fixture
def invoice(context, books):
    def make(**settings):
        given = {"customer": "Anna Bold", "number": "7", "amount": "118.50", "item": "Consulting"}
        return context(WriteInvoice, **given | settings)

    return make


class Booking(WordingStand):
    """A stand whose words are the numbers of bills or invoices."""

    def __init__(self, around, connection, peer, part):
        super().__init__(around, connection)
        self.uses = f"quickbooks.{part}"
        self.peer = peer
        self._kind, self._given = {
            "book_bill": ("Bill", {"vendor": "Acme", "account": "Office"}),
            "write_invoice": ("Invoice", {"customer": "Anna Bold", "item": "Consulting"}),
        }[part]

    def settings(self, words):
        given = {**self._given, "number": words, "amount": "118.50"}
        return fill(self.target.settings, given | ({"tax_code": "Nowhere"} if words == "bad" else {}))

    @property
    def writes(self):  # type: ignore[override]  # the peer counts
        return self.peer.writes

    def bad_record(self):
        return self.worded("bad", "bad")

    async def rows(self):
        there = self.peer.of[self._kind].there
        return [(row["id"], row["values"]["DocNumber"]) for row in there if row["values"]["TotalAmt"]]

    async def drift(self):
        for name in ("Account", "Item"):
            self.peer.of[name].rows.clear()

    async def fail(self, fault):
        self.peer.fail(told(fault))

    async def heal(self):
        self.peer.recover()


class TestBookBill(TargetContract):
    many = 60

    @pytest.fixture
    async def stand(self, around, connection, books):
        return Booking(around, connection, books, "book_bill")


class TestWriteInvoice(TargetContract):
    many = 60

    @pytest.fixture
    async def stand(self, around, connection, books):
        return Booking(around, connection, books, "write_invoice")


async def test_books_what_an_extracted_invoice_gives(bill, peer):
    dates = {"date": "2026-11-03T00:00:00", "due": "2026-12-03", "terms": "Net 30", "tax": "net"}
    made = bill(lines=LINES, amount="", note="From mail", currency="eur", **dates)
    receipt = await book_bill(made, ONE)
    [row] = peer.of["Bill"].there
    paper, meals, consulting = row["values"].pop("Line")
    assert receipt.output | {"id": ""} == {
        "id": "",
        "number": "R-17",
        "total": 136.3,
        "url": None,
        "added_vendor": False,
    }
    assert (paper["Amount"], paper["AccountBasedExpenseLineDetail"]["TaxCodeRef"]) == (118.1, {"value": "101"})
    assert (meals["Amount"], meals["AccountBasedExpenseLineDetail"]["AccountRef"]) == (0.2, {"value": "103"})
    assert (consulting["Amount"], consulting["ItemBasedExpenseLineDetail"]) == (18.0, {"ItemRef": {"value": "101"}})
    assert row["values"] == {
        "VendorRef": {"value": "101"},
        "DocNumber": "R-17",
        "TxnDate": "2026-11-03",
        "DueDate": "2026-12-03",
        "PrivateNote": "From mail",
        "GlobalTaxCalculation": "TaxExcluded",
        "SalesTermRef": {"value": "101"},
        "CurrencyRef": {"value": "EUR"},
        "TotalAmt": 136.3,
        "Balance": 136.3,
    }


async def test_books_the_lines_that_the_schema_of_invoices_reads(bill, peer):
    record = json.loads((SAMPLES / "rechnung-elektro-de.pdf.expected.json").read_text())["record"]
    given = {"number": record["number"], "date": record["issue_date"], "due": record["due_date"]}
    receipt = await book_bill(
        bill(**given, lines=record["lines"], vendor=record["supplier"]["name"], add_missing=True), ONE
    )
    assert (receipt.output["total"], record["net"]) == (1392.6, 1392.6)
    assert [line["Amount"] for line in peer.of["Bill"].rows[0]["values"]["Line"]] == [933.6, 56.0, 403.0]


async def test_shows_a_bill_and_a_vendor_that_would_be_added(bill, peer):
    [[change]] = await preview_bill(bill(vendor=" New Co ", add_missing=True, amount="7"), [ONE])
    assert (change.reference, change.after["vendor"], change.after["adds_vendor"]) == ("R-17", "New Co", "New Co")
    assert (change.after["Line"][0]["Amount"], peer.writes) == ("7.00", 0)
    receipt = await book_bill(bill(vendor=" New Co ", add_missing=True, amount="7"), ONE)
    assert [row["values"]["DisplayName"] for row in peer.of["Vendor"].there] == ["Acme", "New Co"]
    assert receipt.output["added_vendor"] is True


async def test_books_no_number_twice(bill, peer):
    await book_bill(bill(), ONE)
    with pytest.raises(SettingsError, match="has a bill R-17 of Acme already"):
        await book_bill(bill(), Record(key="KEY-2"))
    with pytest.raises(SettingsError, match="has a bill R-17 of Acme already"):
        await preview_bill(bill(), [ONE])
    peer.of["Vendor"].add({"DisplayName": "Other"})
    await book_bill(bill(vendor="Other"), Record(key="KEY-3"))
    assert len(peer.of["Bill"].there) == 2


async def test_books_a_bill_without_number_once_when_its_answer_is_lost(bill, peer):
    numberless = bill(number="")
    before = await book_bill(numberless, Record(key="KEY-0"))
    peer.fail(Fault(kind="cut", late=True, times=1, skip=2))
    with pytest.raises(TemporaryError) as lost:
        await book_bill(numberless, ONE)
    # Another one that is just like it proves nothing
    assert await find_bill(numberless, ONE, None) is None
    receipt = await book_bill(numberless, ONE)
    assert (lost.value.uncertain, before.reference, receipt.reference) == (True, "101", "102")
    assert (len(peer.of["Bill"].there), peer.repeats) == (2, 1)


async def test_attaches_the_document_and_goes_on_where_that_failed(bill, stored, peer):
    peer.honours_ids = False
    stored.kept["fil_1"] = b"%PDF-1.7 \xff"
    with_file = bill(file={"file": "fil_1", "name": "R-17.pdf"})
    peer.fail(Fault(status=503, path="/v3/company/9341452698223170/upload", times=1))
    with pytest.raises(TemporaryError, match="The bill is booked, but its file is not attached yet"):
        await book_bill(with_file, ONE)
    assert await find_bill(with_file, ONE, None) is None
    receipt = await book_bill(with_file, ONE)
    found = await find_bill(with_file, ONE, None)
    [attached] = peer.of["Attachable"].there
    assert (len(peer.of["Bill"].there), peer.files, found.reference) == (1, [b"%PDF-1.7 \xff"], "R-17")
    assert attached["values"]["AttachableRef"] == [{"EntityRef": {"type": "Bill", "value": "101"}}]
    with pytest.raises(SettingsError, match="What was booked is not known"):
        await undo_bill(with_file, receipt)


@pytest.mark.parametrize("late", [False, True])
async def test_attaches_its_own_document_to_each_of_two_bills_without_number(bill, stored, peer, late):
    stored.kept["fil_1"] = b"%PDF-1.7"
    numberless = bill(number="", file={"file": "fil_1", "name": "scan.pdf"})
    peer.fail(Fault(kind="cut", path="/v3/company/9341452698223170/upload", times=1, late=late))
    with pytest.raises(TemporaryError, match="its file is not attached yet"):
        await book_bill(numberless, ONE)
    second = await book_bill(numberless, Record(key="KEY-2"))
    first = await book_bill(numberless, ONE)
    places = [row["values"]["AttachableRef"][0]["EntityRef"]["value"] for row in peer.of["Attachable"].there]
    assert (first.reference, second.reference, sorted(places)) == ("101", "102", ["101", "102"])


async def test_finds_and_takes_back_a_bill_with_gross_amounts(bill, peer):
    gross = bill(tax="gross", tax_code="20% VAT", amount="120.00")
    receipt = await book_bill(gross, ONE)
    assert peer.of["Bill"].rows[0]["values"]["Line"][0]["Amount"] == 100.0
    assert (await find_bill(gross, ONE, None)).reference == "R-17"
    await undo_bill(gross, receipt)
    assert peer.of["Bill"].there == []


async def test_leaves_a_bill_that_was_paid_and_voids_an_invoice(bill, invoice, peer):
    booked = await book_bill(bill(), ONE)
    peer.of["Bill"].rows[0]["values"]["Balance"] = 0
    with pytest.raises(SettingsError, match="bill R-17 was changed, paid or deleted since"):
        await undo_bill(bill(), booked)
    written = await write_invoice(invoice(), ONE)
    await undo_invoice(invoice(), written)
    assert peer.of["Invoice"].rows[0]["values"]["PrivateNote"] == "Voided"
    await write_invoice(invoice(), Record(key="KEY-2"))
    assert (len(peer.of["Bill"].there), len(peer.of["Invoice"].there)) == (1, 2)


async def test_writes_an_invoice_with_the_next_number_and_finds_one_by_its_own(invoice, peer):
    told_by = {"email": "anna@example.com", "message": "Thank you.", "number": ""}
    receipt = await write_invoice(
        invoice(**told_by, lines={"item": "C-1", "quantity": "2", "unit_price": "59.25"}), ONE
    )
    values = peer.of["Invoice"].rows[0]["values"]
    detail = {"ItemRef": {"value": "101"}, "Qty": 2, "UnitPrice": 59.25}
    assert (values["Line"][0]["Amount"], values["Line"][0]["SalesItemLineDetail"]) == (118.5, detail)
    assert (values["BillEmail"], values["CustomerMemo"]) == ({"Address": "anna@example.com"}, {"value": "Thank you."})
    assert receipt.reference == "1000"
    assert await find_invoice(invoice(number="1000", amount="1"), ONE, None) is None
    [[change]] = await preview_invoice(invoice(), [ONE])
    assert change.after["customer"] == "Anna Bold"


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"amount": "118,50"}, "no number such as 1234.50"),
        ({"amount": "118.505"}, "two decimals at most"),
        ({"amount": "NaN"}, "no number"),
        ({"amount": "1e99999"}, "no number"),
        ({"amount": "9" * 5000}, "no number"),
        ({"amount": ""}, "give lines or an amount"),
        ({"lines": "text"}, "Lines are a list"),
        ({"lines": [{"total": 3}]}, "Line 1 has no amount.*this one has total"),
        ({"lines": [{"amount": 3, "item": "Consulting", "account": "Office"}]}, "names an item and an account"),
        ({"lines": [{"amount": 3, "item": {"a": 1}}]}, "not lists or mappings"),
        ({"lines": [{"amount": 1}] * 501}, "500 are booked at most"),
        ({"account": ""}, "Line 1 needs an item or an account"),
        ({"account": "Nowhere"}, "no active account 'Nowhere'"),
        ({"account": "Meals"}, "several of account 'Meals'"),
        ({"vendor": "Nobody"}, "no active vendor 'Nobody'"),
        ({"vendor": " "}, "The vendor is empty"),
        ({"tax_code": "x' OR Id > '0"}, "no active tax code"),
        ({"terms": "Net 90"}, "no active terms 'Net 90'"),
        ({"date": "3.11.2026"}, "Write it as 2026-11-30"),
        ({"number": "R" * 22}, "more than 21 characters"),
    ],
)
async def test_says_what_cannot_be_booked(bill, peer, given, sentence):
    with pytest.raises(SettingsError, match=sentence):
        await book_bill(bill(**given), ONE)
    assert peer.writes == 0


async def test_asks_for_many_names_in_few_questions(bill, peer):
    long = [f"{'x' * 90} {at}" for at in range(90)]
    [peer.of["Account"].add({"Name": name, "FullyQualifiedName": name}) for name in long]
    lines = [{"amount": 1, "account": name} for name in long]
    await book_bill(bill(lines=lines, vendor="O'Neil \\", add_missing=True), ONE)
    assert (len(peer.of["Bill"].there), len(peer.calls)) == (1, 7)


async def test_takes_the_two_american_tax_codes_as_they_are(bill, peer):
    await book_bill(bill(tax_code="tax"), ONE)
    [line] = peer.of["Bill"].rows[0]["values"]["Line"]
    assert line["AccountBasedExpenseLineDetail"]["TaxCodeRef"] == {"value": "TAX"}


async def test_offers_what_the_company_has(bill):
    assert await accounts(bill()) == ["Office", "Sales:Meals", "Travel", "Travel:Meals"]
    assert (await items(bill()), await tax_codes(bill()), await terms(bill())) == (
        ["Consulting"],
        ["20% VAT"],
        ["Net 30"],
    )

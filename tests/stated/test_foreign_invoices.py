"""An invoice written by somebody else's library, checked by it against the published schema, gives what it was told."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from drafthorse.models.accounting import ApplicableTradeTax
from drafthorse.models.document import Document
from drafthorse.models.party import TaxRegistration
from drafthorse.models.payment import PaymentMeans, PaymentTerms
from drafthorse.models.tradelines import LineItem

from hub.extraction.readers.inside import read
from hub.extraction.readers.source import Source
from hub.extraction.schemas.starter import starter
from hub.extraction.stated import embedded
from tests.reading.pdfs import greeting, pdf, with_files

STATED = {
    "number": "RE1337",
    "issue_date": "2024-05-01",
    "due_date": "2024-05-31",
    "purchase_order": "PO-9",
    "currency": "EUR",
    "net": 1998.0,
    "tax": 379.62,
    "total": 2377.62,
    "iban": "DE89370400440532013000",
    "supplier.name": "Lieferant GmbH",
    "supplier.tax_id": "DE136695976",
    "supplier.address": "Hauptstr. 1, 10115 Berlin, DE",
    "customer.name": "Kunde GmbH",
    "customer.address": "DE",
    "lines[0].description": "Rainbow",
    "lines[0].quantity": 2.0,
    "lines[0].unit": "pcs",
    "lines[0].unit_price": 999.0,
    "lines[0].tax_rate": 19.0,
    "lines[0].amount": 1998.0,
}


def _parties(invoice: Document) -> None:
    agreement = invoice.trade.agreement
    agreement.seller.name, agreement.buyer.name = "Lieferant GmbH", "Kunde GmbH"
    address = agreement.seller.address
    address.line_one, address.postcode, address.city_name, address.country_id = "Hauptstr. 1", "10115", "Berlin", "DE"
    agreement.buyer.address.country_id = "DE"
    agreement.seller.tax_registrations.add(TaxRegistration(id=("VA", "DE136695976")))
    agreement.buyer_order.issuer_assigned_id = "PO-9"


def _line(invoice: Document) -> None:
    line = LineItem()
    line.document.line_id, line.product.name = "1", "Rainbow"
    line.agreement.net.amount, line.agreement.net.basis_quantity = Decimal("999.00"), (Decimal("1.0000"), "C62")
    line.delivery.billed_quantity = (Decimal("2.0000"), "C62")
    tax = line.settlement.trade_tax
    tax.type_code, tax.category_code, tax.rate_applicable_percent = "VAT", "S", Decimal("19.00")
    line.settlement.monetary_summation.total_amount = Decimal("1998.00")
    invoice.trade.items.add(line)


def _sums(invoice: Document) -> None:
    tax = ApplicableTradeTax()
    tax.calculated_amount, tax.basis_amount = Decimal("379.62"), Decimal("1998.00")
    tax.type_code, tax.category_code, tax.rate_applicable_percent = "VAT", "S", Decimal("19.00")
    means, terms = PaymentMeans(), PaymentTerms()
    means.type_code, means.payee_account.iban = "58", "DE89370400440532013000"
    terms.due = datetime(2024, 5, 31, tzinfo=UTC)
    settlement = invoice.trade.settlement
    settlement.currency_code = "EUR"
    settlement.trade_tax.add(tax)
    settlement.payment_means.add(means)
    settlement.terms.add(terms)
    sums = settlement.monetary_summation
    sums.line_total = sums.tax_basis_total = Decimal("1998.00")
    sums.charge_total = sums.allowance_total = Decimal("0.00")
    sums.tax_total = (Decimal("379.62"), "EUR")
    sums.grand_total = sums.due_amount = Decimal("2377.62")


@pytest.fixture(scope="module")
def foreign() -> bytes:
    """The invoice as Factur-X, extended profile."""
    invoice = Document()
    invoice.context.guideline_parameter.id = "urn:cen.eu:en16931:2017#conformant#urn:factur-x.eu:1p0:extended"
    invoice.header.id, invoice.header.type_code, invoice.header.name = "RE1337", "380", "RECHNUNG"
    invoice.header.issue_date_time = date(2024, 5, 1)
    _parties(invoice)
    _line(invoice)
    _sums(invoice)
    written: bytes = invoice.serialize(schema="FACTUR-X_EXTENDED")
    return written


def test_gives_what_the_other_library_was_told(foreign: bytes) -> None:
    reading = read(Source(with_files(pdf(greeting), {"factur-x.xml": foreign})))
    assert {path: one.value for path, one in embedded.find(reading, starter("invoice")).items()} == STATED

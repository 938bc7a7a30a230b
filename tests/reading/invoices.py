"""The same invoice in the languages of electronic invoices."""

from pathlib import Path

HERE = Path(__file__).parent
CII = (HERE / "invoice_cii.xml").read_bytes()
UBL = (HERE / "invoice_ubl.xml").read_bytes()
CREDIT_NOTE = (
    UBL.replace(b"Invoice-2", b"CreditNote-2")
    .replace(b"<Invoice ", b"<CreditNote ")
    .replace(b"</Invoice>", b"</CreditNote>")
    .replace(b"InvoiceLine", b"CreditNoteLine")
    .replace(b"InvoicedQuantity", b"CreditedQuantity")
)
ZUGFERD_1 = (
    CII.replace(b"CrossIndustryInvoice", b"CrossIndustryDocument")
    .replace(b"rsm:ExchangedDocument", b"rsm:HeaderExchangedDocument")
    .replace(b"rsm:SupplyChainTradeTransaction", b"rsm:SpecifiedSupplyChainTradeTransaction")
    .replace(b"ApplicableHeaderTrade", b"ApplicableSupplyChainTrade")
    .replace(b"SpecifiedLineTrade", b"SpecifiedSupplyChainTrade")
    .replace(b"RateApplicablePercent", b"ApplicablePercent")
    .replace(b"SettlementHeaderMonetary", b"SettlementMonetary")
    .replace(b"SettlementLineMonetary", b"SettlementMonetary")
    .replace(b"IssuerAssignedID", b"ID")
)

VALUES = {
    "number": "INV-17",
    "issue_date": "2024-05-01",
    "due_date": "2024-05-31",
    "purchase_order": "PO-9",
    "currency": "EUR",
    "net": 98.0,
    "tax": 18.62,
    "total": 116.62,
    "iban": "DE02120300000000202051",
    "supplier.name": "Acme GmbH",
    "supplier.tax_id": "DE123456789",
    "supplier.address": "Hauptstr. 5, 10115 Berlin, DE",
    "customer.name": "Beta SARL",
    "lines[0].description": "Widget",
    "lines[0].quantity": 2.0,
    "lines[0].unit": "pcs",
    "lines[0].unit_price": 49.0,
    "lines[0].tax_rate": 19.0,
    "lines[0].amount": 98.0,
    "lines[1].description": "Consulting",
}

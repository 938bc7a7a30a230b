"""Sample documents in Word and HTML, and a PDF with an electronic invoice inside."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

from docx import Document
from docx.document import Document as WordDocument
from pypdf import PdfReader, PdfWriter

from scripts.samples.page import Paper

Record = dict[str, object]
_CII = """<?xml version="1.0" encoding="UTF-8"?>
<rsm:CrossIndustryInvoice xmlns:rsm="urn:un:unece:uncefact:data:standard:CrossIndustryInvoice:100"
 xmlns:ram="urn:un:unece:uncefact:data:standard:ReusableAggregateBusinessInformationEntity:100"
 xmlns:udt="urn:un:unece:uncefact:data:standard:UnqualifiedDataType:100">
<rsm:ExchangedDocumentContext><ram:GuidelineSpecifiedDocumentContextParameter>
<ram:ID>urn:cen.eu:en16931:2017</ram:ID></ram:GuidelineSpecifiedDocumentContextParameter></rsm:ExchangedDocumentContext>
<rsm:ExchangedDocument><ram:ID>AQ-700451</ram:ID><ram:TypeCode>380</ram:TypeCode>
<ram:IssueDateTime><udt:DateTimeString format="102">20260702</udt:DateTimeString></ram:IssueDateTime>
</rsm:ExchangedDocument>
<rsm:SupplyChainTradeTransaction>
<ram:IncludedSupplyChainTradeLineItem>
<ram:AssociatedDocumentLineDocument><ram:LineID>1</ram:LineID></ram:AssociatedDocumentLineDocument>
<ram:SpecifiedTradeProduct><ram:Name>Wasserfilter Typ K</ram:Name></ram:SpecifiedTradeProduct>
<ram:SpecifiedLineTradeAgreement><ram:NetPriceProductTradePrice><ram:ChargeAmount>84.00</ram:ChargeAmount>
</ram:NetPriceProductTradePrice></ram:SpecifiedLineTradeAgreement>
<ram:SpecifiedLineTradeDelivery><ram:BilledQuantity unitCode="C62">5</ram:BilledQuantity>
</ram:SpecifiedLineTradeDelivery>
<ram:SpecifiedLineTradeSettlement><ram:ApplicableTradeTax><ram:TypeCode>VAT</ram:TypeCode>
<ram:CategoryCode>S</ram:CategoryCode><ram:RateApplicablePercent>20</ram:RateApplicablePercent></ram:ApplicableTradeTax>
<ram:SpecifiedTradeSettlementLineMonetarySummation><ram:LineTotalAmount>420.00</ram:LineTotalAmount>
</ram:SpecifiedTradeSettlementLineMonetarySummation></ram:SpecifiedLineTradeSettlement>
</ram:IncludedSupplyChainTradeLineItem>
<ram:ApplicableHeaderTradeAgreement>
<ram:SellerTradeParty><ram:Name>Aquarein Technik GmbH</ram:Name><ram:PostalTradeAddress>
<ram:PostcodeCode>4020</ram:PostcodeCode><ram:LineOne>Donaulände 3</ram:LineOne><ram:CityName>Linz</ram:CityName>
<ram:CountryID>AT</ram:CountryID></ram:PostalTradeAddress><ram:SpecifiedTaxRegistration>
<ram:ID schemeID="VA">ATU66778899</ram:ID></ram:SpecifiedTaxRegistration></ram:SellerTradeParty>
<ram:BuyerTradeParty><ram:Name>Pension Seeblick KG</ram:Name><ram:PostalTradeAddress>
<ram:PostcodeCode>5360</ram:PostcodeCode><ram:LineOne>Seeweg 11</ram:LineOne><ram:CityName>St. Wolfgang</ram:CityName>
<ram:CountryID>AT</ram:CountryID></ram:PostalTradeAddress></ram:BuyerTradeParty>
</ram:ApplicableHeaderTradeAgreement>
<ram:ApplicableHeaderTradeDelivery/>
<ram:ApplicableHeaderTradeSettlement><ram:InvoiceCurrencyCode>EUR</ram:InvoiceCurrencyCode>
<ram:SpecifiedTradeSettlementPaymentMeans><ram:TypeCode>58</ram:TypeCode><ram:PayeePartyCreditorFinancialAccount>
<ram:IBANID>AT611904300234573201</ram:IBANID></ram:PayeePartyCreditorFinancialAccount>
</ram:SpecifiedTradeSettlementPaymentMeans>
<ram:SpecifiedTradePaymentTerms><ram:DueDateDateTime><udt:DateTimeString format="102">20260716</udt:DateTimeString>
</ram:DueDateDateTime></ram:SpecifiedTradePaymentTerms>
<ram:SpecifiedTradeSettlementHeaderMonetarySummation><ram:LineTotalAmount>420.00</ram:LineTotalAmount>
<ram:TaxBasisTotalAmount>420.00</ram:TaxBasisTotalAmount><ram:TaxTotalAmount currencyID="EUR">84.00</ram:TaxTotalAmount>
<ram:GrandTotalAmount>504.00</ram:GrandTotalAmount><ram:DuePayableAmount>504.00</ram:DuePayableAmount>
</ram:SpecifiedTradeSettlementHeaderMonetarySummation></ram:ApplicableHeaderTradeSettlement>
</rsm:SupplyChainTradeTransaction></rsm:CrossIndustryInvoice>
"""


def electronic(path: Path) -> Record:
    """A Factur-X PDF: the page is for people, the XML inside for programs."""
    page = Paper(path)
    page.put(50, 60, "Aquarein Technik GmbH", 14, bold=True)
    page.lines(
        50, 80, ["Rechnung AQ-700451 vom 02.07.2026", "5 Wasserfilter Typ K zu 84,00", "Gesamtbetrag 504,00 EUR"]
    )
    page.save()
    writer = PdfWriter(clone_from=PdfReader(io.BytesIO(path.read_bytes())))
    writer.add_attachment("factur-x.xml", _CII.encode())
    writer.write(path)
    return {
        "number": "AQ-700451",
        "issue_date": "2026-07-02",
        "due_date": "2026-07-16",
        "purchase_order": None,
        "supplier": {
            "name": "Aquarein Technik GmbH",
            "tax_id": "ATU66778899",
            "address": "Donaulände 3, 4020 Linz, AT",
        },
        "customer": {"name": "Pension Seeblick KG", "tax_id": None, "address": "Seeweg 11, 5360 St. Wolfgang, AT"},
        "currency": "EUR",
        "net": 420.0,
        "tax": 84.0,
        "total": 504.0,
        "iban": "AT611904300234573201",
        "lines": [
            {
                "description": "Wasserfilter Typ K",
                "quantity": 5.0,
                "unit": "pcs",
                "unit_price": 84.0,
                "tax_rate": 20.0,
                "amount": 420.0,
            }
        ],
    }


def word_order(path: Path) -> Record:
    """A German order in Word, with its lines in a table."""
    document = Document()
    document.add_heading("Bestellung", 1)
    for text in (
        "Besteller: Werkstätten Hohenfels GmbH",
        "Lieferant: Stahlhandel Ruhr AG",
        "Bestellnummer: B-26-0415",
        "Bestelldatum: 15.04.2026",
        "Liefertermin: 30.04.2026",
    ):
        document.add_paragraph(text)
    rows = [
        ("Bezeichnung", "Menge", "Einheit", "Einzelpreis", "Betrag"),
        ("Rundstahl S235 20 mm", "120", "m", "4,85 €", "582,00 €"),
        ("Flachstahl 40 x 8", "60", "m", "6,10 €", "366,00 €"),
    ]
    table = document.add_table(rows=len(rows), cols=5)
    for row, texts in zip(table.rows, rows, strict=True):
        for cell, text in zip(row.cells, texts, strict=True):
            cell.text = text
    document.add_paragraph("Gesamtsumme: 948,00 €")
    save_word(document, path)
    return {
        "number": "B-26-0415",
        "date": "2026-04-15",
        "buyer": "Werkstätten Hohenfels GmbH",
        "supplier": "Stahlhandel Ruhr AG",
        "currency": "EUR",
        "total": 948.0,
        "delivery_date": "2026-04-30",
        "lines": [
            {
                "description": "Rundstahl S235 20 mm",
                "quantity": 120,
                "unit": "m",
                "unit_price": 4.85,
                "amount": 582.0,
            },
            {"description": "Flachstahl 40 x 8", "quantity": 60, "unit": "m", "unit_price": 6.1, "amount": 366.0},
        ],
    }


def word_contract(path: Path) -> Record:
    """An English agreement in Word."""
    document = Document()
    document.add_heading("Consulting Agreement", 0)
    for text in (
        "This Consulting Agreement is entered into as of 1 October 2026 by and between Fairbridge Foods Ltd, a company "
        'registered in England ("Client"), and Lena Marsh Consulting LLP ("Consultant").',
        "1. Services. The Consultant advises the Client on cold-chain logistics.",
        "2. Term. This Agreement has an initial term of 18 months and expires on 31 March 2028.",
        "3. Fees. The Client shall pay a total fee of GBP 54,000.00 in equal monthly instalments.",
        "4. Governing law. This Agreement is governed by the laws of England and Wales.",
    ):
        document.add_paragraph(text)
    save_word(document, path)
    return {
        "title": "Consulting Agreement",
        "parties": [
            {"name": "Fairbridge Foods Ltd", "role": "Client"},
            {"name": "Lena Marsh Consulting LLP", "role": "Consultant"},
        ],
        "effective_date": "2026-10-01",
        "end_date": "2028-03-31",
        "term": "18 months",
        "governing_law": "England and Wales",
        "value": 54000.0,
        "currency": "GBP",
    }


def web_invoice(path: Path) -> Record:
    """An invoice as a web page, in German with Austrian tax."""
    lines = [("Webhosting Tarif M, Jahr 2026", "1", "96,00", "96,00"), ("SSL-Zertifikat", "2", "25,00", "50,00")]
    rows = "\n".join("<tr>" + "".join(f"<td>{cell}</td>" for cell in row) + "</tr>" for row in lines)
    path.write_text(
        f"""<!doctype html>
<html lang="de"><head><meta charset="utf-8"><title>Rechnung</title></head><body>
<p><strong>Donauhost e.U.</strong><br>Lindengasse 40<br>1070 Wien<br>UID: ATU55512345</p>
<h1>Rechnung</h1>
<table>
<tr><td>Rechnungsnummer</td><td>R26-00871</td></tr>
<tr><td>Rechnungsdatum</td><td>12. Jänner 2026</td></tr>
<tr><td>Zahlungsziel</td><td>26. Jänner 2026</td></tr>
</table>
<p>Rechnung an:<br>Kleintierpraxis Dr. Huber<br>Hauptplatz 2<br>3100 St. Pölten</p>
<table>
<tr><th>Beschreibung</th><th>Anzahl</th><th>Preis</th><th>Summe</th></tr>
{rows}
</table>
<table>
<tr><td>Zwischensumme</td><td>146,00 €</td></tr>
<tr><td>20 % USt</td><td>29,20 €</td></tr>
<tr><td>Gesamtbetrag</td><td>175,20 €</td></tr>
</table>
</body></html>
""",
        "utf-8",
    )
    described = {"unit": None, "tax_rate": None}
    return {
        "number": "R26-00871",
        "issue_date": "2026-01-12",
        "due_date": "2026-01-26",
        "purchase_order": None,
        "supplier": {"name": "Donauhost e.U.", "tax_id": "ATU55512345", "address": "Lindengasse 40, 1070 Wien"},
        "customer": {
            "name": "Kleintierpraxis Dr. Huber",
            "tax_id": None,
            "address": "Hauptplatz 2, 3100 St. Pölten",
        },
        "currency": "EUR",
        "net": 146.0,
        "tax": 29.2,
        "total": 175.2,
        "iban": None,
        "lines": [
            {
                "description": "Webhosting Tarif M, Jahr 2026",
                "quantity": 1,
                "unit_price": 96.0,
                "amount": 96.0,
                **described,
            },
            {"description": "SSL-Zertifikat", "quantity": 2, "unit_price": 25.0, "amount": 50.0, **described},
        ],
    }


def save_word(document: WordDocument, path: Path) -> None:
    """Write a Word file without the time of writing, so that drawing it again changes nothing."""
    buffer = io.BytesIO()
    document.save(buffer)
    with zipfile.ZipFile(buffer) as drawn, zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as kept:
        for entry in drawn.infolist():
            kept.writestr(zipfile.ZipInfo(entry.filename, (2026, 1, 1, 0, 0, 0)), drawn.read(entry.filename))

"""The local engine on unusual layouts: sidebars, feet, broken names, groups of items, scans."""

from __future__ import annotations

import pytest

from hub.extraction.rules.blurred import blurred
from hub.extraction.rules.vocabulary import Meaning
from tests.extraction.conftest import extract, schema_of

SIDEBAR = """Zuiderpoort          FACTUUR
B.V.
Dorpsplein 116       Klant
7511 GK Enschede     Gemeente Ommerdam
Btw-id: NL674582427B01   Kerkstraat 120
                     3011 AD Rotterdam
FACTUUR NR.
RG003798
                     Omschrijving        Aantal   Prijs      Bedrag
KLANTNUMMER
                     Papier A4           1        397,53     397,53
76501
                     Glasbewassing       2        143,45     286,90
IBAN: NL91 ABNA 0417 1643 00
                                         Netto bedrag        684,43
"""


async def test_a_sidebar_is_no_part_of_the_table_beside_it():
    record = (await extract(SIDEBAR)).record
    assert [line["description"] for line in record["lines"]] == ["Papier A4", "Glasbewassing"]
    assert (record["number"], record["iban"]) == ("RG003798", "NL91ABNA0417164300")


async def test_a_company_name_goes_on_in_its_legal_form():
    supplier = (await extract(SIDEBAR)).record["supplier"]
    assert (supplier["name"], supplier["address"]) == ("Zuiderpoort B.V.", "Dorpsplein 116, 7511 GK Enschede")


@pytest.mark.parametrize(
    "foot",
    [
        "Marlow Ltd · 33 Orchard Lane · Bristol BS1 6QA · VAT: GB 111 7361 91",
        "Marlow Ltd | 33 Orchard Lane | Bristol BS1 6QA",
        "33 Orchard Lane, Bristol BS1 6QA\nVAT No. GB 111 7361 91\n",
    ],
)
async def test_the_address_of_a_sender_may_stand_in_the_foot(foot: str):
    head = "Marlow Ltd      INVOICE 77-A\n\nBill to: Penrose plc, 1 High Street, Derby DE1 3AH\n\n"
    text = f"{head}Total: 9.00 GBP\n\n\n{foot}"
    supplier = (await extract(text)).record["supplier"]
    assert supplier["name"] == "Marlow Ltd"
    assert supplier["address"].replace(",", "") == "33 Orchard Lane Bristol BS1 6QA"


@pytest.mark.parametrize(("rest", "found"), [("30 00", "DE89370400440532013000"), ("31 00", None)])
async def test_an_account_that_breaks_goes_on_below_if_its_checksum_says_so(rest: str, found: str | None):
    made = await extract(f"IBAN: DE89 3704 0044 0532 01\n      {rest}\n")
    assert made.record["iban"] == found


async def test_the_number_of_another_document_is_not_taken():
    made = await extract("Abono de la factura 97617\nRectificativa nº: 2501924\nTotal: -20,00 EUR\n")
    assert made.record["number"] == "2501924"


async def test_a_field_of_the_document_below_a_table_is_no_row_of_it():
    schema = schema_of(
        gewicht={"type": "number", "labels": ["Gesamtgewicht"]},
        spediteur={"type": "string", "labels": ["Frachtführer"]},
        positionen={"type": "table", "fields": {"artikel": "string", "menge": "number"}},
    )
    table = "Artikel        Menge\nWinkel         12\nSchraube       5\n"
    text = f"{table}Gesamtgewicht  19,4\nFrachtführer   Hansa Fracht KG\n"
    record = (await extract(text, schema)).record
    assert [row["artikel"] for row in record["positionen"]] == ["Winkel", "Schraube"]
    assert (record["gewicht"], record["spediteur"]) == (19.4, "Hansa Fracht KG")


async def test_a_number_within_a_name_is_no_quantity():
    text = "Item                Qty   Price   Discount   Amount\nCrate 16 gal        10    9.10    15%        77.35\n"
    line = (await extract(text)).record["lines"][0]
    assert (line["description"], line["quantity"], line["amount"]) == ("Crate 16 gal", 10, 77.35)


@pytest.mark.parametrize(
    ("line", "method"),
    [
        ("NUMERÁRIO   9,51", "NUMERÁRIO"),
        ("Gotówka   9,51 zł", "Gotówka"),
        ("Contanti   9,51", "Contanti"),
        ("PIN   9,51", "PIN"),
        ("Cartäo   9,51", "Cartäo"),
        ("VISA ****1881   9.51", "VISA"),
        ("Check #4471", None),
    ],
)
async def test_knows_how_was_paid_in_many_languages(line: str, method: str | None):
    made = await extract(f"Corner Shop\nMilk   9.51\nTotal   9.51\n{line}\n", "receipt")
    assert made.record["payment_method"] == method


@pytest.mark.parametrize(
    "contact", ["Sheffield | +44 114 496 0170 | ann@example.org", "Sheffield\n+44 114 496 0170\nann@example.org"]
)
async def test_a_place_among_the_contacts_is_where_a_person_lives(contact: str):
    text = f"Ann Driscoll\n{contact}\n\nEXPERIENCE\n2023 - present\nSite Engineer, Northgate Freight Ltd\n"
    assert (await extract(text, "cv")).record["location"] == "Sheffield"


async def test_an_article_ends_before_the_links_around_it():
    page = """<html lang="en"><head><title>Shop opens</title>
<meta property="article:published_time" content="2025-05-08T08:00:00Z"></head><body>
<h1>Shop opens</h1><p>The council voted on Tuesday.</p><p>Work begins in autumn.</p>
<div>Newsletter</div></body></html>"""
    record = (await extract(page, "article", "page.html")).record
    assert record["text"].split("\n") == ["The council voted on Tuesday.", "Work begins in autumn."]
    assert record["published"] == "2025-05-08"


@pytest.mark.parametrize(
    ("name", "kind", "text", "value"),
    [
        ("date_naissance", "date", "Date de naissance : 4 juin 1981", "1981-06-04"),
        ("faellig_am", "date", "Fällig am: 04.06.2026", "2026-06-04"),
        ("numero_devis", "string", "DEVIS N° D-26-4", "D-26-4"),
        ("validite", "string", "Validité du devis : 3 mois", "3 mois"),
        ("beginn", "date", "Versicherungsbeginn   01.04.2026", "2026-04-01"),
        ("kennzeichen", "string", "Amtl. Kennzeichen   BS-TK 408", "BS-TK 408"),
        ("gross_pay", "money", "Total Gross Pay   2,561.00", 2561.0),
        ("payment_method", "string", "Payment Method BACS", "BACS"),
        ("business_name", "string", "2 Business name, if different from above\nHarborline\n", "Harborline"),
        ("pets_allowed", "boolean", "Pets allowed:   No", False),
        ("satisfied", "boolean", "Satisfied? [x] Yes [ ] No", True),
        ("satisfied", "boolean", "Satisfied? ☐ Yes ☒ No", False),
        ("late_fee", "money", "Deposit: 20.00", None),
        ("total", "money", "Total packages: 2,160", None),
    ],
)
async def test_a_field_is_found_however_its_label_is_put(name: str, kind: str, text: str, value: object):
    assert (await extract(text, schema_of(**{name: kind}))).record[name] == value


STATEMENT = """                     2025       2024
Revenue             $ 4,812    $ 4,377
Net income              955        801
"""


async def test_of_several_years_a_single_field_is_the_latest():
    record = (await extract(STATEMENT, schema_of(revenue="money", net_income="money"))).record
    assert record == {"revenue": 4812.0, "net_income": 955.0}


async def test_a_statement_by_year_fills_a_table_of_years():
    years = {"type": "table", "fields": {"year": "integer", "revenue": "money"}}
    record = (await extract(STATEMENT, schema_of(years=years))).record
    assert record["years"] == [{"year": 2025, "revenue": 4812.0}, {"year": 2024, "revenue": 4377.0}]


@pytest.mark.parametrize(
    ("written", "label"),
    [("invoicenumber", True), ("lnvoicenumber", True), ("invoicenumbe", True), ("invoice", False), ("total", False)],
)
def test_a_label_is_known_with_one_letter_wrong(written: str, label: bool):
    meanings = (Meaning("invoice_number"),)
    assert (blurred({"invoicenumber": meanings}).get(written) == meanings) is label

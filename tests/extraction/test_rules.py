"""The local engine on small documents: where values stand, what they are called, what is left out."""

from __future__ import annotations

from time import process_time

import pytest

from tests.extraction.conftest import extract, schema_of


@pytest.mark.parametrize(
    "text",
    [
        "Invoice number: A-17\n",
        "INVOICE NO. A-17\n",
        "Invoice # A-17\n",
        "Invoice A-17\n",
        "Rechnungs-Nr.: A-17\n",
        "Rechnung Nr. A-17\n",
        "RECHNUNGSNUMMER   A-17\n",
        "Facture n° A-17\n",
        "N° de facture : A-17\n",
        "Numéro de facture   A-17\n",
        "Número de factura: A-17\n",
        "Factuurnummer A-17\n",
        "Fattura n. A-17\n",
        "Invoice number      Invoice date\nA-17                3 May 2026\n",
    ],
)
async def test_finds_a_number_whatever_it_is_called_and_wherever_it_stands(text: str):
    assert (await extract(text)).record["number"] == "A-17"


@pytest.mark.parametrize(
    ("text", "total", "currency"),
    [
        ("Total: EUR 1.234,50", 1234.5, "EUR"),
        ("Total due $1,234.50", 1234.5, "USD"),
        ("Gesamtbetrag     1.234,50 €", 1234.5, "EUR"),
        ("Total TTC : 1 234,50 €", 1234.5, "EUR"),
        ("Total CHF     1'234.50", 1234.5, "CHF"),
        ("Rechnungsbetrag (EUR): 1.234,50", 1234.5, "EUR"),
        ("Net: 10.00 GBP\nVAT 20%: 2.00 GBP\nTotal: 12.00 GBP", 12.0, "GBP"),
    ],
)
async def test_finds_the_total_and_its_currency(text: str, total: float, currency: str):
    record = (await extract(text)).record
    assert (record["total"], record["currency"]) == (total, currency)


async def test_a_list_ends_where_the_next_label_stands():
    schema = schema_of(tags={"type": "list", "labels": ["Tags"]}, mail={"type": "string", "format": "email"})
    record = (await extract("Title: Big one\nTags: a, b, c\nOwner: Jane Roe\nMail: j@roe.org\n", schema)).record
    assert record == {"tags": ["a", "b", "c"], "mail": "j@roe.org"}


async def test_a_total_before_tax_is_the_net_sum():
    record = (await extract("Total (excl. VAT): 100.00\nVAT 20%: 20.00\nTotal (incl. VAT): 120.00 EUR")).record
    assert (record["net"], record["tax"], record["total"]) == (100.0, 20.0, 120.0)


async def test_taxes_at_several_rates_are_added_up_with_each_as_evidence():
    made = await extract("Netto 200,00 €\nMwSt 7%   7,00 €\nMwSt 19%   19,00 €\nGesamtbetrag 226,00 €")
    assert made.record["tax"] == 26.0
    assert [one.text for one in made.fields["tax"].evidence] == ["7,00", "19,00"]


@pytest.mark.parametrize("text", ["", " ", "Hello.", "Dear Bob,\n\nthank you for the fish.\n\nBest wishes\nAnn\n"])
async def test_invents_nothing(text: str):
    record = (await extract(text or ".")).record
    parties = [record.pop("supplier"), record.pop("customer")]
    assert parties == [{"name": None, "tax_id": None, "address": None}] * 2
    assert record.pop("lines") == []
    assert set(record.values()) == {None}


async def test_an_account_with_a_wrong_checksum_is_none():
    assert (await extract("IBAN: DE88 3704 0044 0532 0130 00")).record["iban"] is None


async def test_a_day_that_nothing_decides_is_told():
    made = await extract("Invoice number: 7-A\nInvoice date: 03/04/2026\n")
    assert made.record["issue_date"] == "2026-04-03"
    assert made.fields["issue_date"].score <= 0.6
    assert "day first or month first" in made.fields["issue_date"].problems[0].message


async def test_payment_terms_decide_the_order_of_day_and_month():
    made = await extract("Invoice date: 04/05/2026\nDue date: 05/05/2026\nTerms: net 30 days\n")
    assert (made.record["issue_date"], made.record["due_date"]) == ("2026-04-05", "2026-05-05")


async def test_totals_and_carried_sums_are_no_line_items():
    made = await extract(
        """Description          Qty    Unit price      Amount
Blue paint             2         10.00       20.00
Carried forward                              20.00
Brushes                5          3.00       15.00

Subtotal                                     35.00
VAT 20%                                       7.00
Total                                        42.00 GBP
"""
    )
    assert [line["description"] for line in made.record["lines"]] == ["Blue paint", "Brushes"]
    assert (made.record["net"], made.record["tax"], made.record["total"]) == (35.0, 7.0, 42.0)


async def test_a_wrapped_description_belongs_to_its_line():
    made = await extract(
        """Description          Qty    Unit price      Amount
Garden table           1        120.00      120.00
  oak, oiled
Parasol                1         40.00       40.00
"""
    )
    assert [line["description"] for line in made.record["lines"]] == ["Garden table oak, oiled", "Parasol"]


async def test_a_sum_that_does_not_fit_is_told_and_trusted_less():
    fits = await extract("Net: 100.00\nVAT: 20.00\nTotal: 120.00 EUR")
    off = await extract("Net: 100.00\nVAT: 20.00\nTotal: 125.00 EUR")
    assert off.problems[-1].path == "total"
    assert off.fields["total"].score < 0.6 < fits.fields["total"].score
    assert off.fields["total"].confidence < fits.fields["total"].confidence


POLICY = schema_of(
    policy_number="string",
    policyholder="string",
    premium="money",
    start_date="date",
    insured="boolean",
    kind={"type": "enum", "options": ["car", "house"]},
    drivers={"type": "table", "fields": {"driver": "string", "born": "date"}},
)


async def test_serves_any_schema_by_the_names_of_its_fields():
    made = await extract(
        """Policy number: KX-993-112
Policyholder: Johanna Weiss
Start date: 01.07.2026
Premium   1.234,50 EUR
Insured: yes
Kind: Car

Driver            Born
Johanna Weiss     04.03.1980
Paul Weiss        17.11.1978
""",
        POLICY,
    )
    assert made.record == {
        "policy_number": "KX-993-112",
        "policyholder": "Johanna Weiss",
        "premium": 1234.5,
        "start_date": "2026-07-01",
        "insured": True,
        "kind": "car",
        "drivers": [
            {"driver": "Johanna Weiss", "born": "1980-03-04"},
            {"driver": "Paul Weiss", "born": "1978-11-17"},
        ],
    }


@pytest.mark.parametrize(
    ("name", "field", "text", "value"),
    [
        ("rechnungsnummer", "string", "Invoice no. 88-A", "88-A"),
        ("invoiceNumber", "string", "Rechnungs-Nr. 88-A", "88-A"),
        ("vendor_name", "string", "Supplier: Pico Ltd", "Pico Ltd"),
        ("amount_due", "money", "Zu zahlen: 12,00 EUR", 12.0),
        ("patient_name", "string", "Patient: Max Muster", "Max Muster"),
        ("departure_date", "date", "Departure: 4 June 2026", "2026-06-04"),
        ("arrival", "datetime", "Arrival 4 June 2026 14:30", "2026-06-04T14:30:00"),
        ("weight", "number", "Weight (kg): 12.5", 12.5),
        ("serial", {"type": "string", "labels": ["S/N"]}, "S/N: 00-AF-1", "00-AF-1"),
        ("contact_email", "string", "Write to ann@mail.example.org", "ann@mail.example.org"),
        ("tags", "list", "Tags: red, green, blue", ["red", "green", "blue"]),
    ],
)
async def test_a_field_is_found_by_its_name_in_any_language(name: str, field: object, text: str, value: object):
    assert (await extract(text, schema_of(**{name: field}))).record[name] == value


async def test_tables_of_web_pages_and_markdown_are_read():
    schema = schema_of(bookings={"type": "table", "fields": {"room": "string", "nights": "integer"}})
    expected = [{"room": "101", "nights": 3}, {"room": "205", "nights": 1}]
    rows = "<tr><th>Room</th><th>Nights</th></tr><tr><td>101</td><td>3</td></tr><tr><td>205</td><td>1</td></tr>"
    page = f"<table>{rows}</table>"
    note = "| Room | Nights |\n|---|---|\n| 101 | 3 |\n| 205 | 1 |\n"
    assert (await extract(page, schema, "t.html")).record["bookings"] == expected
    assert (await extract(note, schema, "t.md")).record["bookings"] == expected


@pytest.mark.parametrize(
    "text",
    [
        "1 " * 20_000,
        "(" * 40_000,
        "A B C D " * 5_000,
        "a@b." * 8_000,
        '"Client" ' * 2_000,
        "DE89 " * 8_000,
        "x" * 100_000,
    ],
    ids=["digits", "brackets", "capitals", "mail", "roles", "accounts", "one word"],
)
async def test_hostile_text_takes_no_time_out_of_proportion(text: str):
    start = process_time()
    assert (await extract(text)).record["total"] is None
    assert process_time() - start < 20

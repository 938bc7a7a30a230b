"""Documents the rules were not written with: invoices in layouts of other makers."""

from __future__ import annotations

from pathlib import Path

from scripts.samples.page import Paper

Record = dict[str, object]


def australian(path: Path) -> Record:
    """A grid of boxes with small labels above values, goods and services tax, lines with a code and a discount."""
    page = Paper(path)
    page.put(297, 45, "Tax Invoice", 20, bold=True)
    page.put(50, 45, "Kookaburra Signs Pty Ltd", 13, bold=True)
    page.put(50, 60, "ABN 51 824 753 556", 8)
    page.put(50, 71, "9 Wattle Court, Fitzroy VIC 3065", 8)
    cells = [("INVOICE #", "KS-0903"), ("DATE ISSUED", "21/08/2026"), ("DUE", "04/09/2026"), ("CUSTOMER PO", "77120-B")]
    for index, (label, value) in enumerate(cells):
        x = 50 + 125 * index
        page.canvas.rect(x, page.height - 130, 120, 36)
        page.put(x + 5, 105, label, 7)
        page.put(x + 5, 122, value, 11)
    page.put(50, 155, "SOLD TO", 7)
    page.lines(
        50, 168, ["Yarra Valley Brewing Co.", "Attn: Accounts Payable", "210 Maroondah Highway", "Healesville VIC 3777"]
    )
    columns = [(50, False), (110, False), (330, True), (400, True), (460, True), (545, True)]
    rows = [
        ("Code", "Item", "Qty", "Price", "Disc %", "Amount"),
        ("VN-2", "Vinyl banner 3 m", "2", "180.00", "10", "324.00"),
        ("AF-9", "A-frame sign", "4", "95.50", "0", "382.00"),
    ]
    end = page.table(260, columns, rows)
    pairs = [("Subtotal ex GST", "$706.00"), ("GST 10%", "$70.60"), ("Total AUD inc GST", "$776.60")]
    page.pairs(400, 545, end + 14, pairs)
    page.save()
    described = {"unit": None, "tax_rate": None}
    return {
        "number": "KS-0903",
        "issue_date": "2026-08-21",
        "due_date": "2026-09-04",
        "purchase_order": "77120-B",
        "supplier": {
            "name": "Kookaburra Signs Pty Ltd",
            "tax_id": "51 824 753 556",
            "address": "9 Wattle Court, Fitzroy VIC 3065",
        },
        "customer": {
            "name": "Yarra Valley Brewing Co.",
            "tax_id": None,
            "address": "210 Maroondah Highway, Healesville VIC 3777",
        },
        "currency": "AUD",
        "net": 706.0,
        "tax": 70.6,
        "total": 776.6,
        "iban": None,
        "lines": [
            {"description": "Vinyl banner 3 m", "quantity": 2, "unit_price": 180.0, "amount": 324.0, **described},
            {"description": "A-frame sign", "quantity": 4, "unit_price": 95.5, "amount": 382.0, **described},
        ],
    }


def agency(path: Path) -> Record:
    """A German agency: company's details only in the foot, tax per line, a discount for early payment."""
    page = Paper(path)
    page.put(545, 50, "nordwind", 26, bold=True, right=True)
    page.put(70, 140, "nordwind kommunikation gmbh, Deichtorstr. 8, 20457 Hamburg", 6.5)
    page.lines(70, 158, ["Reederei Petersen & Söhne KG", "Frau Inga Petersen", "Am Kai 3", "26725 Emden"], 10.5, 13.5)
    page.put(70, 250, "Rechnung Nr. 26-4410", 14, bold=True)
    page.put(545, 250, "Hamburg, den 9. November 2026", 9, right=True)
    page.put(70, 275, "Sehr geehrte Frau Petersen, für unsere Leistungen im Oktober berechnen wir Ihnen:", 9)
    columns = [(70, False), (95, False), (330, True), (400, True), (450, True), (545, True)]
    rows = [
        ("#", "Leistung", "Tage", "Tagessatz", "USt", "Summe"),
        ("1", "Konzept Imagefilm", "3,5", "960,00", "19%", "3.360,00 EUR"),
        ("2", "Schnitt und Vertonung", "2", "880,00", "19%", "1.760,00 EUR"),
        ("3", "Fachbuch Seehandel", "1", "48,00", "7%", "48,00 EUR"),
    ]
    end = page.table(300, columns, rows, 18)
    totals = [
        ("Summe netto", "5.168,00 EUR"),
        ("USt. 19% auf 5.120,00", "972,80 EUR"),
        ("USt. 7% auf 48,00", "3,36 EUR"),
        ("Zu zahlen", "6.144,16 EUR"),
    ]
    page.pairs(330, 545, end + 10, totals, 16)
    page.put(70, end + 95, "Zahlbar bis 23.11.2026 ohne Abzug, bei Zahlung binnen 7 Tagen 2% Skonto.", 9)
    page.lines(70, 780, ["nordwind kommunikation gmbh", "Deichtorstr. 8 · 20457 Hamburg", "HRB 88112 Hamburg"], 7, 9)
    page.lines(250, 780, ["Hamburger Sparkasse", "IBAN DE02 2005 0550 1015 8713 93", "BIC HASPDEHHXXX"], 7, 9)
    page.lines(420, 780, ["USt-ID DE 217 384 556", "Steuernr. 48/712/00931"], 7, 9)
    page.save()

    def row(description: str, quantity: float, price: float, rate: float, amount: float) -> Record:
        return {
            "description": description,
            "quantity": quantity,
            "unit": None,
            "unit_price": price,
            "tax_rate": rate,
            "amount": amount,
        }

    return {
        "number": "26-4410",
        "issue_date": "2026-11-09",
        "due_date": "2026-11-23",
        "purchase_order": None,
        "supplier": {
            "name": "nordwind kommunikation gmbh",
            "tax_id": "DE 217 384 556",
            "address": "Deichtorstr. 8, 20457 Hamburg",
        },
        "customer": {
            "name": "Reederei Petersen & Söhne KG",
            "tax_id": None,
            "address": "Am Kai 3, 26725 Emden",
        },
        "currency": "EUR",
        "net": 5168.0,
        "tax": 976.16,
        "total": 6144.16,
        "iban": "DE02200505501015871393",
        "lines": [
            row("Konzept Imagefilm", 3.5, 960.0, 19, 3360.0),
            row("Schnitt und Vertonung", 2, 880.0, 19, 1760.0),
            row("Fachbuch Seehandel", 1, 48.0, 7, 48.0),
        ],
    }


def dutch(path: Path) -> Record:
    """A Dutch invoice with labels and values far apart."""
    page = Paper(path)
    page.put(50, 60, "Fietsatelier De Ketting B.V.", 15, bold=True)
    page.lines(50, 76, ["Kanaalstraat 77", "3531 CG Utrecht", "KvK 30214455", "BTW-nummer NL812345678B01"], 9, 12)
    page.put(50, 150, "FACTUUR", 14, bold=True)
    page.pairs(
        50, 250, 172, [("Factuurnummer", "2026-0451"), ("Factuurdatum", "17-06-2026"), ("Vervaldatum", "01-07-2026")]
    )
    page.put(350, 172, "Factuur aan", bold=True)
    page.lines(350, 187, ["Gemeente Zeist", "Het Rond 1", "3701 HS Zeist"])
    columns = [(50, False), (330, True), (430, True), (545, True)]
    rows = [
        ("Omschrijving", "Aantal", "Prijs", "Bedrag"),
        ("Onderhoud dienstfietsen", "12", "€ 39,50", "€ 474,00"),
        ("Bandenset", "6", "€ 28,00", "€ 168,00"),
    ]
    end = page.table(260, columns, rows)
    pairs = [("Subtotaal", "€ 642,00"), ("BTW 21%", "€ 134,82"), ("Totaal te betalen", "€ 776,82")]
    page.pairs(380, 545, end + 16, pairs)
    page.put(50, 700, "Rekeningnummer NL91 ABNA 0417 1643 00", 9)
    page.save()
    described = {"unit": None, "tax_rate": None}
    return {
        "number": "2026-0451",
        "issue_date": "2026-06-17",
        "due_date": "2026-07-01",
        "purchase_order": None,
        "supplier": {
            "name": "Fietsatelier De Ketting B.V.",
            "tax_id": "NL812345678B01",
            "address": "Kanaalstraat 77, 3531 CG Utrecht",
        },
        "customer": {"name": "Gemeente Zeist", "tax_id": None, "address": "Het Rond 1, 3701 HS Zeist"},
        "currency": "EUR",
        "net": 642.0,
        "tax": 134.82,
        "total": 776.82,
        "iban": "NL91ABNA0417164300",
        "lines": [
            {
                "description": "Onderhoud dienstfietsen",
                "quantity": 12,
                "unit_price": 39.5,
                "amount": 474.0,
                **described,
            },
            {"description": "Bandenset", "quantity": 6, "unit_price": 28.0, "amount": 168.0, **described},
        ],
    }


def craftsman(path: Path) -> Record:
    """A French craftsman without value-added tax, everything in sentences and one table."""
    page = Paper(path, font="Times-Roman")
    page.lines(
        60,
        60,
        ["Jeanne Morel, menuisière", "3 impasse du Lavoir", "35400 Saint-Malo", "SIRET 512 345 678 00017"],
        11,
        14,
    )
    page.lines(350, 130, ["Client :", "Madame Claire Dubreuil", "27 rue de Dinan", "35000 Rennes"], 11, 14)
    page.put(60, 230, "Facture n° 2026/18 du 14 octobre 2026", 13, bold=True)
    columns = [(60, False), (350, True), (430, True), (530, True)]
    rows = [
        ("Prestation", "Qté", "P.U.", "Total"),
        ("Pose de parquet chêne (m²)", "32", "46,00 €", "1 472,00 €"),
        ("Plinthes assorties (m)", "24", "9,50 €", "228,00 €"),
    ]
    end = page.table(265, columns, rows, 18, 10)
    page.put(530, end + 20, "Net à payer : 1 700,00 €", 11, bold=True, right=True)
    page.put(60, end + 50, "TVA non applicable, article 293 B du CGI.", 9)
    page.put(60, end + 64, "À régler avant le 13 novembre 2026 par virement : FR76 3000 6000 0112 3456 7890 189", 9)
    page.save()
    described = {"unit": None, "tax_rate": None}
    return {
        "number": "2026/18",
        "issue_date": "2026-10-14",
        "due_date": "2026-11-13",
        "purchase_order": None,
        "supplier": {
            "name": "Jeanne Morel, menuisière",
            "tax_id": None,
            "address": "3 impasse du Lavoir, 35400 Saint-Malo",
        },
        "customer": {
            "name": "Madame Claire Dubreuil",
            "tax_id": None,
            "address": "27 rue de Dinan, 35000 Rennes",
        },
        "currency": "EUR",
        "net": None,
        "tax": None,
        "total": 1700.0,
        "iban": "FR7630006000011234567890189",
        "lines": [
            {
                "description": "Pose de parquet chêne (m²)",
                "quantity": 32,
                "unit_price": 46.0,
                "amount": 1472.0,
                **described,
            },
            {"description": "Plinthes assorties (m)", "quantity": 24, "unit_price": 9.5, "amount": 228.0, **described},
        ],
    }


def software(path: Path) -> Record:
    """An American subscription invoice as web services print them."""
    page = Paper(path, (612, 792))
    page.put(50, 60, "Invoice", 24, bold=True)
    page.pairs(
        50,
        230,
        90,
        [("Invoice number", "9F3A21C7-0008"), ("Date of issue", "February 1, 2027"), ("Date due", "February 15, 2027")],
    )
    page.lines(
        50,
        155,
        [
            "Loomwork, Inc.",
            "548 Market Street",
            "PMB 90210",
            "San Francisco, California 94104",
            "United States",
            "billing@loomwork.example",
        ],
        9,
        12,
    )
    page.put(300, 155, "Bill to", 9, bold=True)
    page.lines(300, 167, ["Oakhaven Dental LLC", "12 Elm St", "Burlington, Vermont 05401", "United States"], 9, 12)
    page.put(50, 250, "$316.41 due February 15, 2027", 15, bold=True)
    columns = [(50, False), (360, True), (450, True), (562, True)]
    rows = [
        ("Description", "Qty", "Unit price", "Amount"),
        ("Team plan", "7", "$42.00", "$294.00"),
        ("Feb 1 – Feb 28, 2027", "", "", ""),
    ]
    end = page.table(285, columns, rows)
    pairs = [
        ("Subtotal", "$294.00"),
        ("Sales tax - Vermont (7.622%)", "$22.41"),
        ("Total", "$316.41"),
        ("Amount due", "$316.41 USD"),
    ]
    page.pairs(300, 562, end + 14, pairs)
    page.save()
    return {
        "number": "9F3A21C7-0008",
        "issue_date": "2027-02-01",
        "due_date": "2027-02-15",
        "purchase_order": None,
        "supplier": {
            "name": "Loomwork, Inc.",
            "tax_id": None,
            "address": "548 Market Street, PMB 90210, San Francisco, California 94104, United States",
        },
        "customer": {
            "name": "Oakhaven Dental LLC",
            "tax_id": None,
            "address": "12 Elm St, Burlington, Vermont 05401, United States",
        },
        "currency": "USD",
        "net": 294.0,
        "tax": 22.41,
        "total": 316.41,
        "iban": None,
        "lines": [
            {
                "description": "Team plan Feb 1 – Feb 28, 2027",
                "quantity": 7,
                "unit": None,
                "unit_price": 42.0,
                "tax_rate": None,
                "amount": 294.0,
            }
        ],
    }

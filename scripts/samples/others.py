"""Sample receipts, orders, contracts, CVs and articles, in PDF and in formats without pages."""

from __future__ import annotations

from pathlib import Path

from scripts.samples.page import Paper

Record = dict[str, object]


def bakery_receipt(path: Path) -> Record:
    """A narrow German till receipt without a header over its rows."""
    page = Paper(path, (230, 420), "Courier")
    page.put(50, 30, "Backhaus Sommer GmbH", 10, bold=True)
    page.lines(50, 44, ["Hauptstraße 17", "79098 Freiburg", "USt-IdNr. DE811234567"], 8, 11)
    rows = [("Roggenbrot 750g", "4,20 A"), ("Brezel", "2,40 A"), ("  3 x 0,80", ""), ("Kaffee Crema", "3,10 B")]
    y = page.table(95, [(20, False), (210, True)], rows, 13, 8)
    y = page.table(y + 4, [(20, False), (210, True)], [("Summe EUR", "9,70"), ("Girocard", "9,70")], 13, 8)
    page.table(y + 4, [(20, False), (210, True)], [("MwSt 7 % (A)", "0,43"), ("MwSt 19 % (B)", "0,49")], 13, 8)
    page.put(20, y + 45, "11.06.2026  07:42 Uhr   Bon-Nr. 4471", 8)
    page.put(20, y + 60, "Vielen Dank für Ihren Einkauf!", 8)
    page.save()
    return {
        "merchant": {
            "name": "Backhaus Sommer GmbH",
            "tax_id": "DE811234567",
            "address": "Hauptstraße 17, 79098 Freiburg",
        },
        "date": "2026-06-11",
        "time": "07:42",
        "currency": "EUR",
        "tax": 0.92,
        "total": 9.7,
        "payment_method": "Girocard",
        "lines": [
            {"description": "Roggenbrot 750g", "quantity": None, "unit_price": None, "amount": 4.2},
            {"description": "Brezel", "quantity": 3, "unit_price": 0.8, "amount": 2.4},
            {"description": "Kaffee Crema", "quantity": None, "unit_price": None, "amount": 3.1},
        ],
    }


def hardware_receipt(path: Path) -> Record:
    """A plain text receipt from the United States."""
    path.write_text(
        """            PINE & NAIL HARDWARE
             418 Juniper Avenue
             Bend, OR 97701
             (541) 555-0148

Date: 09/23/2026          Time: 4:17 PM
Receipt #: 100-88213

2 Wood screws 2 in box           11.98
1 Cordless drill 18V            129.00
4 Sandpaper sheet 120             5.00

Subtotal                        145.98
Sales tax 6.5%                    9.49
TOTAL                          $155.47
Visa ending 4242               $155.47

Thank you for shopping local!
""",
        "utf-8",
    )
    return {
        "merchant": {
            "name": "PINE & NAIL HARDWARE",
            "tax_id": None,
            "address": "418 Juniper Avenue, Bend, OR 97701",
        },
        "date": "2026-09-23",
        "time": "16:17",
        "currency": "USD",
        "tax": 9.49,
        "total": 155.47,
        "payment_method": "Visa",
        "lines": [
            {"description": "Wood screws 2 in box", "quantity": 2, "unit_price": None, "amount": 11.98},
            {"description": "Cordless drill 18V", "quantity": 1, "unit_price": None, "amount": 129.0},
            {"description": "Sandpaper sheet 120", "quantity": 4, "unit_price": None, "amount": 5.0},
        ],
    }


def text_invoice(path: Path) -> Record:
    """A freelancer's invoice as plain text."""
    path.write_text(
        """Marta Olsson Translations
Strandvägen 9, 114 56 Stockholm
VAT no. SE556677889901

INVOICE

Invoice number: MO-2026-031
Invoice date:   2026-03-31
Due date:       2026-04-30

To:
Nordlys Media A/S
Havnegade 12
1058 København
Denmark

Description                        Hours      Rate      Amount
Translation of annual report          18     650.00   11,700.00
Proof-reading of press release         2     500.00    1,000.00

Subtotal                                              12,700.00
VAT 0% (reverse charge)                                    0.00
Total due (SEK)                                       12,700.00

Please pay to IBAN SE45 5000 0000 0583 9825 7466
""",
        "utf-8",
    )

    def row(description: str, quantity: float, price: float, amount: float) -> Record:
        return {
            "description": description,
            "quantity": quantity,
            "unit": None,
            "unit_price": price,
            "tax_rate": None,
            "amount": amount,
        }

    return {
        "number": "MO-2026-031",
        "issue_date": "2026-03-31",
        "due_date": "2026-04-30",
        "purchase_order": None,
        "supplier": {
            "name": "Marta Olsson Translations",
            "tax_id": "SE556677889901",
            "address": "Strandvägen 9, 114 56 Stockholm",
        },
        "customer": {
            "name": "Nordlys Media A/S",
            "tax_id": None,
            "address": "Havnegade 12, 1058 København, Denmark",
        },
        "currency": "SEK",
        "net": 12700.0,
        "tax": 0.0,
        "total": 12700.0,
        "iban": "SE4550000000058398257466",
        "lines": [
            row("Translation of annual report", 18, 650.0, 11700.0),
            row("Proof-reading of press release", 2, 500.0, 1000.0),
        ],
    }


def order(path: Path) -> Record:
    """A purchase order with vendor and delivery address side by side."""
    page = Paper(path)
    page.put(50, 60, "Orchard Hill Clinics plc", 14, bold=True)
    page.lines(50, 76, ["3 Orchard Hill", "Bristol BS1 5TR"], 9, 12)
    page.put(545, 60, "PURCHASE ORDER", 16, bold=True, right=True)
    page.pairs(380, 545, 85, [("PO Number:", "4500-19934"), ("Date:", "3 Feb 2026"), ("Delivery date:", "20 Feb 2026")])
    page.put(50, 150, "Vendor", bold=True)
    page.put(310, 150, "Ship to", bold=True)
    page.lines(50, 165, ["Medisafe Supplies Ltd", "Unit 12 Park Way", "Swindon SN2 8AA"])
    page.lines(310, 165, ["Orchard Hill Clinics plc", "Goods-in, Gate 2", "Bristol BS1 5TR"])
    rows = [
        ("Item", "Description", "Qty", "UOM", "Unit price", "Line total"),
        ("1", "Nitrile gloves, medium", "200", "box", "6.25", "1,250.00"),
        ("2", "Surgical masks type IIR", "150", "box", "4.10", "615.00"),
    ]
    columns = [(50, False), (90, False), (330, True), (345, False), (450, True), (545, True)]
    end = page.table(245, columns, rows)
    page.pairs(400, 545, end + 20, [("Order total", "GBP 1,865.00")])
    page.save()
    return {
        "number": "4500-19934",
        "date": "2026-02-03",
        "buyer": "Orchard Hill Clinics plc",
        "supplier": "Medisafe Supplies Ltd",
        "currency": "GBP",
        "total": 1865.0,
        "delivery_date": "2026-02-20",
        "lines": [
            {
                "description": "Nitrile gloves, medium",
                "quantity": 200,
                "unit": "box",
                "unit_price": 6.25,
                "amount": 1250.0,
            },
            {
                "description": "Surgical masks type IIR",
                "quantity": 150,
                "unit": "box",
                "unit_price": 4.1,
                "amount": 615.0,
            },
        ],
    }


def lease(path: Path) -> Record:
    """A short French service contract."""
    page = Paper(path, font="Times-Roman")
    page.put(50, 70, "CONTRAT DE PRESTATION DE SERVICES", 16, bold=True)
    paragraphs = [
        "Entre les soussignés :",
        "Hôtel des Alpages SAS, société par actions simplifiée, dont le siège est à Annecy,",
        "ci-après dénommée « le Client »,",
        "et",
        "Netclair SARL, dont le siège est à Chambéry, ci-après dénommée « le Prestataire »,",
        "il a été convenu ce qui suit.",
        "",
        "Article 1. Objet. Le Prestataire assure le nettoyage des locaux du Client.",
        "Article 2. Durée. Le contrat prend effet le 1er septembre 2026 pour une durée de",
        "24 mois et prend fin le 31 août 2028.",
        "Article 3. Prix. La rémunération annuelle est fixée à 36 000,00 EUR hors taxes.",
        "Article 4. Droit applicable. Le présent contrat est régi par le droit français.",
    ]
    page.lines(50, 110, paragraphs, 11, 18)
    page.save()
    return {
        "title": "CONTRAT DE PRESTATION DE SERVICES",
        "parties": [
            {"name": "Hôtel des Alpages SAS", "role": "Client"},
            {"name": "Netclair SARL", "role": "Prestataire"},
        ],
        "effective_date": "2026-09-01",
        "end_date": "2028-08-31",
        "term": "24 mois",
        "governing_law": "droit français",
        "value": 36000.0,
        "currency": "EUR",
    }


def career(path: Path) -> Record:
    """A CV with headings and times on the right."""
    page = Paper(path)
    page.put(50, 60, "Amelia Okafor", 22, bold=True)
    page.put(50, 80, "Manchester, United Kingdom  |  amelia.okafor@example.org  |  +44 161 496 0123", 9)
    page.put(50, 115, "Profile", 12, bold=True)
    page.lines(
        50, 132, ["Data engineer who builds reliable pipelines for public transport,", "from sensor to dashboard."]
    )
    page.put(50, 175, "Experience", 12, bold=True)
    page.put(50, 193, "Senior Data Engineer, Metrolink Analytics Ltd", bold=True)
    page.put(545, 193, "March 2022 – Present", right=True)
    page.put(50, 207, "• Moved nightly batches to streams")
    page.put(50, 227, "Data Engineer, Canal Street Software Ltd", bold=True)
    page.put(545, 227, "September 2018 – February 2022", right=True)
    page.put(50, 241, "• Built the billing warehouse")
    page.put(50, 275, "Education", 12, bold=True)
    page.put(50, 293, "BSc Computer Science, University of Leeds")
    page.put(545, 293, "2018", right=True)
    page.put(50, 330, "Skills", 12, bold=True)
    page.put(50, 347, "Python, SQL, Apache Kafka, dbt")
    page.save()
    return {
        "name": "Amelia Okafor",
        "email": "amelia.okafor@example.org",
        "phone": "+44 161 496 0123",
        "location": "Manchester, United Kingdom",
        "summary": "Data engineer who builds reliable pipelines for public transport, from sensor to dashboard.",
        "skills": ["Python", "SQL", "Apache Kafka", "dbt"],
        "positions": [
            {
                "title": "Senior Data Engineer",
                "employer": "Metrolink Analytics Ltd",
                "start": "2022-03",
                "end": None,
            },
            {
                "title": "Data Engineer",
                "employer": "Canal Street Software Ltd",
                "start": "2018-09",
                "end": "2022-02",
            },
        ],
        "education": [{"degree": "BSc Computer Science", "school": "University of Leeds", "year": 2018}],
    }


def article(path: Path) -> Record:
    """A web page with a byline."""
    body = [
        "The old mill at Ferncombe is grinding flour again for the first time since 1962.",
        "Volunteers rebuilt the wheel from local oak and raised the money with bread sales.",
    ]
    paragraphs = "\n".join(f"<p>{text}</p>" for text in body)
    path.write_text(
        f"""<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Ferncombe mill turns again</title>
<meta property="og:site_name" content="Ferncombe Gazette"></head>
<body><article><h1>Ferncombe mill turns again</h1>
<p>By Ruth Adeyemi</p><p>Published on 6 May 2026</p>
{paragraphs}
</article></body></html>
""",
        "utf-8",
    )
    return {
        "title": "Ferncombe mill turns again",
        "author": "Ruth Adeyemi",
        "published": "2026-05-06",
        "site": "Ferncombe Gazette",
        "language": "en",
        "text": "\n".join(body),
    }

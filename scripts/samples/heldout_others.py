"""Documents the rules were not written with: receipts, orders, agreements, a CV, articles."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from docx import Document
from docx.document import Document as WordDocument

from scripts.samples.office import save_word
from scripts.samples.page import Paper

Record = dict[str, object]


def restaurant(path: Path) -> Record:
    """A British restaurant's receipt: quantity first, service charge, tax included."""
    page = Paper(path, (240, 430), "Courier")
    page.put(55, 30, "The Copper Ladle", 11, bold=True)
    page.lines(40, 44, ["14 Quay Street, Bristol", "BS1 4DB", "VAT No 345 6789 12", "Table 9   Guests 2"], 8, 11)
    page.put(20, 98, "18 Jul 2026 20:41", 8)
    rows = [("2 Fish pie", "31.00"), ("1 Garden salad", "6.50"), ("3 Ginger beer", "11.25")]
    y = page.table(118, [(20, False), (215, True)], rows, 13, 8)
    more = [("Subtotal", "48.75"), ("Service 10%", "4.88"), ("TOTAL", "£53.63"), ("Mastercard ****1881", "£53.63")]
    y = page.table(y + 5, [(20, False), (215, True)], more, 13, 8)
    page.put(20, y + 6, "Total includes VAT @20% 8.13", 7)
    page.save()
    items = [("Fish pie", 2, 31.0), ("Garden salad", 1, 6.5), ("Ginger beer", 3, 11.25)]
    return {
        "merchant": {
            "name": "The Copper Ladle",
            "tax_id": "345 6789 12",
            "address": "14 Quay Street, Bristol, BS1 4DB",
        },
        "date": "2026-07-18",
        "time": "20:41",
        "currency": "GBP",
        "tax": 8.13,
        "total": 53.63,
        "payment_method": "Mastercard",
        "lines": [
            {"description": name, "quantity": quantity, "unit_price": None, "amount": amount}
            for name, quantity, amount in items
        ],
    }


def chemist(path: Path) -> Record:
    """A French receipt as plain text."""
    path.write_text(
        """PHARMACIE DES LILAS
8 place de la Mairie
31000 TOULOUSE
Tél : 05 61 00 00 00

Ticket n° 55120       Caisse 02
Le 03/12/2026 à 18:22

PARACETAMOL 1G              2,18
CREME MAINS 75ML            6,90
  2 x 3,45
VITAMINE C 500              4,75

TOTAL TTC                  13,83 €
CB                         13,83 €
dont TVA 20,00 %            1,94
Merci de votre visite
""",
        "utf-8",
    )
    return {
        "merchant": {
            "name": "PHARMACIE DES LILAS",
            "tax_id": None,
            "address": "8 place de la Mairie, 31000 TOULOUSE",
        },
        "date": "2026-12-03",
        "time": "18:22",
        "currency": "EUR",
        "tax": 1.94,
        "total": 13.83,
        "payment_method": "CB",
        "lines": [
            {"description": "PARACETAMOL 1G", "quantity": None, "unit_price": None, "amount": 2.18},
            {"description": "CREME MAINS 75ML", "quantity": 2, "unit_price": 3.45, "amount": 6.9},
            {"description": "VITAMINE C 500", "quantity": None, "unit_price": None, "amount": 4.75},
        ],
    }


def german_order(path: Path) -> Record:
    """An order as a letter: buyer in the head, supplier in the window, labels in a row."""
    page = Paper(path)
    page.put(57, 50, "Klinikum Süderland gGmbH", 13, bold=True)
    page.put(57, 64, "Einkauf · Gartenstraße 100 · 59846 Sundern", 8)
    page.lines(57, 130, ["Medizintechnik Falk GmbH", "Industriestraße 21", "57072 Siegen"], 10.5, 14)
    for index, (label, value) in enumerate(
        [("Bestellnummer", "K-2026-5512"), ("Bestelldatum", "08.09.2026"), ("Liefertermin", "KW 40 / 30.09.2026")]
    ):
        page.put(57 + 160 * index, 210, label, 8)
        page.put(57 + 160 * index, 223, value, 10)
    columns = [(57, False), (90, False), (340, True), (355, False), (450, True), (540, True)]
    rows = [
        ("Pos", "Artikel", "Menge", "ME", "Preis/Einheit", "Gesamt"),
        ("10", "Infusionspumpe Typ 4", "6", "Stk", "1.148,00", "6.888,00"),
        ("20", "Schlauchset steril", "300", "Pck", "2,35", "705,00"),
    ]
    end = page.table(270, columns, rows)
    page.pairs(380, 540, end + 16, [("Bestellwert netto EUR", "7.593,00")])
    page.save()
    return {
        "number": "K-2026-5512",
        "date": "2026-09-08",
        "buyer": "Klinikum Süderland gGmbH",
        "supplier": "Medizintechnik Falk GmbH",
        "currency": "EUR",
        "total": 7593.0,
        "delivery_date": "2026-09-30",
        "lines": [
            {
                "description": "Infusionspumpe Typ 4",
                "quantity": 6,
                "unit": "Stk",
                "unit_price": 1148.0,
                "amount": 6888.0,
            },
            {"description": "Schlauchset steril", "quantity": 300, "unit": "Pck", "unit_price": 2.35, "amount": 705.0},
        ],
    }


def american_order(path: Path) -> Record:
    """An order in Word whose head is a table of labels and values."""
    document = Document()
    document.add_heading("PURCHASE ORDER", 0)
    _table(
        document,
        [
            ("P.O. #", "10077-A"),
            ("Order date", "11/19/2026"),
            ("Ship date", "12/05/2026"),
            ("Ordered by", "Redwood Outfitters Inc."),
            ("Vendor", "Summit Rope Works LLC"),
        ],
    )
    document.add_paragraph("")
    lines = [
        ("Product", "Quantity", "Unit", "Unit cost", "Total"),
        ("Static rope 11 mm, 60 m", "25", "ea", "$118.40", "$2,960.00"),
        ("Carabiner, steel", "400", "ea", "$7.15", "$2,860.00"),
    ]
    _table(document, lines)
    document.add_paragraph("Total order value: $5,820.00")
    save_word(document, path)
    return {
        "number": "10077-A",
        "date": "2026-11-19",
        "buyer": "Redwood Outfitters Inc.",
        "supplier": "Summit Rope Works LLC",
        "currency": "USD",
        "total": 5820.0,
        "delivery_date": "2026-12-05",
        "lines": [
            {
                "description": "Static rope 11 mm, 60 m",
                "quantity": 25,
                "unit": "ea",
                "unit_price": 118.4,
                "amount": 2960.0,
            },
            {"description": "Carabiner, steel", "quantity": 400, "unit": "ea", "unit_price": 7.15, "amount": 2860.0},
        ],
    }


def german_lease(path: Path) -> Record:
    """A German lease as plain text."""
    path.write_text(
        """Mietvertrag über Gewerberäume

zwischen

Immobilien Kranz GmbH & Co. KG, Lindenallee 4, 04109 Leipzig
- nachfolgend "Vermieter" genannt -

und

Töpferei Sandra Vogel, Karl-Heine-Straße 61, 04229 Leipzig
- nachfolgend "Mieter" genannt -

§ 1 Mietsache
Vermietet werden Räume im Erdgeschoss.

§ 2 Mietzeit
Das Mietverhältnis beginnt am 01.02.2027 und endet am 31.01.2032. Die Laufzeit beträgt 5 Jahre.

§ 3 Miete
Die monatliche Miete beträgt 1.450,00 EUR zuzüglich Nebenkosten.

§ 4 Schlussbestimmungen
Es gilt deutsches Recht.
""",
        "utf-8",
    )
    return {
        "title": "Mietvertrag über Gewerberäume",
        "parties": [
            {"name": "Immobilien Kranz GmbH & Co. KG", "role": "Vermieter"},
            {"name": "Töpferei Sandra Vogel", "role": "Mieter"},
        ],
        "effective_date": "2027-02-01",
        "end_date": "2032-01-31",
        "term": "5 Jahre",
        "governing_law": "deutsches Recht",
        "value": 1450.0,
        "currency": "EUR",
    }


def german_career(path: Path) -> Record:
    """A German CV in two columns: contact and skills on the left, stations on the right."""
    page = Paper(path)
    page.put(220, 60, "Jonas Achterberg", 22, bold=True)
    page.put(50, 110, "Kontakt", 11, bold=True)
    page.lines(50, 126, ["jonas.achterberg@example.net", "+49 171 5550192", "50667 Köln"], 9, 13)
    page.put(50, 185, "Kenntnisse", 11, bold=True)
    page.lines(50, 201, ["CAD (SolidWorks)", "FEM-Simulation", "Projektleitung"], 9, 13)
    page.put(220, 110, "Berufserfahrung", 11, bold=True)
    page.lines(220, 126, ["04/2021 - heute", "Konstruktionsleiter", "Rheinwerk Anlagenbau GmbH"], 9, 13)
    page.lines(220, 175, ["10/2016 - 03/2021", "Entwicklungsingenieur", "Pumpen Adler AG"], 9, 13)
    page.put(220, 230, "Ausbildung", 11, bold=True)
    page.lines(220, 246, ["2011 - 2016", "Master Maschinenbau", "RWTH Aachen University"], 9, 13)
    page.save()
    return {
        "name": "Jonas Achterberg",
        "email": "jonas.achterberg@example.net",
        "phone": "+49 171 5550192",
        "location": "50667 Köln",
        "summary": None,
        "skills": ["CAD (SolidWorks)", "FEM-Simulation", "Projektleitung"],
        "positions": [
            {"title": "Konstruktionsleiter", "employer": "Rheinwerk Anlagenbau GmbH", "start": "2021-04", "end": None},
            {"title": "Entwicklungsingenieur", "employer": "Pumpen Adler AG", "start": "2016-10", "end": "2021-03"},
        ],
        "education": [{"degree": "Master Maschinenbau", "school": "RWTH Aachen University", "year": 2016}],
    }


def news(path: Path) -> Record:
    """A French article in Markdown."""
    body = [
        "La halle aux grains de Montréjeau a rouvert ses portes après trois ans de travaux.",
        "Les commerçants de la ville espèrent que les visiteurs viendront pour le marché du samedi.",
    ]
    text = "\n\n".join(body)
    path.write_text(f"# La halle aux grains renaît\n\nPar Hélène Castan\n\nPublié le 12 mars 2026\n\n{text}\n", "utf-8")
    return {
        "title": "La halle aux grains renaît",
        "author": "Hélène Castan",
        "published": "2026-03-12",
        "site": None,
        "language": "fr",
        "text": " ".join(body),
    }


def _table(document: WordDocument, rows: Sequence[tuple[str, ...]]) -> None:
    table = document.add_table(rows=len(rows), cols=len(rows[0]))
    for row, texts in zip(table.rows, rows, strict=True):
        for cell, text in zip(row.cells, texts, strict=True):
            cell.text = text

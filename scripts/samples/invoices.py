"""Sample invoices: four currencies, four languages, one and several pages."""

from __future__ import annotations

from pathlib import Path

from reportlab.lib.pagesizes import LETTER

from scripts.samples.page import Paper

Record = dict[str, object]


def line(
    description: str,
    quantity: float | None,
    unit: str | None,
    unit_price: float | None,
    tax_rate: float | None,
    amount: float,
) -> Record:
    """Write what a line is expected to hold."""
    return {
        "description": description,
        "quantity": quantity,
        "unit": unit,
        "unit_price": unit_price,
        "tax_rate": tax_rate,
        "amount": amount,
    }


def british(path: Path) -> Record:
    """Labels and values in two columns on the right, a plain table."""
    page = Paper(path)
    page.put(50, 60, "Harrowgate Timber Ltd", 18, bold=True)
    page.lines(50, 78, ["Unit 4, Canal Works", "Leeds LS9 8AF", "VAT Reg No: GB 417 2093 55"])
    page.put(545, 60, "INVOICE", 22, bold=True, right=True)
    page.pairs(
        380, 545, 90, [("Invoice No.", "HT-20417"), ("Invoice date", "14 March 2026"), ("Due date", "13 April 2026")]
    )
    page.pairs(380, 545, 135, [("Your PO", "PO-88812")])
    page.put(50, 160, "Bill to:", bold=True)
    page.lines(50, 175, ["Pennine Kitchens Ltd", "27 Station Road", "Skipton BD23 1QT"])
    rows = [
        ("Description", "Qty", "Unit", "Unit price", "VAT %", "Amount"),
        ("Oak board 2400 x 200 mm", "12", "pcs", "34.50", "20", "414.00"),
        ("Walnut veneer sheet", "3", "pcs", "128.00", "20", "384.00"),
        ("Delivery within 30 miles", "1", "trip", "45.00", "20", "45.00"),
    ]
    columns = [(50, False), (300, True), (315, False), (420, True), (470, True), (545, True)]
    page.rule(245)
    end = page.table(262, columns, rows)
    page.rule(end)
    page.pairs(400, 545, end + 20, [("Subtotal", "843.00"), ("VAT 20%", "168.60"), ("Total due", "£1,011.60")])
    page.put(50, 760, "Payment by bank transfer: IBAN GB33 BUKB 2020 1555 5555 55   BIC BUKBGB22", 9)
    page.save()
    return {
        "number": "HT-20417",
        "issue_date": "2026-03-14",
        "due_date": "2026-04-13",
        "purchase_order": "PO-88812",
        "supplier": {
            "name": "Harrowgate Timber Ltd",
            "tax_id": "GB 417 2093 55",
            "address": "Unit 4, Canal Works, Leeds LS9 8AF",
        },
        "customer": {
            "name": "Pennine Kitchens Ltd",
            "tax_id": None,
            "address": "27 Station Road, Skipton BD23 1QT",
        },
        "currency": "GBP",
        "net": 843.0,
        "tax": 168.6,
        "total": 1011.6,
        "iban": "GB33BUKB20201555555555",
        "lines": [
            line("Oak board 2400 x 200 mm", 12, "pcs", 34.5, 20, 414.0),
            line("Walnut veneer sheet", 3, "pcs", 128.0, 20, 384.0),
            line("Delivery within 30 miles", 1, "trip", 45.0, 20, 45.0),
        ],
    }


def german(path: Path) -> Record:
    """A letter after DIN 5008: sender's line above the receiver, numbers as 1.200,00."""
    page = Paper(path)
    page.put(420, 60, "Lindner Elektrotechnik GmbH", 12, bold=True)
    page.put(57, 130, "Lindner Elektrotechnik GmbH · Ahornweg 12 · 70565 Stuttgart", 7)
    page.lines(57, 150, ["Café Morgenrot OHG", "Marktstraße 5", "72070 Tübingen"], 11, 14)
    page.pairs(380, 540, 150, [("Rechnungs-Nr.:", "RE-2026/0318"), ("Rechnungsdatum:", "05.02.2026")])
    page.pairs(380, 540, 180, [("Kunden-Nr.:", "10442"), ("Fällig am:", "19.02.2026")])
    page.put(57, 260, "Rechnung", 16, bold=True)
    rows = [
        ("Pos.", "Bezeichnung", "Menge", "Einheit", "Einzelpreis", "Gesamtpreis"),
        ("1", "LED-Einbaustrahler 9 W", "24", "Stk", "38,90", "933,60"),
        ("", "warmweiß, dimmbar", "", "", "", ""),
        ("2", "Installationskabel NYM-J 3x1,5", "50", "m", "1,12", "56,00"),
        ("3", "Montage durch Meister", "6,5", "Std", "62,00", "403,00"),
    ]
    columns = [(57, False), (90, False), (320, True), (335, False), (450, True), (540, True)]
    end = page.table(300, columns, rows)
    page.rule(end, 57, 540)
    page.pairs(360, 540, end + 18, [("Nettobetrag", "1.392,60 €"), ("zzgl. 19 % MwSt.", "264,59 €")])
    page.pairs(360, 540, end + 48, [("Rechnungsbetrag", "1.657,19 €")])
    page.rule(770, 57, 540)
    page.put(57, 785, "Lindner Elektrotechnik GmbH   USt-IdNr.: DE298765432   IBAN: DE89 3704 0044 0532 0130 00", 7)
    page.save()
    return {
        "number": "RE-2026/0318",
        "issue_date": "2026-02-05",
        "due_date": "2026-02-19",
        "purchase_order": None,
        "supplier": {
            "name": "Lindner Elektrotechnik GmbH",
            "tax_id": "DE298765432",
            "address": "Ahornweg 12, 70565 Stuttgart",
        },
        "customer": {"name": "Café Morgenrot OHG", "tax_id": None, "address": "Marktstraße 5, 72070 Tübingen"},
        "currency": "EUR",
        "net": 1392.6,
        "tax": 264.59,
        "total": 1657.19,
        "iban": "DE89370400440532013000",
        "lines": [
            line("LED-Einbaustrahler 9 W warmweiß, dimmbar", 24, "Stk", 38.9, None, 933.6),
            line("Installationskabel NYM-J 3x1,5", 50, "m", 1.12, None, 56.0),
            line("Montage durch Meister", 6.5, "Std", 62.0, None, 403.0),
        ],
    }


def french(path: Path) -> Record:
    """Blocks with labels side by side, numbers as 1 200,00, two rates of tax."""
    page = Paper(path, font="Times-Roman")
    page.put(50, 60, "FACTURE N° F-2026-0092", 16, bold=True)
    page.put(50, 80, "Date de facture : 2 avril 2026")
    page.put(50, 95, "Date d'échéance : 2 mai 2026")
    page.put(50, 130, "Émetteur", bold=True)
    page.put(310, 130, "Facturé à", bold=True)
    page.lines(50, 145, ["Atelier Bellerive SARL", "14 rue des Tanneurs", "69005 Lyon", "N° TVA : FR 40 303 265 045"])
    page.lines(310, 145, ["Librairie du Parc SAS", "8 avenue Foch", "38000 Grenoble", "N° TVA : FR 61 954 506 077"])
    rows = [
        ("Désignation", "Quantité", "Prix unitaire HT", "TVA %", "Montant HT"),
        ("Étagère chêne massif 180 cm", "4", "612,50", "20", "2 450,00"),
        ("Manuel d'entretien", "4", "12,00", "5,5", "48,00"),
    ]
    columns = [(50, False), (300, True), (400, True), (450, True), (545, True)]
    end = page.table(235, columns, rows)
    pairs = [("Total HT", "2 498,00 €"), ("TVA 20 %", "490,00 €"), ("TVA 5,5 %", "2,64 €"), ("Total TTC", "2 990,64 €")]
    page.pairs(390, 545, end + 20, pairs)
    page.put(50, 740, "Règlement par virement. IBAN : FR14 2004 1010 0505 0001 3M02 606", 9)
    page.save()
    return {
        "number": "F-2026-0092",
        "issue_date": "2026-04-02",
        "due_date": "2026-05-02",
        "purchase_order": None,
        "supplier": {
            "name": "Atelier Bellerive SARL",
            "tax_id": "FR 40 303 265 045",
            "address": "14 rue des Tanneurs, 69005 Lyon",
        },
        "customer": {
            "name": "Librairie du Parc SAS",
            "tax_id": "FR 61 954 506 077",
            "address": "8 avenue Foch, 38000 Grenoble",
        },
        "currency": "EUR",
        "net": 2498.0,
        "tax": 492.64,
        "total": 2990.64,
        "iban": "FR1420041010050500013M02606",
        "lines": [
            line("Étagère chêne massif 180 cm", 4, None, 612.5, 20, 2450.0),
            line("Manuel d'entretien", 4, None, 12.0, 5.5, 48.0),
        ],
    }


def swiss(path: Path) -> Record:
    """Francs with apostrophes, values below a row of labels."""
    page = Paper(path)
    page.put(50, 60, "Seefeld Grafik AG", 14, bold=True)
    page.lines(50, 76, ["Seestrasse 88", "8008 Zürich", "CHE-114.392.887 MWST"], 9, 12)
    page.put(50, 140, "Rechnung an", 8)
    page.lines(50, 153, ["Bergbahnen Alpina AG", "Talstation 1", "3920 Zermatt"])
    labels = ["Rechnungsnummer", "Rechnungsdatum", "Zahlbar bis", "Bestellnummer"]
    values = ["2026-1187", "18.05.2026", "17.06.2026", "BA-5521"]
    for index, (label, value) in enumerate(zip(labels, values, strict=True)):
        page.put(50 + 130 * index, 225, label, 8)
        page.put(50 + 130 * index, 239, value, 10, bold=True)
    rows = [
        ("Leistung", "Stunden", "Ansatz", "Betrag"),
        ("Gestaltung Pistenplan", "42", "145.00", "6'090.00"),
        ("Druckdaten und Korrekturen", "11.5", "120.00", "1'380.00"),
    ]
    end = page.table(280, [(50, False), (330, True), (430, True), (545, True)], rows)
    pairs = [("Zwischentotal", "7'470.00"), ("MWST 8.1%", "605.05"), ("Total CHF", "8'075.05")]
    page.pairs(390, 545, end + 20, pairs)
    page.put(50, 740, "Konto: CH93 0076 2011 6238 5295 7", 9)
    page.save()
    return {
        "number": "2026-1187",
        "issue_date": "2026-05-18",
        "due_date": "2026-06-17",
        "purchase_order": "BA-5521",
        "supplier": {
            "name": "Seefeld Grafik AG",
            "tax_id": "CHE-114.392.887 MWST",
            "address": "Seestrasse 88, 8008 Zürich",
        },
        "customer": {"name": "Bergbahnen Alpina AG", "tax_id": None, "address": "Talstation 1, 3920 Zermatt"},
        "currency": "CHF",
        "net": 7470.0,
        "tax": 605.05,
        "total": 8075.05,
        "iban": "CH9300762011623852957",
        "lines": [
            line("Gestaltung Pistenplan", 42, None, 145.0, None, 6090.0),
            line("Druckdaten und Korrekturen", 11.5, None, 120.0, None, 1380.0),
        ],
    }


def american(path: Path) -> Record:
    """Three pages with the header repeated and the sum carried, dates month first."""
    page = Paper(path, LETTER)
    page.put(50, 55, "BLUE MESA ROBOTICS, INC.", 15, bold=True)
    page.lines(50, 72, ["2100 Innovation Drive, Suite 300", "Boulder, CO 80301", "EIN: 84-1234567"], 9, 12)
    page.put(560, 55, "Invoice # 77-3310", 12, bold=True, right=True)
    page.put(560, 72, "Date: 07/28/2026", right=True)
    page.put(560, 87, "Terms: Net 30", right=True)
    page.put(560, 102, "Due: 08/27/2026", right=True)
    page.put(50, 130, "BILL TO", bold=True)
    page.lines(50, 144, ["Cascade Fabrication LLC", "915 Foundry Street", "Portland, OR 97209"])
    header = ("Item", "Description", "Qty", "Rate", "Amount")
    columns: list[tuple[float, bool]] = [(50, False), (130, False), (390, True), (470, True), (560, True)]
    parts = [(f"BM-{100 + n}", f"Servo actuator type {chr(65 + n % 26)}{n}", 2 + n % 4, 40.0 + n) for n in range(70)]
    y = page.table(205, columns, [header])
    total = 0.0
    for number, (code, name, quantity, price) in enumerate(parts):
        if number in {30, 66}:
            page.put(470, y + 8, "Carried forward", 9, right=True)
            page.put(560, y + 8, f"{total:,.2f}", 9, right=True)
            page.turn()
            y = page.table(60, columns, [header])
        total += quantity * price
        y = page.table(y, columns, [(code, name, str(quantity), f"{price:,.2f}", f"{quantity * price:,.2f}")])
    tax = round(total * 0.0475, 2)
    pairs = [
        ("Subtotal", f"${total:,.2f}"),
        ("Sales tax (4.75%)", f"${tax:,.2f}"),
        ("Balance due", f"${total + tax:,.2f}"),
    ]
    page.pairs(400, 560, y + 20, pairs)
    page.save()
    return {
        "number": "77-3310",
        "issue_date": "2026-07-28",
        "due_date": "2026-08-27",
        "purchase_order": None,
        "supplier": {
            "name": "BLUE MESA ROBOTICS, INC.",
            "tax_id": "84-1234567",
            "address": "2100 Innovation Drive, Suite 300, Boulder, CO 80301",
        },
        "customer": {
            "name": "Cascade Fabrication LLC",
            "tax_id": None,
            "address": "915 Foundry Street, Portland, OR 97209",
        },
        "currency": "USD",
        "net": total,
        "tax": tax,
        "total": round(total + tax, 2),
        "iban": None,
        "lines": [line(name, quantity, None, price, None, quantity * price) for _, name, quantity, price in parts],
    }

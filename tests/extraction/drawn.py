"""Invoices drawn by chance: words, layout, order of columns and formats of one language, all from a seed."""

from __future__ import annotations

import io
import random
from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

import msgspec
from reportlab.pdfgen.canvas import Canvas


class Language(msgspec.Struct, frozen=True):
    """What invoices of one language say, several words for each thing; the first letter of `group` parts thousands."""

    title: str
    labels: dict[str, list[str]]
    columns: list[list[str]]
    totals: list[list[str]]
    supplier: tuple[str, list[str], str]
    customer: tuple[str, list[str]]
    items: list[str]
    marks: str
    currency: tuple[str, str]
    days: str


LANGUAGES = [
    Language(
        title="INVOICE",
        labels={
            "number": ["Invoice Number", "Invoice No.", "Invoice #", "Inv. No", "Invoice ID"],
            "issue_date": ["Invoice Date", "Date of Issue", "Issued", "Date", "Billing date"],
            "due_date": ["Due Date", "Payment Due", "Due by", "Payable by"],
            "purchase_order": ["PO Number", "P.O. No.", "Purchase Order", "Order Ref"],
            "customer": ["Bill To", "Billed To", "Invoice To", "Customer", "Sold To"],
            "tax_id": ["VAT No.", "VAT Reg", "VAT ID"],
        },
        columns=[
            ["Description", "Item", "Service"],
            ["Qty", "Quantity"],
            ["Unit Price", "Rate"],
            ["Amount", "Line Total"],
        ],
        totals=[["Subtotal", "Net Total"], ["VAT 20%", "VAT (20%)", "20% VAT"], ["Total", "Amount Due", "Grand Total"]],
        supplier=("Falcon Tools Ltd", ["8 Mill Road", "Leeds LS1 4AP"], "GB 123 4567 89"),
        customer=("Orion Group plc", ["1 Canal Walk", "Manchester M1 2HG"]),
        items=["Steel brackets", "Site survey", "Annual licence", "LED lamp 9W"],
        marks=",.",
        currency=("GBP", "£"),
        days="%d/%m/%Y",
    ),
    Language(
        title="RECHNUNG",
        labels={
            "number": ["Rechnungsnummer", "Rechnungs-Nr.", "Rechnung Nr.", "Beleg-Nr."],
            "issue_date": ["Rechnungsdatum", "Datum", "Ausstellungsdatum"],
            "due_date": ["Fälligkeitsdatum", "Fällig am", "Zahlbar bis", "Zahlungsziel"],
            "purchase_order": ["Bestellnummer", "Ihre Bestellung", "Bestell-Nr."],
            "customer": ["Rechnungsempfänger", "Rechnung an", "Kunde", "Rechnungsadresse"],
            "tax_id": ["USt-IdNr.", "USt-ID", "UID"],
        },
        columns=[
            ["Beschreibung", "Artikel", "Leistung"],
            ["Menge", "Anzahl"],
            ["Einzelpreis", "Preis"],
            ["Betrag", "Gesamt"],
        ],
        totals=[["Nettobetrag", "Zwischensumme"], ["MwSt. 20%", "zzgl. 20% MwSt."], ["Gesamtbetrag", "Zu zahlen"]],
        supplier=("Nordlicht GmbH", ["Hafenstraße 3", "24103 Kiel"], "DE123456789"),
        customer=("Stadtwerke Aue AG", ["Bergstraße 44", "08280 Aue"]),
        items=["Stahlwinkel", "Vor-Ort-Termin", "Jahreslizenz", "LED-Lampe 9W"],
        marks=".,",
        currency=("EUR", "€"),
        days="%d.%m.%Y",
    ),
    Language(
        title="FACTURE",
        labels={
            "number": ["Numéro de facture", "Facture n°", "N° de facture"],
            "issue_date": ["Date de facture", "Date", "Date d'émission", "Émise le"],
            "due_date": ["Date d'échéance", "Échéance", "À payer avant le"],
            "purchase_order": ["Bon de commande", "N° de commande", "Votre commande"],
            "customer": ["Facturé à", "Client", "Destinataire"],
            "tax_id": ["N° TVA", "TVA intracommunautaire"],
        },
        columns=[
            ["Désignation", "Article", "Prestation"],
            ["Quantité", "Qté"],
            ["Prix unitaire", "PU HT"],
            ["Montant", "Total HT"],
        ],
        totals=[["Total HT", "Sous-total"], ["TVA 20%", "TVA à 20 %"], ["Total TTC", "Net à payer"]],
        supplier=("Atelier Lumière SARL", ["12 rue des Lilas", "44000 Nantes"], "FR12345678901"),
        customer=("Mairie de Sète", ["20 rue Paul Valéry", "34200 Sète"]),
        items=["Équerres acier", "Visite sur site", "Licence annuelle", "Lampe LED 9W"],
        marks=" ,",
        currency=("EUR", "€"),
        days="%d/%m/%Y",
    ),
]


class Drawing:
    """One invoice being drawn."""

    def __init__(self, seed: int) -> None:
        self.chance = random.Random(seed)
        self.language = self.chance.choice(LANGUAGES)
        self._buffer = io.BytesIO()
        self._canvas = Canvas(self._buffer, pagesize=(595, 842))

    def put(self, x: float, y: float, text: str, size: float = 10, *, right: bool = False) -> None:
        """Write a text that begins at x, or ends there."""
        self._canvas.setFont("Helvetica", size)
        (self._canvas.drawRightString if right else self._canvas.drawString)(x, 842 - y, text)

    def money(self, value: float) -> str:
        """Write a sum as the language does."""
        group, mark = self.language.marks[0], self.language.marks[1]
        return f"{value:,.2f}".replace(",", "\0").replace(".", mark).replace("\0", group)

    def save(self) -> bytes:
        """Return the PDF."""
        self._canvas.save()
        return self._buffer.getvalue()


def draw(seed: int) -> tuple[bytes, dict[str, Any]]:
    """Draw an invoice and return it with what must be read from it."""
    page = Drawing(seed)
    chance, language = page.chance, page.language
    issued = date(2026, chance.randint(1, 12), chance.randint(1, 28))
    written = chance.choice(["%Y-%m-%d", language.days])
    values = {
        "number": chance.choice([f"INV-2026-0{seed}", f"2026{seed:04}", f"RE-{seed}/26"]),
        "issue_date": issued,
        "due_date": issued + timedelta(days=30),
        "purchase_order": chance.choice([None, f"PO-{1000 + seed}"]),
    }
    said = {name: value.strftime(written) if isinstance(value, date) else value for name, value in values.items()}
    pairs = [(chance.choice(language.labels[name]), text) for name, text in said.items() if isinstance(text, str)]
    lines = [
        (item, chance.randint(1, 40), round(chance.uniform(3, 900), 2)) for item in chance.sample(language.items, 3)
    ]
    _head(page, pairs)
    net, tax, total = _body(page, lines)
    return page.save(), {
        **{name: value.isoformat() if isinstance(value, date) else value for name, value in values.items()},
        "supplier": {
            "name": language.supplier[0],
            "tax_id": language.supplier[2],
            "address": ", ".join(language.supplier[1]),
        },
        "customer": {"name": language.customer[0], "tax_id": None, "address": ", ".join(language.customer[1])},
        "currency": language.currency[0],
        "net": net,
        "tax": tax,
        "total": total,
        "iban": None,
        "lines": [
            {
                "description": item,
                "quantity": quantity,
                "unit": None,
                "unit_price": price,
                "tax_rate": None,
                "amount": round(quantity * price, 2),
            }
            for item, quantity, price in lines
        ],
    }


def _head(page: Drawing, pairs: Sequence[tuple[str, str]]) -> None:
    language, layout = page.language, page.chance.randint(0, 3)
    name, address, tax_id = language.supplier
    page.put(50, 60, name, 14)
    for row, text in enumerate([*address, f"{page.chance.choice(language.labels['tax_id'])}: {tax_id}"]):
        page.put(50, 76 + 12 * row, text, 9)
    page.put(50 if layout else 545, 135 if layout else 60, language.title, 18, right=not layout)
    for index, (label, text) in enumerate(pairs):
        if layout == 0:
            page.put(360, 85 + 14 * index, label)
            page.put(545, 85 + 14 * index, text, right=True)
        elif layout == 1:
            page.put(50, 155 + 14 * index, f"{label}: {text}")
        elif layout == 2:
            page.put(50 + 128 * index, 158, label, 8)
            page.put(50 + 128 * index, 171, text)
        else:
            page.put(50, 155 + 14 * index, label)
            page.put(190, 155 + 14 * index, text)
    page.put(50, 235, page.chance.choice(language.labels["customer"]))
    for row, text in enumerate([language.customer[0], *language.customer[1]]):
        page.put(50, 249 + 12 * row, text)


def _body(page: Drawing, lines: Sequence[tuple[str, int, float]]) -> tuple[float, float, float]:
    places = page.chance.choice([(50, 320, 430, 545), (110, 80, 430, 545)])
    for place, words in zip(places, page.language.columns, strict=True):
        page.put(place, 310, page.chance.choice(words), 9, right=place not in {50, 110})
    for row, (item, quantity, price) in enumerate(lines):
        cells = (item, str(quantity), page.money(price), page.money(quantity * price))
        for place, text in zip(places, cells, strict=True):
            page.put(place, 327 + 17 * row, text, 9, right=place not in {50, 110})
    net = round(sum(round(quantity * price, 2) for _, quantity, price in lines), 2)
    tax = round(net * 0.2, 2)
    sums = (net, tax, round(net + tax, 2))
    for row, (words, value) in enumerate(zip(page.language.totals, sums, strict=True)):
        page.put(360, 400 + 17 * row, page.chance.choice(words))
        page.put(545, 400 + 17 * row, f"{page.money(value)} {page.language.currency[1]}", right=True)
    return sums

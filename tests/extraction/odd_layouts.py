"""Invoices of layouts that no rule knows: odd places, no labels, other languages; each drawn with other values."""

from __future__ import annotations

import io
import random
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import msgspec
from reportlab.pdfgen.canvas import Canvas

from hub.extraction.reading import Reading, Span

Truth = dict[str, Any]
_NAMES = [
    "Orion Group",
    "Bergbahn Nord",
    "Mairie de Sète",
    "Talo ja Puu",
    "Quartz Dental",
    "Hotel Seeblick",
    "Delta Print",
]
_STREETS = ["Bergstraße 44", "1 Canal Walk", "20 rue Paul Valéry", "Kauppakatu 7", "Via Roma 12"]
_ITEMS = ["Steel brackets", "Site survey", "Annual licence", "LED lamp", "Oak board", "Printer toner", "Cable, 5 m"]


class Sheet:
    """One page being drawn, y counted from the top."""

    def __init__(self, seed: int) -> None:
        self.chance = random.Random(seed)
        self._buffer = io.BytesIO()
        self._canvas = Canvas(self._buffer, pagesize=(595, 842), invariant=True)

    def put(self, x: float, y: float, text: str, size: float = 10, *, right: bool = False) -> None:
        """Write a text that begins at x, or ends there."""
        self._canvas.setFont("Helvetica", size)
        (self._canvas.drawRightString if right else self._canvas.drawString)(x, 842 - y, text)

    def turn(self) -> None:
        """Go on with a new page."""
        self._canvas.showPage()

    def save(self) -> bytes:
        """Return the PDF."""
        self._canvas.save()
        return self._buffer.getvalue()


class _Values(msgspec.Struct, frozen=True):
    """What one invoice says."""

    number: str
    issued: date
    due: date
    name: str
    street: str
    lines: list[tuple[str, int, float]]

    @property
    def net(self) -> float:
        return round(sum(round(quantity * price, 2) for _, quantity, price in self.lines), 2)

    @property
    def tax(self) -> float:
        return round(self.net * 0.25, 2)

    @property
    def total(self) -> float:
        return round(self.net + self.tax, 2)


def _values(chance: random.Random) -> _Values:
    issued = date(2026, chance.randint(1, 12), chance.randint(13, 28))
    return _Values(
        number=f"{chance.choice('ABK')}{chance.randint(100, 999)}-{chance.randint(10, 99)}",
        issued=issued,
        due=issued + timedelta(days=chance.choice([10, 14, 30])),
        name=chance.choice(_NAMES),
        street=chance.choice(_STREETS),
        lines=[
            (item, chance.randint(1, 40), round(chance.uniform(3, 900), 2))
            for item in chance.sample(_ITEMS, chance.randint(2, 5))
        ],
    )


def _comma(value: float) -> str:
    return f"{value:,.2f}".replace(",", "\0").replace(".", ",").replace("\0", ".")


def unlabelled(sheet: Sheet, said: _Values) -> Truth:
    """German: the sum stands in a box of its own, the day behind the town, the number below "Vorgang"."""
    sheet.put(50, 50, "Werkhof Süd eG", 15)
    sheet.put(50, 66, "Am Hafen 3 · 24103 Kiel", 8)
    sheet.put(545, 100, f"Kiel, {said.issued:%d.%m.%Y}", right=True)
    sheet.put(50, 130, said.name)
    sheet.put(50, 144, said.street)
    sheet.put(430, 130, "Vorgang", 7)
    sheet.put(430, 144, said.number)
    sheet.put(430, 165, "Akte", 7)
    sheet.put(430, 179, f"{sheet.chance.randint(1000, 9999)}-X")
    y = 240.0
    for item, quantity, price in said.lines:
        sheet.put(50, y, f"{quantity} x {item}")
        sheet.put(545, y, _comma(quantity * price), right=True)
        y += 16
    sheet.put(545, y + 40, f"{_comma(said.total)} EUR", 16, right=True)
    sheet.put(50, y + 40, "Danke für die gute Zusammenarbeit", 9)
    sheet.put(50, y + 60, f"zu begleichen spätestens {said.due:%d.%m.%Y}", 9)
    sheet.put(50, 800, "Werkhof Süd eG · Vorstand Ida Brandt · Sparkasse Kiel", 7)
    return {
        "number": said.number,
        "issue_date": said.issued.isoformat(),
        "due_date": said.due.isoformat(),
        "total": said.total,
        "customer.name": said.name,
    }


def finnish(sheet: Sheet, said: _Values) -> Truth:
    """Finnish: every label is unknown, the columns too."""
    sheet.put(50, 60, "LASKU", 18)
    pairs = [
        ("Laskun viite", said.number),
        ("Laadittu", f"{said.issued:%d.%m.%Y}"),
        ("Maksettava viimeistään", f"{said.due:%d.%m.%Y}"),
    ]
    for row, (label, text) in enumerate(pairs):
        sheet.put(330, 60 + 16 * row, label)
        sheet.put(545, 60 + 16 * row, text, right=True)
    sheet.put(50, 120, "Saaja", 8)
    sheet.put(50, 134, said.name)
    sheet.put(50, 148, said.street)
    y = _rows(sheet, said)
    for row, (label, value) in enumerate((("Veroton", said.net), ("Vero", said.tax), ("Maksetaan", said.total))):
        sheet.put(400, y + 20 + 16 * row, label)
        sheet.put(545, y + 20 + 16 * row, _comma(value), right=True)
    _foot(sheet)
    return {
        "number": said.number,
        "issue_date": said.issued.isoformat(),
        "due_date": said.due.isoformat(),
        "total": said.total,
        "net": said.net,
        "tax": said.tax,
        "customer.name": said.name,
        "lines": [
            {
                "description": item,
                "quantity": float(quantity),
                "unit_price": price,
                "amount": round(quantity * price, 2),
            }
            for item, quantity, price in said.lines
        ],
    }


def _rows(sheet: Sheet, said: _Values) -> float:
    """Draw the table, over several pages if it must be; returns the height below it."""
    _columns(sheet, 220)
    y = 238.0
    for item, quantity, price in said.lines:
        if y > 760:
            _foot(sheet)
            sheet.turn()
            sheet.put(50, 60, f"Jatkoa laskuun {said.number}", 8)
            _columns(sheet, 90)
            y = 108.0
        sheet.put(50, y, str(quantity), 9)
        sheet.put(100, y, item, 9)
        sheet.put(430, y, _comma(price), 9, right=True)
        sheet.put(545, y, _comma(quantity * price), 9, right=True)
        y += 17
    return y


def _columns(sheet: Sheet, y: float) -> None:
    for x, head in ((50, "Kpl"), (100, "Mitä"), (430, "à"), (545, "Rivi")):
        sheet.put(x, y, head, 9, right=x > 400)


def _foot(sheet: Sheet) -> None:
    sheet.put(50, 800, "Puutyö Oy · Y-tunnus puuttuu · Kauppatori Turku", 7)


def behind(sheet: Sheet, said: _Values) -> Truth:
    """English: names stand below and right of their values, as on old forms."""
    sheet.put(297, 50, "HARBOUR & SONS", 14)
    for x, text, label in (
        (60, said.number, "our sign"),
        (220, f"{said.issued:%d %B %Y}", "day of writing"),
        (400, f"{said.due:%d %B %Y}", "money expected"),
    ):
        sheet.put(x, 110, text)
        sheet.put(x, 123, label, 7)
    sheet.put(60, 170, said.name)
    sheet.put(60, 183, "client", 7)
    y = 230.0
    for item, quantity, price in said.lines:
        sheet.put(60, y, f"{item} ({quantity} pieces)")
        sheet.put(430, y, f"{quantity * price:,.2f}", right=True)
        y += 15
    for row, (value, label) in enumerate(((said.net, "goods"), (said.tax, "duty"), (said.total, "altogether"))):
        sheet.put(430, y + 25 + 15 * row, f"{value:,.2f}", right=True)
        sheet.put(440, y + 25 + 15 * row, label)
    sheet.put(60, 790, "Harbour & Sons, shipping agents since 1911, Pier Four, Whitby", 7)
    return {
        "number": said.number,
        "issue_date": said.issued.isoformat(),
        "due_date": said.due.isoformat(),
        "total": said.total,
        "net": said.net,
        "tax": said.tax,
        "customer.name": said.name,
    }


def sentences(sheet: Sheet, said: _Values) -> Truth:
    """French: a letter that says everything in sentences with words of its own."""
    sheet.put(50, 60, "Imprimerie du Lac", 13)
    sheet.put(350, 100, said.name)
    sheet.put(350, 114, said.street)
    sheet.put(50, 180, f"Annecy, ce {said.issued:%d/%m/%Y}")
    sheet.put(50, 210, f"Dossier suivi {said.number} par notre atelier")
    sheet.put(50, 240, "Chers amis, voici ce que nous avons fait pour vous ce mois-ci.")
    y = 270.0
    for item, quantity, price in said.lines:
        sheet.put(70, y, f"- {item}, {quantity} fois")
        sheet.put(500, y, f"{quantity * price:.2f}".replace(".", ","), right=True)
        y += 15
    total = f"{said.total:.2f}".replace(".", ",")
    sheet.put(50, y + 20, f"Cela fait en tout {total} euros, merci de nous faire parvenir la somme")
    sheet.put(50, y + 34, f"le {said.due:%d/%m/%Y} au plus tard.")
    sheet.put(50, 790, "Imprimerie du Lac, quai des Cygnes, Annecy", 7)
    return {
        "number": said.number,
        "issue_date": said.issued.isoformat(),
        "due_date": said.due.isoformat(),
        "total": said.total,
        "customer.name": said.name,
    }


LAYOUTS: dict[str, Callable[[Sheet, _Values], Truth]] = {
    "unlabelled": unlabelled,
    "finnish": finnish,
    "behind": behind,
    "sentences": sentences,
}


def draw_odd(layout: str, seed: int, times: int = 1) -> tuple[bytes, Truth]:
    """Draw an invoice of a layout, its lines so many times, and return it with what it says, by path."""
    sheet = Sheet(seed)
    said = _values(sheet.chance)
    truth = LAYOUTS[layout](sheet, msgspec.structs.replace(said, lines=said.lines * times))
    return sheet.save(), truth


def scanned(reading: Reading, seed: int) -> Reading:
    """Return a reading as recognition would give it: shifted, stretched, slightly askew, some letters mistaken."""
    chance = random.Random(seed)
    sideways, down, stretch = chance.uniform(-12, 12), chance.uniform(-12, 12), chance.uniform(0.99, 1.01)
    spans, text, at = [], "", 0
    for span in reading.spans:
        gap = reading.text[at : span.start]
        word = span.text
        if word.isalpha() and chance.random() < 0.06:
            word = word.replace("i", "l").replace("e", "c", 1)
        assert span.box is not None
        left, top, right, bottom = (value * stretch + chance.uniform(-0.8, 0.8) for value in span.box)
        start = len(text) + len(gap)
        text += gap + word
        box = (left + sideways, top + down, right + sideways, bottom + down)
        spans.append(Span(span.id, word, start, len(text), span.page, box, 0.9))
        at = span.end
    return msgspec.structs.replace(reading, text=text, spans=tuple(spans), tables=(), source=f"{seed:064x}")


def scan_of(pdf: bytes, seed: int) -> bytes:
    """Return a picture of the first page as a scanner would give it: a little askew, grey and noisy."""
    import numpy
    import pypdfium2
    from PIL import Image

    page = pypdfium2.PdfDocument(pdf)[0]
    picture = page.render(scale=150 / 72).to_pil().convert("L")
    picture = picture.rotate(random.Random(seed).uniform(-1.2, 1.2), fillcolor=255, resample=Image.Resampling.BICUBIC)
    noise = numpy.random.default_rng(seed).normal(0, 12, (picture.height, picture.width))
    noisy = (numpy.asarray(picture, dtype=float) + noise).clip(0, 255).astype("uint8")
    held = io.BytesIO()
    Image.fromarray(noisy).save(held, "PNG")
    return held.getvalue()

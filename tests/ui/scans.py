"""Scans of one supplier's invoices, drawn as pictures: the same layout, other values."""

from __future__ import annotations

import io

from PIL import Image, ImageDraw, ImageFont
from reportlab.lib.pdfencrypt import StandardEncryption
from reportlab.pdfgen.canvas import Canvas

WIDTH, HEIGHT = 1240, 1754
INK, PAPER = (24, 24, 30), (250, 249, 245)


def scan(number: str, job: str, net: float) -> bytes:
    """Return a PNG of an invoice; `job` stands beside a label that no rule knows."""
    page = Image.new("RGB", (WIDTH, HEIGHT), PAPER)
    pen = ImageDraw.Draw(page)
    pen.text((110, 110), "Brightwater Timber Ltd", INK, ImageFont.load_default(44))
    pen.text((110, 175), "4 Mill Lane, Leeds LS1 4AP", INK, ImageFont.load_default(26))
    pen.text((820, 110), "INVOICE", INK, ImageFont.load_default(52))
    rows = (
        ("Invoice number", number), ("Invoice date", "4 May 2026"), ("Due date", "3 June 2026"), ("Yard mark", job),
    )  # fmt: skip
    for line, (label, value) in enumerate(rows):
        pen.text((110, 330 + line * 58), label, INK, ImageFont.load_default(28))
        pen.text((480, 330 + line * 58), value, INK, ImageFont.load_default(28))
    sums = (("Net", net), ("VAT 20%", net * 0.2), ("Total", net * 1.2))
    for line, (label, amount) in enumerate(sums):
        pen.text((720, 900 + line * 58), label, INK, ImageFont.load_default(28))
        pen.text((960, 900 + line * 58), f"GBP {amount:,.2f}", INK, ImageFont.load_default(28))
    kept = io.BytesIO()
    page.save(kept, "PNG", dpi=(150, 150))
    return kept.getvalue()


def locked(password: str) -> bytes:
    """Return a PDF that opens with a password alone."""
    kept = io.BytesIO()
    page = Canvas(kept, encrypt=StandardEncryption(password, canPrint=0))
    page.drawString(72, 760, "INVOICE")
    page.drawString(72, 720, "Invoice number: INV-LOCKED")
    page.save()
    return kept.getvalue()


def two_pages() -> bytes:
    """Return a PDF with an invoice's number on its first page and its total on the second."""
    kept = io.BytesIO()
    page = Canvas(kept)
    page.drawString(72, 760, "INVOICE")
    page.drawString(72, 720, "Invoice number: INV-TWO")
    page.showPage()
    page.drawString(72, 720, "Total: 118.00 EUR")
    page.save()
    return kept.getvalue()

"""Invoices for the main job: the demo's samples and as many generated ones as wanted."""

import io
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

import msgspec
from reportlab.lib.pagesizes import A4
from reportlab.pdfgen.canvas import Canvas

import hub.demo

SAMPLES = Path(hub.demo.__file__).parent / "samples"
SELLERS = ("Northwind Paper Ltd", "Aldgate Tools Ltd", "Blue Heron Press Ltd")
CURRENCIES = ("EUR", "GBP", "USD")


@dataclass(frozen=True)
class Invoice:
    """A document and the values that it must give."""

    name: str
    content: bytes
    number: str
    currency: str
    total: Decimal
    due: str


def samples() -> list[Invoice]:
    """Return the demo's invoices in PDF."""
    return [_sample(path) for path in sorted(SAMPLES.glob("*.pdf")) if _answer(path)["schema"] == "invoice"]


def generated(number: int) -> Invoice:
    """Write an invoice; every third one stays below 200."""
    net = Decimal(number % 7 + 1) * (Decimal("12.50") if number % 3 == 0 else Decimal(250))
    tax = (net * Decimal("0.20")).quantize(Decimal("0.01"))
    invoice = Invoice(
        name=f"invoice-{number:03}.pdf",
        content=b"",
        number=f"NW-{2000 + number}",
        currency=CURRENCIES[number % len(CURRENCIES)],
        total=net + tax,
        due=f"2026-{number % 12 + 1:02}-28",
    )
    return Invoice(**{**vars(invoice), "content": _drawn(invoice, SELLERS[number % len(SELLERS)], net, tax)})


def _sample(path: Path) -> Invoice:
    record = _answer(path)["record"]
    return Invoice(
        name=path.name,
        content=path.read_bytes(),
        number=record["number"],
        currency=record["currency"],
        total=Decimal(str(record["total"])),
        due=record["due_date"],
    )


def _answer(path: Path) -> dict[str, Any]:
    answer: dict[str, Any] = msgspec.json.decode(path.with_name(f"{path.name}.expected.json").read_bytes())
    return answer


def _drawn(invoice: Invoice, seller: str, net: Decimal, tax: Decimal) -> bytes:
    output = io.BytesIO()
    canvas = Canvas(output, pagesize=A4)
    canvas.setFont("Helvetica-Bold", 16)
    canvas.drawString(60, 780, seller)
    canvas.setFont("Helvetica", 10)
    head = (
        "INVOICE",
        f"Invoice number: {invoice.number}",
        "Invoice date: 2026-01-05",
        f"Due date: {invoice.due}",
        f"Currency: {invoice.currency}",
    )
    for place, line in enumerate(head):
        canvas.drawString(350, 780 - 16 * place, line)
    canvas.drawString(60, 680, "Bill to: Carrow Lane Books Ltd")
    quantity = int(net // Decimal("12.50"))
    table = (
        ("Description", "Quantity", "Unit price", "Amount"),
        ("Service as agreed", str(quantity), "12.50", f"{net:,.2f}"),
        ("", "", "Net", f"{net:,.2f}"),
        ("", "", "VAT 20%", f"{tax:,.2f}"),
        ("", "", "Total due", f"{invoice.total:,.2f}"),
    )
    for place, (first, *others) in enumerate(table):
        canvas.drawString(60, 600 - 20 * place, first)
        for right, text in zip((340, 430, 530), others, strict=True):
            canvas.drawRightString(right, 600 - 20 * place, text)
    canvas.save()
    return output.getvalue()

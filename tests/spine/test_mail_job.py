"""The main job: mails with PDF invoices become rows and a workbook, once each, whatever is killed meanwhile."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from email.message import EmailMessage
from email.utils import make_msgid
from functools import partial
from operator import lt
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from tests.peers.mail_server import PASSWORD, MailServer
from tests.peers.postgres import PostgresServer
from tests.spine.invoices import Invoice, generated, samples
from tests.spine.running_hub import RunningHub, until

# several parts are killed and come back before the first test begins
pytestmark = pytest.mark.timeout(900)

LEAST = 200
PATIENCE = 240
GENERATED = 18
# a sender's logo, which is no invoice
LOGO = b"\x89PNG\r\n\x1a\n" + bytes(200)
COLUMNS = {
    "number": "{{ read.number }}",
    "supplier": "{{ read.supplier.name }}",
    "currency": "{{ read.currency }}",
    "total": "{{ read.total }}",
    "due": "{{ read.due_date }}",
    "item": "{{ item.id }}",
    "extraction": "{{ read.extraction.id }}",
}
COMPARED = ("number", "currency", "total", "due")


@dataclass(frozen=True)
class Done:
    """What came of all mails."""

    hub: RunningHub
    recipe: str
    sent: Sequence[Invoice]
    rows: Sequence[Any]
    workbook: Path

    @property
    def wanted(self) -> list[Invoice]:
        return [invoice for invoice in self.sent if invoice.total >= LEAST]


def recipe(outbox: Path) -> dict[str, Any]:
    """Mail, extract, filter, table and workbook."""
    table = {"table": "invoices", "columns": COLUMNS, "create_table": True}
    workbook = {"directory": str(outbox), "file": "invoices.xlsx", "columns": COLUMNS, "order": list(COLUMNS)}
    return {
        "apiVersion": "patchdeck/v1",
        "kind": "Recipe",
        "metadata": {"name": "invoices", "title": "Invoices to ledger"},
        "spec": {
            "trigger": {"uses": "email.message_received", "connection": "office-mail", "with": {"every": "1s"}},
            "steps": [
                {
                    "id": "read",
                    "uses": "extract",
                    "with": {"schema": "invoice", "source": "{{ trigger.attachments }}"},
                },
                {
                    "id": "large",
                    "uses": "filter",
                    "with": {"left": "{{ read.total }}", "is": "at_least", "right": LEAST},
                },
                {"id": "book", "uses": "postgres.write_rows", "connection": "ledger", "with": table},
                {"id": "sheet", "uses": "files.write_xlsx", "with": workbook},
            ],
        },
    }


def letter(address: str, invoice: Invoice) -> EmailMessage:
    """A mail as suppliers send it."""
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = "billing@supplier.example", address, f"Invoice {invoice.number}"
    mail["Message-ID"] = make_msgid(domain="supplier.example")
    mail.set_content("Please find our invoice attached.")
    mail.add_attachment(LOGO, maintype="image", subtype="png", filename="logo.png")
    mail.add_attachment(invoice.content, maintype="application", subtype="pdf", filename=invoice.name)
    return mail


def connect(hub: RunningHub, mail: MailServer, address: str, ledger: PostgresServer) -> None:
    """Store both connections as a user does, and test them."""
    mail_settings = {
        "user": address,
        "imap_host": mail.host,
        "imap_port": mail.imaps_port,
        "authority": mail.certificate.read_text(),
    }
    pairs = [f"--set={name}={value}" for name, value in mail_settings.items()]
    secret = hub.secret("password", PASSWORD)
    hub.command("connection", "add", "office-mail", "--connector", "email", *pairs, "--secret-file", secret)
    settings = {
        "host": ledger.host,
        "port": ledger.port,
        "database": "spine",
        "user": ledger.user,
        "sslmode": "disable",
    }
    pairs = [f"--set={name}={value}" for name, value in settings.items()]
    secret = hub.secret("password", ledger.password)
    hub.command("connection", "add", "ledger", "--connector", "postgres", *pairs, "--secret-file", secret)
    assert "ok" in hub.command("connection", "test", "office-mail").stdout
    assert "ok" in hub.command("connection", "test", "ledger").stdout


@pytest.fixture(scope="module")
async def done(hub: RunningHub, mail: MailServer, postgres_server: PostgresServer) -> Done:
    """Send all mails while worker and database are killed, and wait until the last has come to its end."""
    address = mail.mailbox()
    ledger = await postgres_server.connect()
    await ledger.execute("create database spine")
    await ledger.close()
    outbox = hub.folder / "outbox"
    outbox.mkdir()
    connect(hub, mail, address, postgres_server)
    recipe_id = hub.publish(recipe(outbox))
    sent = [*samples(), *(generated(number) for number in range(GENERATED))]
    for part, invoices in zip(("_serve", "postgres", "_serve", "postgres"), in_fours(sent), strict=True):
        before = len(hub.items(recipe_id))
        for invoice in invoices:
            mail.send(letter(address, invoice))
        until(lambda: len(hub.items(recipe_id)), partial(lt, before), PATIENCE)
        hub.kill(part)
    hub.settled(recipe_id, len(sent), PATIENCE)
    ledger = await postgres_server.connect("spine")
    rows = await ledger.fetch("select * from invoices order by number")
    await ledger.close()
    return Done(hub, recipe_id, sent, rows, outbox / "invoices.xlsx")


def in_fours(invoices: Sequence[Invoice]) -> Iterator[Sequence[Invoice]]:
    """Cut into four parts."""
    for part in range(4):
        yield invoices[part::4]


def compared(number: Any, currency: Any, total: Any, due: Any) -> tuple[str, str, Decimal, str]:
    """Make values comparable that a database or a workbook gave back."""
    return str(number), str(currency), Decimal(str(total)), str(due)[:10]


def test_writes_each_invoice_once_with_the_right_values(done: Done) -> None:
    expected = sorted(compared(one.number, one.currency, one.total, one.due) for one in done.wanted)
    assert sorted(compared(*(row[name] for name in COMPARED)) for row in done.rows) == expected


def test_writes_each_invoice_into_the_workbook_once(done: Done) -> None:
    names, *lines = openpyxl.load_workbook(done.workbook).worksheets[0].iter_rows(values_only=True)
    rows = [dict(zip(names, line, strict=True)) for line in lines]
    expected = sorted(compared(one.number, one.currency, one.total, one.due) for one in done.wanted)
    assert sorted(compared(*(row[name] for name in COMPARED)) for row in rows) == expected


def test_filters_what_is_below_the_amount_and_loses_nothing(done: Done) -> None:
    states = sorted(item["state"] for item in done.hub.items(done.recipe))
    small = len(done.sent) - len(done.wanted)
    assert states == ["delivered"] * len(done.wanted) + ["filtered"] * small


def test_leaves_no_delivery_open(done: Done) -> None:
    items = [done.hub.get(f"items/{row['item']}") for row in done.rows]
    ledger = [(one["target"], one["state"]) for item in items for one in item["deliveries"]]
    assert set(ledger) == {("postgres.write_rows", "sent"), ("files.write_xlsx", "sent")}
    assert len(ledger) == 2 * len(done.rows)


def test_leads_from_a_written_value_to_its_place_on_the_page(done: Done) -> None:
    row = done.rows[0]
    item = done.hub.get(f"items/{row['item']}")
    extraction = done.hub.get(f"extractions/{row['extraction']}")
    total = extraction["fields"]["total"]
    (evidence, *_) = total["evidence"]
    attachment = item["content"]["attachments"][1]
    assert (extraction["schema"]["name"], extraction["origin"]["item"]) == ("invoice", row["item"])
    *_, read = [attempt for attempt in item["attempts"] if attempt["step"] == "read"]
    assert (read["run"], read["output"]["extraction"]["id"]) == (extraction["origin"]["run"], row["extraction"])
    assert (total["value"], total["engine"]) == (pytest.approx(float(row["total"])), "layout")
    assert (evidence["page"], len(evidence["box"])) == (1, 4)
    assert evidence["file"] == attachment["file"]

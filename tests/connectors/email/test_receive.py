"""Mails in from a real mailbox: each once, none lost, whatever its sender made of it."""

import asyncio
import time

import pytest
from msgspec.structs import replace

from connectors.email import check, message_received, watch
from connectors.email.connection import Connection, TlsMode
from connectors.email.inbox import Mailbox
from connectors.sdk import Attachment, CredentialsError, Secret, SettingsError, TemporaryError, fill
from tests.connectors.email.conftest import eventually, knocking, letter


def titles(items):
    return [item.title for item in items]


async def test_gives_subject_sender_texts_and_attachments(mail, address, read):
    mail.put(address, [letter(Cc="copy@example.test").as_bytes()])
    [item] = await read()
    assert item.title == "Invoice 42"
    assert item.content == {
        "message_id": "<Invoice-42@supplier.example>",
        "in_reply_to": "",
        "references": [],
        "subject": "Invoice 42",
        "sender": "billing@supplier.example",
        "sender_name": "Supplier",
        "reply_to": "",
        "to": ["box0@example.test"],
        "cc": ["copy@example.test"],
        "date": "2026-11-21T09:00:00+00:00",
        "text": "Dear all,\nplease pay 118.00 EUR.\n",
        "html": "<p>Please pay <b>118.00 EUR</b>.</p>\n",
        "attachments": [Attachment(name="faktura ł.pdf", media_type="application/pdf", content=b"%PDF-1.4 forty-two")],
        "forwarded": [],
        "bounce": None,
        "automatic": False,
        "complete": True,
        "folder": "INBOX",
        "uid": 1,
        "flags": [],
    }


async def test_reads_on_from_the_cursor(mail, address, read):
    mail.put(address, [letter("one").as_bytes(), letter("two").as_bytes()])
    first = await read()
    mail.put(address, [letter("three").as_bytes()])
    assert titles(first) == ["one", "two"]
    assert titles(await read(first[0].cursor)) == ["two", "three"]
    assert titles(await read(first[1].cursor)) == ["three"]


async def test_finds_nothing_when_nothing_is_new(mail, address, read):
    mail.put(address, [letter("one").as_bytes()])
    [item] = await read()
    assert await read(item.cursor, silent=True) == []


async def test_leaves_out_what_was_there_before_when_told_so(mail, address, read):
    mail.put(address, [letter("old").as_bytes()])
    [mark] = await read(silent=True, existing="skip")
    mail.put(address, [letter("new").as_bytes()])
    assert mark.content is None
    assert titles(await read(mark.cursor, existing="skip")) == ["new"]


@pytest.mark.parametrize(
    ("chosen", "expected"),
    [
        ({"sender": "*@supplier.example"}, ["Invoice 1", "[Shop] Order"]),
        ({"sender": "BILLING@*"}, ["Invoice 1"]),
        ({"subject": "*invoice*"}, ["Invoice 1", "invoice 2"]),
        ({"subject": "[shop] *"}, ["[Shop] Order"]),
        ({"sender": "*@supplier.example", "subject": "*invoice*"}, ["Invoice 1"]),
        ({"sender": "nobody@*"}, []),
    ],
)
async def test_filters_by_sender_and_subject(mail, address, read, chosen, expected):
    others = [("Invoice 1", "billing@supplier.example"), ("[Shop] Order", "shop@supplier.example")]
    mails = [letter(subject, sender).as_bytes() for subject, sender in [*others, ("invoice 2", "x@other.example")]]
    mail.put(address, mails)
    assert titles(await read(**chosen)) == expected


async def test_moves_the_cursor_past_mails_that_do_not_fit(mail, address, read):
    mail.put(address, [letter("one").as_bytes(), letter("two").as_bytes()])
    items = await read(silent=True, subject="one")
    assert [item.content is None for item in items] == [False, True]
    assert await read(items[-1].cursor) == []


async def test_reads_another_folder_and_unread_mails_only(mail, address, read):
    mail.put(address, [letter("filed").as_bytes()], folder="Bills/2026")
    assert titles(await read(folder="Bills/2026", unseen=True)) == ["filed"]
    assert titles(await read(folder="Bills/2026", unseen=True)) == ["filed"]


async def test_names_the_folders_when_one_is_missing(read):
    with pytest.raises(SettingsError, match=r"There is no folder Bills\. The mailbox has: INBOX"):
        await read(folder="Bills")


async def test_a_renumbered_mailbox_gives_the_same_keys_and_the_new_mail(mail, address, read):
    odd = letter("no id")
    del odd["Message-ID"]
    mail.put(address, [letter("one").as_bytes(), odd.as_bytes()])
    before = await read()
    mail.renumber(address)
    mail.put(address, [letter("two").as_bytes()])
    after = await read(before[-1].cursor)
    assert before[-1].cursor.partition(":")[0] != after[-1].cursor.partition(":")[0]
    assert {item.key for item in before} < {item.key for item in after}
    assert sorted(titles(after)) == ["no id", "one", "two"]


async def test_tells_mails_apart_whose_sender_gives_them_one_id(mail, address, read):
    scans = [letter(subject, message_id="<scan@scanner>").as_bytes() for subject in ("page 1", "page 2")]
    mail.put(address, scans)
    first, second = await read()
    assert first.key != second.key


async def test_really_delivered_mail_arrives(mail, address, read):
    mail.send(letter("by SMTP", to=address))
    [item] = await eventually(read)
    assert item.content["attachments"][0].content == b"%PDF-1.4 forty-two"


async def test_wakes_up_when_mail_arrives(mail, address, around, connection):
    async with knocking(lambda: mail.send(letter("knock", to=address))):
        await asyncio.wait_for(watch(around.context(Mailbox(), connection)), 60)


async def test_waits_while_nothing_arrives(mail, address, around, connection):
    mail.put(address, [letter("before").as_bytes()])
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(watch(around.context(Mailbox(), connection)), 1)


@pytest.mark.parametrize(("security", "port"), [(TlsMode.STARTTLS, "imap_port"), (TlsMode.NONE, "imap_port")])
async def test_speaks_every_kind_of_security(mail, address, around, connection, security, port):
    mail.put(address, [letter("one").as_bytes()])
    other = replace(connection, imap_tls=security, imap_port=getattr(mail, port))
    items = [item async for item in message_received(around.context(Mailbox(), other), None)]
    assert titles(items) == ["one"]


async def test_signs_in_everywhere_to_check(around, connection):
    await check(connection, around.context(Mailbox(), connection))


@pytest.mark.parametrize(
    ("change", "error", "said"),
    [
        ({"password": Secret("wrong")}, CredentialsError, "does not accept"),
        ({"authority": ""}, SettingsError, "certificate"),
        ({"imap_host": "127.0.0.1", "imap_port": 1}, TemporaryError, "does not answer"),
    ],
)
async def test_says_why_it_cannot_sign_in(around, connection, change, error, said):
    with pytest.raises(error, match=said) as raised:
        await check(replace(connection, **change), around.context(Mailbox(), replace(connection, **change)))
    assert "secret" not in str(raised.value)


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"imap_host": ""}, "Give an IMAP host"),
        ({"imap_host": "a:b"}, "plain names"),
        ({"imap_host": "x", "imap_port": 0}, "1 to 65535"),
        ({"imap_host": "x", "user": "me"}, "sender's address"),
    ],
)
def test_refuses_connections_that_cannot_work(wrong, said):
    with pytest.raises(ValueError, match=said):
        fill(Connection, {"user": "me@example.test", "password": "p", **wrong})


async def test_reads_a_thousand_mails_with_attachments_quickly(mail, address, around, connection, record_property):
    pdf = bytes(range(256)) * 100
    mails = []
    for number in range(1000):
        message = letter(f"Invoice {number}")
        message.add_attachment(pdf, maintype="application", subtype="pdf", filename=f"{number}.pdf")
        mails.append(message.as_bytes())
    mail.put(address, mails)
    start = time.perf_counter()
    keys = [item.key async for item in message_received(around.context(Mailbox(), connection), None)]
    took = time.perf_counter() - start
    record_property("measured", took)
    assert len(set(keys)) == 1000
    assert took < 240

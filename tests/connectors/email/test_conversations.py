"""Answers within a conversation, mails inside mails, mails that came back, and pages with a text of their own."""

import asyncio
from email.message import EmailMessage
from pathlib import Path

import pytest

from connectors.email import EmailReply, bounced, preview_reply, reply, send, watch, watch_returns
from connectors.email.inbox import Mailbox, Returns
from connectors.sdk import Record, SettingsError, fill
from connectors.sdk.mail.letter import Letter
from connectors.sdk.mail.message import read as opened
from tests.connectors.email.conftest import eventually, knocking, letter, noticed
from tests.reading.compound import message

RECORD = Record(key="k3y")
CAME_BACK = Path(__file__).with_name("postfix-bounce.eml").read_bytes()


@pytest.fixture
def received(mail, address):
    async def read():
        return [one for one in mail.received(address) if one["Auto-Submitted"]]

    return lambda: eventually(read)


async def test_answers_within_the_conversation(mail, address, around, connection, received):
    asked = letter(References="<a@x> <b@x>", Reply_To=address, to=f"{address}, other@example.test")
    mail.put(address, [asked.as_bytes()])
    settings = {"mail": "<Invoice-42@supplier.example>", "html": "<p>Paid &amp; booked.</p><p>Ann</p>", "cc": address}
    context = around.context(fill(EmailReply, settings), connection)
    [[change]] = await preview_reply(context, [RECORD])
    receipt = await reply(context, RECORD)
    [answer] = await received()
    assert (change.after["to"], change.after["subject"]) == ([address], "Re: Invoice 42")
    assert answer["References"].split() == ["<a@x>", "<b@x>", "<Invoice-42@supplier.example>"]
    assert (answer["In-Reply-To"], answer["Message-ID"]) == ("<Invoice-42@supplier.example>", receipt.reference)
    assert answer.get_body(("plain",)).get_content().strip() == "Paid & booked.\n\nAnn"
    assert change.after["text"] == "Paid & booked.\n\nAnn"


@pytest.mark.parametrize("header", [{"Auto_Submitted": "auto-replied"}, {"Precedence": "bulk"}, {"List_Id": "<l.x>"}])
async def test_leaves_machines_without_an_answer(mail, address, around, connection, header):
    mail.put(address, [letter(**header).as_bytes()])
    context = around.context(fill(EmailReply, {"mail": "<Invoice-42@supplier.example>", "text": "Hi"}), connection)
    with pytest.raises(SettingsError, match="A machine wrote this mail"):
        await reply(context, RECORD)


async def test_belongs_to_the_conversation_it_answers(mail, address, read):
    mail.put(
        address, [letter("first").as_bytes(), letter("Re: first", References="<first@supplier.example>").as_bytes()]
    )
    first, second = await read()
    assert first.subject == second.subject == "<first@supplier.example>"


async def test_notices_mails_that_came_back(mail, address, around, connection):
    context = around.context(Returns(), connection)
    [begin] = [item async for item in bounced(context, None)]
    mail.put(address, [letter().as_bytes(), CAME_BACK, letter("two").as_bytes()])
    [item] = [item async for item in bounced(context, begin.cursor) if item.content]
    assert [one async for one in bounced(context, item.cursor) if one.content] == []
    assert (item.title, item.subject) == ("Came back: Invoice 42", "<Invoice-42@supplier.example>")
    assert item.content["message_id"] == "<Invoice-42@supplier.example>"
    assert item.content["permanent"] is True
    assert item.content["recipients"] == [
        {
            "address": "nobody@elsewhere.example",
            "action": "failed",
            "status": "4.4.1",
            "reason": "connect to 127.0.0.1[127.0.0.1]:1: Connection refused",
        }
    ]
    assert "I'm sorry to have to inform you" in item.content["report"]


async def test_wakes_up_for_mails_that_come_back(mail, address, around, connection):
    async with knocking(lambda: mail.put(address, [CAME_BACK])):
        await asyncio.wait_for(watch_returns(around.context(Returns(), connection)), 60)


def test_gives_nothing_of_a_mail_of_ours_that_came_back_but_the_report():
    mail = opened(CAME_BACK)
    assert (mail.attachments, mail.forwarded, mail.automatic) == ([], [], True)
    assert opened(letter().as_bytes()).bounce is None


@pytest.mark.parametrize(
    "raw",
    [
        b"Content-Type: multipart/report\r\n\r\nno parts",
        b"Content-Type: multipart/report; boundary=x\r\n\r\n--x\r\nContent-Type: message/delivery-status\r\n\r\n--x--",
        CAME_BACK.replace(b"message/rfc822", b"text/rfc822-headers").replace(b"Final-Recipient", b"X"),
        CAME_BACK.replace(b"Action: failed", b"Action: \xff\xfe"),
        CAME_BACK[:1400],
    ],
)
def test_reads_reports_whatever_is_in_them(raw):
    mail = opened(raw)
    assert mail.subject in {"", "Undelivered Mail Returned to Sender"}


def test_opens_mails_that_were_forwarded_whole_or_as_files():
    inner = letter("inner", Cc="x@y.example")
    inner.add_attachment(letter("innermost"))
    outer = EmailMessage()
    outer["From"], outer["Subject"] = "ann@example.com", "Fwd"
    outer.set_content("See below.")
    outer.add_attachment(inner)
    outer.add_attachment(letter("as file").as_bytes(), maintype="application", subtype="octet-stream", filename="a.eml")
    outer.add_attachment(b"no mail", maintype="application", subtype="octet-stream", filename="b.eml")
    mail = opened(outer.as_bytes())
    assert mail.text == "See below.\n"
    assert [one.subject for one in mail.forwarded] == ["inner", "as file", "innermost"]
    assert mail.forwarded[0].attachments == ["faktura ł.pdf"]
    assert mail.forwarded[0].text == "Dear all,\nplease pay 118.00 EUR.\n"
    assert [one.name for one in mail.attachments] == ["b.eml", "faktura ł.pdf", "faktura ł.pdf", "faktura ł.pdf"]


def test_opens_messages_as_outlook_keeps_them():
    facts = {0x0037: "Rechnung für Mai", 0x1000: "Guten Tag,\r\nanbei.\r\n", 0x0C1A: "Ann", 0x0C1F: "ann@a.example"}
    kept = message(facts, 1714723200, {"Bob": "bob@example.org"}, {"letter.pdf": b"%PDF-1.4"})
    outer = EmailMessage()
    outer.set_content("See below.")
    for content in (kept, kept[:700], b"no message"):
        outer.add_attachment(content, maintype="application", subtype="vnd.ms-outlook", filename="a.msg")
    mail = opened(outer.as_bytes())
    [inner] = mail.forwarded
    assert (inner.subject, inner.sender, inner.to) == ("Rechnung für Mai", "ann@a.example", ["bob@example.org"])
    assert (inner.text, inner.attachments) == ("Guten Tag,\nanbei.\n", ["letter.pdf"])
    assert [one.name for one in mail.attachments] == ["letter.pdf", "a.msg", "a.msg"]


async def test_sends_a_page_with_a_text_made_of_it(around, connection, address, mail):
    page = "<h1>Dear Ann</h1><ul><li>one</li><li>two</li></ul><script>no()</script>"
    await send(around.context(fill(Letter, {"to": address, "subject": "Page", "html": page}), connection), RECORD)

    async def received():
        return mail.received(address)

    [arrived] = await eventually(received)
    assert arrived.get_body(("plain",)).get_content().strip() == "Dear Ann\n\none\n\ntwo"
    assert arrived.get_body(("html",)).get_content().strip() == page


@pytest.mark.xdist_group("alone")
async def test_notices_new_mail_at_once(mail, address, around, connection, record_property):
    waiting = watch(around.context(Mailbox(), connection))
    took = await noticed(waiting, lambda: mail.put(address, [letter("quick").as_bytes()]))
    record_property("measured", took)
    assert took < 10

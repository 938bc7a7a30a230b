"""What is special about Gmail: its history and when it forgets, labels, search, conversations, drafts sent once."""

from typing import Any

import pytest

from connectors.google._gmail import label_names
from connectors.google.gmail import (
    check,
    find_sent,
    get,
    label,
    message_received,
    preview_label,
    preview_reply,
    reply,
    search,
    send,
    undo_label,
)
from connectors.sdk import Attachment, Record, SettingsError, TemporaryError
from tests.connectors.gmail.conftest import letter

RECORD = Record(key="k3y")


@pytest.fixture
def read(use):
    """Read a mailbox once: the items that arrive, and the cursor afterwards."""

    async def call(cursor: str | None = None, **settings: Any) -> tuple[list[Any], str | None]:
        items = [item async for item in message_received(use("gmail.message_received", **settings), cursor)]
        return [item for item in items if item.content], next((item.cursor for item in items[::-1]), cursor)

    return call


def titles(items: list[Any]) -> list[str]:
    return [item.title for item in items]


async def test_gives_the_mail_with_its_labels_conversation_and_files(mailbox, read):
    first = mailbox.put(letter(), ["INBOX", "UNREAD", "Label_8"])
    answer = letter("Re: Invoice 42", References="<a@x> <Invoice-42@supplier.example>", In_Reply_To="<a@x>")
    mailbox.put(answer, ["INBOX"], thread=first)
    [mail, following], _ = await read()
    assert (mail.key, mail.subject, following.subject) == (first, first, first)
    assert mail.content["labels"] == ["INBOX", "Invoices/2026", "UNREAD"]
    assert mail.content["attachments"] == [
        Attachment(name="faktura ł.pdf", media_type="application/pdf", content=b"%PDF-1.4 forty-two")
    ]
    assert mail.content["message_id"] == "<Invoice-42@supplier.example>"
    assert following.content["references"] == ["<a@x>", "<Invoice-42@supplier.example>"]


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        ({}, ["Invoice 1", "[Shop] Order"]),
        ({"label": "booked"}, ["Invoice 2"]),
        ({"label": ""}, ["Invoice 1", "[Shop] Order", "Invoice 2"]),
        ({"sender": "BILLING@*"}, ["Invoice 1"]),
        ({"subject": "[shop] *"}, ["[Shop] Order"]),
        ({"search": "subject:invoice"}, ["Invoice 1"]),
        ({"search": "subject:invoice", "label": ""}, ["Invoice 1", "Invoice 2"]),
    ],
)
@pytest.mark.parametrize("begun", [True, False])
async def test_filters_by_label_search_sender_and_subject(mailbox, read, settings, expected, begun):
    _, cursor = await read(None, **settings) if begun else ([], None)
    mailbox.put(letter("Invoice 1", "billing@supplier.example"))
    mailbox.put(letter("[Shop] Order", "shop@supplier.example"))
    mailbox.put(letter("Invoice 2", "x@other.example"), ["Label_7"])
    mailbox.put(letter("Invoice of mine"), ["DRAFT"])
    mailbox.put(letter("Invoice to win"), ["SPAM"])
    assert titles((await read(cursor, **settings))[0]) == expected


async def test_notices_a_label_that_comes_later(mailbox, read):
    old = mailbox.put(letter("old"))
    _, cursor = await read(label="Booked")
    mailbox.label(old, add=["Label_7"])
    found, cursor = await read(cursor, label="Booked")
    mailbox.label(old, add=["STARRED"])
    assert titles(found) == ["old"]
    assert (await read(cursor, label="Booked"))[0] == []


async def test_finds_mail_that_was_archived_before_anybody_asked(mailbox, read):
    _, cursor = await read()
    mailbox.label(mailbox.put(letter("quick")), remove=["INBOX"])
    assert titles((await read(cursor))[0]) == ["quick"]


async def test_leaves_out_what_was_there_before_when_told_so(mailbox, read):
    mailbox.put(letter("old"))
    found, cursor = await read(existing="skip")
    mailbox.put(letter("new"))
    assert found == []
    assert titles((await read(cursor, existing="skip"))[0]) == ["new"]


async def test_searches_again_when_gmail_has_forgotten_its_history(peer, mailbox, read):
    mailbox.put(letter("one"))
    before, cursor = await read()
    mailbox.put(letter("two"))
    mailbox.forget()
    after, cursor = await read(cursor)
    mailbox.put(letter("three"))
    last, _ = await read(cursor)
    assert {item.key for item in before} < {item.key for item in after}
    assert (titles(after), titles(last)) == (["one", "two"], ["three"])
    assert any(call.parameters.get("q", "").startswith("after:") for call in peer.asked)


async def test_goes_on_in_the_middle_of_a_search_that_was_cut_off(mailbox, use):
    for number in range(5):
        mailbox.put(letter(f"mail {number}"))
    begun = message_received(use("gmail.message_received"), None)
    first = [await anext(begun), await anext(begun)]
    await begun.aclose()
    rest = [item async for item in message_received(use("gmail.message_received"), first[-1].cursor) if item.content]
    assert titles(first + rest) == [f"mail {number}" for number in range(5)]


async def test_leaves_out_a_mail_that_was_deleted_while_reading(mailbox, read):
    _, cursor = await read()
    gone = mailbox.put(letter("gone"))
    mailbox.put(letter("there"))
    del mailbox.messages[gone]
    assert titles((await read(cursor))[0]) == ["there"]


async def test_reads_what_nobody_should_send(mailbox, read):
    for raw in (b"", b"\x00\xff", b"From: \xff\r\nSubject: =?utf-8?b?%%%?=\r\n\r\nx", b"Content-Type: ///\r\n\r\n"):
        mailbox.put(raw)
    assert len((await read())[0]) == 4


async def test_says_which_labels_there_are(mailbox, read, use):
    with pytest.raises(SettingsError, match=r"There is no label Nowhere in Gmail\. The mailbox has: Booked, DRAFT"):
        await read(label="Nowhere")
    assert "Invoices/2026" in await label_names(use("gmail.label", mail="x", add=["y"]))


async def test_renews_a_token_that_is_refused(peer, mailbox, use, connection):
    peer.tokens.revoke("granted-token")
    await check(connection, use("gmail.search", search="x"))
    assert peer.count("gmail.users.getProfile") == 1


async def test_searches_and_gets_mails(mailbox, use):
    mailbox.put(letter("Offer"))
    identity = mailbox.put(letter())
    found = await search(use("gmail.search", search="subject:invoice"))
    got = await get(use("gmail.get", mail=found["mails"][0]["message_id"]))
    assert (found["count"], found["mails"][0]["id"], got["id"]) == (1, identity, identity)
    assert got["attachments"][0].content == b"%PDF-1.4 forty-two"
    with pytest.raises(SettingsError, match="deleted"):
        await get(use("gmail.get", mail="<nobody@knows.example>"))


async def test_answers_within_the_conversation(mailbox, use):
    identity = mailbox.put(letter(Reply_To="orders@supplier.example", References="<a@x>"))
    context = use("gmail.reply", mail="<Invoice-42@supplier.example>", text="Paid.", everyone=True)
    [[change]] = await preview_reply(context, [RECORD])
    receipt = await reply(context, RECORD)
    [sent] = mailbox.sent()
    assert change.after["to"] == ["orders@supplier.example", "bob@example.com"]
    assert (sent.thread, receipt.output["thread_id"], sent.mail["Subject"]) == (identity, identity, "Re: Invoice 42")
    assert (sent.mail["To"], sent.mail["Cc"]) == ("orders@supplier.example", "bob@example.com")
    assert sent.mail["References"] == "<a@x> <Invoice-42@supplier.example>"
    assert sent.mail["In-Reply-To"] == "<Invoice-42@supplier.example>"


async def test_leaves_machines_without_an_answer(mailbox, use):
    mailbox.put(letter(Auto_Submitted="auto-replied"))
    with pytest.raises(SettingsError, match="A machine wrote this mail"):
        await reply(use("gmail.reply", mail="<Invoice-42@supplier.example>", text="Paid."), RECORD)
    assert mailbox.sent() == []


async def test_knows_a_mail_that_was_sent_under_another_id_although_no_answer_came(peer, mailbox, around, use):
    mailbox.renames = True
    peer.lost.append("gmail.users.drafts.send")
    context = use("gmail.send", to="bob@example.com", subject="Hello", text="Hi", bcc="carl@example.com")
    with pytest.raises(TemporaryError) as lost:
        await send(context, RECORD)
    [draft] = around.remembered
    assert lost.value.uncertain
    assert await find_sent(context, RECORD, draft) is not None
    assert "carl@example.com" in mailbox.sent()[0].mail["Bcc"]


async def test_knows_a_mail_that_was_only_drafted(peer, mailbox, around, use):
    context = use("gmail.send", to="bob@example.com", subject="Hello", text="Hi")
    mailbox.put(letter("other"), ["DRAFT"])
    mailbox.drafts["r1"] = next(iter(mailbox.messages))
    assert await find_sent(context, RECORD, "r1") is None


async def test_leaves_labels_alone_that_somebody_has_changed_since(mailbox, use):
    identity = mailbox.put(letter())
    context = use("gmail.label", mail=identity, add=["Booked"], remove=["UNREAD"])
    [[change]] = await preview_label(context, [RECORD])
    receipt = await label(context, RECORD)
    mailbox.label(identity, remove=["Label_7"])
    assert change.before == {"subject": "Invoice 42", "labels": ["INBOX", "UNREAD"]}
    assert change.after == {"subject": "Invoice 42", "labels": ["Booked", "INBOX"]}
    with pytest.raises(SettingsError, match="changed after that"):
        await undo_label(context, receipt)

"""What is special about Outlook: Graph's changes and when it forgets them, folders, conversations, marks, files."""

from typing import Any

import pytest

from connectors.microsoft._family import Connection
from connectors.microsoft._outlook import folders
from connectors.microsoft._outlook_filing import categories
from connectors.microsoft.outlook import (
    connector,
    find_sent,
    get,
    mark,
    message_received,
    move,
    preview_mark,
    preview_reply,
    reply,
    search,
    send,
    undo_mark,
    undo_move,
)
from connectors.sdk import Attachment, Choice, CredentialsError, Record, SettingsError, TemporaryError, fill
from tests.connectors.outlook.conftest import letter
from tests.connectors.recordings import given
from tests.peers.faults import Fault

RECORD = Record(key="k3y")
APP = {"kind": "client_credentials", "client_id": "client", "client_secret": "s3cret", "tenant": "example.com"}


@pytest.fixture
def read(use):
    """Read a folder once: the items that arrive, and the cursor afterwards."""

    async def call(cursor: str | None = None, **settings: Any) -> tuple[list[Any], str | None]:
        items = [item async for item in message_received(use("outlook.message_received", **settings), cursor)]
        return [item for item in items if item.content], next((item.cursor for item in items[::-1]), cursor)

    return call


def titles(items: list[Any]) -> list[str]:
    return [item.title for item in items]


async def test_gives_the_mail_with_its_categories_conversation_and_files(mailbox, read):
    identity = mailbox.put(letter(References="<a@x>"))
    mailbox.kept[identity].categories = ["Booked"]
    [mail], _ = await read()
    assert (mail.key, mail.subject, mail.content["categories"]) == (identity, "conv0", ["Booked"])
    assert mail.content["attachments"] == [
        Attachment(name="faktura ł.pdf", media_type="application/pdf", content=b"%PDF-1.4 forty-two")
    ]
    assert (mail.content["message_id"], mail.content["references"]) == ("<Invoice-42@supplier.example>", ["<a@x>"])


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        ({}, ["Invoice 1", "[Shop] Order"]),
        ({"folder": "archiv"}, ["Invoice 2"]),
        ({"folder": "Archiv/2026"}, ["Invoice 3"]),
        ({"sender": "BILLING@*"}, ["Invoice 1"]),
        ({"subject": "[shop] *"}, ["[Shop] Order"]),
    ],
)
async def test_filters_by_folder_sender_and_subject(mailbox, read, settings, expected):
    mailbox.folders["fld-2026"], mailbox.inside["fld-2026"] = "2026", "fld-archive"
    mailbox.put(letter("Invoice 1", "billing@supplier.example"))
    mailbox.put(letter("[Shop] Order", "shop@supplier.example"))
    mailbox.put(letter("Invoice 2"), "fld-archive")
    mailbox.put(letter("Invoice 3"), "fld-2026")
    mailbox.put(letter("Invoice of mine"), draft=True)
    assert titles((await read(**settings))[0]) == expected


async def test_lists_folders_by_their_path_and_says_which_there_are(mailbox, read, use):
    mailbox.folders["fld-2026"], mailbox.inside["fld-2026"] = "2026", "fld-archive"
    assert Choice("Archiv/2026") in await folders(use("outlook.get", mail="x"))
    assert await categories(use("outlook.get", mail="x")) == ["Booked"]
    with pytest.raises(SettingsError, match=r"There is no folder Archiv/2025 in the mailbox\. At 2025 there are: 2026"):
        await read(folder="Archiv/2025")


async def test_does_not_take_a_mail_that_was_read_for_a_new_one(mailbox, read):
    identity = mailbox.put(letter())
    _, cursor = await read()
    mailbox.kept[identity].read = True
    mailbox.touch(identity)
    assert (await read(cursor))[0] == []


async def test_leaves_out_what_was_there_before_when_told_so(mailbox, read):
    mailbox.put(letter("old"))
    found, cursor = await read(existing="skip")
    mailbox.put(letter("new"))
    assert (found, titles((await read(cursor, existing="skip"))[0])) == ([], ["new"])


async def test_begins_again_a_day_before_when_graph_has_forgotten_its_changes(peer, mailbox, read):
    mailbox.put(letter("one"))
    before, cursor = await read()
    mailbox.put(letter("two"))
    mailbox.forget()
    after, cursor = await read(cursor)
    mailbox.put(letter("three"))
    last, _ = await read(cursor)
    assert (titles(before), titles(after), titles(last)) == (["one"], ["two"], ["three"])
    assert any("receivedDateTime ge 2026-11-20" in str(call.arguments.get("$filter")) for call in peer.calls)


async def test_reads_what_nobody_should_send(mailbox, read):
    for raw in (b"", b"\x00\xff", b"From: \xff\r\nSubject: =?utf-8?b?%%%?=\r\n\r\nx", b"Content-Type: ///\r\n\r\n"):
        mailbox.put(raw)
    assert len((await read())[0]) == 4


async def test_follows_no_link_to_another_address(peer, mailbox, read):
    mailbox.put(letter())
    elsewhere = {"value": [], "@odata.nextLink": "https://elsewhere.example/v1.0/me/messages"}
    peer.fail(Fault(status=200, body=elsewhere, path="/v1.0/me/mailFolders"))
    with pytest.raises(SettingsError, match="another address"):
        await read()


async def test_renews_a_token_that_is_refused(peer, mailbox, use, connection):
    peer.tokens.discard("granted-token")
    await given(connector.checker)(connection, use("outlook.search", search="x"))
    peer.tokens.clear()
    with pytest.raises(CredentialsError):
        await given(connector.checker)(connection, use("outlook.search", search="x"))


async def test_searches_and_gets_mails(mailbox, use):
    mailbox.put(letter("Offer"))
    identity = mailbox.put(letter())
    found = await search(use("outlook.search", search='Invoice"'))
    got = await get(use("outlook.get", mail=found["mails"][0]["message_id"]))
    assert (found["count"], found["mails"][0]["sender"], got["id"]) == (1, "billing@supplier.example", identity)
    assert got["attachments"][0].content == b"%PDF-1.4 forty-two"
    with pytest.raises(SettingsError, match="deleted"):
        await get(use("outlook.get", mail="<nobody@knows.example>"))


async def test_answers_everybody_but_oneself_within_the_conversation(mailbox, use):
    identity = mailbox.put(letter(Reply_To="orders@supplier.example"))
    settings = {"mail": "<Invoice-42@supplier.example>", "html": "<p>Paid.</p>", "everyone": True}
    [[change]] = await preview_reply(use("outlook.reply", **settings), [RECORD])
    receipt = await reply(use("outlook.reply", **settings), RECORD)
    [sent] = mailbox.sent()
    assert (change.after["to"], change.after["text"]) == (["orders@supplier.example", "bob@example.com"], "Paid.")
    assert sent.conversation == receipt.output["conversation_id"] == mailbox.kept[identity].conversation
    assert (sent.told["subject"], sent.told["body"]) == (
        "Re: Invoice 42",
        {"contentType": "html", "content": "<p>Paid.</p>"},
    )
    assert sent.told["ccRecipients"] == [{"emailAddress": {"address": "bob@example.com"}}]


async def test_sends_large_files_piece_by_piece(mailbox, use, stored):
    stored.kept |= {"fil_1": b"%PDF", "fil_2": bytes(range(256)) * 30_000}
    files = [{"file": "fil_2", "name": "large.bin"}, {"file": "fil_1", "name": "a.pdf"}]
    await send(use("outlook.send", to="bob@example.com", subject="Files", attachments=files), RECORD)
    [sent] = mailbox.sent()
    [small] = sent.told["attachments"]
    assert (small["name"], small["contentType"], small["contentBytes"]) == ("a.pdf", "application/pdf", "JVBERg==")
    assert mailbox.uploads == {f"{sent.id}/large.bin": stored.kept["fil_2"]}


async def test_knows_a_mail_that_was_sent_although_no_answer_came(peer, mailbox, around, use):
    context = use("outlook.send", to="bob@example.com", subject="Hello", text="Hi")
    draft = next(mailbox.numbers)
    path = f"/v1.0/me/messages/AAkALg{draft + 1:06}=/microsoft.graph.send"
    peer.fail(Fault(kind="cut", late=True, path=path))
    with pytest.raises(TemporaryError) as lost:
        await send(context, RECORD)
    peer.recover()
    assert lost.value.uncertain
    assert (await find_sent(context, RECORD, around.remembered[0])).reference == mailbox.sent()[0].id


async def test_knows_a_mail_that_was_only_drafted(mailbox, use):
    draft = mailbox.put(letter(), "fld-drafts", draft=True)
    assert await find_sent(use("outlook.send", to="bob@example.com", subject="Hello"), RECORD, draft) is None


async def test_leaves_alone_what_somebody_has_changed_since(mailbox, use):
    identity = mailbox.put(letter())
    marks = use("outlook.mark", mail=identity, add=["Booked"], read="read")
    [[change]] = await preview_mark(marks, [RECORD])
    marked = await mark(marks, RECORD)
    moved = await move(use("outlook.move", mail=identity, to="archive"), RECORD)
    mailbox.kept[identity].categories, mailbox.kept[identity].folder = ["Mine"], "fld-inbox"
    assert (change.before, change.after) == (
        {"categories": [], "read": False},
        {"categories": ["Booked"], "read": True},
    )
    with pytest.raises(SettingsError, match="marks of the mail were changed"):
        await undo_mark(marks, marked)
    with pytest.raises(SettingsError, match="moved on after that"):
        await undo_move(use("outlook.move", mail=identity, to="archive"), moved)


def test_asks_a_person_for_little_and_an_app_for_what_was_granted():
    person = fill(Connection, {"client_id": "client", "client_secret": "s3cret", "tenant": "example.com"})
    granted, own = (
        given(connector.oauth_reader)(one) for one in (person, fill(Connection, {**APP, "mailbox": "a@b.example"}))
    )
    assert granted.authorize_url == "https://login.microsoftonline.com/example.com/oauth2/v2.0/authorize"
    assert [scope.rpartition("/")[2] for scope in granted.scopes] == [
        *("Mail.ReadWrite", "Mail.Send", "User.Read", "offline_access"),
    ]
    assert (own.authorize_url, list(own.scopes)) == ("", ["https://graph.microsoft.com/.default"])


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({}, "Give the user"),
        ({"mailbox": "a/b"}, "user's address"),
        ({"mailbox": "a@b", "tenant": "../x"}, "directory"),
    ],
)
def test_refuses_connections_that_cannot_work(wrong, said):
    with pytest.raises(ValueError, match=said):
        fill(Connection, {**APP, **wrong})

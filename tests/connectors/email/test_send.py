"""Mails out through a real Postfix into a real mailbox."""

import pytest
from aiosmtpd.controller import Controller
from msgspec.structs import replace

from connectors.email import preview, send
from connectors.email.connection import TlsMode
from connectors.sdk import ChangeKind, Record, SettingsError, TemporaryError, fill
from connectors.sdk.mail.letter import Letter
from tests.connectors.email.conftest import eventually
from tests.peers.process import START_SECONDS, free_port

RECORD = Record(key="k3y")


@pytest.fixture
def write(around, connection, address):
    def make(**settings):
        return around.context(fill(Letter, {"to": address, "subject": "Hello", "text": "Hi", **settings}), connection)

    return make


@pytest.fixture
def received(mail, address):
    async def read():
        return mail.received(address)

    return lambda: eventually(read)


async def test_sends_text_page_and_files(write, received, stored):
    stored.kept["fil_1"] = b"%PDF-1.4 rechnung"
    attachment = {"file": "fil_1", "name": "Rechnung für Łódź.pdf", "media_type": "application/pdf", "size": 17}
    receipt = await send(write(subject="Grüße", html="<b>Hi</b>", attachments=[attachment]), RECORD)
    [mail] = await received()
    assert (mail["Subject"], mail["Message-ID"]) == ("Grüße", receipt.reference)
    assert mail.get_body(("plain",)).get_content().strip() == "Hi"
    assert mail.get_body(("html",)).get_content().strip() == "<b>Hi</b>"
    [part] = mail.iter_attachments()
    assert (part.get_filename(), part.get_content()) == ("Rechnung für Łódź.pdf", b"%PDF-1.4 rechnung")


@pytest.mark.parametrize("letter", ["\u2028", "\u2029", "\x85", "\x0b", "\x1c"])
async def test_whatever_else_ends_a_line_somewhere_is_a_space_in_a_header(write, letter):
    [[change]] = await preview(write(subject=f"Your{letter}order"), [RECORD])
    assert change.after["subject"] == "Your order"


async def test_the_same_delivery_has_the_same_id(write, received):
    first = await send(write(), RECORD)
    again = await send(write(), RECORD)
    assert first.reference == again.reference == f"<k3y@{first.output['to'][0].partition('@')[2]}>"


async def test_sends_to_everyone_and_hides_blind_copies(mail, write, received, address):
    other = mail.mailbox()
    receipt = await send(write(to=f"Ann <{address}>", cc=[address], bcc=other), RECORD)
    [seen] = await received()
    assert receipt.output["to"] == [address, other]
    assert (seen["To"], seen["Cc"], other in str(seen)) == (address, address, False)


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"subject": "Hello\r\nBcc: everyone@example.test"}, "Subject must be one line"),
        ({"to": "a@b.example\nBcc: c@d.example"}, "To must be one line"),
        ({"reply_to": "a@b.example\r\nX: y"}, "Reply to must be one line"),
        ({"to": ""}, "nobody to send this to"),
        ({"to": "not an address"}, "no usable address"),
        ({"to": "żółw@example.test"}, "no usable address"),
        ({"to": "nobody@example.test"}, "nobody@example.test"),
        ({"to": [f"a{at}@example.test" for at in range(101)]}, "at most 100"),
    ],
)
async def test_refuses_what_would_not_arrive_as_meant(write, settings, said):
    with pytest.raises(SettingsError, match=said):
        await send(write(**settings), RECORD)


async def test_sends_to_nobody_when_one_recipient_is_refused(mail, write, address):
    with pytest.raises(SettingsError, match="User unknown"):
        await send(write(to=[address, "nobody@example.test"]), RECORD)
    assert mail.received(address) == []


async def test_shows_the_mail_without_sending_it(mail, write, address):
    [[line]] = await preview(write(), [RECORD])
    assert (line.kind, line.after["to"], line.after["subject"]) == (ChangeKind.SEND, [address], "Hello")
    assert mail.received(address) == []


class Faults:
    """An SMTP server that gives up at a chosen moment."""

    async def handle_RCPT(self, server, session, envelope, address, options):  # noqa: N802  # aiosmtpd's name
        if address.startswith("grey"):
            return "450 4.2.0 try again later"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):  # noqa: N802  # aiosmtpd's name
        server.transport.abort()
        return "250 OK"


@pytest.fixture
def faulty(around, connection):
    controller = Controller(Faults(), hostname="127.0.0.1", port=free_port(), ready_timeout=START_SECONDS)
    controller.start()
    other = replace(connection, smtp_host="127.0.0.1", smtp_port=controller.port, smtp_tls=TlsMode.NONE)
    yield lambda to: around.context(fill(Letter, {"to": to, "subject": "Hello"}), other)
    controller.stop()


async def test_comes_back_later_when_the_server_asks_for_it(faulty):
    with pytest.raises(TemporaryError, match="try again later") as raised:
        await send(faulty("grey@example.test"), RECORD)
    assert not raised.value.uncertain


async def test_does_not_know_whether_a_mail_left_when_the_answer_is_lost(faulty):
    with pytest.raises(TemporaryError) as raised:
        await send(faulty("ann@example.test"), RECORD)
    assert raised.value.uncertain

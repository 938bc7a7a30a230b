"""Mails: header, text and attachments; those within others and those that Outlook keeps."""

import pytest

from hub.extraction.readers import Readers
from hub.extraction.reading import Embedded, Reading
from tests.reading.compound import message
from tests.reading.mails import PAGE, PLAIN, mail, mailbox
from tests.reading.offices import RTF, packed
from tests.reading.pdfs import greeting, pdf

OUTLOOK: dict[int, str | bytes] = {
    0x0037: "Rechnung für Mai",
    0x1000: "Guten Tag,\r\nanbei.\r\n",
    0x0C1A: "Ann Müller",
    0x0C1F: "ann@beispiel.example",
    0x007D: "Message-ID: <17.abc@beispiel.example>\r\n",
}
SENT = 1714723200


def _named(reading: Reading) -> dict[str, Embedded]:
    return {file.name: file for file in reading.embedded}


def _text(file: Embedded) -> str:
    return file.reading.text if file.reading else ""


def test_reads_a_mail_as_it_is_shown(readers: Readers) -> None:
    reading = readers.read_now(mail().as_bytes())
    assert reading.media_type == "message/rfc822"
    assert reading.text.split("\n")[:6] == [
        "Subject: Rechnung für Mai",
        "From: Ann Müller <ann@beispiel.example>",
        "To: Bob <bob@example.org>, cy@example.org",
        "Date: 2024-05-03 10:00+02:00",
        "",
        "Guten Tag,",
    ]
    assert (reading.metadata.title, reading.language) == ("Rechnung für Mai", "de")


def test_keeps_what_the_header_states(readers: Readers) -> None:
    (header,) = readers.read_now(mail().as_bytes()).embedded
    assert header.kind == "mail"
    assert {value.path: value.value for value in header.values} == {
        "subject": "Rechnung für Mai",
        "from": "Ann Müller <ann@beispiel.example>",
        "to": "Bob <bob@example.org>, cy@example.org",
        "date": "2024-05-03T10:00:00+02:00",
        "message-id": "17.abc@beispiel.example",
    }
    assert {value.selector for value in header.values} >= {"header:Subject", "header:Message-ID"}


def test_reads_the_formatted_text_with_its_tables(readers: Readers) -> None:
    reading = readers.read_now(mail(page=PAGE).as_bytes())
    assert "Guten Tag, Herr Größe" in reading.text
    assert "wie besprochen" not in reading.text
    assert [[cell.text for cell in row] for row in reading.tables[0].rows] == [
        ["Ware", "Menge", "Preis"],
        ["Lampe", "2", "40,00"],
    ]


def test_reads_what_is_attached(readers: Readers) -> None:
    files = {"Angebot Ä.rtf": RTF, "letter.pdf": pdf(greeting), "../../etc/rows.csv": b"a,b,c\n1,2,3\n4,5,6\n"}
    named = _named(readers.read_now(mail(files=files).as_bytes()))
    assert _text(named["letter.pdf"]) == "Hello World\n"
    assert _text(named["Angebot Ä.rtf"]).startswith("Dear Ms Müller,")
    assert named["rows.csv"].media_type == "text/csv"
    assert named["letter.pdf"].content == files["letter.pdf"]


def test_reads_a_mail_within_a_mail_within_an_archive(readers: Readers) -> None:
    inner = mail("Inner", "inner words", files={"letter.pdf": pdf(greeting)})
    outer = mail("Outer", "outer words")
    outer.add_attachment(inner)
    reading = readers.read_now(packed({"in/mail.eml": outer.as_bytes()}))
    forwarded = _named(_reading(_named(reading)["mail.eml"]))["Inner.eml"]
    assert "inner words" in _text(forwarded)
    assert _text(_named(_reading(forwarded))["letter.pdf"]) == "Hello World\n"


def test_leaves_pictures_of_the_text_and_signatures_alone(readers: Readers) -> None:
    letter = mail(files={"smime.p7s": b"\x30\x82\x01"})
    picture = b"\x89PNG\r\n\x1a\n broken"
    letter.add_attachment(picture, maintype="image", subtype="png", filename="logo.png", disposition="inline")
    reading = readers.read_now(letter.as_bytes())
    assert reading.problems == ()
    assert [(file.name, file.reading) for file in reading.embedded[1:]] == [("smime.p7s", None), ("logo.png", None)]


def test_says_which_attachment_cannot_be_read(readers: Readers) -> None:
    reading = readers.read_now(mail(files={"run.exe": b"MZ\x90", "letter.pdf": pdf(greeting)}).as_bytes())
    assert len(reading.problems) == 1
    assert reading.problems[0].startswith("run.exe: This is a program")
    assert _text(_named(reading)["letter.pdf"]) == "Hello World\n"


@pytest.mark.parametrize(
    "header",
    [
        b"Subject: =?utf-8?q?=FF=FE?=\nFrom: a@b.example\nMIME-Version: 1.0",
        b"Subject: =?no-such-code?b?AAAA?=\nFrom: a@b.example\nMIME-Version: 1.0",
        b"Subject: x\nDate: 99 Foo 99999\nFrom: a@b.example\nMIME-Version: 1.0",
        b"Subject: Gr\xc3\xb6\xc3\x9fe\nFrom: a@b.example\nMIME-Version: 1.0",
        b"Subject: x\nFrom: a@b.example\nContent-Type: text/plain; charset=no-such-code",
        b'Subject: x\nFrom: a@b.example\nContent-Type: text/plain; charset="\x00"\nContent-Transfer-Encoding: base64',
        b"Subject: x\nFrom: a@b.example\nContent-Type: application/x; name*=no''%FF%FE\nMIME-Version: 1.0",
        b"Subject: x\nFrom: a@b.example\nContent-Type: multipart/mixed\nMIME-Version: 1.0",
    ],
)
def test_reads_mails_that_are_written_wrongly(readers: Readers, header: bytes) -> None:
    assert "From: a@b.example" in readers.read_now(header + b"\n\nplain words").text


@pytest.mark.parametrize(
    ("content", "name", "media_type"),
    [
        (b"From: Ann\nTo: Bob\nSubject: a letter\n\nDear Bob", "letter.txt", "text/plain"),
        (b"From: Ann\nTo: Bob\nSubject: a letter\n\nDear Bob", "letter.eml", "message/rfc822"),
        (b"Return-Path: <a@b.example>\nFrom: Ann\n\nDear Bob", "noname", "message/rfc822"),
        (b"Invoice number: 17\nContent-Type: goods\n\nTotal 5", "invoice.txt", "text/plain"),
    ],
)
def test_a_letter_that_begins_with_names_is_no_mail(
    readers: Readers, content: bytes, name: str, media_type: str
) -> None:
    assert readers.read_now(content, name).media_type == media_type


def test_reads_every_mail_of_a_mailbox(readers: Readers) -> None:
    reading = readers.read_now(mailbox(mail("First", "one\n\n>From here on"), mail("Second", "two")))
    assert (reading.media_type, reading.text) == ("application/mbox", "First\nSecond\n")
    assert [PLAIN in _text(file) for file in reading.embedded] == [False, False]
    assert "From here on" in _text(reading.embedded[0])
    assert "two" in _text(reading.embedded[1])


def test_reads_an_outlook_message_with_what_is_attached(readers: Readers) -> None:
    content = message(OUTLOOK, SENT, {"Bob": "bob@example.org"}, {"a.txt": b"small", "letter.pdf": pdf(greeting)})
    reading = readers.read_now(content)
    assert reading.media_type == "application/vnd.ms-outlook"
    assert reading.text.split("\n")[:7] == [
        "Subject: Rechnung für Mai",
        'From: "Ann Müller" <ann@beispiel.example>',
        "To: Bob <bob@example.org>",
        "Date: 2024-05-03 08:00+00:00",
        "",
        "Guten Tag,",
        "anbei.",
    ]
    assert _text(_named(reading)["letter.pdf"]) == "Hello World\n"


def test_reads_the_page_of_an_outlook_message(readers: Readers) -> None:
    content = message({**OUTLOOK, 0x1013: PAGE.encode()}, SENT, {}, {})
    assert "Guten Tag, Herr Größe" in readers.read_now(content).text


def test_takes_the_plain_text_where_an_outlook_page_is_in_another_encoding(readers: Readers) -> None:
    content = message({**OUTLOOK, 0x1013: PAGE.encode("latin-1")}, SENT, {}, {})
    assert "anbei." in readers.read_now(content).text


def _reading(file: Embedded) -> Reading:
    assert file.reading is not None
    return file.reading

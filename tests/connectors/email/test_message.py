"""Hostile and broken mails: something readable comes out, in good time."""

import time

import pytest

from connectors.sdk.mail.message import read
from tests.connectors.email.conftest import letter


def raw(*lines: str, body: bytes = b"hello") -> bytes:
    return "\r\n".join(lines).encode("utf-8", "surrogateescape") + b"\r\n\r\n" + body


def nested(depth: int) -> bytes:
    heads = "".join(f'Content-Type: multipart/mixed; boundary="b{at}"\r\n\r\n--b{at}\r\n' for at in range(depth))
    return f"Subject: deep\r\n{heads}Content-Type: text/plain\r\n\r\nbottom\r\n".encode()


@pytest.mark.parametrize(
    ("mail", "text"),
    [
        (raw("Subject: x", "Content-Type: text/plain; charset=no-such"), "hello"),
        (raw("Subject: x", 'Content-Type: text/plain; charset="utf-8\\'), "hello"),
        (raw("Subject: x", "Content-Type: text/plain; charset=utf-8", body=b"caf\xe9"), "café"),
        (raw("Subject: x", "Content-Transfer-Encoding: base64", body=b"!!!not base64"), "!!!not base64"),
        (raw("Subject: x", "Content-Type: multipart/mixed", body=b"no boundary"), "no boundary"),
        (raw("Subject: x", "Content-Type: ///;;;", body=b"what"), "what"),
        (b"", ""),
        (b"\x00\xff\xfe", "ÿþ"),
        (raw("Subject: x", "Content-Type: text/plain", body=b"nul\x00byte"), "nulbyte"),
    ],
)
def test_reads_what_can_be_read(mail, text):
    assert read(mail).text == text


@pytest.mark.parametrize(
    ("written", "subject"),
    [
        ("=?utf-8?b?xbzDs8WCxIc=?=", "żółć"),
        ("=?no-such?q?caf=E9?=", "café"),
        ("=?utf-8?b?%%%?=", "=?utf-8?b?%%%?="),
        ("raw ż bytes", "raw ż bytes"),
        ("bad \udcff byte", "bad \ufffd byte"),
        ("two\r\n lines", "two lines"),
        ("x" * 100_000, "x" * 2000),
    ],
)
def test_decodes_headers_whatever_they_claim(written, subject):
    assert read(raw(f"Subject: {written}")).subject == subject


@pytest.mark.parametrize(
    ("written", "name"),
    [
        ('filename="../../etc/passwd"', "passwd"),
        ('filename="C:\\\\windows\\\\system.ini"', "system.ini"),
        ('filename=".."', "unnamed"),
        ("filename*=utf-8''..%2F..%2Fx%00.pdf", "x.pdf"),
        ("filename*=no-such''%ff.pdf", "ÿ.pdf"),
        ('filename="=?utf-8?q?faktura_=C5=82.pdf?="', "faktura ł.pdf"),
        (f'filename="{"x" * 5000}.pdf"', "x" * 196 + ".pdf"),
    ],
)
def test_makes_labels_of_file_names(written, name):
    [attachment] = read(raw("Content-Type: application/pdf", f"Content-Disposition: attachment; {written}")).attachments
    assert attachment.name == name


def test_gives_files_without_a_name_one():
    [attachment] = read(raw("Content-Type: application/pdf")).attachments
    assert attachment.name == "attachment-1.pdf"


def test_reads_mails_that_were_forwarded_as_attachments():
    outer = letter("outer")
    outer.add_attachment(letter("inner"))
    names = [attachment.name for attachment in read(outer.as_bytes()).attachments]
    assert names == ["faktura ł.pdf", "faktura ł.pdf"]


def test_makes_a_text_of_a_page():
    head = b"<html><head><title>t</title><style>p{}</style></head>"
    page = head + b"<p>Dear&nbsp;all,<p>pay <b>118.00</b> &euro;<script>x()</script>"
    assert read(raw("Content-Type: text/html", body=page)).text == "Dear all,\n\npay 118.00 €"


@pytest.mark.parametrize(
    "mail",
    [
        nested(50),
        nested(5000),
        raw(*(f"X-Header-{at}: {'y' * 900}" for at in range(5000)), "Subject: deep"),
        raw("Subject: deep", f"To: {', '.join(['a@b.example'] * 50_000)}"),
        raw("Subject: deep", "Content-Type: multipart/mixed; boundary=x", body=b"--x\r\n\r\ny\r\n" * 100_000),
        raw("Subject: deep", "Content-Type: text/html", body=b"<div>" * 200_000),
        raw("Subject: deep", "Content-Type: text/html", body=b"<!--" * 200_000),
        raw("Subject: deep", "Content-Type: text/html", body=b"<a b='" * 100_000),
        raw("Subject: deep", f"From: {'(' * 50_000}"),
        raw("Subject: deep", "References: " + "<a@b> " * 100_000),
    ],
    ids=[
        "nested",
        "nested beyond reason",
        "headers",
        "recipients",
        "parts",
        "page",
        "page of comments",
        "page of attributes",
        "comment",
        "references",
    ],
)
def test_survives_hostile_mails_in_good_time(mail):
    start = time.process_time()
    assert read(mail).subject == "deep"
    assert time.process_time() - start < 3


def test_leaves_out_the_attachments_of_a_mail_that_was_cut_off():
    whole = letter().as_bytes()
    cut = read(whole[:-30], complete=False)
    assert (cut.subject, cut.attachments, cut.complete) == ("Invoice 42", [], False)

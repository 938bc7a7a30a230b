"""Mails made for the tests by the standard library."""

from collections.abc import Mapping
from email.message import EmailMessage

PAGE = (
    "<html><head><meta charset='latin-1'></head><body><p>Guten Tag, Herr Größe</p><table><tr><th>Ware<th>Menge<th>Preis"
    "<tr><td>Lampe<td>2<td>40,00</table></body></html>"
)
PLAIN = "Guten Tag,\nanbei erhalten Sie die Rechnung für den Mai, wie besprochen.\n"


def mail(
    subject: str = "Rechnung für Mai", text: str = PLAIN, page: str = "", files: Mapping[str, bytes] | None = None
) -> EmailMessage:
    """A mail of Ann's to Bob with these files."""
    message = EmailMessage()
    message["Subject"] = subject
    message["From"] = "Ann Müller <ann@beispiel.example>"
    message["To"] = "Bob <bob@example.org>, cy@example.org"
    message["Date"] = "Fri, 03 May 2024 10:00:00 +0200"
    message["Message-ID"] = "<17.abc@beispiel.example>"
    message.set_content(text)
    if page:
        message.add_alternative(page, subtype="html")
    for name, content in (files or {}).items():
        message.add_attachment(content, maintype="application", subtype="octet-stream", filename=name)
    return message


def mailbox(*mails: EmailMessage) -> bytes:
    """The mails in one file, as programs keep them."""
    return b"\n".join(b"From ann@beispiel.example Fri May  3 10:00:00 2024\n" + one.as_bytes() for one in mails)

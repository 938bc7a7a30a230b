"""Write a mail and hand it to an SMTP server; all its recipients take it or none."""

from __future__ import annotations

import mimetypes
import re
import ssl
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager
from email.headerregistry import Address as MailAddress
from email.message import EmailMessage
from email.policy import SMTP as POLICY
from email.utils import formatdate, getaddresses
from typing import TYPE_CHECKING, Annotated, Any

from connectors.email.connection import ANSWER_SECONDS, Connection, TlsMode
from connectors.sdk import Context, CredentialsError, Settings, SettingsError, Shape, TemporaryError, field
from connectors.sdk.tls import tls_context

if TYPE_CHECKING:
    import aiosmtplib

MOST_RECIPIENTS = 100
MOST_BYTES = 25 * 1024 * 1024
_ADDRESS = re.compile(r"[^\s@<>()\[\],;:\\\"]+@[^\s@<>()\[\],;:\\\"]+")


class Letter(Settings):
    """Whom to write to, and what."""

    to: Annotated[Any, field("To", hint="One or several addresses.", example="sales@example.com", templated=True)]
    subject: Annotated[str, field("Subject", templated=True)]
    text: Annotated[str, field("Text", multiline=True, templated=True)] = ""
    html: Annotated[
        str, field("HTML", hint="Beside the text, for those who read HTML.", multiline=True, templated=True)
    ] = ""
    attachments: Annotated[
        Any,
        field(
            "Attachments",
            hint="Files of this run.",
            example="{{ trigger.attachments }}",
            templated=True,
            shape=Shape.FILE,
        ),
    ] = None
    cc: Annotated[Any, field("Copy", templated=True, advanced=True)] = None
    bcc: Annotated[Any, field("Blind copy", templated=True, advanced=True)] = None
    reply_to: Annotated[str, field("Reply to", templated=True, advanced=True)] = ""
    sender_name: Annotated[str, field("Sender's name", advanced=True)] = ""


def recipients(letter: Letter) -> list[str]:
    """Return every address that the mail goes to, each once."""
    found = [*_addresses(letter.to, "To"), *_addresses(letter.cc, "Copy"), *_addresses(letter.bcc, "Blind copy")]
    if not found:
        raise SettingsError("There is nobody to send this to: To is empty.")
    if len(found) > MOST_RECIPIENTS:
        raise SettingsError(f"One mail goes to at most {MOST_RECIPIENTS} addresses; this has {len(found)}.")
    return list(dict.fromkeys(found))


async def write(context: Context[Connection, Letter], key: str) -> EmailMessage:
    """Put the mail together; the same delivery always has the same Message-ID."""
    letter, sender = context.settings, context.connection.sender
    mail = EmailMessage(policy=POLICY)
    mail["From"] = MailAddress(_line(letter.sender_name, "Sender's name"), addr_spec=_addresses(sender, "From")[0])
    mail["To"] = ", ".join(_addresses(letter.to, "To"))
    if copies := _addresses(letter.cc, "Copy"):
        mail["Cc"] = ", ".join(copies)
    if answers := _addresses(letter.reply_to, "Reply to"):
        mail["Reply-To"] = ", ".join(answers)
    mail["Subject"] = _line(letter.subject, "Subject")
    mail["Date"] = formatdate(localtime=False)
    mail["Message-ID"] = f"<{key}@{sender.rpartition('@')[2]}>"
    mail["Auto-Submitted"] = "auto-generated"
    mail.set_content(letter.text.replace("\0", ""))
    if letter.html:
        mail.add_alternative(letter.html.replace("\0", ""), subtype="html")
    await _attach(context, mail)
    return mail


async def send_mail(connection: Connection, smtp: aiosmtplib.SMTP, mail: EmailMessage, to: Sequence[str]) -> None:
    """Hand the mail over; only a loss after its last line leaves it open whether it was taken."""
    content = mail.as_bytes(policy=POLICY)
    with speaking():
        await smtp.mail(connection.sender)
        for address in to:
            await smtp.rcpt(address)
    with speaking(uncertain=True):
        await smtp.data(content)


@asynccontextmanager
async def signed_in(context: Context[Connection, Any]) -> AsyncIterator[aiosmtplib.SMTP]:
    """Connect to the checked address, sign in, and hang up afterwards."""
    import aiosmtplib

    connection = context.connection
    if not connection.smtp_host:
        raise SettingsError("This connection has no SMTP host, so it cannot send mail.")
    address = await context.dial(connection.smtp_host, connection.smtp_port)
    smtp = aiosmtplib.SMTP(
        hostname=address.host,
        port=address.port,
        timeout=ANSWER_SECONDS,
        local_hostname="localhost",
        use_tls=connection.smtp_tls is TlsMode.TLS,
        start_tls=connection.smtp_tls is TlsMode.STARTTLS,
        tls_context=tls_context(address.server_name, authority=connection.authority),
    )
    try:
        with speaking():
            await smtp.connect()
            await smtp.ehlo()
            if connection.password.reveal() and smtp.supports_extension("auth"):
                await smtp.login(connection.user, connection.password.reveal())
        yield smtp
    finally:
        smtp.close()


@contextmanager
def speaking(*, uncertain: bool = False) -> Iterator[None]:
    """Say what an SMTP server or its absence said in the three words of connectors."""
    import aiosmtplib

    try:
        yield
    except aiosmtplib.SMTPAuthenticationError as error:
        raise CredentialsError(f"The mail server does not accept the user or password: {error.message}.") from error
    except aiosmtplib.SMTPResponseException as error:
        raise _refusal(error.code, error.message) from error
    except ssl.SSLError as error:
        raise SettingsError(f"The mail server's certificate is not accepted: {error.reason or error}.") from error
    except aiosmtplib.SMTPNotSupported as error:
        raise SettingsError(f"The mail server cannot do this: {error}.") from error
    except (aiosmtplib.SMTPException, OSError) as error:
        if isinstance(error.__cause__, ssl.SSLError):
            raise SettingsError(f"The mail server's certificate is not accepted: {error.__cause__.reason}.") from error
        raise TemporaryError("The mail server does not answer.", uncertain=uncertain) from error


def _refusal(code: int, message: str) -> Exception:
    said = f"The mail server says: {code} {message}"
    if 400 <= code < 500:
        return TemporaryError(said)
    return CredentialsError(said) if code in {530, 535, 538} else SettingsError(said)


async def _attach(context: Context[Connection, Letter], mail: EmailMessage) -> None:
    given = context.settings.attachments
    size = 0
    for one in given if isinstance(given, (list, tuple)) else [given] if given else []:
        named: Mapping[str, Any] = one if isinstance(one, Mapping) else {"file": one}
        content = await context.files.open(str(named.get("file", "")))
        size += len(content)
        if size > MOST_BYTES:
            raise SettingsError(f"The attachments are larger than {MOST_BYTES // 1024 // 1024} MB together.")
        name = _line(str(named.get("name") or "attachment"), "The attachment's name")
        kind = str(named.get("media_type") or mimetypes.guess_type(name)[0] or "application/octet-stream")
        main, _, sub = kind.partition("/")
        if not re.fullmatch(r"[\w.+-]+/[\w.+-]+", kind) or main in {"multipart", "message"}:
            main, sub = "application", "octet-stream"
        mail.add_attachment(content, maintype=main, subtype=sub, filename=name)


def _addresses(given: Any, name: str) -> list[str]:
    texts = given if isinstance(given, (list, tuple)) else [given] if given else []
    found = [address for _, address in getaddresses([_line(str(text), name) for text in texts]) if address]
    wrong = [address for address in found if not _ADDRESS.fullmatch(address) or not address.isascii()]
    if wrong or (texts and not found):
        raise SettingsError(f"{name} has no usable address: {', '.join(wrong or map(str, texts))[:200]}.")
    return found


def _line(text: str, name: str) -> str:
    """Refuse line breaks inside a header: they would start another one."""
    line = text.strip().replace("\0", "")
    if "\r" in line or "\n" in line:
        raise SettingsError(f"{name} must be one line.")
    return line

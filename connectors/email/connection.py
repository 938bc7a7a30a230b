"""A mailbox and the way out: IMAP to read, SMTP to send, and what their refusals mean."""

from __future__ import annotations

import asyncio
import imaplib
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Any

from connectors.sdk import CredentialsError, Secret, Settings, SettingsError, TemporaryError, field
from connectors.sdk.tls import tls_context

if TYPE_CHECKING:
    from imapclient import IMAPClient

    from connectors.sdk.dial import Address

    Dial = Callable[[str, int], Awaitable[Address]]

CONNECT_SECONDS = 15.0
ANSWER_SECONDS = 60.0

# what IMAP servers say when they are busy rather than unwilling (RFC 5530)
_BUSY = ("[UNAVAILABLE]", "[INUSE]", "[LIMIT]", "[SERVERBUG]", "too many")


class TlsMode(StrEnum):
    """How a mail connection is protected."""

    TLS = "tls"
    STARTTLS = "starttls"
    NONE = "none"


class Connection(Settings):
    """A mail account: where its mail is read, where it is sent from, and its password."""

    user: Annotated[str, field("User", example="invoices@example.com")]
    password: Annotated[Secret, field("Password", hint="Many providers want an app password here.")]
    imap_host: Annotated[str, field("IMAP host", hint="To read mail.", example="imap.example.com")] = ""
    smtp_host: Annotated[str, field("SMTP host", hint="To send mail.", example="smtp.example.com")] = ""
    address: Annotated[str, field("Sender address", hint="When it differs from the user.", advanced=True)] = ""
    imap_port: Annotated[int, field("IMAP port", advanced=True)] = 993
    imap_tls: Annotated[TlsMode, field("IMAP security", advanced=True)] = TlsMode.TLS
    smtp_port: Annotated[int, field("SMTP port", advanced=True)] = 587
    smtp_tls: Annotated[TlsMode, field("SMTP security", advanced=True)] = TlsMode.STARTTLS
    authority: Annotated[
        str,
        field("Certificate authority", hint="As PEM text; only for one of your own.", multiline=True, advanced=True),
    ] = ""

    def __post_init__(self) -> None:
        """Refuse what is no plain host and port, and an account that can neither read nor send."""
        if not self.imap_host and not self.smtp_host:
            raise ValueError("Give an IMAP host to read mail, an SMTP host to send it, or both.")
        for host in (self.imap_host, self.smtp_host):
            if any(letter in "/@:,?\0" or letter.isspace() for letter in host):
                raise ValueError("Give hosts as plain names or addresses; ports have fields of their own.")
        if not all(0 < port < 65536 for port in (self.imap_port, self.smtp_port)):
            raise ValueError("A port is a number from 1 to 65535.")
        if "@" not in self.sender or any(letter.isspace() for letter in self.sender):
            raise ValueError("Give the sender's address, as the user is none.")

    @property
    def sender(self) -> str:
        """The address that mail is sent from."""
        return self.address or self.user


@asynccontextmanager
async def mailbox(connection: Connection, dial: Dial) -> AsyncIterator[IMAPClient]:
    """Sign in to the IMAP server and hang up afterwards; every call on the client belongs into a thread."""
    if not connection.imap_host:
        raise SettingsError("This connection has no IMAP host, so it cannot read mail.")
    address = await dial(connection.imap_host, connection.imap_port)
    client = await asyncio.to_thread(_sign_in, connection, address)
    try:
        with reading():
            yield client
    finally:
        with suppress(OSError, imaplib.IMAP4.error):
            await asyncio.to_thread(client.shutdown)


@contextmanager
def reading() -> Iterator[None]:
    """Say what an IMAP server or its absence said in the three words of connectors."""
    from imapclient.exceptions import LoginError

    try:
        yield
    except LoginError as error:
        if any(word.lower() in str(error).lower() for word in _BUSY):
            raise TemporaryError(f"The mail server takes no sign-in now: {error}.") from error
        raise CredentialsError(f"The mail server does not accept the user or password: {error}.") from error
    except ssl.SSLError as error:
        raise SettingsError(f"The mail server's certificate is not accepted: {error.reason or error}.") from error
    except (imaplib.IMAP4.abort, OSError, EOFError) as error:
        raise TemporaryError("The mail server does not answer.") from error
    except imaplib.IMAP4.error as error:
        raise SettingsError(f"The mail server refuses this: {error}.") from error


def _sign_in(connection: Connection, address: Address) -> IMAPClient:
    from imapclient import IMAPClient, SocketTimeout

    tls = tls_context(address.server_name, authority=connection.authority)
    direct: dict[str, Any] = {"ssl_context": tls} if connection.imap_tls is TlsMode.TLS else {"ssl": False}
    timeout = SocketTimeout(connect=CONNECT_SECONDS, read=ANSWER_SECONDS)
    with reading():
        client = IMAPClient(address.host, port=address.port, timeout=timeout, **direct)
        try:
            if connection.imap_tls is TlsMode.STARTTLS:
                client.starttls(tls)
            client.login(connection.user, connection.password.reveal())
        except BaseException:
            with suppress(OSError, imaplib.IMAP4.error):
                client.shutdown()
            raise
    client.normalise_times = False
    return client

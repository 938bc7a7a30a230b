"""A mailbox and the way out: IMAP to read, SMTP to send, and what their refusals mean."""

from __future__ import annotations

import asyncio
import imaplib
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from enum import StrEnum
from ipaddress import ip_address
from typing import TYPE_CHECKING, Annotated, Any, Literal, TypeVar

from connectors.email.grants import GRANTED, HOSTS, Other, grant_of, require_addresses, require_client
from connectors.sdk import (
    Context,
    CredentialsError,
    OAuth,
    Secret,
    Settings,
    SettingsError,
    TemporaryError,
    field,
)
from connectors.sdk.network.guard import is_public
from connectors.sdk.network.tls import tls_context

if TYPE_CHECKING:
    from imapclient import IMAPClient

    from connectors.sdk.network.guard import Address

T = TypeVar("T")

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
    """A mail account: where its mail is read, where it is sent from, and how it signs in."""

    user: Annotated[str, field("User", example="invoices@example.com")]
    kind: Annotated[
        Literal["password", "google", "microsoft", "oauth"],
        field(
            "Signs in by",
            hint="password: user and password; google, microsoft: a person signs in there, with a client id of yours; "
            "oauth: the same at any other service.",
        ),
    ] = "password"
    password: Annotated[
        Secret, field("Password", hint="Many providers want an app password here.", when={"kind": ("password",)})
    ] = Secret("")
    client_id: Annotated[str, field("Client id", hint="Of the application you registered.", when={"kind": GRANTED})] = (
        ""
    )
    client_secret: Annotated[Secret, field("Client secret", when={"kind": GRANTED})] = Secret("")
    tenant: Annotated[
        str,
        field("Directory (tenant) id", hint="common: any work or school account.", when={"kind": ("microsoft",)}),
    ] = "common"
    authorize_url: Annotated[
        str,
        field(
            "Sign-in address",
            hint="Where a person agrees.",
            example="https://login.example.com/oauth2/authorize",
            when={"kind": ("oauth",)},
        ),
    ] = ""
    token_url: Annotated[
        str,
        field(
            "Token address",
            hint="Where tokens come from.",
            example="https://login.example.com/oauth2/token",
            when={"kind": ("oauth",)},
        ),
    ] = ""
    scopes: Annotated[
        list[str],
        field("Scopes", hint="What to ask for, and no more.", example=["mail"], when={"kind": ("oauth",)}),
    ] = []
    imap_host: Annotated[
        str, field("IMAP host", hint="To read mail. Known for Google and Microsoft.", example="imap.example.com")
    ] = ""
    smtp_host: Annotated[
        str, field("SMTP host", hint="To send mail. Known for Google and Microsoft.", example="smtp.example.com")
    ] = ""
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
        if not self.reads_at and not self.sends_at:
            raise ValueError("Give an IMAP host to read mail, an SMTP host to send it, or both.")
        for host in (self.imap_host, self.smtp_host):
            if any(letter in "/@:,?\0" or letter.isspace() for letter in host):
                raise ValueError("Give hosts as plain names or addresses; ports have fields of their own.")
        if not all(0 < port < 65536 for port in (self.imap_port, self.smtp_port)):
            raise ValueError("A port is a number from 1 to 65535.")
        if "@" not in self.sender or any(letter.isspace() for letter in self.sender):
            raise ValueError("Give the sender's address, as the user is none.")
        if self.kind != "password":
            require_client(self.client_id, self.tenant)
        if self.kind == "oauth":
            require_addresses(self.authorize_url, self.token_url)

    @property
    def sender(self) -> str:
        """The address that mail is sent from."""
        return self.address or self.user

    @property
    def reads_at(self) -> str:
        """The IMAP host, empty when no mail is read."""
        return self.imap_host or HOSTS.get(self.kind, ("", ""))[0]

    @property
    def sends_at(self) -> str:
        """The SMTP host, empty when no mail is sent."""
        return self.smtp_host or HOSTS.get(self.kind, ("", ""))[1]


def access(connection: Connection) -> OAuth | None:
    """Say how tokens are granted, for the kinds that use them."""
    if connection.kind == "password":
        return None
    return grant_of(
        connection.kind,
        client_id=connection.client_id,
        client_secret=connection.client_secret,
        tenant=connection.tenant,
        other=Other(connection.authorize_url, connection.token_url, connection.scopes),
    )


@asynccontextmanager
async def mailbox(context: Context[Connection, Any]) -> AsyncIterator[IMAPClient]:
    """Sign in to the IMAP server and hang up afterwards; every call on the client belongs into a thread."""
    connection = context.connection
    if not connection.reads_at:
        raise SettingsError("This connection has no IMAP host, so it cannot read mail.")

    async def enter(token: str) -> IMAPClient:
        address = await dialled(context, connection.reads_at, connection.imap_port, connection.imap_tls)
        signing_in = asyncio.ensure_future(asyncio.to_thread(_sign_in, connection, address, token))
        try:
            return await asyncio.shield(signing_in)
        except asyncio.CancelledError:
            signing_in.add_done_callback(_hang_up)
            raise

    client = await with_token(context, enter)
    try:
        with reading():
            yield client
    finally:
        with suppress(OSError, imaplib.IMAP4.error):
            await asyncio.to_thread(client.shutdown)


def _hang_up(signing_in: asyncio.Future[IMAPClient]) -> None:
    """Leave a server that nobody waits for any more."""
    if not signing_in.cancelled() and signing_in.exception() is None:
        with suppress(OSError):
            signing_in.result().shutdown()


async def dialled(context: Context[Connection, Any], host: str, port: int, tls: TlsMode) -> Address:
    """Return the checked address of a server; none that is reached unprotected over the internet."""
    address = await context.dial(host, port)
    if tls is TlsMode.NONE and is_public(ip_address(address.host)):
        raise SettingsError(
            f"{host} would be reached without protection, where everybody on the way can read the password and the "
            "mails. Choose tls or starttls."
        )
    return address


async def with_token(context: Context[Connection, Any], enter: Callable[[str], Awaitable[T]]) -> T:
    """Sign in by what the connection has; a granted token that is refused is renewed once."""
    if context.connection.kind == "password":
        return await enter("")
    token = await context.access_token()
    try:
        return await enter(token)
    except CredentialsError:
        return await enter(await context.access_token(refused=token))


@contextmanager
def reading() -> Iterator[None]:
    """Say what an IMAP server or its absence said in the three words of connectors."""
    from imapclient.exceptions import LoginError

    try:
        yield
    except LoginError as error:
        if any(word.lower() in str(error).lower() for word in _BUSY):
            raise TemporaryError(f"The mail server takes no sign-in now: {said(error)}.") from error
        raise CredentialsError(f"The mail server does not accept the sign-in: {said(error)}.") from error
    except ssl.SSLError as error:
        raise SettingsError(f"The mail server's certificate is not accepted: {error.reason or error}.") from error
    except (imaplib.IMAP4.abort, OSError, EOFError) as error:
        raise TemporaryError("The mail server does not answer.") from error
    except imaplib.IMAP4.error as error:
        raise SettingsError(f"The mail server refuses this: {said(error)}.") from error


def said(error: Exception) -> str:
    """Return what a server said, without the quotes of bytes and the last full stop."""
    text = " ".join(str(error).removeprefix("b'").removesuffix("'").split())
    return text.rstrip(".")[:300]


def _sign_in(connection: Connection, address: Address, token: str) -> IMAPClient:
    from imapclient import IMAPClient, SocketTimeout

    tls = tls_context(address.server_name, authority=connection.authority)
    direct: dict[str, Any] = {"ssl_context": tls} if connection.imap_tls is TlsMode.TLS else {"ssl": False}
    timeout = SocketTimeout(connect=CONNECT_SECONDS, read=ANSWER_SECONDS)
    with reading():
        client = IMAPClient(address.host, port=address.port, timeout=timeout, **direct)
        try:
            if connection.imap_tls is TlsMode.STARTTLS:
                client.starttls(tls)
            if token:
                client.oauth2_login(connection.user, token)
            else:
                client.login(connection.user, connection.password.reveal())
        except BaseException:
            with suppress(OSError, imaplib.IMAP4.error):
                client.shutdown()
            raise
    client.normalise_times = False
    return client

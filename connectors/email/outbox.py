"""Hand a mail to an SMTP server; all its recipients take it or none."""

from __future__ import annotations

import ssl
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from email.message import EmailMessage
from email.policy import SMTP as POLICY
from typing import TYPE_CHECKING, Any

from connectors.email.connection import ANSWER_SECONDS, Connection, TlsMode, dialled, with_token
from connectors.sdk import Context, CredentialsError, SettingsError, TemporaryError
from connectors.sdk.network.tls import tls_context

if TYPE_CHECKING:
    import aiosmtplib

    from connectors.sdk.network.guard import Address


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
    connection = context.connection
    if not connection.sends_at:
        raise SettingsError("This connection has no SMTP host, so it cannot send mail.")

    async def enter(token: str) -> aiosmtplib.SMTP:
        address = await dialled(context, connection.sends_at, connection.smtp_port, connection.smtp_tls)
        return await _enter(connection, address, token)

    smtp = await with_token(context, enter)
    try:
        yield smtp
    finally:
        smtp.close()


async def _enter(connection: Connection, address: Address, token: str) -> aiosmtplib.SMTP:
    import aiosmtplib

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
            if token:
                await smtp.auth_xoauth2(connection.user, token)
            elif connection.password.reveal() and smtp.supports_extension("auth"):
                await smtp.login(connection.user, connection.password.reveal())
    except BaseException:
        smtp.close()
        raise
    return smtp


@contextmanager
def speaking(*, uncertain: bool = False) -> Iterator[None]:
    """Say what an SMTP server or its absence said in the three words of connectors."""
    import aiosmtplib

    try:
        yield
    except aiosmtplib.SMTPAuthenticationError as error:
        raise CredentialsError(f"The mail server does not accept the sign-in: {error.message}.") from error
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

"""Sends plain-text mail through the operator's SMTP server, when there is one."""

from __future__ import annotations

from email.message import EmailMessage
from email.utils import formatdate, make_msgid
from ipaddress import ip_address
from urllib.parse import unquote, urlsplit

import aiosmtplib

from hub.errors import UnavailableError

TIMEOUT = 20.0
DOMAIN = "patchdeck.invalid"


class Mail:
    """One SMTP server by URL (`smtp://user:password@host:587`, `smtps://…:465`) and one sender."""

    def __init__(self, url: str | None = None, sender: str | None = None) -> None:
        self._url = url
        self._sender = sender

    @property
    def configured(self) -> bool:
        """Whether there is a server to send through; without one, links are shown instead of sent."""
        return self._url is not None and self._sender is not None

    async def send(self, to: str, subject: str, text: str, *, identity: str | None = None) -> None:
        """Send one message; UnavailableError when the server does not take it.

        What is sent again under the same identity is known by it, so that mailboxes may show it once.
        """
        if self._url is None or self._sender is None:
            raise UnavailableError("No mail server is set; set PATCHDECK_SMTP_URL and PATCHDECK_MAIL_FROM.")
        message = EmailMessage()
        message["From"], message["To"], message["Subject"] = self._sender, to, subject
        message["Date"] = formatdate()
        message["Message-ID"] = f"<{identity}@{DOMAIN}>" if identity else make_msgid(domain=DOMAIN)
        message["Auto-Submitted"] = "auto-generated"
        message.set_content(text)
        parts = urlsplit(self._url)
        encrypted = parts.scheme == "smtps"
        try:
            await aiosmtplib.send(
                message,
                hostname=parts.hostname,
                port=parts.port or (465 if encrypted else 587),
                username=unquote(parts.username) if parts.username else None,
                password=unquote(parts.password) if parts.password else None,
                use_tls=encrypted,
                start_tls=False if encrypted else _start_tls(parts.hostname or ""),
                timeout=TIMEOUT,
            )
        except (aiosmtplib.SMTPException, OSError) as error:
            raise UnavailableError(
                "The mail could not be sent; check PATCHDECK_SMTP_URL and the mail server's log.", retry_after=60
            ) from error


def _start_tls(host: str) -> bool | None:
    """Demand TLS of every server but one on this machine, which may do without."""
    try:
        local = ip_address(host).is_loopback
    except ValueError:
        local = host == "localhost"
    return None if local else True

"""Email: mails in by IMAP, mails out by SMTP."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from typing import Any

from connectors.email.connection import Connection, mailbox
from connectors.email.inbox import Mailbox, read_folder, wait
from connectors.email.outbox import Letter, recipients, send_mail, signed_in, write
from connectors.sdk import Change, ChangeKind, Connector, Context, Effect, Item, Receipt, Record

connector = Connector("email", "Email", icon="mail", connection=Connection)


@connector.hosts
def hosts(connection: Connection) -> Sequence[str]:
    """Name the servers of the account."""
    return [host for host in (connection.imap_host, connection.smtp_host) if host]


@connector.check
async def check(connection: Connection, context: Context[Connection, Any]) -> None:
    """Sign in wherever the account has a server."""
    if connection.imap_host:
        async with mailbox(connection, context.dial) as client:
            await asyncio.to_thread(client.noop)
    if connection.smtp_host:
        async with signed_in(context):
            pass


@connector.trigger("Message received", every=60.0)
async def message_received(context: Context[Connection, Mailbox], cursor: str | None) -> AsyncIterator[Item]:
    """Start a run for each mail that arrives in a folder.

    Gives its `subject`, `sender`, `text`, `html` and `attachments`.
    """
    async with mailbox(context.connection, context.dial) as client:
        async for item in read_folder(context, client, cursor):
            yield item


@message_received.watch
async def watch(context: Context[Connection, Mailbox]) -> None:
    """Wait until the server says that mail has arrived."""
    async with mailbox(context.connection, context.dial) as client:
        await wait(client, context.settings.folder)


@connector.target("Send a mail", effect=Effect.SEND)
async def send(context: Context[Connection, Letter], record: Record) -> Receipt:
    """Send one mail for the record."""
    to = recipients(context.settings)
    mail = await write(context, record.key)
    async with signed_in(context) as smtp:
        await send_mail(context.connection, smtp, mail, to)
    return Receipt(reference=str(mail["Message-ID"]), output={"to": to, "message_id": str(mail["Message-ID"])})


@send.preview
async def preview(context: Context[Connection, Letter], records: Sequence[Record]) -> list[list[Change]]:
    """Show the mail as it would go out."""
    shown = [await write(context, record.key) for record in records]
    return [
        [
            Change(
                kind=ChangeKind.SEND,
                reference=str(mail["Message-ID"]),
                after={
                    "to": recipients(context.settings),
                    "subject": str(mail["Subject"]),
                    "text": context.settings.text,
                    "attachments": [part.get_filename() for part in mail.iter_attachments()],
                },
            )
        ]
        for mail in shown
    ]

"""Email: mails in by IMAP, mails out by SMTP, and the mailbox kept in order."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from typing import Any

import msgspec

from connectors.email.connection import Connection, access, mailbox
from connectors.email.filing import (
    Marks,
    Place,
    bring_back,
    carried,
    carry,
    find_mail,
    head_of,
    in_mailbox,
    mark,
    marked,
    must_find,
    remove_copy,
    state_of,
    unmark,
)
from connectors.email.inbox import Folder, Mailbox, Returns, read_folder, wait
from connectors.email.outbox import send_mail, signed_in
from connectors.sdk import Category, Change, ChangeKind, Connector, Context, Effect, Item, Receipt, Record
from connectors.sdk.mail.answer import Reply, answered
from connectors.sdk.mail.letter import Draft, Letter, drafted, recipients, shown, write
from connectors.sdk.mail.message import read

connector = Connector(
    "email",
    "Email",
    icon="alternate_email",
    connection=Connection,
    category=Category.MAIL,
    tried="Dovecot 2.3 and Postfix 3.7, with passwords and with XOAUTH2",
)


@connector.hosts
def hosts(connection: Connection) -> Sequence[str]:
    """Name the servers of the account."""
    return [host for host in (connection.reads_at, connection.sends_at) if host]


connector.oauth(access)


@connector.check
async def check(connection: Connection, context: Context[Connection, Any]) -> None:
    """Sign in wherever the account has a server."""
    if connection.reads_at:
        async with mailbox(context) as client:
            await asyncio.to_thread(client.noop)
    if connection.sends_at:
        async with signed_in(context):
            pass


@connector.trigger("Message received", every=60.0)
async def message_received(context: Context[Connection, Mailbox], cursor: str | None) -> AsyncIterator[Item]:
    """Start a run for each mail that arrives in a folder.

    Gives its `subject`, `sender`, `text`, `html` and `attachments`, the `message_id` and `references` of its
    conversation, its `flags`, the mails `forwarded` inside it, and the `bounce` when it reports that a mail came back.
    """
    async with mailbox(context) as client:
        async for item in read_folder(context, client, cursor):
            yield item


@message_received.watch
async def watch(context: Context[Connection, Mailbox]) -> None:
    """Wait until the server says that mail has arrived."""
    async with mailbox(context) as client:
        await wait(client, context.settings.folder)


@connector.trigger("Mail came back", every=60.0)
async def bounced(context: Context[Connection, Returns], cursor: str | None) -> AsyncIterator[Item]:
    """Start a run for each report that a mail could not be delivered.

    Gives the `message_id` and `subject` of the mail that came back, whether that is `permanent`, and its `recipients`
    with the `reason` of each; `report` is the text of the report.
    """
    async with mailbox(context) as client:
        async for item in read_folder(context, client, cursor):
            yield _returned(item)


@bounced.watch
async def watch_returns(context: Context[Connection, Returns]) -> None:
    """Wait until the server says that mail has arrived."""
    async with mailbox(context) as client:
        await wait(client, context.settings.folder)


def _returned(item: Item) -> Item:
    """Return a mail as the report that it is; other mails only move the cursor."""
    if item.content is None:
        return item
    found = item.content["bounce"]
    if found is None:
        return Item(content=None, cursor=item.cursor)
    place = {name: item.content[name] for name in ("date", "folder", "uid")}
    content = {**found, "report": item.content["text"], "report_id": item.content["message_id"], **place}
    title = f"Came back: {found['subject'] or item.title}"
    return msgspec.structs.replace(item, title=title, content=content, subject=found["message_id"] or None)


@connector.target("Send a mail", effect=Effect.SEND)
async def send(context: Context[Connection, Letter], record: Record) -> Receipt:
    """Send one mail for the record.

    Gives its `message_id` and the addresses it went `to`.
    """
    return await _send(context, drafted(context.settings, context.connection.sender), record)


@send.preview
async def preview(context: Context[Connection, Letter], records: Sequence[Record]) -> list[list[Change]]:
    """Show the mail as it would go out."""
    draft = drafted(context.settings, context.connection.sender)
    return [[await _shown(context, draft, record)] for record in records]


class EmailReply(Reply):
    """Which mail to answer, where it is, and what to say."""

    folder: Folder = "INBOX"


@connector.target("Reply to a mail", effect=Effect.SEND)
async def reply(context: Context[Connection, EmailReply], record: Record) -> Receipt:
    """Answer a mail within its conversation.

    Gives its `message_id` and the addresses it went `to`.
    """
    return await _send(context, await _answer(context), record)


@reply.preview
async def preview_reply(context: Context[Connection, EmailReply], records: Sequence[Record]) -> list[list[Change]]:
    """Show the answer as it would go out."""
    draft = await _answer(context)
    return [[await _shown(context, draft, record)] for record in records]


async def _answer(context: Context[Connection, EmailReply]) -> Draft:
    settings = context.settings
    head = await in_mailbox(context, head_of, settings.folder, settings.mail)
    return answered(settings, await context.confined(read, head), context.connection.sender)


async def _send(context: Context[Connection, Any], draft: Draft, record: Record) -> Receipt:
    to = recipients(draft)
    mail = await write(context, draft, record.key)
    async with signed_in(context) as smtp:
        await send_mail(context.connection, smtp, mail, to)
    return Receipt(reference=str(mail["Message-ID"]), output={"to": to, "message_id": str(mail["Message-ID"])})


async def _shown(context: Context[Connection, Any], draft: Draft, record: Record) -> Change:
    mail = await write(context, draft, record.key)
    return Change(kind=ChangeKind.SEND, reference=str(mail["Message-ID"]), after=shown(mail, draft))


@connector.target("Mark a mail", effect=Effect.CHANGE, concurrency=4)
async def flag(context: Context[Connection, Marks], record: Record) -> Receipt:  # noqa: ARG001  # the settings say it all
    """Add flags and labels to a mail, or take them away.

    Gives the `flags` that it has then.
    """
    now, _ = await in_mailbox(context, state_of, context.settings)
    await context.remember(msgspec.json.encode(now.flags).decode())
    return await in_mailbox(context, mark, context.settings)


@flag.preview
async def preview_flag(context: Context[Connection, Marks], records: Sequence[Record]) -> list[list[Change]]:
    """Show the flags as they are and as they would be."""
    now, after = await in_mailbox(context, state_of, context.settings)
    change = Change(
        kind=ChangeKind.CHANGE,
        reference=f"{context.settings.folder}/{now.uid}",
        before={"subject": now.subject, "flags": now.flags},
        after={"subject": now.subject, "flags": after},
    )
    return [[change] for _ in records]


@flag.find
async def find_flag(context: Context[Connection, Marks], record: Record, token: str | None) -> Receipt | None:  # noqa: ARG001  # as the SDK calls it
    """Tell whether the flags are as they should be."""
    now, after = await in_mailbox(context, state_of, context.settings)
    if now.flags != after:
        return None
    before = msgspec.json.decode(token, type=list[str]) if token else now.flags
    return marked(context.settings, now, before)


@flag.undo
async def undo_flag(context: Context[Connection, Marks], receipt: Receipt) -> Receipt:
    """Put back the flags that the mail had."""
    return await in_mailbox(context, unmark, receipt)


@connector.target("Move a mail", effect=Effect.CHANGE, concurrency=4)
async def move(context: Context[Connection, Place], record: Record) -> Receipt:  # noqa: ARG001  # the settings say it all
    """Move a mail to another folder.

    Gives the `folder` and the `uid` that it has there.
    """
    return await in_mailbox(context, carry, context.settings, copy=False)


@connector.target("Copy a mail", effect=Effect.CREATE, concurrency=4)
async def copy(context: Context[Connection, Place], record: Record) -> Receipt:  # noqa: ARG001  # the settings say it all
    """Copy a mail to another folder, unless it is there already.

    Gives the `folder` and the `uid` of the copy.
    """
    return await in_mailbox(context, carry, context.settings, copy=True)


@move.preview
@copy.preview
async def preview_place(context: Context[Connection, Place], records: Sequence[Record]) -> list[list[Change]]:
    """Show where the mail is and where it would be."""
    settings = context.settings
    now = await in_mailbox(context, must_find, settings.folder, settings.mail)
    change = Change(
        kind=ChangeKind.CHANGE,
        reference=f"{settings.folder}/{now.uid}",
        before={"subject": now.subject, "folder": settings.folder},
        after={"subject": now.subject, "folder": settings.to},
    )
    return [[change] for _ in records]


@move.find
async def find_moved(context: Context[Connection, Place], record: Record, token: str | None) -> Receipt | None:  # noqa: ARG001  # as the SDK calls it
    """Tell whether the mail is in its new folder and no longer in the old one."""
    found = await in_mailbox(context, find_mail, context.settings.folder, context.settings.mail)
    return await in_mailbox(context, carried, context.settings, copy=False, found=found)


@copy.find
async def find_copied(context: Context[Connection, Place], record: Record, token: str | None) -> Receipt | None:  # noqa: ARG001  # as the SDK calls it
    """Tell whether the mail is in the folder that it was to be copied to."""
    return await in_mailbox(context, carried, context.settings, copy=True, found=None)


@move.undo
async def undo_move(context: Context[Connection, Place], receipt: Receipt) -> Receipt:
    """Move the mail back."""
    return await in_mailbox(context, bring_back, receipt)


@copy.undo
async def undo_copy(context: Context[Connection, Place], receipt: Receipt) -> Receipt:
    """Delete the copy."""
    return await in_mailbox(context, remove_copy, receipt)

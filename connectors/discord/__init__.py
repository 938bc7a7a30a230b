"""Discord: messages of a channel in; messages, files and changes out, by a bot or by a channel's webhook."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from typing import Any

from connectors.discord import sending
from connectors.discord.connection import Connection, by_webhook, call, reachable
from connectors.discord.messages import Channel, new_messages
from connectors.discord.sending import Edit, Send, SendFile
from connectors.sdk import Category, Change, ChangeKind, Connector, Context, Effect, Item, Receipt, Record

connector = Connector(
    "discord",
    "Discord",
    icon="headset_mic",
    connection=Connection,
    category=Category.CHAT,
    tried="a local peer held to Discord's OpenAPI description of API v10",
)
connector.hosts(reachable)


@connector.check
async def check(connection: Connection, context: Context[Connection, Any]) -> None:
    """Ask who the bot is, or whether the webhook is still there."""
    if connection.kind == "webhook":
        await by_webhook(context, "GET", "", dict[str, Any])
    else:
        await call(context, "GET", "/users/@me", dict[str, Any])


@connector.trigger("New message", every=60.0)
async def new_message(context: Context[Connection, Channel], cursor: str | None) -> AsyncIterator[Item]:
    """Start a run for each message that is written in a channel.

    Gives its `text`, `author`, `author_name`, `channel`, `message`, `reply_to`, `sent_at`, `embeds` and `files`.
    """
    async for item in new_messages(context, cursor):
        yield item


@connector.target("Send a message", effect=Effect.SEND)
async def send_message(context: Context[Connection, Send], record: Record) -> Receipt:
    """Send one message for the record.

    Gives the `channel` and the id of the `message`.
    """
    return await sending.send(context, record)


@send_message.preview
async def show_message(context: Context[Connection, Send], records: Sequence[Record]) -> list[list[Change]]:
    """Show the message as it would go out."""
    settings = context.settings
    shown = {"channel": settings.channel, "reply_to": settings.reply_to, **sending.said(settings.text, settings.embeds)}
    return [[Change(kind=ChangeKind.SEND, after=shown)] for _ in records]


send_message.find(sending.find)
send_message.undo(sending.delete)


@connector.target("Send a file", effect=Effect.SEND)
async def send_file(context: Context[Connection, SendFile], record: Record) -> Receipt:
    """Send one file for the record, with words beside it if any.

    Gives the `channel` and the id of the `message`.
    """
    return await sending.send_file(context, record)


@send_file.preview
async def show_file(context: Context[Connection, SendFile], records: Sequence[Record]) -> list[list[Change]]:
    """Show which file would go out, and where."""
    settings, file = context.settings, await sending.file_of(context)
    shown = {"channel": settings.channel, "name": file.name, "size": len(file.content), "text": settings.text}
    return [[Change(kind=ChangeKind.SEND, after=shown)] for _ in records]


send_file.find(sending.find)
send_file.undo(sending.delete)


@connector.target("Change a message", effect=Effect.CHANGE)
async def edit_message(context: Context[Connection, Edit], _: Record) -> Receipt:
    """Change one message that this bot or webhook has sent before.

    Gives the `channel` and the id of the `message`.
    """
    return await sending.edit(context)


@edit_message.preview
async def show_edit(context: Context[Connection, Edit], records: Sequence[Record]) -> list[list[Change]]:
    """Show the message as it stands and as it would."""
    now = await sending.former(context)
    after = {"text": sending.said(context.settings.text, context.settings.embeds)["content"]}
    change = Change(kind=ChangeKind.CHANGE, reference=now.id, before={"text": now.content}, after=after)
    return [[change] for _ in records]


edit_message.find(sending.find_edit)
edit_message.undo(sending.restore)

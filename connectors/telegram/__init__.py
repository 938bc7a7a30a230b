"""Telegram: what people send to a bot comes in; messages, photos and files go out."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from typing import Any

import msgspec

from connectors.sdk import Category, Change, ChangeKind, Connector, Context, Effect, Item, Receipt, Record
from connectors.telegram import sending
from connectors.telegram.connection import Connection, bot_of, call, reachable
from connectors.telegram.messages import Inbox, news, received
from connectors.telegram.sending import Edit, Send, SendFile

connector = Connector(
    "telegram",
    "Telegram",
    icon="send",
    connection=Connection,
    category=Category.CHAT,
    tried="a local peer that checks each call and each answer by aiogram's classes of the Bot API",
)
connector.hosts(reachable)


@connector.check
async def check(_: Connection, context: Context[Connection, Any]) -> None:
    """Ask whose token it is."""
    await call(context, "getMe", msgspec.Raw)


@connector.trigger("Message received", every=60.0, alone=bot_of)
async def message_received(context: Context[Connection, Inbox], cursor: str | None) -> AsyncIterator[Item]:
    """Start a run for each message that people send to the bot; one recipe can listen to one bot.

    Gives its `text`, `chat`, `chat_name`, `message`, `sender`, `sender_name`, `sent_at`, `reply_to` and `files`.
    """
    async for item in received(context, cursor):
        yield item


message_received.watch(news)


@connector.target("Send a message", effect=Effect.SEND)
async def send_message(context: Context[Connection, Send], _: Record) -> Receipt:
    """Send one message for the record.

    Gives the `chat` and the number of the `message`.
    """
    return await sending.send(context)


@send_message.preview
async def show_message(context: Context[Connection, Send], records: Sequence[Record]) -> list[list[Change]]:
    """Show the message as it would go out."""
    settings = context.settings
    shown = {"chat": sending.chat_of(settings.chat), "text": sending.marked(settings.text)}
    return [[Change(kind=ChangeKind.SEND, after=shown)] for _ in records]


send_message.undo(sending.delete)


@connector.target("Send a file", effect=Effect.SEND)
async def send_file(context: Context[Connection, SendFile], _: Record) -> Receipt:
    """Send one file or photo for the record, with words beside it if any.

    Gives the `chat` and the number of the `message`.
    """
    return await sending.send_file(context)


@send_file.preview
async def show_file(context: Context[Connection, SendFile], records: Sequence[Record]) -> list[list[Change]]:
    """Show which file would go out, and to whom."""
    settings, file = context.settings, await sending.file_of(context)
    shown = {
        "chat": sending.chat_of(settings.chat),
        "name": file.name,
        "size": len(file.content),
        "text": settings.text,
    }
    return [[Change(kind=ChangeKind.SEND, after=shown)] for _ in records]


send_file.undo(sending.delete)


@connector.target("Change a message", effect=Effect.CHANGE)
async def edit_message(context: Context[Connection, Edit], _: Record) -> Receipt:
    """Change the text of one message that the bot has sent.

    Gives the `chat` and the number of the `message`.
    """
    return await sending.edit(context)


@edit_message.preview
async def show_edit(context: Context[Connection, Edit], records: Sequence[Record]) -> list[list[Change]]:
    """Show what the message would say; Telegram does not tell a bot what it says now."""
    settings = context.settings
    place = f"{sending.chat_of(settings.chat)}:{sending.number_of(settings.message)}"
    shown = {"text": sending.marked(settings.text)}
    return [[Change(kind=ChangeKind.CHANGE, reference=place, after=shown)] for _ in records]


@edit_message.find
async def find_edit(_: Context[Connection, Edit], __: Record, ___: str | None) -> Receipt | None:
    """Have it changed once more: a text that is changed into what it says already stays as it is."""
    return None

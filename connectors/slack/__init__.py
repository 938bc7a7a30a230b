"""Slack: messages, files and reactions in; messages, changes, files and reactions out."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from typing import Any

import msgspec

from connectors.sdk import (
    Answer,
    Category,
    Change,
    ChangeKind,
    Connector,
    Context,
    Effect,
    Item,
    Receipt,
    Record,
    Settings,
    WebhookRequest,
)
from connectors.slack import posting, sharing
from connectors.slack.connection import Connection, access, reachable, tell
from connectors.slack.events import Events, received
from connectors.slack.noticing import Files, Reactions, new_files, new_reactions
from connectors.slack.offers import FindChannel, FindUser, named_channel, named_person, told_channel, told_person
from connectors.slack.posting import Post, Update
from connectors.slack.reading import Channel, new_messages
from connectors.slack.sharing import React, Upload

connector = Connector(
    "slack",
    "Slack",
    icon="tag",
    connection=Connection,
    category=Category.CHAT,
    tried="a local peer held to the methods and models of Slack's own SDK",
)
connector.hosts(reachable)
connector.oauth(access)


class _Who(msgspec.Struct):
    team: str = ""
    user: str = ""


@connector.check
async def check(_: Connection, context: Context[Connection, Any]) -> None:
    """Ask whose token it is."""
    await tell(context, "auth.test", _Who)


@connector.trigger("New message", every=60.0)
async def new_message(context: Context[Connection, Channel], cursor: str | None) -> AsyncIterator[Item]:
    """Start a run for each message that is written in a channel, and for replies in threads when asked to.

    Gives its `text`, the `user` who wrote it, `channel`, `ts`, `thread`, `is_reply`, `sent_at` and `files`.
    """
    async for item in new_messages(context, cursor):
        yield item


@connector.trigger("New file", every=60.0)
async def new_file(context: Context[Connection, Files], cursor: str | None) -> AsyncIterator[Item]:
    """Start a run for each file that is shared where the app can see it.

    Gives the `file` with its `name`, `media_type`, `size`, `user`, `link` and `channels`.
    """
    async for item in new_files(context, cursor):
        yield item


@connector.trigger("Reaction added", every=60.0)
async def reaction_added(context: Context[Connection, Reactions], cursor: str | None) -> AsyncIterator[Item]:
    """Start a run for each person's reaction to a message of a channel.

    Gives the `reaction`, the `user` who added it, `channel`, `ts` and the `message`.
    """
    async for item in new_reactions(context, cursor):
        yield item


@connector.webhook("Event received")
def event_received(
    request: WebhookRequest, settings: Events, connection: Settings | None = None
) -> list[Item] | Answer:
    """Start a run for each event that Slack sends, at once; its signature is verified.

    Gives its `type`, `text`, `user`, `channel`, `ts`, `thread`, `reaction`, `file`, `team` and the whole `event`.
    """
    return received(request, settings, connection)


@connector.lookup("Find a person")
async def find_user(context: Context[Connection, FindUser]) -> dict[str, Any]:
    """Find somebody in the Slack workspace by address, id or name.

    Gives the `id`, `name`, `email`, `title`, `time_zone`, `is_bot` and `is_active`.
    """
    return told_person(await named_person(context, context.settings.user))


@connector.lookup("Find a channel")
async def find_channel(context: Context[Connection, FindChannel]) -> dict[str, Any]:
    """Find a channel by id or name.

    Gives the `id`, `name`, `is_private`, `is_archived`, `has_app` and `members`.
    """
    return told_channel(await named_channel(context, context.settings.channel))


@connector.target("Post a message", effect=Effect.SEND)
async def post_message(context: Context[Connection, Post], record: Record) -> Receipt:
    """Post one message, or a reply, for the record.

    Gives its `channel`, `ts` and `thread`.
    """
    return await posting.post(context, record)


@post_message.preview
async def show_message(context: Context[Connection, Post], records: Sequence[Record]) -> list[list[Change]]:
    """Show the message as it would stand at Slack."""
    settings = context.settings
    shown = {"channel": settings.channel, "thread": settings.thread, **posting.written(settings)}
    return [[Change(kind=ChangeKind.SEND, after=shown)] for _ in records]


post_message.find(posting.find_post)
post_message.undo(posting.delete_post)


@connector.target("Change a message", effect=Effect.CHANGE)
async def update_message(context: Context[Connection, Update], record: Record) -> Receipt:
    """Change one message that the app has posted before.

    Gives its `channel`, `ts` and `text`.
    """
    return await posting.update(context, record)


@update_message.preview
async def show_update(context: Context[Connection, Update], records: Sequence[Record]) -> list[list[Change]]:
    """Show the message as it stands and as it would."""
    channel, found = await posting.former(context)
    after = posting.written(context.settings)
    change = Change(kind=ChangeKind.CHANGE, reference=f"{channel}:{found.ts}", before={"text": found.text}, after=after)
    return [[change] for _ in records]


update_message.find(posting.find_update)
update_message.undo(posting.restore)


@connector.target("Upload a file", effect=Effect.SEND)
async def upload_file(context: Context[Connection, Upload], record: Record) -> Receipt:
    """Share one file in a channel, with words beside it if any.

    Gives the id of the `file`, its `name` and the `channel`.
    """
    return await sharing.upload(context, record)


@upload_file.preview
async def show_file(context: Context[Connection, Upload], records: Sequence[Record]) -> list[list[Change]]:
    """Show which file would be shared, and where."""
    file, settings = await sharing.file_of(context), context.settings
    shown = {"channel": settings.channel, "name": file.name, "size": len(file.content), "comment": settings.comment}
    return [[Change(kind=ChangeKind.SEND, after=shown)] for _ in records]


upload_file.find(sharing.find_upload)
upload_file.undo(sharing.delete_file)


@connector.target("Add a reaction", effect=Effect.CHANGE)
async def add_reaction(context: Context[Connection, React], record: Record) -> Receipt:
    """Mark a message with an emoji.

    Gives the `channel`, `ts` and `name` of the emoji.
    """
    return await sharing.react(context, record)


@add_reaction.preview
async def show_reaction(context: Context[Connection, React], records: Sequence[Record]) -> list[list[Change]]:
    """Show which message would be marked with what."""
    settings = context.settings
    shown = {"channel": settings.channel, "ts": settings.ts, "reaction": settings.reaction.strip(": ")}
    return [[Change(kind=ChangeKind.CHANGE, reference=settings.ts, after=shown)] for _ in records]


add_reaction.find(sharing.find_reaction)
add_reaction.undo(sharing.take_back)

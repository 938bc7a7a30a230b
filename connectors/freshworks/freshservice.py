"""Freshservice: tickets followed as they change, found, opened, changed, answered and noted upon."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Annotated, Any, ClassVar

from connectors.freshworks import _conversations, _feed, _hooks, _people
from connectors.freshworks._account import Account, product_of
from connectors.freshworks._product import FRESHSERVICE, Product
from connectors.freshworks._settings import Find, FindPerson, Follow, Note, Reply, Workspace, Write
from connectors.freshworks._tickets import Tickets
from connectors.freshworks._writing import take_back, writing
from connectors.sdk import Change, ChangeKind, Context, Effect, Item, NoSettings, Receipt, Record, WebhookRequest, field
from connectors.sdk.records.entries import look_up

CONCURRENCY = 4
# The parameter of the list of requesters for each way to find one
_REQUESTERS: Mapping[str, str] = {
    "email": "email",
    "phone": "work_phone_number",
    "mobile": "mobile_phone_number",
    "name": "first_name|last_name~",
}


class Connection(Account):
    """The API key of an agent of your Freshservice."""

    product: ClassVar[Product] = FRESHSERVICE

    domain: Annotated[str, field("Domain", hint="What stands before .freshservice.com.", example="acme")] = ""


class FollowIn(Follow):
    """Which tickets to follow: all that the agent sees in a workspace, or some of them."""

    workspace: Workspace = ""


class FindIn(Find):
    """Which tickets to find, and where."""

    workspace: Workspace = ""


class WriteIn(Write):
    """Which ticket to write, where, how, and what."""

    workspace: Workspace = ""


connector = product_of(
    Connection,
    icon="room_service",
    tried="a local peer held to Freshservice's documented calls and to answers as the vendor's own @freshworks/api-sdk "
    "0.3.0 reads them",
)


@connector.trigger("New ticket", every=300.0)
async def new_ticket(context: Context[Connection, FollowIn], cursor: str | None) -> AsyncIterator[Item]:
    """Start a run for each ticket that is opened.

    Gives `id`, `url`, `title`, `created`, `changed` and `fields` with the values of its fields, also those of your own,
    the `requester`, and words for its numbers such as `status_name`.
    """
    async for item in _feed.feed(context, cursor, "created", context.settings.workspace):
        yield item


@connector.trigger("New or changed ticket", every=300.0)
async def changed_ticket(context: Context[Connection, FollowIn], cursor: str | None) -> AsyncIterator[Item]:
    """Start a run for each ticket that is opened or changed.

    Gives `id`, `url`, `title`, `created`, `changed` and `fields` with the values of its fields, also those of your own,
    the `requester`, and words for its numbers such as `status_name`.
    """
    async for item in _feed.feed(context, cursor, "changed", context.settings.workspace):
        yield item


@connector.webhook("Ticket received")
async def ticket_received(
    request: WebhookRequest,
    settings: NoSettings,  # noqa: ARG001  # the hub gives them to every webhook
    connection: Account | None,
    context: Context[Connection, NoSettings],
) -> list[Item]:
    """Start a run for each ticket of which a workflow of Freshservice tells, at once.

    Gives `id`, `url`, `title`, `created`, `changed`, the `event` that the workflow names, and `fields` with the values
    of its fields, the `requester`, and words for its numbers such as `status_name`.
    """
    return await _hooks.told(request, connection, context)


@connector.lookup("Find tickets")
async def find_tickets(context: Context[Connection, FindIn]) -> dict[str, Any]:
    """Search for the tickets whose fields have some values.

    Gives `records`, their `count` and the `first`. What changed in the last minutes may be missing.
    """
    settings = context.settings
    return await look_up(
        Tickets(context, more=settings.query, workspace=settings.workspace), settings.where, settings.limit
    )


@connector.lookup("Find a requester")
async def find_requester(context: Context[Connection, FindPerson]) -> dict[str, Any]:
    """Look for the people who have an address or number, or whose name begins so.

    Gives `records` with `id`, `first_name`, `primary_email` and more, their `count` and the `first`.
    """
    return await _people.people(context, "requesters", _REQUESTERS)


@connector.target("Write a ticket", effect=Effect.CHANGE, concurrency=CONCURRENCY)
async def write_ticket(context: Context[Connection, WriteIn], record: Record) -> Receipt:
    """Open a ticket, or change the one with the same key.

    Gives its `id`, `url` and whether it was `added`.
    """
    return await (await writing(context, record, context.settings.workspace)).write()


@write_ticket.preview
async def preview(context: Context[Connection, WriteIn], records: Sequence[Record]) -> list[list[Change]]:
    """Compare the fields with those of the ticket that has the key."""
    return [await (await writing(context, record, context.settings.workspace)).preview() for record in records]


@write_ticket.find
async def find(context: Context[Connection, WriteIn], record: Record, token: str | None) -> Receipt | None:  # noqa: ARG001
    """Look for the ticket by its key, or by the tag that it was opened with."""
    return await (await writing(context, record, context.settings.workspace)).find()


@write_ticket.undo
async def undo(context: Context[Connection, WriteIn], receipt: Receipt) -> Receipt:
    """Put the fields back, or the ticket into the trash, where nobody has changed it since."""
    return await take_back(context, receipt)


@connector.target("Reply to a ticket", effect=Effect.SEND)
async def reply(context: Context[Connection, Reply], record: Record) -> Receipt:  # noqa: ARG001  # settings say it all
    """Send an answer to the person who opened a ticket.

    Gives the reply's `id`, its `ticket` and `url`.
    """
    return await _conversations.write(context, "reply", _conversations.reply_body(context.settings))


@reply.preview
async def preview_reply(context: Context[Connection, Reply], records: Sequence[Record]) -> list[list[Change]]:
    """Show what would be sent."""
    body = _conversations.reply_body(context.settings)
    return [_conversations.change_of(context.settings, ChangeKind.SEND, body) for _ in records]


@reply.find
async def find_reply(context: Context[Connection, Reply], record: Record, token: str | None) -> Receipt | None:  # noqa: ARG001
    """Look for a reply that says the same since this one may have been sent."""
    return await _conversations.find(context, False, token)


@connector.target("Add a note", effect=Effect.CREATE)
async def add_note(context: Context[Connection, Note], record: Record) -> Receipt:  # noqa: ARG001  # settings say it all
    """Write a note into a ticket, which only agents see unless it is public.

    Gives the note's `id`, its `ticket` and `url`.
    """
    return await _conversations.write(context, "notes", _conversations.note_body(context.settings))


@add_note.preview
async def preview_note(context: Context[Connection, Note], records: Sequence[Record]) -> list[list[Change]]:
    """Show what would be written."""
    body = _conversations.note_body(context.settings)
    return [_conversations.change_of(context.settings, ChangeKind.ADD, body) for _ in records]


@add_note.find
async def find_note(context: Context[Connection, Note], record: Record, token: str | None) -> Receipt | None:  # noqa: ARG001
    """Look for a note that says the same since this one may have been written."""
    return await _conversations.find(context, context.settings.private, token)


@add_note.undo
async def undo_note(context: Context[Connection, Note], receipt: Receipt) -> Receipt:
    """Delete the note where nobody has changed it since."""
    return await _conversations.take_back(context, receipt)

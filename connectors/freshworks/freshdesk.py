"""Freshdesk: tickets followed as they change, found, opened, changed, answered and noted upon."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Annotated, Any, ClassVar

from connectors.freshworks import _conversations, _feed, _hooks, _people
from connectors.freshworks._account import Account, product_of
from connectors.freshworks._product import FRESHDESK, Product
from connectors.freshworks._settings import Find, FindPerson, Follow, Note, Reply, Write
from connectors.freshworks._tickets import Tickets
from connectors.freshworks._writing import take_back, writing
from connectors.sdk import Change, ChangeKind, Context, Effect, Item, NoSettings, Receipt, Record, WebhookRequest, field
from connectors.sdk.records.entries import look_up

CONCURRENCY = 4
# The parameter of the list of contacts for each way to find one
_CONTACTS: Mapping[str, str] = {"email": "email", "phone": "phone", "mobile": "mobile", "name": "autocomplete?term"}


class Connection(Account):
    """The API key of an agent of your Freshdesk."""

    product: ClassVar[Product] = FRESHDESK

    domain: Annotated[str, field("Domain", hint="What stands before .freshdesk.com.", example="acme")] = ""


connector = product_of(
    Connection,
    icon="headset_mic",
    tried="a local peer held to Freshdesk's documented calls and to answers as airbyte-source-freshdesk 3.1.3 reads "
    "them, and judged by python-freshdesk 1.3.9",
)


@connector.trigger("New ticket", every=300.0)
async def new_ticket(context: Context[Connection, Follow], cursor: str | None) -> AsyncIterator[Item]:
    """Start a run for each ticket that is opened.

    Gives `id`, `url`, `title`, `created`, `changed` and `fields` with the values of its fields, also those of your own,
    the `requester`, and words for its numbers such as `status_name`.
    """
    async for item in _feed.feed(context, cursor, "created"):
        yield item


@connector.trigger("New or changed ticket", every=300.0)
async def changed_ticket(context: Context[Connection, Follow], cursor: str | None) -> AsyncIterator[Item]:
    """Start a run for each ticket that is opened or changed.

    Gives `id`, `url`, `title`, `created`, `changed` and `fields` with the values of its fields, also those of your own,
    the `requester`, and words for its numbers such as `status_name`.
    """
    async for item in _feed.feed(context, cursor, "changed"):
        yield item


@connector.webhook("Ticket received")
async def ticket_received(
    request: WebhookRequest,
    settings: NoSettings,  # noqa: ARG001  # the hub gives them to every webhook
    connection: Account | None,
    context: Context[Connection, NoSettings],
) -> list[Item]:
    """Start a run for each ticket of which a rule of Freshdesk tells, at once.

    Gives `id`, `url`, `title`, `created`, `changed`, the `event` that the rule names, and `fields` with the values of
    its fields, the `requester`, and words for its numbers such as `status_name`.
    """
    return await _hooks.told(request, connection, context)


@connector.lookup("Find tickets")
async def find_tickets(context: Context[Connection, Find]) -> dict[str, Any]:
    """Search for the tickets whose fields have some values.

    Gives `records`, their `count` and the `first`. What changed in the last minutes may be missing.
    """
    settings = context.settings
    return await look_up(Tickets(context, more=settings.query), settings.where, settings.limit)


@connector.lookup("Find a contact")
async def find_contact(context: Context[Connection, FindPerson]) -> dict[str, Any]:
    """Look for the people who have an address or number, or whose name begins so.

    Gives `records` with `id`, `name`, `email` and more, their `count` and the `first`.
    """
    return await _people.people(context, "contacts", _CONTACTS)


@connector.target("Write a ticket", effect=Effect.CHANGE, concurrency=CONCURRENCY)
async def write_ticket(context: Context[Connection, Write], record: Record) -> Receipt:
    """Open a ticket, or change the one with the same key.

    Gives its `id`, `url` and whether it was `added`.
    """
    return await (await writing(context, record)).write()


@write_ticket.preview
async def preview(context: Context[Connection, Write], records: Sequence[Record]) -> list[list[Change]]:
    """Compare the fields with those of the ticket that has the key."""
    return [await (await writing(context, record)).preview() for record in records]


@write_ticket.find
async def find(context: Context[Connection, Write], record: Record, token: str | None) -> Receipt | None:  # noqa: ARG001
    """Look for the ticket by its key, or by the tag that it was opened with."""
    return await (await writing(context, record)).find()


@write_ticket.undo
async def undo(context: Context[Connection, Write], receipt: Receipt) -> Receipt:
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

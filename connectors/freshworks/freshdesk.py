"""Freshdesk: tickets followed as they change, found, opened, changed, answered and noted upon."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from typing import Annotated, Any, ClassVar

from connectors.freshworks import _conversations, _feed, _hooks, _people, _writing
from connectors.freshworks._account import Account, product_of
from connectors.freshworks._product import FRESHDESK, Product
from connectors.freshworks._settings import Find, FindPerson, Follow, Note, Reply, Write
from connectors.freshworks._tickets import Tickets
from connectors.sdk import Context, Effect, Item, NoSettings, Receipt, Record, WebhookRequest, field
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

    Among its fields are your own, who opened it (`requester`), and words beside numbers (`status_name`). Gives `id`,
    `url`, `title`, `created`, `changed` and `fields`.
    """
    async for item in _feed.feed(context, cursor, "created"):
        yield item


@connector.trigger("New or changed ticket", every=300.0)
async def changed_ticket(context: Context[Connection, Follow], cursor: str | None) -> AsyncIterator[Item]:
    """Start a run for each ticket that is opened or changed.

    Among its fields are your own, who opened it (`requester`), and words beside numbers (`status_name`). Gives `id`,
    `url`, `title`, `created`, `changed` and `fields`.
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

    Among its fields are your own, who opened it (`requester`), and words beside numbers (`status_name`). Gives `id`,
    `url`, `title`, `created`, `changed`, `fields`, and the `event` as it is named there.
    """
    return await _hooks.told(request, connection, context)


@connector.lookup("Find tickets")
async def find_tickets(context: Context[Connection, Find]) -> dict[str, Any]:
    """Search for the tickets whose fields have some values.

    What changed in the last minutes may be missing. Gives `records`, their `count` and the `first`.
    """
    settings = context.settings
    return await look_up(Tickets(context, more=settings.query), settings.where, settings.limit)


@connector.lookup("Find a contact")
async def find_contact(context: Context[Connection, FindPerson]) -> dict[str, Any]:
    """Look for the people who have an address or number, or whose name begins so.

    Gives `records`, their `count` and the `first`.
    """
    return await _people.people(context, "contacts", _CONTACTS)


@connector.target("Write a ticket", effect=Effect.CHANGE, concurrency=CONCURRENCY)
async def write_ticket(context: Context[Connection, Write], record: Record) -> Receipt:
    """Open a ticket, or change the one with the same key.

    Gives its `id`, `url` and whether it was `added`.
    """
    return await _writing.write(context, record)


write_ticket.preview(_writing.preview)
write_ticket.find(_writing.find)
write_ticket.undo(_writing.undo)


@connector.target("Reply to a ticket", effect=Effect.SEND)
async def reply(context: Context[Connection, Reply], record: Record) -> Receipt:  # noqa: ARG001  # settings say it all
    """Send an answer to the person who opened a ticket.

    Gives the reply's `id`, its `ticket` and `url`.
    """
    return await _conversations.reply(context)


reply.preview(_conversations.preview_reply)
reply.find(_conversations.find_reply)


@connector.target("Add a note", effect=Effect.CREATE)
async def add_note(context: Context[Connection, Note], record: Record) -> Receipt:  # noqa: ARG001  # settings say it all
    """Write a note into a ticket, which only agents see unless it is public.

    Gives the note's `id`, its `ticket` and `url`.
    """
    return await _conversations.note(context)


add_note.preview(_conversations.preview_note)
add_note.find(_conversations.find_note)
add_note.undo(_conversations.undo_note)

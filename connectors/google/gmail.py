"""Gmail: mails in and out through Google's API, searched, labelled and answered."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from typing import Annotated, Any

import msgspec

from connectors.google._connection import Connection, family
from connectors.google._gmail import (
    GMAIL,
    Message,
    found_mail,
    heads,
    ids,
    labels,
    profile,
    whole,
)
from connectors.google._gmail_inbox import Inbox, read_inbox
from connectors.google._gmail_labels import Labelling, labelled, labelling, modify, unlabel
from connectors.google._gmail_letters import (
    Outgoing,
    answer,
    dispatch,
    dispatched,
    draft_receipt,
    keep,
    kept_already,
    letter,
    throw_away,
)
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
from connectors.sdk.mail.opening import all_opened

MOST_FOUND = 100

connector = family(
    GMAIL, "mail", category=Category.MAIL, tried="a local peer held to Google's discovery document gmail:v1"
)


@connector.check
async def check(connection: Connection, context: Context[Connection, Any]) -> None:  # noqa: ARG001  # the context has it
    """Ask whose mailbox it is."""
    await profile(context)


@connector.trigger("Message received", every=60.0)
async def message_received(context: Context[Connection, Inbox], cursor: str | None) -> AsyncIterator[Item]:
    """Start a run for each mail that arrives or gets a label.

    Gives its `subject`, `sender`, `text`, `html` and `attachments`, its `id`, `thread_id` and `labels` at Gmail, the
    `message_id` and `references` of its conversation, the mails `forwarded` inside it, and the `bounce` when it reports
    that a mail came back.
    """
    async for item in read_inbox(context, cursor):
        yield item


class Search(Settings):
    """Which mails to look for."""

    search: Annotated[
        str,
        field(
            "Search",
            hint="As in Gmail's search box.",
            example="from:{{ read.supplier }} has:attachment",
            templated=True,
        ),
    ]
    most: Annotated[int, field("At most", hint="So many mails, the newest.")] = 20

    def __post_init__(self) -> None:
        if not 1 <= self.most <= MOST_FOUND:
            raise ValueError(f"At most is a number from 1 to {MOST_FOUND}.")


@connector.lookup("Search mails")
async def search(context: Context[Connection, Search]) -> Any:
    """Find the newest mails that fit a search.

    Gives `mails`, each with `id`, `thread_id`, `message_id`, `subject`, `sender`, `date`, `snippet` and `labels`, and
    their `count`.
    """
    wanted: list[str] = []
    async for identity in ids(context, context.settings.search):
        wanted.append(identity)
        if len(wanted) == context.settings.most:
            break
    names = await labels(context)
    found = [_found(message, names) for message in await heads(context, wanted)]
    return {"mails": found, "count": len(found)}


class One(Settings):
    """Which mail."""

    mail: Answered


@connector.lookup("Get a mail")
async def get(context: Context[Connection, One]) -> Any:
    """Read one mail by its Message-ID or its id at Gmail.

    Gives its `subject`, `sender`, `text`, `html` and `attachments`, its `id`, `thread_id` and `labels`.
    """
    message = await found_mail(context, context.settings.mail)
    pairs = await whole(context, [message])
    opened = (await all_opened(context, [sealed for _, sealed in pairs])).done
    if not opened:
        raise SettingsError("Gmail has no such mail any more. Somebody has deleted it.")
    names = await labels(context)
    held = sorted(names.get(one, one) for one in message.label_ids)
    return {**opened[0].mail.content(), "id": message.id, "thread_id": message.thread_id, "labels": held}


@connector.target("Send a mail", effect=Effect.SEND, concurrency=4)
async def send(context: Context[Connection, Letter], record: Record) -> Receipt:
    """Send one mail for the record.

    Gives its `id`, `thread_id` and `message_id`.
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

    Gives its `id`, `thread_id` and `message_id`.
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
    """Tell whether the mail has been sent: its draft is gone, or it is found under its Message-ID."""
    return await dispatched(context, record, token)


@connector.target("Create a draft", effect=Effect.CREATE, concurrency=4)
async def draft(context: Context[Connection, Letter], record: Record) -> Receipt:
    """Lay a mail into the drafts, for a person to look through and send.

    Gives the `draft`, and its `id` and `thread_id`.
    """
    return draft_receipt(await keep(context, await letter(context, context.settings), record))


@draft.preview
async def preview_draft(context: Context[Connection, Letter], records: Sequence[Record]) -> list[list[Change]]:
    """Show the draft."""
    outgoing = await letter(context, context.settings)
    changes = [await _shown(context, outgoing, record) for record in records]
    return [[msgspec.structs.replace(change, kind=ChangeKind.ADD)] for change in changes]


@draft.find
async def find_draft(context: Context[Connection, Letter], record: Record, token: str | None) -> Receipt | None:  # noqa: ARG001  # as the SDK calls it
    """Look for the draft under its Message-ID."""
    found = await kept_already(context, record)
    return None if found is None else draft_receipt(found)


@draft.undo
async def undo_draft(context: Context[Connection, Letter], receipt: Receipt) -> Receipt:
    """Delete the draft where nobody has changed or sent it."""
    return await throw_away(context, receipt)


@connector.target("Label a mail", effect=Effect.CHANGE, concurrency=4)
async def label(context: Context[Connection, Labelling], record: Record) -> Receipt:  # noqa: ARG001  # the settings say it all
    """Add labels to a mail or take them away: archive it, mark it as read, star it, file it.

    Gives the `labels` that it has then.
    """
    planned = await labelling(context)
    before = sorted(planned.message.label_ids)
    await context.remember(msgspec.json.encode(before).decode())
    await modify(context, planned.message.id, planned.add, planned.remove)
    return labelled(planned, before)


@label.preview
async def preview_label(context: Context[Connection, Labelling], records: Sequence[Record]) -> list[list[Change]]:
    """Show the labels as they are and as they would be."""
    planned = await labelling(context)
    subject = planned.message.header("Subject")
    change = Change(
        kind=ChangeKind.CHANGE,
        reference=planned.message.id,
        before={"subject": subject, "labels": planned.named(planned.message.label_ids)},
        after={"subject": subject, "labels": planned.named(planned.after)},
    )
    return [[change] for _ in records]


@label.find
async def find_label(context: Context[Connection, Labelling], record: Record, token: str | None) -> Receipt | None:  # noqa: ARG001  # as the SDK calls it
    """Tell whether the mail has the labels that it should have."""
    planned = await labelling(context)
    if planned.add or planned.remove:
        return None
    before = msgspec.json.decode(token, type=list[str]) if token else sorted(planned.message.label_ids)
    return labelled(planned, before)


@label.undo
async def undo_label(context: Context[Connection, Labelling], receipt: Receipt) -> Receipt:
    """Put back the labels where they are as they were set."""
    return await unlabel(context, receipt)


async def _shown(context: Context[Connection, Any], outgoing: Outgoing, record: Record) -> Change:
    mail = await write(context, outgoing.draft, record.key)
    return Change(kind=ChangeKind.SEND, reference=str(mail["Message-ID"]), after=shown(mail, outgoing.draft))


def _found(message: Message, names: Any) -> dict[str, Any]:
    return {
        "id": message.id,
        "thread_id": message.thread_id,
        "message_id": message.header("Message-ID"),
        "subject": message.header("Subject"),
        "sender": message.header("From"),
        "date": message.header("Date"),
        "snippet": message.snippet,
        "labels": sorted(names.get(one, one) for one in message.label_ids),
    }

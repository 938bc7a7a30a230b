"""Mails out through Gmail: first a draft, then sent; a draft can be sent only once, whatever is cut off meanwhile."""

from __future__ import annotations

from typing import Any

import msgspec

from connectors.google._calls import ask, read, send
from connectors.google._gmail import (
    GMAIL,
    GONE,
    ME,
    Account,
    Message,
    by_message_id,
    found_mail,
    head,
    head_lines,
    profile,
)
from connectors.sdk import Receipt, Record, SettingsError
from connectors.sdk.mail.answer import Reply, answered
from connectors.sdk.mail.letter import Draft, Letter, drafted, identity_of, recipients, write
from connectors.sdk.mail.message import read as read_mail
from connectors.sdk.network.http import Options

_MAIL = "message/rfc822"
_SECONDS = 120.0
_KEPT = "id,message(id,threadId)"


class Kept(msgspec.Struct, frozen=True):
    """A draft at Gmail."""

    id: str = ""
    message: Message = Message()


class Outgoing(msgspec.Struct, frozen=True):
    """What is to be sent, and in which conversation of Gmail's."""

    draft: Draft
    thread: str = ""


class Drafts(msgspec.Struct, frozen=True):
    """A page of drafts."""

    drafts: list[Kept] = []


async def letter(context: Account, settings: Letter) -> Outgoing:
    """Return a letter as one writes it oneself."""
    return Outgoing(drafted(settings, (await profile(context)).email_address))


async def answer(context: Account, settings: Reply) -> Outgoing:
    """Return the answer to a mail of the mailbox."""
    message = await found_mail(context, settings.mail)
    mail = await context.confined(read_mail, head_lines(message))
    return Outgoing(answered(settings, mail, (await profile(context)).email_address), message.thread_id)


async def keep(context: Account, outgoing: Outgoing, record: Record) -> Kept:
    """Lay a mail into Gmail's drafts."""
    from googleapiclient.http import MediaInMemoryUpload

    mail = await write(context, outgoing.draft, record.key)
    if outgoing.draft.bcc:
        mail["Bcc"] = ", ".join(recipients(Draft(sender="", to=outgoing.draft.bcc, subject="")))
    body = {"message": {"threadId": outgoing.thread}} if outgoing.thread else {}
    media = MediaInMemoryUpload(mail.as_bytes(), mimetype=_MAIL)
    options = Options(timeout=_SECONDS)
    made = await send(
        context,
        GMAIL,
        "users.drafts.create",
        options,
        userId=ME,
        body=body,
        media_body=media,
        fields=_KEPT,
    )
    return read(made, Kept)


async def dispatch(context: Account, outgoing: Outgoing, record: Record) -> Receipt:
    """Send a mail; the draft is remembered first, as one that is gone has been sent."""
    recipients(outgoing.draft)
    kept = await keep(context, outgoing, record)
    await context.remember(kept.id)
    sent = await ask(
        context, GMAIL, "users.drafts.send", Message, userId=ME, body={"id": kept.id}, fields="id,threadId,labelIds"
    )
    return await _receipt(context, sent.id)


async def dispatched(context: Account, record: Record, draft: str | None) -> Receipt | None:
    """Return the receipt of a mail that has been sent, None when it has not."""
    identity = identity_of(record.key, (await profile(context)).email_address)
    if draft is not None and await draft_of(context, draft) is not None:
        return None
    found = await by_message_id(context, identity, "in:sent")
    if found is not None:
        return await _receipt(context, found)
    return Receipt(reference=identity) if draft is not None else None


async def draft_of(context: Account, identity: str) -> Kept | None:
    """Return a draft, None when it has been sent or deleted."""
    answer = await send(
        context,
        GMAIL,
        "users.drafts.get",
        Options(accepts=(GONE,)),
        userId=ME,
        id=identity,
        format="minimal",
        fields=_KEPT,
    )
    return None if answer.status == GONE else read(answer, Kept)


async def kept_already(context: Account, record: Record) -> Kept | None:
    """Return the draft that was made of a record, None when there is none."""
    identity = identity_of(record.key, (await profile(context)).email_address)
    query = f"rfc822msgid:{identity.strip('<>')}"
    found = await ask(
        context,
        GMAIL,
        "users.drafts.list",
        Drafts,
        userId=ME,
        q=query,
        maxResults=1,
        fields=f"drafts({_KEPT})",
    )
    return found.drafts[0] if found.drafts else None


async def throw_away(context: Account, receipt: Receipt) -> Receipt:
    """Delete a draft that is as it was made."""
    place: Any = receipt.after
    now = await draft_of(context, place["draft"])
    if now is None:
        raise SettingsError("The draft is not there any more: it was sent or deleted.")
    if now.message.id != place["message"]:
        raise SettingsError("The draft was changed after that, so it stays.")
    await send(context, GMAIL, "users.drafts.delete", userId=ME, id=place["draft"])
    return Receipt(reference=receipt.reference, before=place)


def draft_receipt(kept: Kept) -> Receipt:
    """Return the receipt of a draft."""
    return Receipt(
        reference=kept.id,
        url=f"https://mail.google.com/mail/#drafts/{kept.message.id}",
        output={"draft": kept.id, "id": kept.message.id, "thread_id": kept.message.thread_id},
        after={"draft": kept.id, "message": kept.message.id},
    )


async def _receipt(context: Account, identity: str) -> Receipt:
    """Return the receipt of a sent mail under the Message-ID that Gmail gave it, which may be another than ours."""
    message = await head(context, identity)
    found = message or Message(id=identity)
    return Receipt(
        reference=identity,
        url=f"https://mail.google.com/mail/#all/{identity}",
        output={"id": identity, "thread_id": found.thread_id, "message_id": found.header("Message-ID")},
    )

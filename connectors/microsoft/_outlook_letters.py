"""Mails out through Graph: first a draft, then sent; a draft can be sent only once, whatever is cut off meanwhile."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from email.message import EmailMessage
from email.message import Message as Part
from typing import Any

import msgspec

from connectors.microsoft._family import graph, part
from connectors.microsoft._outlook import PREFER, Account, Message, by_message_id, found_mail, message, own_address, raw
from connectors.sdk import Receipt, Record, SettingsError
from connectors.sdk.mail.answer import Reply, answered
from connectors.sdk.mail.letter import Draft, Letter, addresses, drafted, identity_of, recipients, write
from connectors.sdk.mail.message import head, read
from connectors.sdk.network.http import Options

# Graph takes no more in one request; larger files go to an address of their own, in pieces of a multiple of 320 KiB
MOST_TOGETHER = 3 * 1024 * 1024
PIECE = 10 * 320 * 1024


class Outgoing(msgspec.Struct, frozen=True):
    """What is to be sent, and the id of the mail that it answers."""

    draft: Draft
    answers: str = ""


async def letter(context: Account, settings: Letter) -> Outgoing:
    """Return a letter as one writes it oneself."""
    return Outgoing(drafted(settings, await own_address(context)))


async def answer(context: Account, settings: Reply) -> Outgoing:
    """Return the answer to a mail of the mailbox."""
    found = await found_mail(context, settings.mail)
    content = await raw(context, found.id)
    if content is None:
        raise SettingsError("The mail is not there any more. Somebody has deleted it.")
    mail = await context.confined(read, head(content))
    return Outgoing(answered(settings, mail, await own_address(context)), found.id)


async def dispatch(context: Account, outgoing: Outgoing, record: Record) -> Receipt:
    """Send a mail; the draft is remembered first, as Graph keeps its id when it is sent."""
    recipients(outgoing.draft)
    made = await _kept(context, outgoing, await write(context, outgoing.draft, record.key))
    await context.remember(made.id)
    await graph(context, "POST", f"{{me}}/messages/{part(made.id)}/microsoft.graph.send", Options(headers=PREFER))
    return _receipt(made)


async def dispatched(context: Account, record: Record, draft: str | None) -> Receipt | None:
    """Return the receipt of a mail that has been sent, None when it has not."""
    if draft is None:
        identity = identity_of(record.key, await own_address(context))
        found = [one for one in await by_message_id(context, identity) if not one.is_draft]
        return _receipt(found[0]) if found else None
    now = await message(context, draft)
    if now is None:
        return Receipt(reference=draft)
    return None if now.is_draft else _receipt(now)


async def _kept(context: Account, outgoing: Outgoing, mail: EmailMessage) -> Message:
    """Lay a mail into the drafts: on its own, or in the conversation that it answers."""
    small, large = _files(mail)
    options = Options(headers=PREFER, json=_told(outgoing.draft, mail, small), timeout=120.0)
    path = "{me}/messages"
    if outgoing.answers:
        path = f"{{me}}/messages/{part(outgoing.answers)}/microsoft.graph.createReply"
        options["json"] = {"Message": options["json"]}
    made = (await graph(context, "POST", path, options)).read(Message)
    for file in large:
        await _upload(context, made.id, file)
    return made


def _told(draft: Draft, mail: EmailMessage, files: Sequence[File]) -> dict[str, Any]:
    """Return a mail as Graph takes it: it makes the text of a page itself."""
    body = mail.get_body(("html", "plain"))
    told = {
        "subject": str(mail["Subject"]),
        "body": {
            "contentType": "html" if draft.html else "text",
            "content": str(body.get_content()).rstrip("\n") if body is not None else "",
        },
        "internetMessageId": str(mail["Message-ID"]),
        "toRecipients": _people(draft.to, "To"),
        "ccRecipients": _people(draft.cc, "Copy"),
        "bccRecipients": _people(draft.bcc, "Blind copy"),
        "attachments": [file.told for file in files],
    }
    if draft.reply_to:
        told["replyTo"] = _people(draft.reply_to, "Reply to")
    return {name: value for name, value in told.items() if value}


def _people(given: Any, name: str) -> list[dict[str, Any]]:
    return [{"emailAddress": {"address": address}} for address in addresses(given, name)]


class File(msgspec.Struct, frozen=True):
    """A file that goes along."""

    name: str
    kind: str
    content: bytes

    @property
    def told(self) -> dict[str, Any]:
        """The file as it stands within a mail."""
        return {
            "@odata.type": "#microsoft.graph.fileAttachment",
            "name": self.name,
            "contentType": self.kind,
            "contentBytes": base64.b64encode(self.content).decode(),
        }


class Upload(msgspec.Struct, frozen=True, rename="camel"):
    """Where a large file goes, piece by piece."""

    upload_url: str


def _files(mail: EmailMessage) -> tuple[list[File], list[File]]:
    """Return the files that fit into one request, and those that go on their own."""
    small, large, size = list[File](), list[File](), 0
    for one in mail.iter_attachments():
        file = File(one.get_filename() or "attachment", one.get_content_type(), _content(one))
        fits = size + len(file.content) <= MOST_TOGETHER
        size += len(file.content) if fits else 0
        (small if fits else large).append(file)
    return small, large


async def _upload(context: Account, draft: str, file: File) -> None:
    """Lay a large file to a draft; its address is good by itself and sees no token."""
    item = {"attachmentType": "file", "name": file.name, "contentType": file.kind, "size": len(file.content)}
    path = f"{{me}}/messages/{part(draft)}/attachments/microsoft.graph.createUploadSession"
    opened = await graph(context, "POST", path, Options(json={"AttachmentItem": item}, headers=PREFER))
    address = opened.read(Upload).upload_url
    for start in range(0, len(file.content), PIECE):
        piece = file.content[start : start + PIECE]
        span = f"bytes {start}-{start + len(piece) - 1}/{len(file.content)}"
        headers = {"Content-Range": span, "Content-Type": "application/octet-stream"}
        await context.http.put(address, content=piece, headers=headers, timeout=120.0)


def _content(one: Part) -> bytes:
    content = one.get_payload(decode=True)
    return content if isinstance(content, bytes) else b""


def _receipt(sent: Message) -> Receipt:
    return Receipt(
        reference=sent.id,
        output={
            "id": sent.id,
            "message_id": sent.internet_message_id or "",
            "conversation_id": sent.conversation_id or "",
        },
    )

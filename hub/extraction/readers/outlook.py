"""MSG: a mail as Outlook keeps it."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import TYPE_CHECKING

from hub.extraction.readers.draft import Draft
from hub.extraction.readers.letters import Attachment, Letter, write_letter
from hub.extraction.readers.source import Source
from hub.extraction.reading import Reading, ReadingError

if TYPE_CHECKING:
    from oxmsg import Message

BROKEN = "The Outlook message is broken and cannot be read. Save it again in Outlook, as EML where that is offered."
# By which the text shows a picture.
CONTENT_ID = 0x3712


def read_outlook(source: Source) -> Reading:
    """Read the message as it is shown; what is attached is read like any document."""
    from oxmsg import Message

    draft = Draft(source, "application/vnd.ms-outlook")
    try:
        message = Message.load(source.content)
        letter = _letter(message)
        attachments = list(_attachments(message, draft))
    except (
        *(struct.error, ValueError, LookupError, TypeError, AttributeError, OSError),
        *(AssertionError, RecursionError, OverflowError),
    ) as error:
        raise ReadingError(BROKEN) from error
    write_letter(draft, letter, attachments)
    return draft.finish()


def _letter(message: Message) -> Letter:
    headers = {name.lower(): value for name, value in message.message_headers.items()}
    people = [(f"{one.name} <{one.email_address}>" if one.email_address else one.name) for one in message.recipients]
    return Letter(
        subject=message.subject,
        sender=message.sender or "",
        to=", ".join(people),
        sent=message.sent_date,
        identity=headers.get("message-id", "").strip("<> "),
        html=_page(message),
        text=message.body or "",
    )


def _page(message: Message) -> str:
    """The formatted text; where it is not in the encoding that the message declares, the plain text has to do."""
    try:
        return message.html_body or ""
    except (ValueError, LookupError):
        return ""


def _attachments(message: Message, draft: Draft) -> Iterator[Attachment]:
    for attachment in message.attachments:
        content = attachment.file_bytes
        if content is None:
            draft.problems.append("A message within an Outlook message cannot be read. Save it by itself and send it.")
        elif content:
            inline = bool(attachment.properties.str_prop_value(CONTENT_ID))
            kind = attachment.mime_type or ""
            yield Attachment(attachment.file_name or "attachment", content, inline and kind.startswith("image/"))

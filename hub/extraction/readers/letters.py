"""A mail as a reading: its header and text, what the header states, and what is attached."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

import msgspec

from hub.extraction.readers.characters import clean
from hub.extraction.readers.draft import Draft
from hub.extraction.readers.embedded import embed
from hub.extraction.readers.flow import Flow
from hub.extraction.reading import Embedded, EmbeddedValue, Metadata
from hub.extraction.values.language import language_of

ATTACHMENTS = 200
# Signatures, calendar and contact files are no documents.
ENDINGS = (".p7s", ".asc", ".sig", ".ics", ".vcf")


class Attachment(msgspec.Struct, frozen=True):
    """A file in a mail; one shown within the text is part of the letter's look and is not read."""

    name: str
    content: bytes
    inline: bool = False


class Letter(msgspec.Struct, frozen=True, kw_only=True):
    """A mail, whichever format it came in."""

    subject: str = ""
    sender: str = ""
    to: str = ""
    cc: str = ""
    sent: datetime | None = None
    identity: str = ""
    html: str = ""
    text: str = ""


def write_letter(draft: Draft, letter: Letter, attachments: Iterable[Attachment]) -> None:
    """Write the header as people see it, the text, and read what is attached."""
    shown = {
        "Subject": letter.subject,
        "From": letter.sender,
        "To": letter.to,
        "Cc": letter.cc,
        "Date": letter.sent.isoformat(" ", "minutes") if letter.sent else "",
    }
    for name, value in shown.items():
        if value:
            draft.write(f"{name}: {value}\n")
    _write_body(draft, letter)
    draft.metadata = Metadata(
        title=letter.subject or None,
        author=letter.sender or None,
        created=letter.sent.isoformat() if letter.sent else None,
    )
    _state(draft, {**shown, "Message-ID": letter.identity, "Date": letter.sent.isoformat() if letter.sent else ""})
    for number, attachment in enumerate(attachments):
        if number >= ATTACHMENTS:
            draft.problems.append(f"Only the first {ATTACHMENTS} attachments were read.")
            break
        read = not attachment.inline and not attachment.name.lower().endswith(ENDINGS)
        embed(draft, attachment.name, attachment.content, read=read)


def _write_body(draft: Draft, letter: Letter) -> None:
    draft.write("\n" if draft.length else "")
    length = draft.length
    if letter.html.strip():
        # Few texts need it, and lxml costs 40 ms.
        from hub.extraction.readers.html import write_page

        write_page(draft, letter.html, Flow(draft))
    if draft.length == length and letter.text:
        draft.write(clean(letter.text.replace("\r\n", "\n")))
    draft.write("\n")
    # The names in the header say nothing about it.
    draft.language = language_of(draft.text(length)) or ""


def _state(draft: Draft, values: dict[str, str]) -> None:
    stated = tuple(
        EmbeddedValue(path=name.lower(), value=value, text=value, selector=f"header:{name}")
        for name, value in values.items()
        if value
    )
    if stated:
        draft.embedded.append(
            Embedded(kind="mail", name="header", media_type="message/rfc822", content=b"", values=stated)
        )

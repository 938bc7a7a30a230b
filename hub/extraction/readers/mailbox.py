"""MBOX: several mails in one file, each read like one that came alone."""

import re

from hub.extraction.readers.draft import Draft
from hub.extraction.readers.embedded import embed
from hub.extraction.readers.source import FILES, Source
from hub.extraction.reading import Reading, ReadingError

BEGIN = re.compile(rb"(?:\A|(?<=\n\n)|(?<=\n\r\n))From [^\n]{1,200}\d{4}[^\n]{0,20}\r?\n")
QUOTED = re.compile(rb"^>(>*From )", re.MULTILINE)


def read_mailbox(source: Source) -> Reading:
    """Read the mails one after the other; each is called by its number."""
    draft = Draft(source, "application/mbox")
    mails = BEGIN.split(source.content)[1:]
    if len(mails) > FILES:
        raise ReadingError(f"The mailbox has {len(mails):,} mails; up to {FILES} can be read. Split it.")
    for number, mail in enumerate(mails, 1):
        embed(draft, f"mail-{number}.eml", QUOTED.sub(rb"\1", mail))
        reading = draft.embedded[-1].reading
        title = (reading.metadata.title if reading else None) or f"Mail {number}"
        draft.write(f"{title}\n")
    return draft.finish()

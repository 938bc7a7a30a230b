"""MBOX: several mails in one file, each a section of the reading."""

import re

from hub.extraction.readers.draft import Draft
from hub.extraction.readers.mail import write_mail
from hub.extraction.readers.source import Source
from hub.extraction.reading import Metadata, Reading, ReadingError, Section

BEGIN = re.compile(rb"(?:\A|(?<=\n\n)|(?<=\n\r\n))From [^\n]{1,200}\d{4}[^\n]{0,20}\r?\n", re.MULTILINE)
QUOTED = re.compile(rb"^>(>*From )", re.MULTILINE)
MAILS = 500


def read_mailbox(source: Source) -> Reading:
    """Read the mails one after the other; the title of a section is the mail's subject."""
    draft = Draft(source, "application/mbox")
    mails = BEGIN.split(source.content)[1:]
    if len(mails) > MAILS:
        raise ReadingError(f"The mailbox has {len(mails):,} mails; up to {MAILS} can be read. Split it.")
    for mail in mails:
        start = draft.length
        draft.metadata = Metadata()
        write_mail(draft, QUOTED.sub(rb"\1", mail))
        title = draft.metadata.title or ""
        draft.sections.append(Section(start=start, end=draft.length, title=title))
    draft.metadata = Metadata()
    return draft.finish()

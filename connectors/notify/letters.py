"""What the hub and the process that sends notices say to each other, a line of JSON each."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum

import msgspec

# What the process says when it is ready for notices, and when it has read one: before that nothing has been sent
READY, TAKEN = b"ready\n", b"taken\n"


class File(msgspec.Struct, frozen=True):
    """A file that goes along."""

    name: str
    media_type: str
    content: bytes


class Notice(msgspec.Struct, frozen=True, kw_only=True):
    """What to say and to whom; with `only_look` the addresses are read and nothing is sent."""

    urls: Sequence[str]
    title: str = ""
    body: str = ""
    format: str = "markdown"
    kind: str = "info"
    files: Sequence[File] = ()
    only_look: bool = False


class Fate(StrEnum):
    """How it went with one address."""

    SENT = "sent"
    CREDENTIALS = "credentials"
    SETTINGS = "settings"
    TEMPORARY = "temporary"
    UNCERTAIN = "uncertain"


class Outcome(msgspec.Struct, frozen=True, kw_only=True):
    """How it went with one address: which service it is, and a sentence when it did not go well."""

    service: str
    fate: Fate
    message: str = ""

"""What a command answers, free of any chat service: text, a table, buttons and files."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

import msgspec


class Button(msgspec.Struct, frozen=True):
    """A button and the words that it says for whoever presses it; `once`: it and those beside it work one time.

    `apart`: it is no answer, such as back and cancel, and stays a button where the others become a menu.
    """

    label: str
    command: str
    once: bool = False
    apart: bool = False


class Table(msgspec.Struct, frozen=True):
    """Rows under names; a carrier without tables writes them as lines."""

    columns: Sequence[str]
    rows: Sequence[Sequence[str]]


class Attachment(msgspec.Struct, frozen=True, kw_only=True):
    """A file to send along."""

    name: str
    media_type: str
    content: bytes


class Reply(msgspec.Struct, frozen=True, kw_only=True):
    """One answer. All of it is plain text: what carriers take for marks is theirs to escape.

    `subject` is the question that the buttons answer; `settles` names one that has been answered, so that every message
    that asks it is replaced by `text`. `follows` is an item that was started: what comes of it is told in the same
    thread. `private` is for nobody but whoever asked, also where others read along; `form` says that a draft is being
    asked for, which carriers with forms can ask for at once.
    """

    text: str
    table: Table | None = None
    buttons: Sequence[Button] = ()
    files: Sequence[Attachment] = ()
    subject: str | None = None
    settles: str | None = None
    follows: UUID | None = None
    private: bool = False
    form: bool = False

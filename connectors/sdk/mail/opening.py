"""Mails are opened in a child process, many at a time; one that breaks its reader keeps no others from being read."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import datetime
from typing import Any, Generic, TypeVar

import msgspec

from connectors.sdk.context import Context
from connectors.sdk.errors import ConnectorError
from connectors.sdk.mail.message import Mail, head, identity, read, unreadable

P = TypeVar("P")
R = TypeVar("R")


class Sealed(msgspec.Struct, frozen=True):
    """A mail as it came, or the beginning of one that is too large."""

    uid: int
    raw: bytes
    arrived: datetime | None
    complete: bool
    flags: list[str] = []


class Opened(msgspec.Struct, frozen=True):
    """A mail that has been read, and what tells it from all others."""

    uid: int
    key: str
    mail: Mail
    flags: list[str] = []


class Face(msgspec.Struct, frozen=True):
    """What filters look at."""

    sender: str
    subject: str


class Progress(msgspec.Struct, Generic[R], frozen=True):
    """What has been read, in order, and whether it ends at a mail that breaks its reader."""

    done: list[R]
    trouble: bool = False


def open_mails(mails: list[Sealed]) -> list[Opened]:
    """Read mails."""
    return [_opened(mail, read(mail.raw, mail.arrived, complete=mail.complete)) for mail in mails]


def look_at(heads: list[bytes]) -> list[Face]:
    """Read the sender and subject of mails out of these two header lines."""
    mails = [read(raw) for raw in heads]
    return [Face(mail.sender, mail.subject) for mail in mails]


async def all_opened(context: Context[Any, Any], mails: Sequence[Sealed]) -> Progress[Opened]:
    """Return mails as read; of one that is trouble there is what can be read of its header."""
    progress = await _until_trouble(context, open_mails, mails)
    if not progress.trouble:
        return progress
    broken = mails[len(progress.done)]
    start = msgspec.structs.replace(broken, raw=head(broken.raw), complete=False)
    rest = await _until_trouble(context, open_mails, [start])
    return Progress([*progress.done, *(rest.done or [_opened(broken, unreadable(broken.arrived))])], trouble=True)


async def all_faces(context: Context[Any, Any], heads: Sequence[bytes]) -> Progress[Face]:
    """Return senders and subjects; those of a mail that is trouble are empty."""
    progress = await _until_trouble(context, look_at, heads)
    return Progress([*progress.done, Face("", "")], trouble=True) if progress.trouble else progress


async def _until_trouble(
    context: Context[Any, Any], function: Callable[[list[P]], list[R]], mails: Sequence[P]
) -> Progress[R]:
    """Read all at once or, when that fails, one by one up to the one that it fails for."""
    with suppress(ConnectorError):
        return Progress(await context.confined(function, list(mails)))
    done: list[R] = []
    for mail in mails:
        try:
            done += await context.confined(function, [mail])
        except ConnectorError:
            return Progress(done, trouble=True)
    return Progress(done)


def _opened(sealed: Sealed, mail: Mail) -> Opened:
    return Opened(sealed.uid, identity(sealed.raw, mail), mail, sealed.flags)

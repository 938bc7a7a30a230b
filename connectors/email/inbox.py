"""Read a folder onwards from a cursor, in batches that fit into memory, and wait for the server's call."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Iterator, Sequence
from datetime import UTC, datetime
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal

import msgspec

from connectors.email.connection import Connection, mailbox
from connectors.sdk import Context, Item, Settings, SettingsError, Shape, field
from connectors.sdk.intervals import interval
from connectors.sdk.mail.headers import clean
from connectors.sdk.mail.opening import Face, Opened, Sealed, all_faces, all_opened

if TYPE_CHECKING:
    from imapclient import IMAPClient

LOOKED_AT_ONCE = 500
READ_AT_ONCE = 50
BYTES_AT_ONCE = 8 * 1024 * 1024
LARGEST_MAIL = 40 * 1024 * 1024
# servers may drop an IDLE after half an hour (RFC 2177)
LONGEST_IDLE = 20 * 60.0

_LOOK = (b"RFC822.SIZE", b"BODY.PEEK[HEADER.FIELDS (FROM SUBJECT)]")
_LOOKED = b"BODY[HEADER.FIELDS (FROM SUBJECT)]"


async def folders(context: Context[Connection, Any]) -> Sequence[str]:
    """Return the mailbox's folders that can be read."""
    async with mailbox(context) as client:
        listed = await asyncio.to_thread(client.list_folders)
    return [str(name) for flags, _, name in listed if b"\\Noselect" not in flags and b"\\NonExistent" not in flags]


Folder = Annotated[str, field("Folder", example="INBOX", choices=folders)]
Existing = Annotated[
    Literal["read", "skip"], field("Mails already there", hint="What to do with them when the recipe starts.")
]
Every = Annotated[
    str,
    field(
        "Ask every",
        hint="How often to look when the server does not tell of news by itself.",
        advanced=True,
        shape=Shape.DURATION,
    ),
]


class Mailbox(Settings):
    """Which folder to read and which of its mails."""

    folder: Folder = "INBOX"
    sender: Annotated[str, field("Sender", hint="* stands for any letters.", example="*@supplier.example")] = "*"
    subject: Annotated[str, field("Subject", hint="* stands for any letters.", example="*invoice*")] = "*"
    unseen: Annotated[bool, field("Unread only", hint="Leaves out what someone has read.")] = False
    existing: Existing = "read"
    every: Every = "1m"

    def __post_init__(self) -> None:
        """Refuse a folder that would end the command it is named in, and unreadable intervals."""
        interval(self.every)
        require_folder(self.folder)

    @property
    def wanted(self) -> list[str]:
        """What the server is asked to look for."""
        return ["UNSEEN"] if self.unseen else []


class Returns(Settings):
    """Which folder to watch for mails that came back."""

    folder: Folder = "INBOX"
    existing: Existing = "skip"
    every: Every = "1m"

    def __post_init__(self) -> None:
        interval(self.every)
        require_folder(self.folder)

    sender: ClassVar[str] = "*"
    subject: ClassVar[str] = "*"
    wanted: ClassVar[Sequence[str]] = ("HEADER", "Content-Type", "report")


def require_folder(name: str) -> None:
    """Raise ValueError for a folder that would end the command it is named in."""
    if not name or any(letter in "\r\n\0" for letter in name):
        raise ValueError("Give the folder's name, such as INBOX.")


class Place(msgspec.Struct, frozen=True):
    """How far a folder has been read: the numbering that was in force, and the last number."""

    validity: int
    uid: int = 0

    def __str__(self) -> str:
        return f"{self.validity}:{self.uid}"


class Found(msgspec.Struct, frozen=True):
    """A mail that passed the filter, not read yet."""

    uid: int
    size: int


class Looked(msgspec.Struct, frozen=True):
    """What passed the filter, how far that looked, and whether it ends at a mail whose header breaks its reader."""

    found: list[Found]
    until: int
    trouble: bool = False


async def read_folder(
    context: Context[Any, Mailbox] | Context[Any, Returns], client: IMAPClient, cursor: str | None
) -> AsyncIterator[Item]:
    """Yield the folder's mails after the cursor, oldest first; a renumbered folder is read again from its start.

    A mail that breaks its reader is the last one: the next call goes on behind it, so that a few of them cannot make
    one call last for ever.
    """
    settings = context.settings
    status = await asyncio.to_thread(select, client, settings.folder)
    place = _place(cursor, status)
    if cursor is None and settings.existing == "skip":
        place = Place(place.validity, int(status.get(b"UIDNEXT", 1)) - 1)
        yield Item(content=None, cursor=str(place))
    uids = await asyncio.to_thread(_numbers, client, place.uid, settings)
    for start in range(0, len(uids), LOOKED_AT_ONCE):
        looked = await _look(context, client, uids[start : start + LOOKED_AT_ONCE])
        last = place.uid
        for batch in _batches(looked.found):
            opened = await all_opened(context, await asyncio.to_thread(_fetch, client, batch))
            for one in opened.done:
                last = one.uid
                yield _item(settings, Place(place.validity, last), one)
            if opened.trouble:
                return
        if last != looked.until:
            yield Item(content=None, cursor=str(Place(place.validity, looked.until)))
        if looked.trouble:
            return


async def wait(client: IMAPClient, folder: str) -> None:
    """Return when the server says that something has arrived, or after a while."""
    await asyncio.to_thread(select, client, folder)
    if not await asyncio.to_thread(client.has_capability, "IDLE"):
        await asyncio.sleep(LONGEST_IDLE)
        return
    await asyncio.to_thread(client.idle)
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(LONGEST_IDLE):
            while not _arrived(await asyncio.to_thread(client.idle_check, 0)):
                await _readable(client.socket())


def _arrived(said: Sequence[tuple[Any, ...]]) -> bool:
    return any(b"EXISTS" in line[1:2] or b"RECENT" in line[1:2] for line in said)


async def _readable(socket: Any) -> None:
    """Wait for the server without holding a thread."""
    loop = asyncio.get_running_loop()
    ready = asyncio.Event()
    loop.add_reader(socket.fileno(), ready.set)
    try:
        await ready.wait()
    finally:
        loop.remove_reader(socket.fileno())


def select(client: IMAPClient, folder: str, *, readonly: bool = True) -> dict[bytes, Any]:
    """Open a folder and return its state; a missing one is refused with the names of those there are."""
    from imapclient.exceptions import IMAPClientError

    try:
        return dict(client.select_folder(folder, readonly=readonly))
    except IMAPClientError as error:
        names = ", ".join(str(name) for _, _, name in client.list_folders()[:50])
        raise SettingsError(f"There is no folder {folder}. The mailbox has: {names}.") from error


def _place(cursor: str | None, status: dict[bytes, Any]) -> Place:
    validity = int(status.get(b"UIDVALIDITY", 0))
    before, _, uid = (cursor or "").partition(":")
    return Place(validity, int(uid)) if before == str(validity) and uid.isdigit() else Place(validity)


def _numbers(client: IMAPClient, after: int, settings: Mailbox | Returns) -> list[int]:
    wanted = ["UID", f"{after + 1}:*", *settings.wanted]
    return sorted(uid for uid in client.search(wanted) if uid > after)


async def _look(
    context: Context[Any, Mailbox] | Context[Any, Returns], client: IMAPClient, uids: Sequence[int]
) -> Looked:
    """Return size and number of the mails that pass the filter; those deleted meanwhile are passed over."""
    settings = context.settings
    answers = await asyncio.to_thread(client.fetch, uids, _LOOK)
    there = [Found(uid, int(answers[uid].get(b"RFC822.SIZE", 0))) for uid in uids if uid in answers]
    if (settings.sender, settings.subject) == ("*", "*"):
        return Looked(there, uids[-1])
    faces = await all_faces(context, [answers[mail.uid].get(_LOOKED) or b"" for mail in there])
    passing = [mail for mail, face in zip(there, faces.done, strict=False) if _passes(face, settings)]
    return Looked(passing, there[len(faces.done) - 1].uid if faces.trouble else uids[-1], faces.trouble)


def _passes(face: Face, settings: Mailbox | Returns) -> bool:
    return _fits(face.sender, settings.sender) and _fits(face.subject, settings.subject)


def _fits(text: str, pattern: str) -> bool:
    """Only * and ? are special: subjects such as [Shop] Order are common."""
    return fnmatchcase(text.lower(), pattern.lower().replace("[", "[[]") or "*")


def _batches(found: Sequence[Found]) -> Iterator[list[Found]]:
    batch: list[Found] = []
    size = 0
    for mail in found:
        if batch and (len(batch) == READ_AT_ONCE or size + mail.size > BYTES_AT_ONCE):
            yield batch
            batch, size = [], 0
        batch.append(mail)
        size += mail.size
    if batch:
        yield batch


def _fetch(client: IMAPClient, batch: Sequence[Found]) -> list[Sealed]:
    whole = batch[0].size <= LARGEST_MAIL  # a larger mail is alone in its batch
    wanted = b"BODY.PEEK[]" if whole else b"BODY.PEEK[]<0.%d>" % BYTES_AT_ONCE
    answers = client.fetch([mail.uid for mail in batch], [wanted, b"INTERNALDATE", b"FLAGS"])
    mails = []
    for uid in (mail.uid for mail in batch if mail.uid in answers):
        answer = answers[uid]
        raw = answer.get(b"BODY[]") or answer.get(b"BODY[]<0>") or b""
        flags = names_of(answer.get(b"FLAGS", ()))
        mails.append(Sealed(uid, raw, _moment(answer.get(b"INTERNALDATE")), whole, flags))
    return mails


def _moment(arrived: Any) -> datetime | None:
    if not isinstance(arrived, datetime):
        return None
    return arrived if arrived.tzinfo else arrived.replace(tzinfo=UTC)


def names_of(flags: Sequence[Any]) -> list[str]:
    """Return flags as people write them: seen, flagged, answered, and the server's own labels as they are."""
    known = [flag.decode("utf-8", "replace") if isinstance(flag, bytes) else str(flag) for flag in flags]
    named = (clean(flag.removeprefix("\\").lower() if flag.startswith("\\") else flag) for flag in known)
    # the server sets \\Recent, and forgets it by itself
    return sorted(name for name in named if name != "recent")


def _item(settings: Mailbox | Returns, place: Place, opened: Opened) -> Item:
    mail = opened.mail
    return Item(
        key=opened.key,
        title=mail.subject or clean(mail.sender) or "(no subject)",
        cursor=str(place),
        subject=next(iter(mail.references), mail.in_reply_to) or mail.message_id or None,
        content={**mail.content(), "folder": settings.folder, "uid": place.uid, "flags": opened.flags},
    )

"""Keeping a mailbox in order: flags and labels, moving and copying; each can be taken back."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Annotated, Any, Concatenate, ParamSpec, TypeVar

import msgspec

from connectors.email.connection import Connection, mailbox
from connectors.email.inbox import folders, names_of, require_folder, select
from connectors.sdk import Context, Receipt, Settings, SettingsError, Shape, field
from connectors.sdk.mail.headers import decoded

if TYPE_CHECKING:
    from imapclient import IMAPClient

P = ParamSpec("P")
R = TypeVar("R")

SYSTEM = ("seen", "flagged", "answered", "draft")
# More mails than this have no Message-ID with the same part
MOST_ALIKE = 200
_FOLDED = re.compile(rb"\r?\n[ \t]+")
_HEADER = b"BODY[HEADER.FIELDS (SUBJECT MESSAGE-ID)]"
# What may not stand in a keyword (RFC 9051: an atom)
_UNUSABLE = frozenset('(){%*"\\] \t\r\n\0')

From = Annotated[str, field("Folder", hint="Where the mail is.", example="INBOX", choices=folders)]
Which = Annotated[
    Any,
    field(
        "Mail",
        hint="Its Message-ID, or its number in the folder.",
        example="{{ trigger.message_id }}",
        templated=True,
    ),
]


class Marks(Settings):
    """Which mail to mark, and how."""

    mail: Which
    folder: From = "INBOX"
    add: Annotated[
        list[str],
        field("Add", hint="seen, flagged, answered, or a label of your own.", example=["seen"], shape=Shape.LIST),
    ] = []
    remove: Annotated[list[str], field("Take away", example=["flagged"], shape=Shape.LIST)] = []

    def __post_init__(self) -> None:
        require_folder(self.folder)
        if not self.add and not self.remove:
            raise ValueError("Name at least one flag or label to add or take away.")
        wrong = [name for name in (*self.add, *self.remove) if not name.isascii() or not name or set(name) & _UNUSABLE]
        if wrong:
            raise ValueError(f"No label can be called {', '.join(wrong)[:100]}: use plain letters and digits.")


class Place(Settings):
    """Which mail, and the folder that it goes to."""

    mail: Which
    to: Annotated[str, field("To folder", example="Done", choices=folders)]
    folder: From = "INBOX"

    def __post_init__(self) -> None:
        require_folder(self.folder)
        require_folder(self.to)
        if self.folder == self.to:
            raise ValueError("Give two different folders.")


class Seen(msgspec.Struct, frozen=True):
    """A mail as it is in a folder now."""

    uid: int
    flags: list[str]
    subject: str
    validity: int


def find_mail(client: IMAPClient, folder: str, mail: Any, *, readonly: bool = True) -> Seen | None:
    """Return the only mail that is meant, None when there is none in the folder; leaves the folder open."""
    validity = int(select(client, folder, readonly=readonly).get(b"UIDVALIDITY", 0))
    text = str(mail).strip()
    if not text:
        raise SettingsError("Mail is empty: give the Message-ID or the number of a mail.")
    uids = client.search(["UID", text]) if text.isdecimal() else _by_identity(client, text)
    asked = [b"FLAGS", b"BODY.PEEK[HEADER.FIELDS (SUBJECT MESSAGE-ID)]"]
    answers = client.fetch(uids[:MOST_ALIKE], asked) if uids else {}
    # Servers look for a part of the Message-ID
    met = [uid for uid in answers if text.isdecimal() or _identity(answers[uid].get(_HEADER) or b"") == _bare(text)]
    if len(met) > 1:
        raise SettingsError(f"{len(met)} mails in {folder} have this Message-ID. Give the mail's uid instead.")
    if not met:
        return None
    answer = answers[met[0]]
    return Seen(met[0], names_of(answer[b"FLAGS"]), _subject(answer.get(_HEADER) or b""), validity)


def must_find(client: IMAPClient, folder: str, mail: Any, *, readonly: bool = True) -> Seen:
    """Return the mail; one that is not there is refused."""
    found = find_mail(client, folder, mail, readonly=readonly)
    if found is None:
        raise SettingsError(f"The mail is not in {folder} any more. Somebody has moved or deleted it.")
    return found


def mark(client: IMAPClient, settings: Marks) -> Receipt:
    """Set and clear flags; the receipt says what they were before."""
    before = must_find(client, settings.folder, settings.mail, readonly=False)
    added = [name for name in settings.add if name not in before.flags]
    removed = [name for name in settings.remove if name in before.flags]
    _change(client, before.uid, added, removed)
    after = must_find(client, settings.folder, str(before.uid), readonly=False)
    missing = set(settings.add) - set(after.flags)
    if missing:
        raise SettingsError(f"The mail server keeps no such label here: {', '.join(sorted(missing))}.")
    return marked(settings, after, before.flags)


def marked(settings: Marks, now: Seen, before: list[str]) -> Receipt:
    """Return the receipt of a mail that is marked as it should be."""
    place = {"uid": now.uid, "validity": now.validity, "folder": settings.folder}
    return Receipt(
        reference=f"{settings.folder}/{now.uid}",
        output={"uid": now.uid, "folder": settings.folder, "flags": now.flags},
        before={**place, "flags": before},
        after={**place, "flags": now.flags},
    )


def unmark(client: IMAPClient, receipt: Receipt) -> Receipt:
    """Put back the flags where they are still as they were set."""
    before, after = receipt.before, receipt.after
    now = must_find(client, after["folder"], str(after["uid"]), readonly=False)
    if now.validity != after["validity"] or now.flags != after["flags"]:
        raise SettingsError("The flags of the mail were changed after that, so they are left as they are.")
    added = [name for name in before["flags"] if name not in now.flags]
    removed = [name for name in now.flags if name not in before["flags"]]
    _change(client, now.uid, added, removed)
    return Receipt(reference=receipt.reference, before=after, after=before)


def carry(client: IMAPClient, settings: Place, *, copy: bool) -> Receipt:
    """Copy or move the mail; one that is there already is not carried again."""
    found = find_mail(client, settings.folder, settings.mail)
    if (done := carried(client, settings, copy=copy, found=found)) is not None:
        return done
    if found is None:
        raise SettingsError(f"The mail is not in {settings.folder} any more. Somebody has moved or deleted it.")
    following = int(select(client, settings.to).get(b"UIDNEXT", 1))
    select(client, settings.folder, readonly=copy)
    if copy:
        client.copy([found.uid], settings.to)
    else:
        _move(client, found.uid, settings.to)
    validity = int(select(client, settings.to).get(b"UIDVALIDITY", 0))
    text = str(settings.mail).strip()
    criteria = [] if text.isdecimal() else ["HEADER", "Message-ID", text]
    arrived = [uid for uid in client.search(["UID", f"{following}:*", *criteria]) if uid >= following]
    return _carried(settings, arrived[-1] if arrived else 0, validity)


def carried(client: IMAPClient, settings: Place, *, copy: bool, found: Seen | None) -> Receipt | None:
    """Return the receipt of a mail that is in its new place, None when it is not or cannot be told."""
    if str(settings.mail).strip().isdecimal() or (found is not None and not copy):
        return None
    there = find_mail(client, settings.to, settings.mail)
    return None if there is None else _carried(settings, there.uid, there.validity)


def bring_back(client: IMAPClient, receipt: Receipt) -> Receipt:
    """Move a mail to where it came from."""
    after, before = receipt.after, receipt.before
    now = _unchanged(client, after)
    _move(client, now.uid, before["folder"])
    return Receipt(reference=receipt.reference, before=after, after=before)


def remove_copy(client: IMAPClient, receipt: Receipt) -> Receipt:
    """Delete a copy that was made, and nothing else."""
    now = _unchanged(client, receipt.after)
    if not client.has_capability("UIDPLUS"):
        raise SettingsError("This mail server cannot delete a single mail for good, so the copy stays.")
    client.delete_messages([now.uid], silent=True)
    client.uid_expunge([now.uid])
    return Receipt(reference=receipt.reference, before=receipt.after, after=None)


def state_of(client: IMAPClient, settings: Marks) -> tuple[Seen, list[str]]:
    """Return a mail, and the flags that it would have."""
    now = must_find(client, settings.folder, settings.mail)
    return now, sorted((set(now.flags) | set(settings.add)) - set(settings.remove))


def head_of(client: IMAPClient, folder: str, mail: Any) -> bytes:
    """Return the header of a mail."""
    found = must_find(client, folder, mail)
    answer = client.fetch([found.uid], [b"BODY.PEEK[HEADER]"]).get(found.uid, {})
    return bytes(answer.get(b"BODY[HEADER]") or b"")


async def in_mailbox(
    context: Context[Connection, Any], work: Callable[Concatenate[IMAPClient, P], R], *given: P.args, **named: P.kwargs
) -> R:
    """Run one of the functions above on a signed-in client, in a thread."""
    async with mailbox(context) as client:
        return await asyncio.to_thread(work, client, *given, **named)


def _carried(settings: Place, uid: int, validity: int) -> Receipt:
    place = {"folder": settings.to, "uid": uid, "validity": validity}
    return Receipt(reference=f"{settings.to}/{uid}", output=place, before={"folder": settings.folder}, after=place)


def _unchanged(client: IMAPClient, place: dict[str, Any]) -> Seen:
    now = find_mail(client, place["folder"], str(place["uid"]), readonly=False) if place["uid"] else None
    if now is None or now.validity != place["validity"]:
        raise SettingsError(f"The mail is not in {place['folder']} any more. Somebody has moved or deleted it.")
    return now


def _move(client: IMAPClient, uid: int, folder: str) -> None:
    """Move by the server's own command; old servers copy and delete."""
    if client.has_capability("MOVE"):
        client.move([uid], folder)
        return
    if not client.has_capability("UIDPLUS"):
        raise SettingsError("This mail server can neither move a mail nor delete a single one. Copy it instead.")
    client.copy([uid], folder)
    client.delete_messages([uid], silent=True)
    client.uid_expunge([uid])


def _change(client: IMAPClient, uid: int, added: Sequence[str], removed: Sequence[str]) -> None:
    if added:
        client.add_flags([uid], [_flag(name) for name in added])
    if removed:
        client.remove_flags([uid], [_flag(name) for name in removed])


def _flag(name: str) -> bytes:
    return b"\\" + name.capitalize().encode() if name in SYSTEM else name.encode()


def _by_identity(client: IMAPClient, identity: str) -> list[int]:
    if any(letter in '\r\n\0"' for letter in identity):
        raise SettingsError("This is no Message-ID.")
    return list(client.search(["HEADER", "Message-ID", identity]))


def _identity(head: bytes) -> str:
    """Return the Message-ID that stands in a header, without its brackets."""
    lines = _FOLDED.sub(b" ", head).decode("utf-8", "replace").splitlines()
    return next((_bare(line.partition(":")[2]) for line in lines if line.lower().startswith("message-id:")), "")


def _bare(identity: str) -> str:
    return identity.strip().removeprefix("<").removesuffix(">")


def _subject(head: bytes) -> str:
    lines = head.decode("utf-8", "replace").splitlines()
    return next((decoded(line[8:])[:200] for line in lines if line.lower().startswith("subject:")), "")

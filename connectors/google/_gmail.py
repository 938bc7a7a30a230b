"""What Gmail's API gives, and the questions that several parts of the connector ask it."""

from __future__ import annotations

import asyncio
import base64
import binascii
import re
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from functools import partial
from typing import Any, TypeAlias, TypeVar

import msgspec

from connectors.google._calls import ask, read, send
from connectors.google._connection import SERVICES, Connection
from connectors.sdk import Context, SettingsError, TemporaryError
from connectors.sdk.mail.headers import clean, decoded
from connectors.sdk.mail.opening import Sealed
from connectors.sdk.network.http import Options

A = TypeVar("A")
T = TypeVar("T")
GMAIL = SERVICES["gmail"]
ME = "me"
GONE = 404
AT_ONCE = 8
PAGE = 500
# A mail of 25 MB as Gmail hands it out, in base64 within JSON
LARGEST = 80 * 1024 * 1024
READ_AT_ONCE = 50
BYTES_AT_ONCE = 8 * 1024 * 1024
_ID = re.compile(r"[0-9a-f]{12,20}")
_HEAD = ("From", "Reply-To", "To", "Cc", "Subject", "Date", "Message-ID", "In-Reply-To", "References", "Auto-Submitted",
         "Precedence", "List-Id")  # fmt: skip

Account: TypeAlias = Context[Connection, Any]


class Named(msgspec.Struct, frozen=True):
    """One header line."""

    name: str = ""
    value: str = ""


class Payload(msgspec.Struct, frozen=True):
    """The header of a message."""

    headers: Sequence[Named] = ()


class Message(msgspec.Struct, frozen=True, rename="camel"):
    """A message: of it only as much as was asked for."""

    id: str = ""
    thread_id: str = ""
    label_ids: Sequence[str] = ()
    internal_date: str = "0"
    size_estimate: int = 0
    snippet: str = ""
    raw: str = ""
    payload: Payload = Payload()

    @property
    def seconds(self) -> int:
        """When Google took the message, in seconds since 1970."""
        return int(self.internal_date) // 1000 if self.internal_date.isdecimal() else 0

    def header(self, name: str) -> str:
        """Return a header decoded, '' when there is none."""
        found = (one.value for one in self.payload.headers if one.name.lower() == name.lower())
        return decoded(clean(next(found, "")))


class Listed(msgspec.Struct, frozen=True, rename="camel"):
    """A page of messages, or of drafts with their messages."""

    messages: Sequence[Message] = ()
    next_page_token: str | None = None


class Profile(msgspec.Struct, frozen=True, rename="camel"):
    """Whose mailbox it is, and its newest change."""

    email_address: str = ""
    history_id: str = "0"


class Label(msgspec.Struct, frozen=True, rename="camel"):
    """A label: INBOX and its kin, or one that a person made."""

    id: str = ""
    name: str = ""


class Labels(msgspec.Struct, frozen=True, rename="camel"):
    """All labels of a mailbox."""

    labels: Sequence[Label] = ()


async def profile(context: Account) -> Profile:
    """Return whose mailbox it is."""
    return await ask(context, GMAIL, "users.getProfile", Profile, userId=ME, fields="emailAddress,historyId")


async def labels(context: Account) -> Mapping[str, str]:
    """Return the names of all labels by their ids."""
    found = await ask(context, GMAIL, "users.labels.list", Labels, userId=ME, fields="labels(id,name)")
    return {label.id: clean(label.name) for label in found.labels}


async def label_names(context: Account) -> Sequence[str]:
    """Return the names of the mailbox's labels."""
    return sorted((await labels(context)).values(), key=str.casefold)


def label_id(known: Mapping[str, str], name: str) -> str:
    """Return the id of a label; one that is missing is refused with the names of those there are."""
    found = [one for one, said in known.items() if name.casefold() in (said.casefold(), one.casefold())]
    if not found:
        names = ", ".join(sorted(known.values(), key=str.casefold)[:50])
        raise SettingsError(f"There is no label {name} in Gmail. The mailbox has: {names}.")
    return found[0]


async def ids(context: Account, query: str, label: str = "") -> AsyncIterator[str]:
    """Yield the ids of the messages that a search finds, newest first."""
    token: str | None = None
    while True:
        page = await ask(
            context,
            GMAIL,
            "users.messages.list",
            Listed,
            userId=ME,
            q=query or None,
            labelIds=[label] if label else None,
            maxResults=PAGE,
            pageToken=token,
            fields="messages(id),nextPageToken",
        )
        for message in page.messages:
            yield message.id
        if not page.next_page_token:
            return
        token = page.next_page_token


async def heads(context: Account, wanted: Sequence[str]) -> list[Message]:
    """Return messages without what they hold, in the order of their ids; those deleted meanwhile are left out."""
    return await _side_by_side(partial(head, context), wanted)


async def head(context: Account, identity: str) -> Message | None:
    """Return a message without what it holds, None when there is no such message."""
    answer = await send(
        context,
        GMAIL,
        "users.messages.get",
        Options(accepts=(GONE,)),
        userId=ME,
        id=identity,
        format="metadata",
        metadataHeaders=list(_HEAD),
        fields="id,threadId,labelIds,internalDate,sizeEstimate,snippet,payload/headers",
    )
    return None if answer.status == GONE else read(answer, Message)


async def whole(context: Account, messages: Sequence[Message]) -> list[tuple[Message, Sealed]]:
    """Return messages as they came; those deleted meanwhile are left out."""

    async def one(message: Message) -> tuple[Message, Sealed] | None:
        raw = await _raw(context, message.id)
        return None if raw is None else (message, Sealed(0, raw, None, complete=True))

    return await _side_by_side(one, messages)


async def found_mail(context: Account, mail: Any) -> Message:
    """Return the message that a setting means, by its Message-ID or its id at Gmail."""
    text = str(mail).strip()
    if not text:
        raise SettingsError("Mail is empty: give the Message-ID of a mail, or its id at Gmail.")
    identity = text if _ID.fullmatch(text) else await by_message_id(context, text)
    found = await head(context, identity) if identity else None
    if found is None:
        raise SettingsError(f"Gmail has no mail {text[:100]} any more. Somebody has deleted it.")
    return found


async def by_message_id(context: Account, identity: str, query: str = "") -> str | None:
    """Return the id at Gmail of the mail with a Message-ID, None when there is none."""
    plain = identity.strip().removeprefix("<").removesuffix(">")
    if any(letter.isspace() or letter in '"(){}' for letter in plain):
        raise SettingsError("This is no Message-ID.")
    async for found in ids(context, f"rfc822msgid:{plain} {query}".strip()):
        return found
    return None


def head_lines(message: Message) -> bytes:
    """Return a message's header as it would stand in a mail."""
    lines = (f"{one.name}: {' '.join(one.value.split())}" for one in message.payload.headers)
    return "\r\n".join(lines).encode("utf-8", "surrogateescape") + b"\r\n\r\n"


async def _side_by_side(call: Callable[[A], Awaitable[T | None]], given: Sequence[A]) -> list[T]:
    """Call for each, some at once, and return what was found in order; the first that fails ends the others."""
    turns = asyncio.Semaphore(AT_ONCE)

    async def one(argument: A) -> T | None:
        async with turns:
            return await call(argument)

    asked = [asyncio.ensure_future(one(argument)) for argument in given]
    try:
        return [found for found in await asyncio.gather(*asked) if found is not None]
    finally:
        for task in asked:
            task.cancel()


async def _raw(context: Account, identity: str) -> bytes | None:
    """Return a message as it came, None when it has been deleted."""
    options = Options(accepts=(GONE,), limit=LARGEST, timeout=120.0)
    answer = await send(
        context, GMAIL, "users.messages.get", options, userId=ME, id=identity, format="raw", fields="raw"
    )
    if answer.status == GONE:
        return None
    try:
        return base64.urlsafe_b64decode(read(answer, Message).raw)
    except (binascii.Error, ValueError) as error:
        raise TemporaryError("Gmail sent a mail that cannot be decoded.") from error

"""What Graph gives of a mailbox, and the questions that several parts of the Outlook connector ask it."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import datetime
from typing import Any, TypeAlias

import msgspec

from connectors.microsoft._family import Connection, graph, pages, part
from connectors.sdk import Choice, Context, SettingsError
from connectors.sdk.mail.headers import clean
from connectors.sdk.network.http import Options

Account: TypeAlias = Context[Connection, Any]

MISSING = 404
LARGEST = 60 * 1024 * 1024
AT_ONCE = 4
# Ids that stay the same when a mail is moved or sent
PREFER = {"Prefer": 'IdType="ImmutableId"'}
SELECT = (
    "id,conversationId,internetMessageId,subject,from,receivedDateTime,categories,isRead,isDraft,"
    "parentFolderId,bodyPreview"
)
# The folders that every mailbox has, whatever they are called in its language
KNOWN = ("inbox", "archive", "sentitems", "drafts", "deleteditems", "junkemail")
_PAGE = "100"


class Address(msgspec.Struct, frozen=True):
    """Who wrote."""

    address: str | None = ""
    name: str | None = ""


class Sender(msgspec.Struct, frozen=True, rename="camel"):
    """The person behind a mail."""

    email_address: Address | None = None


class Message(msgspec.Struct, frozen=True, rename="camel"):
    """A mail, of it what was asked for; one that has gone says so in `removed`."""

    id: str
    conversation_id: str | None = ""
    internet_message_id: str | None = ""
    subject: str | None = ""
    sender: Sender | None = msgspec.field(default=None, name="from")
    received: datetime | None = msgspec.field(default=None, name="receivedDateTime")
    categories: list[str] = []
    is_read: bool | None = None
    is_draft: bool | None = None
    parent_folder_id: str | None = ""
    body_preview: str | None = ""
    removed: Any = msgspec.field(default=None, name="@removed")

    @property
    def written_by(self) -> str:
        """The sender's address."""
        return clean((self.sender.email_address.address if self.sender and self.sender.email_address else "") or "")


class User(msgspec.Struct, frozen=True, rename="camel"):
    """Whose mailbox it is."""

    mail: str | None = ""
    user_principal_name: str | None = ""


class Folder(msgspec.Struct, frozen=True, rename="camel"):
    """A folder of the mailbox."""

    id: str
    display_name: str | None = ""
    child_folder_count: int | None = 0


async def own_address(context: Account) -> str:
    """Return the address that mails go out from."""
    found = (await graph(context, "GET", "{me}", Options(params={"$select": "mail,userPrincipalName"}))).read(User)
    address = found.mail or found.user_principal_name or ""
    if "@" not in address:
        raise SettingsError("This account has no mailbox at Microsoft.")
    return address


async def folders(context: Account) -> Sequence[Choice]:
    """Return the folders of the mailbox, those inside others by their path."""
    found = await _inside(context, "{me}/mailFolders")
    listed = [Choice(one.display_name or "") for one in found]
    for outer in found:
        if outer.child_folder_count:
            inner = await _inside(context, f"{{me}}/mailFolders/{part(outer.id)}/childFolders")
            listed += [Choice(f"{outer.display_name}/{one.display_name}") for one in inner]
    return listed


async def folder_id(context: Account, name: str) -> str:
    """Return the id of a folder by its path, such as Clients/2026; inbox and its kin are known in every language."""
    if name.casefold() in KNOWN:
        return name.casefold()
    place, path = "", "{me}/mailFolders"
    for step in name.split("/"):
        there = await _inside(context, path)
        found = next((one for one in there if (one.display_name or "").casefold() == step.strip().casefold()), None)
        if found is None:
            names = ", ".join(one.display_name or "" for one in there[:50])
            raise SettingsError(f"There is no folder {name} in the mailbox. At {step} there are: {names or 'none'}.")
        place, path = found.id, f"{{me}}/mailFolders/{part(found.id)}/childFolders"
    return place


async def message(context: Account, identity: str) -> Message | None:
    """Return a mail by its id, None when it is not there any more."""
    options = Options(params={"$select": SELECT}, headers=PREFER, accepts=(MISSING,))
    answer = await graph(context, "GET", f"{{me}}/messages/{part(identity)}", options)
    return None if answer.status == MISSING else answer.read(Message)


async def by_message_id(context: Account, identity: str) -> list[Message]:
    """Return the mails that have a Message-ID."""
    if any(letter.isspace() for letter in identity):
        raise SettingsError("This is no Message-ID.")
    quoted = identity.replace("'", "''")
    params = {"$filter": f"internetMessageId eq '{quoted}'", "$select": SELECT, "$top": "10"}
    async for page in pages(context, "{me}/messages", Options(params=params, headers=PREFER), Message):
        return page.value
    return []


async def found_mail(context: Account, mail: Any) -> Message:
    """Return the mail that a setting means, by its Message-ID or its id at Microsoft."""
    text = str(mail).strip()
    if not text:
        raise SettingsError("Mail is empty: give the Message-ID of a mail, or its id.")
    if "@" in text:
        found = next((one for one in await by_message_id(context, text) if not one.is_draft), None)
    else:
        found = await message(context, text)
    if found is None:
        raise SettingsError(f"The mailbox has no mail {text[:100]} any more. Somebody has deleted it.")
    return found


async def raw(context: Account, identity: str) -> bytes | None:
    """Return a mail as it came, None when it has been deleted."""
    options = Options(headers=PREFER, accepts=(MISSING,), limit=LARGEST, timeout=120.0)
    answer = await graph(context, "GET", f"{{me}}/messages/{part(identity)}/$value", options)
    return None if answer.status == MISSING else answer.content


async def raws(context: Account, wanted: Sequence[str]) -> list[bytes | None]:
    """Return mails as they came, some asked for at once."""
    turns = asyncio.Semaphore(AT_ONCE)

    async def one(identity: str) -> bytes | None:
        async with turns:
            return await raw(context, identity)

    asked = [asyncio.ensure_future(one(identity)) for identity in wanted]
    try:
        return list(await asyncio.gather(*asked))
    finally:
        for task in asked:
            task.cancel()


async def _inside(context: Account, path: str) -> list[Folder]:
    params = {"$select": "id,displayName,childFolderCount", "$top": _PAGE}
    return [one async for page in pages(context, path, Options(params=params), Folder) for one in page.value]

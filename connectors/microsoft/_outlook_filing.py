"""Categories, read marks and folders of mails: changed, and put back as they were."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any, Literal

import msgspec

from connectors.microsoft._family import Connection, graph, pages, part
from connectors.microsoft._outlook import PREFER, Account, Message, folder_id, folders, found_mail, message
from connectors.sdk import Context, Receipt, Settings, SettingsError, Shape, field
from connectors.sdk.mail.answer import Answered
from connectors.sdk.network.http import Options

GONE = "The mail is not there any more. Somebody has deleted it."


class Category(msgspec.Struct, frozen=True, rename="camel"):
    """A category of the mailbox."""

    display_name: str | None = ""


async def categories(context: Account) -> Sequence[str]:
    """Return the mailbox's categories; others can be given to mails as well."""
    options = Options(params={"$select": "displayName"})
    listed = pages(context, "{me}/outlook/masterCategories", options, Category)
    return [one.display_name or "" async for page in listed for one in page.value]


class Marks(Settings):
    """Which mail, and its marks."""

    mail: Answered
    add: Annotated[list[str], field("Add categories", example=["Booked"], choices=categories, shape=Shape.LIST)] = []
    remove: Annotated[
        list[str], field("Take categories away", example=["New"], choices=categories, shape=Shape.LIST)
    ] = []
    read: Annotated[Literal["", "read", "unread"], field("Mark as", hint="Empty: leave it as it is.")] = ""

    def __post_init__(self) -> None:
        if not self.add and not self.remove and not self.read:
            raise ValueError("Say what to change: categories, or whether the mail is read.")


class Marking(msgspec.Struct, frozen=True):
    """A mail, how it is marked and how it would be."""

    mail: Message
    before: dict[str, Any]
    after: dict[str, Any]


class Move(Settings):
    """Which mail, and where it goes."""

    mail: Answered
    to: Annotated[
        str, field("To folder", hint="archive, or the path of any folder.", example="Clients/Done", choices=folders)
    ]


class Way(msgspec.Struct, frozen=True):
    """A mail, the folder it is in, and the one it goes to, both by id."""

    mail: Message
    origin: str
    to: str


async def planned(context: Context[Connection, Marks]) -> Marking:
    """Return what is to be changed about a mail."""
    settings = context.settings
    mail = await found_mail(context, settings.mail)
    held = {"categories": sorted(mail.categories), "read": bool(mail.is_read)}
    wanted = sorted((set(mail.categories) | set(settings.add)) - set(settings.remove))
    seen = settings.read == "read" if settings.read else held["read"]
    return Marking(mail, held, {"categories": wanted, "read": seen})


async def change(context: Account, identity: str, before: dict[str, Any], after: dict[str, Any]) -> None:
    """Write what differs."""
    body: dict[str, Any] = {}
    if before["categories"] != after["categories"]:
        body["categories"] = after["categories"]
    if before["read"] != after["read"]:
        body["isRead"] = after["read"]
    if body:
        await graph(context, "PATCH", f"{{me}}/messages/{part(identity)}", Options(json=body, headers=PREFER))


def receipt_of(plan: Marking, before: dict[str, Any]) -> Receipt:
    """Return the receipt of a mail that is marked as it should be."""
    identity = {"id": plan.mail.id}
    return Receipt(
        reference=plan.mail.id,
        output={**identity, **plan.after},
        before={**identity, **before},
        after={**identity, **plan.after},
    )


async def put_back(context: Account, receipt: Receipt) -> Receipt:
    """Mark a mail as it was, where nobody has changed its marks since."""
    now = await message(context, receipt.after["id"])
    if now is None:
        raise SettingsError(GONE)
    held = {"id": now.id, "categories": sorted(now.categories), "read": bool(now.is_read)}
    if held != receipt.after:
        raise SettingsError("The marks of the mail were changed after that, so they are left as they are.")
    await change(context, now.id, held, receipt.before)
    return Receipt(reference=receipt.reference, before=receipt.after, after=receipt.before)


async def way(context: Context[Connection, Move]) -> Way:
    """Return where a mail is and where it goes."""
    mail = await found_mail(context, context.settings.mail)
    place = f"{{me}}/mailFolders/{part(await folder_id(context, context.settings.to))}"
    folder = (await graph(context, "GET", place, Options(params={"$select": "id"}))).read(Message)
    return Way(mail, mail.parent_folder_id or "", folder.id)


async def carry(context: Account, plan: Way) -> Receipt:
    """Move a mail, unless it is there already."""
    if plan.origin != plan.to:
        await _move(context, plan.mail.id, plan.to)
    return _moved(plan, plan.origin)


def in_place(plan: Way, origin: str | None) -> Receipt | None:
    """Return the receipt of a mail that is where it should be, None when it is not."""
    return _moved(plan, origin or plan.origin) if plan.origin == plan.to else None


async def bring_back(context: Account, receipt: Receipt) -> Receipt:
    """Move a mail back, where nobody has moved it on."""
    now = await message(context, receipt.after["id"])
    if now is None:
        raise SettingsError(GONE)
    if now.parent_folder_id != receipt.after["folder"]:
        raise SettingsError("The mail was moved on after that, so it is left where it is.")
    await _move(context, now.id, receipt.before["folder"])
    return Receipt(reference=receipt.reference, before=receipt.after, after=receipt.before)


async def _move(context: Account, identity: str, folder: str) -> None:
    options = Options(json={"DestinationId": folder}, headers=PREFER)
    await graph(context, "POST", f"{{me}}/messages/{part(identity)}/microsoft.graph.move", options)


def _moved(plan: Way, origin: str) -> Receipt:
    place = {"id": plan.mail.id, "folder": plan.to}
    return Receipt(reference=plan.mail.id, output=place, before={**place, "folder": origin}, after=place)

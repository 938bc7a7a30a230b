"""Replies and notes of a ticket: written once, found again after a cut connection, and notes taken back."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime, timedelta
from html import unescape
from typing import Any

import msgspec

from connectors.freshworks._account import GONE, call, has_next, told_at
from connectors.freshworks._files import carried, uploads
from connectors.freshworks._settings import Note, Reply, Say
from connectors.freshworks._tickets import html_of
from connectors.sdk import Change, ChangeKind, Context, Receipt, SettingsError
from connectors.sdk.network.http import Response
from connectors.sdk.records.entries import moment

MOST_PAGES = 100
_PAGE = "100"
_TAGS = re.compile(r"<[^<>]*>")


class Said(msgspec.Struct, kw_only=True):
    """A reply or a note."""

    id: int
    body_text: str | None = None
    body: str | None = None
    private: bool | None = None
    incoming: bool | None = None
    created_at: str | None = None


class _Wrapped(msgspec.Struct):
    conversation: Said


class _Several(msgspec.Struct):
    conversations: list[Said]


async def write(context: Context[Any, Any], path: str, body: dict[str, Any]) -> Receipt:
    """Write a reply or a note, and remember when by the service's clock."""
    number = ticket_number(context.settings)
    files = await uploads(context, context.settings.files)
    standing = await call(context, "GET", f"tickets/{number}")
    await context.remember(told_at(standing).isoformat(timespec="seconds"))
    answer = await call(context, "POST", f"tickets/{number}/{path}", carried(body, files))
    return _receipt(context, _one(context, answer))


async def find(context: Context[Any, Any], private: bool, token: str | None) -> Receipt | None:
    """Look for what says the same since it may have been written; nothing was, where nothing was remembered."""
    wanted = _words(str(body_of(context.settings)["body"]))
    since = datetime.fromisoformat(token) - timedelta(seconds=1) if token else None
    for page in range(1, MOST_PAGES + 1):
        params = {"per_page": _PAGE, "page": str(page)}
        answer = await call(
            context, "GET", f"tickets/{ticket_number(context.settings)}/conversations", {"params": params}
        )
        for one in _several(context, answer):
            when = moment(one.created_at, context.connection.product.title)
            same = _words(one.body or one.body_text or "") == wanted and bool(one.private) == private
            if same and not one.incoming and (since is None or when >= since):
                return _receipt(context, one, known=False)
        if not has_next(answer):
            return None
    raise SettingsError("The ticket has too many conversations to look through; look yourself and decide.")


async def take_back(context: Context[Any, Any], receipt: Receipt) -> Receipt:
    """Delete a note that says what was written."""
    place = receipt.after
    for page in range(1, MOST_PAGES + 1):
        params = {"per_page": _PAGE, "page": str(page)}
        answer = await call(context, "GET", f"tickets/{place['ticket']}/conversations", {"params": params})
        for one in _several(context, answer):
            if str(one.id) == place["conversation"]:
                if _words(one.body or one.body_text or "") != place["words"]:
                    raise SettingsError("The note has been changed since, so it stays.")
                await call(context, "DELETE", f"conversations/{one.id}", {"accepts": (GONE,)})
                return receipt
        if not has_next(answer):
            break
    raise SettingsError("The note is no longer there.")


def change_of(settings: Say, kind: ChangeKind, body: dict[str, Any]) -> list[Change]:
    """Return what writing would do."""
    return [Change(kind=kind, reference=f"ticket {ticket_number(settings)}", after=body)]


def reply_body(settings: Reply) -> dict[str, Any]:
    """Return a reply as it would be sent."""
    lists = {"cc_emails": addresses(settings.cc), "bcc_emails": addresses(settings.bcc)}
    sender = {"from_email": settings.sender.strip()} if settings.sender.strip() else {}
    return body_of(settings) | {name: several for name, several in lists.items() if several} | sender


def note_body(settings: Note) -> dict[str, Any]:
    """Return a note as it would be written."""
    notified = addresses(settings.notify)
    return body_of(settings) | {"private": settings.private} | ({"notify_emails": notified} if notified else {})


def body_of(settings: Say) -> dict[str, Any]:
    """Return the words as HTML."""
    if settings.text.strip() and settings.html.strip():
        raise SettingsError("Give a text or HTML, not both.")
    body = settings.html.strip() or html_of(settings.text)
    if not body:
        raise SettingsError("There is nothing to say: the text is empty.")
    return {"body": body}


def addresses(given: Any) -> list[str]:
    """Return one or several addresses as a list."""
    several = given if isinstance(given, (list, tuple)) else str(given or "").split(",")
    found = [text for one in several if (text := str(one).strip())]
    wrong = next((one for one in found if "@" not in one), None)
    if wrong is not None:
        raise SettingsError(f"{wrong[:100]!r} is no address of e-mail.")
    return found


def ticket_number(settings: Say) -> str:
    """Return the number of the ticket, which people also write with a # in front."""
    text = settings.ticket.strip().lstrip("#")
    if not text.isdecimal() or len(text) > 18:
        raise SettingsError(f"{settings.ticket[:100]!r} is no number of a ticket.")
    return text


def _one(context: Context[Any, Any], answer: Response) -> Said:
    return answer.read(_Wrapped).conversation if context.connection.product.wrapped else answer.read(Said)


def _several(context: Context[Any, Any], answer: Response) -> Sequence[Said]:
    return answer.read(_Several).conversations if context.connection.product.wrapped else answer.read(list[Said])


def _words(html: str) -> str:
    """Return what is said, without how it looks: services write HTML anew."""
    return " ".join(unescape(_TAGS.sub(" ", html)).split())


def _receipt(context: Context[Any, Any], said: Said, *, known: bool = True) -> Receipt:
    number = ticket_number(context.settings)
    url = f"{context.connection.base}/a/tickets/{number}"
    place = {"ticket": number, "conversation": str(said.id), "words": _words(said.body or said.body_text or "")}
    return Receipt(
        reference=str(said.id),
        url=url,
        output={"id": str(said.id), "ticket": number, "url": url},
        before={} if known else None,
        after=place if known else None,
    )

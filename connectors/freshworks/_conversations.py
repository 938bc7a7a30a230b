"""Replies and notes of a ticket: written once, found again after a cut connection, and notes taken back."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Sequence
from datetime import datetime, timedelta
from html import unescape
from typing import Any

import msgspec

from connectors.freshworks._account import GONE, call, has_next, told_at, when_of
from connectors.freshworks._files import carried, uploads
from connectors.freshworks._settings import Note, Reply, Say
from connectors.freshworks._tickets import html_of
from connectors.sdk import Change, ChangeKind, Context, Receipt, Record, SettingsError
from connectors.sdk.network.http import Response

MOST_PAGES = 100
# By so much may the clocks of one service differ
SKEW = timedelta(seconds=10)
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

    @property
    def words(self) -> str:
        """What it says, without how it looks."""
        return _words(self.body or self.body_text or "")


class _Wrapped(msgspec.Struct):
    conversation: Said


class _Several(msgspec.Struct):
    conversations: list[Said]


async def reply(context: Context[Any, Any]) -> Receipt:
    """Send an answer."""
    return await _write(context, "reply", _reply_body(context.settings))


async def preview_reply(context: Context[Any, Any], records: Sequence[Record]) -> list[list[Change]]:
    """Show what would be sent."""
    return _shown(context.settings, ChangeKind.SEND, _reply_body(context.settings), records)


async def find_reply(context: Context[Any, Any], _: Record, token: str | None) -> Receipt | None:
    """Look for a reply that says the same since this one may have been sent."""
    return await _find(context, token, private=False)


async def note(context: Context[Any, Any]) -> Receipt:
    """Write a note."""
    return await _write(context, "notes", _note_body(context.settings))


async def preview_note(context: Context[Any, Any], records: Sequence[Record]) -> list[list[Change]]:
    """Show what would be written."""
    return _shown(context.settings, ChangeKind.ADD, _note_body(context.settings), records)


async def find_note(context: Context[Any, Any], _: Record, token: str | None) -> Receipt | None:
    """Look for a note that says the same since this one may have been written."""
    return await _find(context, token, private=context.settings.private)


async def undo_note(context: Context[Any, Any], receipt: Receipt) -> Receipt:
    """Delete the note where it still says what was written."""
    place = receipt.after
    async for one in _all(context, place["ticket"]):
        if str(one.id) == place["conversation"]:
            if one.words != place["words"]:
                raise SettingsError("The note has been changed since, so it stays.")
            await call(context, "DELETE", f"conversations/{one.id}", {"accepts": (GONE,)})
            return receipt
    raise SettingsError("The note is no longer there.")


async def _write(context: Context[Any, Any], path: str, body: dict[str, Any]) -> Receipt:
    """Write a reply or a note, and remember when by the service's clock."""
    number = _number(context.settings)
    files = await uploads(context, context.settings.files)
    standing = await call(context, "GET", f"tickets/{number}")
    await context.remember(told_at(standing).isoformat(timespec="seconds"))
    answer = await call(context, "POST", f"tickets/{number}/{path}", carried(body, files))
    return _receipt(context, _one(context, answer))


async def _find(context: Context[Any, Any], token: str | None, *, private: bool) -> Receipt | None:
    """Look for what says the same since it may have been written; without a token it was never sent."""
    if token is None:
        return None
    wanted = _words(str(_body_of(context.settings)["body"]))
    since = datetime.fromisoformat(token) - SKEW
    async for one in _all(context, _number(context.settings)):
        when = when_of(one.created_at, context.connection.product)
        if one.words == wanted and bool(one.private) == private and not one.incoming and when >= since:
            return _receipt(context, one, known=False)
    return None


async def _all(context: Context[Any, Any], number: str) -> AsyncIterator[Said]:
    """Yield the replies and notes of a ticket, the oldest first."""
    for page in range(1, MOST_PAGES + 1):
        params = {"per_page": _PAGE, "page": str(page)}
        answer = await call(context, "GET", f"tickets/{number}/conversations", {"params": params})
        wrapped = context.connection.product.wrapped
        for one in answer.read(_Several).conversations if wrapped else answer.read(list[Said]):
            yield one
        if not has_next(answer):
            return
    raise SettingsError("The ticket has too many conversations to look through; look yourself and decide.")


def _shown(settings: Say, kind: ChangeKind, body: dict[str, Any], records: Sequence[Record]) -> list[list[Change]]:
    change = Change(kind=kind, reference=f"ticket {_number(settings)}", after=body)
    return [[change] for _ in records]


def _reply_body(settings: Reply) -> dict[str, Any]:
    """Return a reply as it would be sent."""
    lists = {"cc_emails": _addresses(settings.cc), "bcc_emails": _addresses(settings.bcc)}
    sender = {"from_email": settings.sender.strip()} if settings.sender.strip() else {}
    return _body_of(settings) | {name: several for name, several in lists.items() if several} | sender


def _note_body(settings: Note) -> dict[str, Any]:
    """Return a note as it would be written."""
    notified = _addresses(settings.notify)
    return _body_of(settings) | {"private": settings.private} | ({"notify_emails": notified} if notified else {})


def _body_of(settings: Say) -> dict[str, Any]:
    """Return the words as HTML."""
    if settings.text.strip() and settings.html.strip():
        raise SettingsError("Give a text or HTML, not both.")
    body = settings.html.strip() or html_of(settings.text)
    if not body:
        raise SettingsError("There is nothing to say: the text is empty.")
    return {"body": body}


def _addresses(given: Any) -> list[str]:
    """Return one or several addresses as a list."""
    several = given if isinstance(given, (list, tuple)) else str(given or "").split(",")
    found = [text for one in several if (text := str(one).strip())]
    wrong = next((one for one in found if "@" not in one), None)
    if wrong is not None:
        raise SettingsError(f"{wrong[:100]!r} is no address of e-mail.")
    return found


def _number(settings: Say) -> str:
    """Return the number of the ticket, which people also write with a # in front."""
    text = settings.ticket.strip().lstrip("#")
    if not text.isdecimal() or len(text) > 18:
        raise SettingsError(f"{settings.ticket[:100]!r} is no number of a ticket.")
    return text


def _one(context: Context[Any, Any], answer: Response) -> Said:
    return answer.read(_Wrapped).conversation if context.connection.product.wrapped else answer.read(Said)


def _words(html: str) -> str:
    """Return what is said, without how it looks: services write HTML anew."""
    return " ".join(unescape(_TAGS.sub(" ", html)).split())


def _receipt(context: Context[Any, Any], said: Said, *, known: bool = True) -> Receipt:
    number = _number(context.settings)
    url = f"{context.connection.base}/a/tickets/{number}"
    place = {"ticket": number, "conversation": str(said.id), "words": said.words}
    return Receipt(
        reference=str(said.id),
        url=url,
        output={"id": str(said.id), "ticket": number, "url": url},
        before={} if known else None,
        after=place if known else None,
    )

"""Notes of an alert: written, and found again among those that came after a remembered one."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import msgspec

from connectors.opsgenie.acting import Plan, carry_out, place, proof, standing
from connectors.opsgenie.connection import Connection, call
from connectors.opsgenie.requests import recalled
from connectors.opsgenie.settings import Write
from connectors.sdk import Context, Receipt, Record, SettingsError
from connectors.sdk.records.entries import Entry

PAGE = 100
MOST_PAGES = 20
# What a remembered place among the notes begins with; anything else is a request
_AFTER = "after:"


class _Note(msgspec.Struct):
    note: str | None = None
    offset: str | None = None


class _Notes(msgspec.Struct):
    data: list[_Note] = []


async def writing(context: Context[Connection, Write]) -> Plan:
    """Plan to write a note."""
    settings = context.settings
    text = settings.text.replace("\0", "").strip()
    if not text:
        raise SettingsError("The note is empty.")
    user = {"user": settings.user.strip()} if settings.user.strip() else {}
    alert = await standing(context)
    return Plan(alert=alert, path="notes", body={"note": text, **user}, before={}, after={"note": text})


async def write(context: Context[Connection, Write]) -> Receipt:
    """Write a note, and remember before which it was not there yet."""
    plan = await writing(context)
    newest = await _page(context, plan.alert, {"limit": "1", "order": "desc"})
    await context.remember(_AFTER + (newest[0].offset or "" if newest else ""))
    return await carry_out(context, plan)


async def find(context: Context[Connection, Write], _: Record, token: str | None) -> Receipt | None:
    """Tell whether the note was written: by its request, else by the notes after the remembered one.

    Without either it was never sent.
    """
    if token is None:
        return None
    plan = await writing(context)
    if not token.startswith(_AFTER):
        outcome = await recalled(context, token)
        return proof(plan.alert) if outcome is not None and outcome.is_success else None
    async for text in _after(context, plan.alert, token.removeprefix(_AFTER)):
        if text == plan.after["note"]:
            return proof(plan.alert)
    return None


async def _after(context: Context[Connection, Any], alert: Entry, offset: str) -> AsyncIterator[str]:
    """Yield the notes that were written after a place, oldest first."""
    for _ in range(MOST_PAGES):
        asked = {"limit": str(PAGE), "order": "asc"} | ({"offset": offset, "direction": "next"} if offset else {})
        page = await _page(context, alert, asked)
        for one in page:
            yield (one.note or "").strip()
        offset = page[-1].offset or "" if page else ""
        if len(page) < PAGE or not offset:
            return


async def _page(context: Context[Connection, Any], alert: Entry, asked: dict[str, str]) -> list[_Note]:
    return (await call(context, "GET", place(alert, "notes"), {"params": asked})).read(_Notes).data

"""Alerts that are opened: known by their alias, which is the delivery's key unless a user gives one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import quote

import msgspec

from connectors.opsgenie.alerts import Alerts, condition, whole
from connectors.opsgenie.connection import Connection
from connectors.opsgenie.requests import recalled, send, taken
from connectors.opsgenie.settings import Create, listed, party, priority_of
from connectors.sdk import Change, ChangeKind, Context, Receipt, Record, SettingsError
from connectors.sdk.records.entries import Entry
from connectors.sdk.texts import storable

LONGEST_MESSAGE = 130
LONGEST_DESCRIPTION = 15_000
# What nobody has touched while these are as they were written
_COMPARED = ("message", "priority", "status", "acknowledged", "owner", "count", "tags")


def wanted(settings: Create, key: str) -> dict[str, Any]:
    """Return the alert as it would be opened."""
    message, description = _texts(settings)
    plain = {"description": description, "entity": settings.entity, "source": settings.source}
    plain |= {"note": settings.note, "user": settings.user}
    several = {
        "responders": [party(one) for one in listed(settings.responders, "Responders")],
        "tags": listed(settings.tags, "Tags"),
        "details": {name: _text(value) for name, value in settings.details.items() if value not in (None, "")},
    }
    return {
        "message": message,
        "alias": _alias(settings, key),
        "priority": priority_of(settings.priority),
        **{name: text for name, one in plain.items() if (text := storable(one).strip())},
        **{name: values for name, values in several.items() if values},
    }


async def create(context: Context[Connection, Create], record: Record) -> Receipt:
    """Open an alert; with an alias of the user's, it may be counted up instead."""
    settings = context.settings
    body = wanted(settings, record.key)
    standing = await _open(context, body["alias"]) if settings.alias.strip() else None
    outcome = await send(context, "POST", "alerts", {"json": body})
    if not outcome.alert_id:
        raise SettingsError(f"Opsgenie took the alert and opened none: {outcome.words}.")
    with taken():
        alert = await whole(context, outcome.alert_id)
    return _receipt(context, outcome.alert_id, added=standing is None, alert=alert)


async def preview(context: Context[Connection, Create], records: Sequence[Record]) -> list[list[Change]]:
    """Show the alert as it would be opened, or the one that is open and would be counted up."""
    settings = context.settings
    changes = []
    for record in records:
        after = wanted(settings, record.key)
        standing = await _open(context, after["alias"]) if settings.alias.strip() else None
        if standing is None:
            changes.append([Change(kind=ChangeKind.ADD, reference=after["alias"], after=after)])
            continue
        before, counted = {"count": _count(standing)}, {"count": _count(standing) + 1}
        changes.append([Change(kind=ChangeKind.CHANGE, reference=after["alias"], before=before, after=counted)])
    return changes


async def find(context: Context[Connection, Create], record: Record, token: str | None) -> Receipt | None:
    """Tell by the remembered request, else by the alias, which the open alert has and our own key among closed ones."""
    settings = context.settings
    outcome = await recalled(context, token)
    if outcome is not None:
        was_opened = outcome.is_success and outcome.alert_id
        return _receipt(context, outcome.alert_id, added=None, alert=None) if was_opened else None
    alias = _alias(settings, record.key)
    alert = await _open(context, alias)
    if alert is None and not settings.alias.strip():
        closed = await Alerts(context, [condition("alias", alias)]).latest(1)
        alert = next((one for one in closed if one.values.get("alias") == alias), None)
    return _receipt(context, alert.id, added=None, alert=alert) if alert else None


async def undo(context: Context[Connection, Create], receipt: Receipt) -> Receipt:
    """Delete the alert while nobody has touched it; who was called has been called."""
    after = receipt.after
    if not isinstance(after, Mapping) or not after.get("added") or not isinstance(after.get("alert"), Mapping):
        raise SettingsError("The alert was open before, or what became of it is not known, so it stays.")
    alert = await whole(context, str(after["id"]))
    if alert is None or _compared(alert) != dict(after["alert"]):
        raise SettingsError(f"Somebody has acted on the alert {receipt.reference} since, so it stays.")
    await send(context, "DELETE", f"alerts/{quote(alert.id, safe='')}", {"params": {"identifierType": "id"}})
    return receipt


async def _open(context: Context[Connection, Any], alias: str) -> Entry | None:
    """Return the open alert with an alias; there is one at most."""
    alert = await whole(context, alias, "alias")
    return alert if alert and alert.values.get("status") != "closed" else None


def _alias(settings: Create, key: str) -> str:
    return storable(settings.alias).strip() or key


def _texts(settings: Create) -> tuple[str, str]:
    """Return message and description; nothing of a message that is too long is lost."""
    message = " ".join(storable(settings.message).split())
    description = storable(settings.description).strip()
    if not message:
        raise SettingsError("The message of the alert is empty.")
    if len(message) > LONGEST_MESSAGE:
        description = f"{message}\n\n{description}".strip()
        message = f"{message[: LONGEST_MESSAGE - 1]}…"
    if len(description) > LONGEST_DESCRIPTION:
        description = f"{description[: LONGEST_DESCRIPTION - 1]}…"
    return message, description


def _text(value: Any) -> str:
    return storable(value if isinstance(value, str) else msgspec.json.encode(value).decode())


def _count(alert: Entry) -> int:
    found = alert.values.get("count")
    return found if isinstance(found, int) else 1


def _compared(alert: Entry) -> dict[str, Any]:
    return {name: alert.values.get(name) for name in _COMPARED}


def _receipt(context: Context[Connection, Any], identity: str, *, added: bool | None, alert: Entry | None) -> Receipt:
    number = alert.values.get("tinyId") if alert else None
    url = context.connection.page(quote(identity, safe=""))
    return Receipt(
        reference=identity,
        url=url,
        output={"id": identity, "number": number, "url": url, "added": added},
        after={"id": identity, "added": added, "alert": _compared(alert)} if alert and added is not None else None,
    )

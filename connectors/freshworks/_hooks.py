"""Calls of automation rules: known by a secret in a header, and answered for with the ticket as it stands."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import msgspec

from connectors.freshworks._account import Account
from connectors.freshworks._feed import item_of
from connectors.freshworks._tickets import Tickets
from connectors.sdk import Context, CredentialsError, Item, Settings, SettingsError, WebhookRequest
from connectors.sdk.network.calls import password_of, require_secret
from connectors.sdk.records.entries import digest
from connectors.sdk.texts import storable

HEADER = "x-webhook-secret"
_LONGEST_EVENT = 60
# They hold addresses of files, made anew for each answer
_EXPIRING = frozenset({"attachments", "description"})
# A rule may put texts of a ticket into JSON without escaping them; its number is found all the same
_NUMBER = re.compile(rb'"ticket_id"\s*:\s*"?[^"\d]{0,20}(\d{1,18})\b')
_TAIL = re.compile(r"(\d{1,18})\s*\Z")


async def told(request: WebhookRequest, connection: Settings | None, context: Context[Any, Any]) -> list[Item]:
    """Return the ticket of a call, asked for anew, so that nothing in the call has to be believed."""
    if not isinstance(connection, Account):
        raise CredentialsError("Events need a connection, with which the ticket is asked for.")
    given = (request.headers.get(HEADER, ""), password_of(request))
    require_secret(connection.product.title, connection.webhook_secret, given)
    number, event = _said(request, connection)
    tickets = Tickets(context)
    entry = await tickets.entry(number, embedded=True)
    if entry is None:
        raise SettingsError(f"There is no ticket {number}, or the agent of the API key may not see it.")
    item = await item_of(tickets, entry, "changed", event)
    # Two changes within a second differ by what they changed
    lasting = {name: value for name, value in entry.values.items() if name not in _EXPIRING}
    key = f"{item.key} {digest(lasting)}"
    return [msgspec.structs.replace(item, key=key, content={**item.content, "event": event})]


def _said(request: WebhookRequest, connection: Account) -> tuple[str, str]:
    """Return the number and the event in a call: {"ticket_id": ..., "event": ...}, or inside what the product adds."""
    try:
        body: Any = msgspec.json.decode(request.body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        found = _NUMBER.search(request.body)
        body = {"ticket_id": found[1].decode()} if found else None
    if isinstance(body, Mapping):
        inner = body.get(f"{connection.product.name}_webhook")
        body = inner if isinstance(inner, Mapping) else body
        number = _TAIL.search(_text(body.get("ticket_id"))[-40:])
        if number is not None:
            return number[1], storable(_text(body.get("event"))).strip()[:_LONGEST_EVENT]
    raise SettingsError('The call names no ticket. Let the rule send {"ticket_id": ...}, as the set-up shows.')


def _text(value: Any) -> str:
    return str(value) if isinstance(value, (str, int)) else ""

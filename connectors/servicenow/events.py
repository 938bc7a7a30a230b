"""Calls of business rules: known by a secret in a header, and answered for with the record as it stands."""

from __future__ import annotations

from typing import Annotated, Any, Literal

import msgspec

from connectors.sdk import Context, CredentialsError, Item, Settings, SettingsError, WebhookRequest, field
from connectors.sdk.network.calls import read, require_secret
from connectors.sdk.records.entries import content_of, digest
from connectors.servicenow.connection import Connection
from connectors.servicenow.records import Records
from connectors.servicenow.settings import Which

HEADER = "x-webhook-secret"


class Sent(Which):
    """Which of the changes that a rule tells of start a run."""

    events: Annotated[
        list[Literal["insert", "update"]],
        field("Events", hint="insert: added, update: changed. Left out: both."),
    ] = []


class _Told(msgspec.Struct):
    table: str
    sys_id: str
    event: str = ""


async def received(
    request: WebhookRequest, settings: Sent, connection: Settings | None, context: Context[Any, Any]
) -> list[Item]:
    """Return the record of a call, asked for anew, so that nothing in the call has to be believed."""
    if not isinstance(connection, Connection):
        raise CredentialsError("There is no connection, so nobody can tell that ServiceNow is calling.")
    require_secret("ServiceNow", connection.webhook_secret, [request.headers.get(HEADER, "")])
    told = read(request, _Told, "ServiceNow")
    if told.table != settings.table or (settings.events and told.event not in settings.events):
        return []
    entry = await Records(context).entry(told.sys_id)
    if entry is None:
        raise SettingsError(f"There is no such record in {told.table}, or the connection's user may not see it.")
    # Two changes within a second differ by what they changed
    key = " ".join(part for part in (entry.id, told.event[:20], digest(entry.values)) if part)
    content = content_of(entry) | {"event": told.event}
    return [Item(key=key, title=entry.title[:100], content=content, subject=entry.id)]

"""Records that flows of Salesforce tell of, known by a secret and the organisation, and asked for as they stand."""

from __future__ import annotations

from typing import Any

from connectors.salesforce.connection import Connection
from connectors.salesforce.messages import Message, read_message
from connectors.salesforce.records import Records
from connectors.salesforce.settings import Told
from connectors.sdk import Answer, Context, CredentialsError, Item, Settings, SettingsError, WebhookRequest
from connectors.sdk.network.calls import require_secret
from connectors.sdk.records.entries import content_of

# Without this Salesforce sends the message again for a day
ACKNOWLEDGED = Answer(
    text='<?xml version="1.0" encoding="UTF-8"?>'
    '<soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/"><soapenv:Body>'
    '<notificationsResponse xmlns="http://soap.sforce.com/2005/09/outbound"><Ack>true</Ack></notificationsResponse>'
    "</soapenv:Body></soapenv:Envelope>",
    media_type="text/xml",
)
# Ids are written with 15 letters, or with 18, of which the last three follow from the others
_LETTERS = 15


async def received(
    request: WebhookRequest, settings: Told, connection: Settings | None, context: Context[Any, Any]
) -> list[Item]:
    """Return the records of a message, asked for anew, so that nothing in the message has to be believed."""
    if not isinstance(connection, Connection):
        raise CredentialsError("There is no connection, so nobody can tell that Salesforce is calling.")
    # An outbound message has no headers of one's own, only an address
    require_secret("Salesforce", connection.webhook_secret, [request.query.get("secret", "")])
    message: Message = await context.confined(read_message, request.body)
    _require_ours(message, settings, connection)
    told = {one.record[:_LETTERS]: one.record for one in message.notifications}
    entries = {one.id[:_LETTERS]: one for one in await Records(context, settings.fields).entries(list(told.values()))}
    if not entries:
        raise SettingsError("There is none of the records that Salesforce tells of, or the user may not see them.")
    # What was deleted meanwhile must not hold up the others
    there = [(one, entries[one.record[:_LETTERS]]) for one in message.notifications if one.record[:_LETTERS] in entries]
    return [
        Item(
            key=one.id,
            title=entry.title[:100],
            content=content_of(entry) | {"message": message.action},
            subject=entry.id,
        )
        for one, entry in there
    ]


def _require_ours(message: Message, settings: Told, connection: Connection) -> None:
    """Refuse what a copy of the organisation sends, such as a sandbox, and what is about another object."""
    ours = connection.organisation.strip()
    if not ours:
        raise CredentialsError("The connection has no organisation id. Copy it from Setup, Company Information.")
    if message.organisation[:_LETTERS] != ours[:_LETTERS]:
        raise CredentialsError("The message comes from another organisation than the connection's, such as a sandbox.")
    other = next((one.object for one in message.notifications if one.object not in ("", settings.object)), None)
    if other is not None:
        raise SettingsError(f"The message tells of {other}, but the recipe takes {settings.object}.")

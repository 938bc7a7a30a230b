"""Microsoft Teams: cards into a channel or chat, through a workflow that takes them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, Any
from urllib.parse import urlsplit

import msgspec

from connectors.sdk import (
    Category,
    Change,
    ChangeKind,
    Connector,
    ConnectorError,
    Context,
    CredentialsError,
    Effect,
    Receipt,
    Record,
    Secret,
    Settings,
    SettingsError,
    TemporaryError,
    field,
)
from connectors.sdk.network.answers import raise_for_status
from connectors.sdk.network.http import Options, Response
from connectors.sdk.network.urls import host_of, require_address

# Of Teams' published limits: a message, and the facts that a card shows well
LARGEST_CARD = 28 * 1024
MOST_FACTS = 50
VERSION = "1.4"
_CARD = "application/vnd.microsoft.card.adaptive"
# Refusals are read here: the address is the secret, so nobody else may quote what an answer says
_TOLD = range(400, 600)


class Connection(Settings):
    """The address of a workflow that posts cards into Teams."""

    webhook: Annotated[
        Secret,
        field("Workflow address", hint="From the workflow's step When a Teams webhook request is received."),
    ]

    def __post_init__(self) -> None:
        if "://" in self.webhook.reveal():
            require_address(self.webhook.reveal().strip())


class Card(Settings):
    """What the card says."""

    title: Annotated[str, field("Title", example="Invoice {{ read.number }}", templated=True)] = ""
    text: Annotated[
        str, field("Text", hint="Bold, italics, lists and links in Markdown.", multiline=True, templated=True)
    ] = ""
    facts: Annotated[
        dict[str, Any],
        field(
            "Facts",
            hint="Names and values, one below the other.",
            example={"Total": "{{ read.total }}"},
            templated=True,
        ),
    ] = {}
    link: Annotated[
        str, field("Link", hint="A button that opens this address.", example="{{ trigger.link }}", templated=True)
    ] = ""
    link_title: Annotated[str, field("Words on the button", templated=True)] = "Open"
    card: Annotated[
        Any,
        field("Whole card", hint="An Adaptive Card as JSON, instead of all above.", templated=True, advanced=True),
    ] = None


connector = Connector(
    "teams",
    "Microsoft Teams",
    icon="groups",
    connection=Connection,
    category=Category.CHAT,
    tried="a local peer that checks each card by the published schema of Adaptive Cards",
)


@connector.hosts
def hosts(connection: Connection) -> list[str]:
    """Name the one host that the workflow is at."""
    return [host_of(connection.webhook.reveal().strip())]


@connector.target("Post a card", effect=Effect.SEND)
async def post_card(context: Context[Connection, Card], _: Record) -> Receipt:
    """Hand one card for the record to the workflow, which posts it; it cannot be changed or taken back from here."""
    card = card_of(context.settings)
    body = {"type": "message", "attachments": [{"contentType": _CARD, "contentUrl": None, "content": card}]}
    content = msgspec.json.encode(body)
    if len(content) > LARGEST_CARD:
        raise SettingsError(
            f"The card has {len(content) // 1024} KB; Teams takes {LARGEST_CARD // 1024} KB. Shorten it."
        )
    options = Options(content=content, headers={"Content-Type": "application/json"}, accepts=_TOLD)
    response = await context.http.post(_address(context.connection), **options)
    if response.status >= 400:
        raise _refusal(host_of(_address(context.connection)), response)
    return Receipt(reference=response.headers.get("x-ms-workflow-run-id"), output={"accepted": True})


@post_card.preview
async def preview(context: Context[Connection, Card], records: Sequence[Record]) -> list[list[Change]]:
    """Show the card as it would go out."""
    card = card_of(context.settings)
    return [[Change(kind=ChangeKind.SEND, after={"card": card})] for _ in records]


def card_of(settings: Card) -> Mapping[str, Any]:
    """Return the Adaptive Card of what was filled in."""
    if settings.card not in (None, ""):
        return _given(settings.card)
    body: list[Mapping[str, Any]] = []
    if settings.title.strip():
        body.append({"type": "TextBlock", "text": settings.title, "size": "large", "weight": "bolder", "wrap": True})
    if settings.text.strip():
        # A single line break is none in Teams' Markdown
        body.append({"type": "TextBlock", "text": settings.text.replace("\n", "\n\n"), "wrap": True})
    if settings.facts:
        if len(settings.facts) > MOST_FACTS:
            raise SettingsError(f"A card shows {MOST_FACTS} facts at most; this has {len(settings.facts)}.")
        facts = [{"title": str(name), "value": _words(value)} for name, value in settings.facts.items()]
        body.append({"type": "FactSet", "facts": facts})
    if not body:
        raise SettingsError("There is nothing to say: title, text and facts are all empty.")
    card = {"type": "AdaptiveCard", "version": VERSION, "body": body, "msteams": {"width": "Full"}}
    if not settings.link.strip():
        return card
    link = settings.link.strip()
    if urlsplit(link).scheme not in {"http", "https"}:
        raise SettingsError("The button's link must begin with https:// or http://.")
    return {**card, "actions": [{"type": "Action.OpenUrl", "title": settings.link_title or "Open", "url": link}]}


def _given(card: Any) -> Mapping[str, Any]:
    """Return a card that was given whole; from a card's designer it may come inside a message."""
    if isinstance(card, Mapping) and "attachments" in card:
        attachments = card["attachments"]
        card = attachments[0].get("content") if isinstance(attachments, list) and attachments else None
    if not isinstance(card, Mapping) or card.get("type") != "AdaptiveCard":
        raise SettingsError("A whole card is an object with the type AdaptiveCard, as the designer of cards makes it.")
    return {"version": VERSION, **card}


def _words(value: Any) -> str:
    return value if isinstance(value, str) else msgspec.json.encode(value, enc_hook=str).decode()


def _address(connection: Connection) -> str:
    address = connection.webhook.reveal().strip()
    if "://" not in address:
        raise CredentialsError("The connection holds no address of a workflow. Copy it from the workflow in Teams.")
    return address


def _refusal(host: str, response: Response) -> ConnectorError:
    status = response.status
    if status in {401, 403}:
        return CredentialsError(
            "The workflow's address is not valid any more. Copy it again from the workflow in Teams."
        )
    if status in {404, 410}:
        return SettingsError(
            "The workflow is gone or switched off. Whoever made it can switch it on, or make a new one."
        )
    if status in {400, 413}:
        return SettingsError("The workflow does not take the card. Its run in Power Automate tells why.")
    try:
        raise_for_status(host, status, response.headers, b"", {})
    except ConnectorError as error:
        return error
    return TemporaryError(f"{host} answered {status}.")

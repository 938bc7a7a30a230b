"""A Discord bot, or a channel's webhook: calls of the REST API, and what its refusals mean."""

from __future__ import annotations

import re
from typing import Annotated, Any, Literal, TypeVar
from urllib.parse import urlsplit

import msgspec

from connectors.sdk import ConnectorError, Context, CredentialsError, Secret, Settings, SettingsError, TemporaryError
from connectors.sdk import field as setting
from connectors.sdk.network.answers import raise_for_status
from connectors.sdk.network.http import Options, Response
from connectors.sdk.network.urls import host_of, require_address

T = TypeVar("T")
# Where Discord keeps what was attached to messages
FILE_HOSTS = ("cdn.discordapp.com", "media.discordapp.net")
# Refusals are read here: a webhook's address is its secret, so nobody else may quote what an answer says
_TOLD = range(400, 600)
_WEBHOOK = re.compile(r"/api(?:/v\d+)?/webhooks/\d+/[\w-]+/?")
_SENTENCES = {
    10003: "There is no such channel, or the bot cannot see it. Choose it from the list, or give the bot access to it.",
    10008: "The message is not there any more.",
    10015: "The webhook was deleted at Discord. Make a new one in the channel's settings, under Integrations.",
    30007: "The channel has as many webhooks as Discord allows.",
    40005: "The file is larger than this Discord server takes.",
    50001: "The bot may not see this channel. Somebody who manages the server must give it access.",
    50005: "Discord lets a bot change its own messages only.",
    50006: "There is nothing to say: the text is empty.",
    50008: "A channel of this kind takes no messages.",
    50013: "The bot lacks a permission here. Somebody who manages the server must let it send messages, attach files "
    "and read the history of the channel.",
    50027: "The address of the webhook is not valid any more. Copy it again from the channel's settings.",
    160002: "The bot may not reply there, as it may not read the history of the channel.",
    220001: "This webhook belongs to a forum: give the thread to post in.",
}


class Connection(Settings):
    """A bot on your Discord server, or the webhook of one channel."""

    kind: Annotated[
        Literal["bot", "webhook"],
        setting("Connects by", hint="bot: reads, writes and changes; webhook: writes to one channel, without a bot."),
    ] = "bot"
    token: Annotated[
        Secret,
        setting("Bot token", hint="Under Bot on the application's page for developers.", when={"kind": ("bot",)}),
    ] = Secret("")
    webhook: Annotated[
        Secret,
        setting(
            "Webhook address",
            hint="Under Integrations in the channel's settings; who knows it can post.",
            when={"kind": ("webhook",)},
        ),
    ] = Secret("")
    address: Annotated[
        str, setting("Address", hint="Only for a stand-in or a private entrance of the service.", advanced=True)
    ] = "https://discord.com"

    def __post_init__(self) -> None:
        require_address(self.address)
        place = urlsplit(self.webhook.reveal().strip())
        if place.netloc and place.netloc not in self.own_places:
            raise ValueError("The webhook's address is not at Discord.")

    @property
    def own_places(self) -> set[str]:
        """Hosts, with ports, that a webhook may be at."""
        own = urlsplit(self.address).netloc
        return {own, "discordapp.com", "ptb.discord.com", "canary.discord.com"} if own == "discord.com" else {own}


class _Failure(msgspec.Struct):
    code: int
    message: str = ""
    errors: Any = None


def reachable(connection: Connection) -> list[str]:
    """Name Discord's hosts, and those that keep its files."""
    return [host_of(connection.address), *FILE_HOSTS]


async def call(
    context: Context[Connection, Any], verb: str, path: str, kind: type[T], options: Options | None = None
) -> T:
    """Call the REST API as the bot."""
    connection = context.connection
    token = connection.token.reveal().strip().removeprefix("Bot ")
    if connection.kind != "bot" or not token:
        raise CredentialsError("This takes a bot: put its token into the connection.")
    asked: Options = {**(options or {})}
    asked["headers"] = {**asked.get("headers", {}), "Authorization": f"Bot {token}"}
    return await _sent(context, verb, f"{connection.address.rstrip('/')}/api/v10{path}", kind, asked)


async def by_webhook(
    context: Context[Connection, Any], verb: str, rest: str, kind: type[T], options: Options | None = None
) -> T:
    """Call the webhook's own address, or a message below it."""
    connection = context.connection
    path = urlsplit(connection.webhook.reveal().strip()).path
    if not _WEBHOOK.fullmatch(path):
        raise CredentialsError("The connection holds no webhook's address. Copy it from the channel's settings.")
    path = path.rstrip("/").partition("/webhooks/")[2]
    url = f"{connection.address.rstrip('/')}/api/v10/webhooks/{path}{rest}"
    return await _sent(context, verb, url, kind, options or Options())


async def _sent(context: Context[Connection, Any], verb: str, url: str, kind: type[T], options: Options) -> T:
    options["accepts"] = _TOLD
    response = await context.http.request(verb, url, **options)
    if response.status >= 400:
        raise _refusal(host_of(context.connection.address), response)
    try:
        return msgspec.convert(response.json() if response.content else None, kind)
    except msgspec.ValidationError as error:
        raise TemporaryError("Discord sent an answer that is not as it documents them.") from error


def _refusal(host: str, response: Response) -> ConnectorError:
    """Read Discord's own code; without one the status tells."""
    try:
        failure = msgspec.json.decode(response.content, type=_Failure)
    except msgspec.DecodeError:
        failure = _Failure(code=0)
    if failure.code in _SENTENCES:
        return SettingsError(_SENTENCES[failure.code])
    if failure.code == 0 or response.status in {401, 429} or response.status >= 500:
        return _by_status(host, response)
    said = "; ".join(_wrong(failure.errors))[:300] or failure.message
    return SettingsError(f"Discord refuses this: {said.rstrip('.')}.")


def _by_status(host: str, response: Response) -> ConnectorError:
    try:
        raise_for_status(host, response.status, response.headers, b"", {})
    except ConnectorError as error:
        return error
    return TemporaryError(f"{host} answered {response.status}.")


def _wrong(errors: Any, place: str = "") -> list[str]:
    """Return what Discord says of the fields of a message."""
    if not isinstance(errors, dict):
        return []
    told = [
        f"{place.lstrip('.')}: {one.get('message', '')}" for one in errors.get("_errors", ()) if isinstance(one, dict)
    ]
    return told + [
        one for name, inner in errors.items() if name != "_errors" for one in _wrong(inner, f"{place}.{name}")
    ]

"""A Telegram bot: its token, calls of the Bot API under it, and what its refusals mean."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, TypeVar

import msgspec

from connectors.sdk import ConnectorError, Context, CredentialsError, Secret, Settings, SettingsError, TemporaryError
from connectors.sdk import field as setting
from connectors.sdk.network.answers import raise_for_status
from connectors.sdk.network.http import Options, Response
from connectors.sdk.network.multipart import Upload, form
from connectors.sdk.network.urls import host_of, require_address

T = TypeVar("T")
UPLOAD_SECONDS = 120.0
# Refusals are read here: the token stands in the address, so nobody else may quote what an answer says
_TOLD = range(400, 600)
_SENTENCES = {
    "chat not found": "Telegram knows no such chat for this bot. A person must have written to the bot first; in a "
    "group or channel somebody must add it.",
    "bot was blocked": "This person has blocked the bot, so it cannot write to them.",
    "user is deactivated": "This person's Telegram account is gone.",
    "bot was kicked": "The bot was removed from the chat. Somebody there must add it again.",
    "bot is not a member": "The bot is not in the chat. Somebody there must add it.",
    "can't initiate conversation": "A bot may not write first: the person must open it in Telegram and press Start.",
    "not enough rights": "The bot may not write there. An admin of the chat must give it the right to.",
    "need administrator rights": "The bot must be an admin of the channel. One of its admins can make it one.",
    "message to edit not found": "The message is not there any more.",
    "message to delete not found": "The message is not there any more.",
    "message can't be deleted": "Telegram does not let the bot delete this message: it is older than 48 hours, or "
    "the bot may not.",
    "message can't be edited": "Telegram lets a bot change its own messages only.",
    "message to be replied not found": "The message to reply to is not there any more.",
    "message text is empty": "There is nothing to say: the text is empty.",
    "message is too long": "The text has more than the 4,096 characters that Telegram takes. Send it as a file.",
    "caption is too long": "The words beside the file have more than the 1,024 characters that Telegram takes.",
}
_WEBHOOK = (
    "Telegram sends this bot's messages to another address (a webhook), so they cannot be asked for here. If the hub's "
    "own bot or another program uses this token, make a bot of its own for this connection with @BotFather; otherwise "
    "remove the webhook with deleteWebhook."
)
_TWICE = (
    "Something else asks for this bot's messages too: another recipe, the hub's own bot of Settings, Chat, "
    "or another program. Each message goes to one of them only: make a bot of its own for each with @BotFather."
)


class Connection(Settings):
    """A Telegram bot of its own."""

    token: Annotated[
        Secret,
        setting("Bot token", hint="From @BotFather; not the token of the bot by which people talk to this hub."),
    ]
    address: Annotated[
        str, setting("Address", hint="Only for a Bot API server of your own, or a stand-in.", advanced=True)
    ] = "https://api.telegram.org"

    def __post_init__(self) -> None:
        require_address(self.address)


class _Parameters(msgspec.Struct):
    retry_after: float | None = None
    migrate_to_chat_id: int | None = None


class _Answer(msgspec.Struct):
    ok: bool
    result: msgspec.Raw = msgspec.Raw(b"null")
    description: str = ""
    parameters: _Parameters = msgspec.field(default_factory=_Parameters)


class GoneError(SettingsError):
    """Telegram does not have, or does not hand out, what was asked for."""


def reachable(connection: Connection) -> list[str]:
    """Name the one host of the Bot API."""
    return [host_of(connection.address)]


def bot_of(connection: Connection) -> str:
    """Return the bot's number, which begins its token and is no secret."""
    return connection.token.reveal().partition(":")[0]


async def call(
    context: Context[Connection, Any],
    method: str,
    kind: type[T],
    *,
    files: Mapping[str, Upload] | None = None,
    seconds: float = 30.0,
    **arguments: Any,
) -> T:
    """Call a method of the Bot API; with files as a form, else as JSON."""
    given = {name: value for name, value in arguments.items() if value is not None}
    if files:
        options = form({name: _text(value) for name, value in given.items()}, files)
        seconds = UPLOAD_SECONDS
    else:
        options = Options(json=given)
    options["timeout"], options["accepts"] = seconds, _TOLD
    response = await context.http.post(f"{_base(context, 'bot')}/{method}", **options)
    answer = _answer(context, response)
    if not answer.ok:
        raise _refusal(response.status, answer)
    try:
        return msgspec.json.decode(answer.result, type=kind)
    except msgspec.DecodeError as error:
        raise TemporaryError("Telegram sent an answer that is not as it documents them.") from error


async def download(context: Context[Connection, Any], path: str) -> bytes:
    """Return a file by the path that `getFile` told."""
    url = f"{_base(context, 'file/bot')}/{path.lstrip('/')}"
    answer = await context.http.get(url, timeout=UPLOAD_SECONDS, accepts=_TOLD)
    if refused := _unworded(host_of(context.connection.address), answer):
        raise refused
    return answer.content


def _base(context: Context[Connection, Any], kind: str) -> str:
    token = _token(context)
    if not token.replace(":", "").replace("_", "").replace("-", "").isalnum():
        raise CredentialsError("This is no token of a Telegram bot. Copy it from @BotFather.")
    return f"{context.connection.address.rstrip('/')}/{kind}{token}"


def _token(context: Context[Connection, Any]) -> str:
    return context.connection.token.reveal().strip()


def _answer(context: Context[Connection, Any], response: Response) -> _Answer:
    """Read an answer; a refusal without Telegram's own words is judged by its status."""
    try:
        if response.status < 400:
            response.json()
        return msgspec.json.decode(response.content.replace(_token(context).encode(), b"****"), type=_Answer)
    except msgspec.DecodeError as error:
        raise _unworded(host_of(context.connection.address), response) or TemporaryError(
            "Telegram sent an answer that is not as it documents them."
        ) from error


def _unworded(host: str, response: Response) -> ConnectorError | None:
    try:
        raise_for_status(host, response.status, response.headers, b"", {})
    except ConnectorError as error:
        return error
    return None


def _refusal(status: int, answer: _Answer) -> ConnectorError:
    """Return the error that a status of Telegram's stands for, or what it says of a request."""
    said = answer.description
    if status == 429:
        return TemporaryError("Telegram wants fewer messages for a while.", retry_after=answer.parameters.retry_after)
    if status >= 500:
        return TemporaryError("Telegram cannot answer now.", uncertain=status in {502, 504})
    if status == 401 or (status == 404 and said == "Not Found"):
        return CredentialsError("Telegram knows no bot with this token. Copy it from @BotFather again.")
    if status == 409:
        return SettingsError(_WEBHOOK) if "webhook" in said else TemporaryError(_TWICE)
    return _refused(said, answer.parameters.migrate_to_chat_id)


def _refused(said: str, moved_to: int | None) -> SettingsError:
    if moved_to:
        return SettingsError(f"The group has become a supergroup and has another id now: {moved_to}. Put that one in.")
    if "wrong file_id" in said or "file is too big" in said:
        return GoneError(f"Telegram does not hand out the file: {said}.")
    sentence = next((sentence for words, sentence in _SENTENCES.items() if words in said.lower()), "")
    return SettingsError(sentence or f"Telegram refuses this: {said.removeprefix('Bad Request: ').rstrip('.')}.")


def _text(value: Any) -> str:
    return value if isinstance(value, str) else msgspec.json.encode(value).decode()

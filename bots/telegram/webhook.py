"""Where Telegram calls when it is not asked: proves itself twice, is written down, and acknowledged at once."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Annotated, Any

import msgspec

from bots.bodies import Receive, read_body
from hub.identities import Received, Updates

CARRIER = "telegram"
PATH = "/telegram/"
HEADER = b"x-telegram-bot-api-secret-token"
LIMIT = 1024 * 1024
Scope = MutableMapping[str, Any]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]


class Secrets(msgspec.Struct, frozen=True):
    """What the hub and Telegram know of each other, made from the token: the last part of the path, and a header."""

    path: str
    header: str

    @classmethod
    def of(cls, token: str) -> Secrets:
        """Derive both; a new token changes them."""
        return cls(_derived(token, "path"), _derived(token, "header"))


class WebhookApplication:
    """Serves `/telegram/{secret}`."""

    def __init__(self, token: str) -> None:
        self._secrets = Secrets.of(token)
        self._updates = Updates(CARRIER, bot_of(token))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one call: 200 once the update is stored, also when it came before."""
        status = await self._status(scope, receive)
        await send({"type": "http.response.start", "status": status, "headers": [(b"content-length", b"0")]})
        await send({"type": "http.response.body", "body": b""})

    async def _status(self, scope: Scope, receive: Receive) -> int:
        if not _same(scope["path"].removeprefix(PATH), self._secrets.path):
            return 404
        if scope["method"] != "POST":
            return 405
        if not _same(dict(scope["headers"]).get(HEADER, b"").decode("latin-1"), self._secrets.header):
            return 401
        body = await read_body(receive, LIMIT)
        if body is None:
            return 413
        try:
            update = received(msgspec.json.decode(body))
        except (msgspec.MsgspecError, RecursionError):
            return 400
        await self._updates.receive([update])
        return 200


_Number = Annotated[int, msgspec.Meta(ge=-(2**60), le=2**60)]


class _Chat(msgspec.Struct):
    id: _Number


class _Message(msgspec.Struct):
    chat: _Chat


class _Press(msgspec.Struct):
    message: _Message | None = None


class _Update(msgspec.Struct):
    update_id: _Number
    message: _Message | None = None
    callback_query: _Press | None = None


def received(body: Any) -> Received:
    """Return an update to write down; `msgspec.ValidationError` when it is none."""
    update = msgspec.convert(body, _Update)
    message = update.message or (update.callback_query.message if update.callback_query else None)
    return Received(number=update.update_id, conversation=str(message.chat.id) if message else "", body=body)


def bot_of(token: str) -> str:
    """Return the bot's number, which is no secret."""
    return token.partition(":")[0]


def _derived(token: str, name: str) -> str:
    return hmac.new(token.encode(), f"patchdeck telegram {name}".encode(), hashlib.sha256).hexdigest()


def _same(given: str, wanted: str) -> bool:
    return hmac.compare_digest(given.encode(), wanted.encode())

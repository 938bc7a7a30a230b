"""Inbound webhooks: from a raw call to kept items, and the reply that a recipe may give."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Mapping, Sequence
from typing import Any

import msgspec

from connectors.sdk import Answer, CredentialsError, Item, SettingsError, TemporaryError, WebhookRequest
from hub.errors import HubError, InvalidError, UnauthorizedError, UnavailableError
from hub.ids import show
from hub.outages import GONE
from hub.runs.accept import Accepted, Arrival, Intake
from hub.runs.catalogue import Catalogue, Hook
from hub.runs.incoming import arrivals_of
from hub.runs.replies import Replies, Reply

HOLD = 30.0
SOON = 30.0
_PERHAPS_JSON = frozenset({"", "text/plain", "application/x-www-form-urlencoded"})
ACCEPTED = 202


class HookAnswer(msgspec.Struct, frozen=True):
    """What the caller gets back."""

    status: int
    body: bytes
    headers: Mapping[str, str] = {}


class Hooks:
    """Receives webhooks by token; needs no member, the token and the signature are the right to send."""

    def __init__(self, catalogue: Catalogue, intake: Intake, replies: Replies, hold: float = HOLD) -> None:
        self._catalogue = catalogue
        self._intake = intake
        self._replies = replies
        self._hold = hold

    async def receive(self, token: str, request: WebhookRequest, *, test: bool = False) -> HookAnswer:
        """Verify, keep and answer; nothing is answered 2xx before it is durable."""
        hook = await self._catalogue.hook(token, test=test)
        try:
            return await self._taken(hook, request, test=test)
        except HubError as error:
            if hook.trigger.answer is None:
                raise
            return HookAnswer(error.status, b"")

    async def _taken(self, hook: Hook, request: WebhookRequest, *, test: bool) -> HookAnswer:
        items, wanted = await self._items(hook, request), hook.trigger.answer
        if isinstance(items, Answer):
            return _wanted(items)
        arrivals = await arrivals_of(hook, items, self._catalogue, test=test)
        many = len(items) != 1 or _is_array(request)
        if hook.responds and wanted is None and not test and len(arrivals) == 1:
            return await self._respond(arrivals, many=many)
        accepted = await self._intake.submit(arrivals)
        if test and accepted:
            await self._catalogue.heard(hook, [one.item for one in accepted])
        return _answer(accepted, many=many) if wanted is None else _wanted(wanted)

    async def _items(self, hook: Hook, request: WebhookRequest) -> Sequence[Item] | Answer:
        """Let the connector verify the call and read it; one that must ask its service first is given a context."""
        call = (request, hook.settings, hook.connection)
        try:
            if hook.trigger.asks:
                asked: Sequence[Item] | Answer = await hook.trigger.function(*call, self._catalogue.context_of(hook))
                return asked
            found: Sequence[Item] | Answer = hook.trigger.function(*call)
        except CredentialsError as error:
            raise UnauthorizedError(error.message) from error
        except SettingsError as error:
            raise InvalidError(error.message) from error
        except TemporaryError as error:
            raise UnavailableError(error.message, retry_after=error.retry_after or SOON) from error
        return found

    async def _respond(self, arrivals: Sequence[Arrival], *, many: bool) -> HookAnswer:
        """Hold the call until the recipe answers it or ends without an answer, at most for a while."""
        async with self._replies.expect(arrivals[0].id) as reply:
            accepted = await self._intake.submit(arrivals)
            replied = None if accepted[0].duplicate else await _within(self._hold, reply)
            return _answer(accepted, many=many) if replied is None else _replied(replied)


def _is_array(request: WebhookRequest) -> bool:
    """Tell whether the body was an array of one event, which is answered as an array."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if request.body.lstrip()[:1] != b"[" or not (kind in _PERHAPS_JSON or kind.endswith(("/json", "+json"))):
        return False
    try:
        return isinstance(msgspec.json.decode(request.body), list)
    except msgspec.DecodeError:
        return False


async def _within(seconds: float, reply: Awaitable[Reply | None]) -> Reply | None:
    try:
        async with asyncio.timeout(seconds):
            return await reply
    except GONE:  # kept already, so that a reply that takes too long or cannot be read is no failure
        return None


def _answer(accepted: Sequence[Accepted], *, many: bool) -> HookAnswer:
    said = [{"item": show("itm", one.item), "duplicate": one.duplicate} for one in accepted]
    body: Any = {"items": said} if many else said[0]
    return HookAnswer(ACCEPTED, msgspec.json.encode(body), {"content-type": "application/json"})


def _wanted(answer: Answer) -> HookAnswer:
    """Give a service the answer that it wants; nothing of what a stranger sent is taken for a page."""
    headers = {"content-type": answer.media_type, "x-content-type-options": "nosniff"} if answer.text else {}
    return HookAnswer(200, answer.text.encode(), headers)


def _replied(reply: Reply) -> HookAnswer:
    return HookAnswer(reply.status, reply.body, reply.headers)

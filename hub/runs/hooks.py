"""Inbound webhooks: from a raw call to kept items, and the reply that a recipe may give."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from connectors.sdk import CredentialsError, Item, SettingsError, WebhookRequest
from hub.errors import InvalidError, UnauthorizedError
from hub.ids import show
from hub.runs.accept import Accepted, Arrival, Intake
from hub.runs.catalogue import Catalogue, Hook
from hub.runs.incoming import arrivals_of
from hub.runs.replies import Replies, Reply

HOLD = 30.0
ACCEPTED = 202


class HookAnswer(msgspec.Struct, frozen=True):
    """What the caller gets back."""

    status: int
    body: bytes
    headers: Mapping[str, str] = {}


class Hooks:
    """Receives webhooks by token; needs no member, the token and the signature are the right to send."""

    def __init__(self, catalogue: Catalogue, intake: Intake, replies: Replies) -> None:
        self._catalogue = catalogue
        self._intake = intake
        self._replies = replies

    async def receive(self, token: str, request: WebhookRequest, *, test: bool = False) -> HookAnswer:
        """Verify, keep and answer; nothing is answered 2xx before it is durable."""
        hook = await self._catalogue.hook(token, test=test)
        items = _items(hook, request)
        arrivals = await arrivals_of(hook, items, self._catalogue, test=test)
        if hook.responds and not test and len(arrivals) == 1:
            return await self._respond(arrivals)
        accepted = await self._intake.submit(arrivals)
        if test:
            await self._catalogue.heard(hook)
        return _answer(accepted, many=request.body.lstrip()[:1] == b"[")

    async def _respond(self, arrivals: Sequence[Arrival]) -> HookAnswer:
        """Hold the call until the recipe answers it, at most 30 seconds."""
        item = arrivals[0].id
        async with self._replies.expect(item) as reply:
            accepted = await self._intake.submit(arrivals)
            if accepted[0].duplicate:
                return _answer(accepted, many=False)
            try:
                async with asyncio.timeout(HOLD):
                    return _replied(await reply)
            except TimeoutError:
                return _answer(accepted, many=False)


def _items(hook: Hook, request: WebhookRequest) -> Sequence[Item]:
    try:
        found: Sequence[Item] = hook.trigger.function(request, hook.settings, hook.connection)
    except CredentialsError as error:
        raise UnauthorizedError(error.message) from error
    except SettingsError as error:
        raise InvalidError(error.message) from error
    return found


def _answer(accepted: Sequence[Accepted], *, many: bool) -> HookAnswer:
    said = [{"item": show("itm", one.item), "duplicate": one.duplicate} for one in accepted]
    body: Any = {"items": said} if many else said[0] if said else {"items": []}
    return HookAnswer(ACCEPTED, msgspec.json.encode(body), {"content-type": "application/json"})


def _replied(reply: Reply) -> HookAnswer:
    return HookAnswer(reply.status, reply.body, reply.headers)

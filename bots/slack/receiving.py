"""Slack's requests, by HTTP or socket: verified by Bolt, written down once, and acknowledged at once."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, MutableMapping
from typing import TYPE_CHECKING, Any

import msgspec

from bots.bodies import Receive, read_body
from bots.drafting.form import problems
from bots.slack.payloads import CARRIER, Payload, bot_of, read, received
from bots.slack.views import DRAFT, working
from hub.identities import Updates

if TYPE_CHECKING:
    from slack_bolt.async_app import AsyncAck, AsyncApp
    from slack_bolt.response import BoltResponse
    from slack_sdk.web.async_client import AsyncWebClient

PATH = "/slack/events"
LIMIT = 1024 * 1024
Scope = MutableMapping[str, Any]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]


class SlackApplication:
    """Serves `/slack/events`."""

    def __init__(self, token: str, signing_secret: str) -> None:
        self._bolt = receiver(token, signing_secret)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request: 200 once it is stored, also when it came before."""
        status, kind, body = await self._answer(scope, receive)
        headers = [(b"content-type", kind), (b"content-length", str(len(body)).encode())]
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": body})

    async def _answer(self, scope: Scope, receive: Receive) -> tuple[int, bytes, bytes]:
        from slack_bolt.request.async_request import AsyncBoltRequest

        if scope["path"] != PATH:
            return 404, b"text/plain", b""
        if scope["method"] != "POST":
            return 405, b"text/plain", b""
        raw = await read_body(receive, LIMIT)
        if raw is None:
            return 413, b"text/plain", b""
        headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
        if not headers.get("x-slack-request-timestamp", "").isdecimal():
            return 401, b"text/plain", b""
        try:
            request = AsyncBoltRequest(body=raw.decode(), headers=headers)
            answer = await self._bolt.async_dispatch(request)
        except (ValueError, RecursionError, AttributeError, TypeError):  # no JSON, or JSON that is no request
            return 400, b"text/plain", b""
        return answer.status, (answer.first_headers().get("content-type") or "text/plain").encode(), _encoded(answer)


def receiver(
    token: str,
    signing_secret: str = "",
    client: AsyncWebClient | None = None,
    wake: Callable[[], None] = lambda: None,
) -> AsyncApp:
    """Return a Bolt application that writes down what people do; who they are is looked up when it is worked off."""
    from slack_bolt.async_app import AsyncApp
    from slack_bolt.authorization import AuthorizeResult

    updates = Updates(CARRIER, bot_of(token))

    async def authorize(enterprise_id: str | None, team_id: str | None) -> AuthorizeResult:
        return AuthorizeResult(enterprise_id=enterprise_id, team_id=team_id, bot_token=token)

    async def take_down(ack: AsyncAck, body: dict[str, Any]) -> BoltResponse:
        try:
            payload, update = read(body), received(body)
        except msgspec.ValidationError:
            return await ack()  # Slack would send the same again
        if payload.type == "view_submission" and payload.view.callback_id == DRAFT:
            wrong = problems(payload.view.answers)
            if wrong:
                return await ack(response_action="errors", errors=wrong)
        if update is not None:
            await updates.receive([update])
            wake()
        return await _acknowledged(ack, payload)

    application = AsyncApp(
        name="patchdeck",
        logger=quiet_log(),
        signing_secret=signing_secret,
        client=client,
        authorize=authorize,
        ignoring_self_events_enabled=False,  # bots are no people, ours neither: see `received`
    )
    application.use(take_down)
    return application


def quiet_log() -> logging.Logger:
    """Return the log that Slack's libraries write to: at lower levels they write down what people say."""
    found = logging.getLogger("bots.slack.sdk")
    found.setLevel(logging.ERROR)
    return found


async def _acknowledged(ack: AsyncAck, payload: Payload) -> BoltResponse:
    if payload.type == "view_submission" and payload.view.callback_id == DRAFT:
        return await ack(response_action="update", view=working())
    return await ack()


def _encoded(answer: BoltResponse) -> bytes:
    return answer.body.encode() if isinstance(answer.body, str) else msgspec.json.encode(answer.body)

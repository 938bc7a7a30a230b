"""The way in: who the bot is, the socket where there is one, and the word of both for the settings page."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Callable
from typing import TYPE_CHECKING

from bots.slack.calling import SlackRefusedError, call
from bots.slack.payloads import CARRIER
from bots.slack.receiving import quiet_log, receiver
from hub.errors import UnavailableError
from hub.identities import Carriers, Faring
from hub.identities.carriers import EVERY
from hub.outages import AWAY

if TYPE_CHECKING:
    from slack_bolt.adapter.socket_mode.aiohttp import AsyncSocketModeHandler
    from slack_sdk.web.async_client import AsyncWebClient

PING_EVERY = 10.0
REFUSED_FOR = 15.0
_TOKENS = {
    "invalid_auth": "Slack does not know the token", "not_authed": "Slack does not know the token",
    "token_revoked": "The token was revoked", "token_expired": "The token has expired",
    "account_inactive": "The app was uninstalled", "not_allowed_token_type": "This is another kind of token",
}  # fmt: skip

log = logging.getLogger(__name__)


class Connecting:
    """Keeps the socket of one app open, and says every while how it fares."""

    def __init__(self, client: AsyncWebClient, carriers: Carriers, app_token: str | None) -> None:
        self._client = client
        self._carriers = carriers
        self._app_token = app_token
        self._socket: AsyncSocketModeHandler | None = None

    async def forever(self, token: str, wake: Callable[[], None]) -> None:
        """Connect and stay so until cancelled."""
        try:
            while True:
                faring = await self._faring(token, wake)
                with contextlib.suppress(*AWAY):
                    await self._carriers.note(CARRIER, faring)
                await asyncio.sleep(EVERY if faring.state == "connected" else REFUSED_FOR)
        finally:
            if self._socket is not None:
                await self._socket.close_async()  # type: ignore[no-untyped-call]  # slack-bolt gives it no types

    async def _faring(self, token: str, wake: Callable[[], None]) -> Faring:
        """Ask Slack who the bot is, and open the socket where there is none yet."""
        way, name = "socket" if self._app_token else "http", "PATCHDECK_SLACK_BOT_TOKEN"
        try:
            known = await call(self._client.auth_test)
            if self._app_token and self._socket is None:
                name = "PATCHDECK_SLACK_APP_TOKEN"
                await self._open(token, self._app_token, wake)
        except SlackRefusedError as error:
            log.error("Slack refuses the bot (%s); check %s", error.code, name)  # noqa: TRY400  # no traceback helps
            return Faring(state="refused", detail=f"{_TOKENS.get(error.code, error.code)}. Check {name}.", way=way)
        except UnavailableError as error:
            return Faring(state="refused", detail=error.message, way=way)
        if self._socket is not None and not await self._socket.client.is_connected():
            return Faring(state="refused", detail="The connection was lost and is being made again.", way=way)
        return Faring(state="connected", place=str(known.get("team", "")), bot=str(known.get("user", "")), way=way)

    async def _open(self, token: str, app_token: str, wake: Callable[[], None]) -> None:
        from slack_bolt.adapter.socket_mode.aiohttp import AsyncSocketModeHandler

        opened = await call(self._client.apps_connections_open, app_token=app_token)
        self._socket = AsyncSocketModeHandler(
            receiver(token, client=self._client, wake=wake), app_token, logger=quiet_log(),
            web_client=self._client, ping_interval=PING_EVERY,
        )  # fmt: skip
        self._socket.client.wss_uri = str(opened["url"])  # it was asked for already, and may be once a minute
        await self._socket.connect_async()  # type: ignore[no-untyped-call]  # slack-bolt gives it no types

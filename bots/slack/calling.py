"""Calls of Slack's Web API: in its pace, and with its refusals told apart from its being away."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any

from hub.errors import UnavailableError

if TYPE_CHECKING:
    from slack_sdk.web.async_slack_response import AsyncSlackResponse

TRIES = 4
LONGEST_WAIT = 120.0

log = logging.getLogger(__name__)


class SlackRefusedError(Exception):
    """Slack said no to a call, and would say it again; `code` is its word for why."""

    def __init__(self, method: str, code: str) -> None:
        super().__init__(f"{method}: {code}")
        self.code = code


async def call(method: Callable[..., Awaitable[AsyncSlackResponse]], **arguments: Any) -> dict[str, Any]:
    """Call a method of the client's, again when Slack says later or is away; UnavailableError when it stays so."""
    from aiohttp import ClientError
    from slack_sdk.errors import SlackApiError

    for number in range(TRIES):
        try:
            answer = await method(**arguments)
        except SlackApiError as error:
            pause = _pause(error, getattr(method, "__name__", "call"), number)
        except (ClientError, TimeoutError, OSError):
            pause = 2.0**number / 2
        else:
            return dict(answer.data) if isinstance(answer.data, dict) else {}
        await asyncio.sleep(pause)
    raise UnavailableError("Slack does not answer.", retry_after=30)


def _pause(error: Any, method: str, number: int) -> float:
    """Return how long to wait before the next try; raises where there is none."""
    response = error.response
    status = int(getattr(response, "status_code", 0) or 0)
    if status == 429:
        wanted = float(response.headers.get("Retry-After", 1))
        if wanted > LONGEST_WAIT:
            raise UnavailableError("Slack takes no messages now.", retry_after=int(wanted)) from error
        return wanted
    if status >= 500:
        return 2.0**number / 2
    told = getattr(response, "data", None)
    code = str(told.get("error", status)) if isinstance(told, dict) else str(status)
    log.warning("Slack refused %s: %s", method, code)
    raise SlackRefusedError(method, code) from None

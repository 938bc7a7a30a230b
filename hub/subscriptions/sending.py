"""Sending: one signed POST to a receiver, guarded, without redirects, with an end to time and answer."""

from __future__ import annotations

import asyncio
import time
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING

import msgspec

from connectors.sdk.network.dial import guarded_httpx_client
from connectors.sdk.network.guard import Guard
from hub.ids import show
from hub.sealing import SealError, Vault, place
from hub.subscriptions.payload import Happened, payload
from hub.subscriptions.signing import signed_headers
from hub.subscriptions.structs import MESSAGE, Held

if TYPE_CHECKING:
    import httpx2

SECONDS = 15.0
MOST_ANSWER = 2000
GONE = 410
TABLE = "subscriptions"


class Outcome(msgspec.Struct, frozen=True, kw_only=True):
    """What came of one sending; `pause` is what the receiver asked for with `Retry-After`."""

    took_ms: int
    status: int | None = None
    answer: str = ""
    problem: str = ""
    pause: float = 0.0

    @property
    def taken(self) -> bool:
        """Whether the receiver has taken the message."""
        return self.status is not None and 200 <= self.status < 300


class Sender:
    """Opens the secrets, signs and sends; keeps one client a process."""

    def __init__(self, vault: Vault, guard: Guard, seconds: float = SECONDS) -> None:
        self._vault = vault
        self._guard = guard
        self._seconds = seconds
        self._client: httpx2.AsyncClient | None = None

    async def close(self) -> None:
        """Close kept connections."""
        client, self._client = self._client, None
        if client is not None:
            await client.aclose()

    async def send(self, held: Held) -> Outcome:
        """Send a message once; whatever goes wrong on the way is part of the outcome."""
        event = Happened(workspace=held.workspace, kind=held.kind, subject=held.subject, body=held.body, at=held.at)
        content = msgspec.json.encode(await payload(event, with_values=held.with_values))
        try:
            keys = await self._secrets(held)
        except SealError as error:
            return Outcome(took_ms=0, problem=error.message)
        headers = signed_headers(show(MESSAGE, held.id), int(time.time()), content, keys)
        return await self._post(held.url, content, {"content-type": "application/json", **headers})

    async def _secrets(self, held: Held) -> list[str]:
        named = {"secret": held.secret, "previous_secret": held.previous_secret}
        return [
            (await self._vault.open(held.workspace, place(TABLE, held.subscription, column), sealed)).decode()
            for column, sealed in named.items()
            if sealed is not None
        ]

    async def _post(self, url: str, content: bytes, headers: dict[str, str]) -> Outcome:
        import httpx2

        begun = time.monotonic()
        status, answer, problem, pause = None, "", "", 0.0
        try:
            async with (
                asyncio.timeout(self._seconds),
                self._opened().stream("POST", url, content=content, headers=headers) as response,
            ):
                status, pause = response.status_code, _pause(response.headers.get("retry-after", ""))
                answer = await _beginning(response)
        except (TimeoutError, httpx2.TimeoutException):
            problem = f"The receiver did not answer within {self._seconds:g} seconds."
        except httpx2.ConnectError as error:
            problem = str(error) or "The receiver cannot be reached."
        except (httpx2.HTTPError, httpx2.InvalidURL):
            problem = "The connection was cut before the receiver had answered."
        took = int((time.monotonic() - begun) * 1000)
        # A status is an answer, even when its body never ended.
        said = problem if status is None else _told(status)
        return Outcome(took_ms=took, status=status, answer=answer, problem=said, pause=pause)

    def _opened(self) -> httpx2.AsyncClient:
        if self._client is None:
            self._client = guarded_httpx_client(
                self._guard,
                follow_redirects=False,
                timeout=self._seconds,
                headers={"user-agent": "Patchdeck-Webhooks", "accept-encoding": "identity"},
            )
        return self._client


async def _beginning(response: httpx2.Response) -> str:
    """Read no more of an answer than is kept; the rest is left on the wire."""
    taken = b""
    async for part in response.aiter_raw():
        taken += part[:MOST_ANSWER]
        if len(taken) >= MOST_ANSWER:
            break
    return taken[:MOST_ANSWER].decode("utf-8", "replace").replace("\0", "\ufffd")


def _told(status: int) -> str:
    if 200 <= status < 300:
        return ""
    if 300 <= status < 400:
        return f"The receiver answered {status}; redirects are not followed, so give the address it leads to."
    if status == GONE:
        return "The receiver answered 410: it wants no more messages."
    return f"The receiver answered {status}."


def _pause(retry_after: str) -> float:
    """Read `Retry-After`, in seconds or as a date; what is neither asks for nothing."""
    if retry_after.isdecimal():
        return float(retry_after[:9])
    try:
        until = parsedate_to_datetime(retry_after).astimezone(UTC)
    except (ValueError, OverflowError):
        return 0.0
    return max(0.0, (until - datetime.now(UTC)).total_seconds())

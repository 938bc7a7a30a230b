"""A receiver of webhooks that checks every signature with the library of the Standard Webhooks project."""

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any

import msgspec
from aiohttp import web
from standardwebhooks import Webhook, WebhookVerificationError


class Says(msgspec.Struct, frozen=True, kw_only=True):
    """One answer, after a delay or an event."""

    status: int = 204
    body: bytes = b""
    headers: Mapping[str, str] = {}
    delay: float = 0.0
    after: asyncio.Event | None = None


class Got(msgspec.Struct, frozen=True, kw_only=True):
    """One message that came in."""

    id: str
    type: str
    timestamp: str
    data: dict[str, Any]
    signatures: int
    raw: bytes


class Receiver:
    """Answers 204 unless told otherwise, and 401 to what is not signed with one of its secrets."""

    def __init__(self) -> None:
        self.url = ""
        self.secrets: set[str] = set()
        self.got: list[Got] = []
        self.forged = 0
        self._next: deque[Says] = deque()
        self._always = Says()
        self._came = asyncio.Condition()

    @property
    def ids(self) -> list[str]:
        """The ids of all messages in order of arrival."""
        return [one.id for one in self.got]

    @property
    def subjects(self) -> set[str]:
        """What the messages were about."""
        return {one.data["id"] for one in self.got}

    def says(self, *answers: Says) -> None:
        """Give these answers next, one each."""
        self._next.extend(answers)

    def always(self, answer: Says) -> None:
        """Give this answer to everything else."""
        self._always = answer

    async def count(self, number: int) -> list[Got]:
        """Wait until so many messages have come in."""
        async with asyncio.timeout(120), self._came:
            await self._came.wait_for(lambda: len(self.got) >= number)
        return self.got

    async def answer(self, request: web.BaseRequest) -> web.StreamResponse:
        """Check, record and answer one message."""
        content = await request.read()
        if not self._signed(content, dict(request.headers)):
            self.forged += 1
            return web.Response(status=401)
        said = self._next.popleft() if self._next else self._always
        signatures = len(request.headers["webhook-signature"].split())
        async with self._came:
            named = msgspec.json.decode(content)
            self.got.append(Got(id=request.headers["webhook-id"], signatures=signatures, raw=content, **named))
            self._came.notify_all()
        await asyncio.sleep(said.delay)
        if said.after:
            await said.after.wait()
        return web.Response(status=said.status, body=said.body, headers=dict(said.headers))

    def _signed(self, content: bytes, headers: dict[str, str]) -> bool:
        return any(_verifies(secret, content, headers) for secret in self.secrets)


def _verifies(secret: str, content: bytes, headers: dict[str, str]) -> bool:
    try:
        Webhook(secret).verify(content, headers)
    except WebhookVerificationError:
        return False
    return True


@asynccontextmanager
async def served() -> AsyncIterator[Receiver]:
    """Serve a receiver on a free port of loopback."""
    receiver = Receiver()
    runner = web.ServerRunner(web.Server(receiver.answer), access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    receiver.url = "http://{}:{}/hook".format(*runner.addresses[0][:2])
    try:
        yield receiver
    finally:
        await runner.cleanup()

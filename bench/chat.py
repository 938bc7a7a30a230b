"""How long Slack waits for a slash command to be acknowledged, and people for its answer: `python -m bench slack`."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from itertools import count
from pathlib import Path
from urllib.parse import urlencode

from aiohttp import ClientSession, web
from slack_sdk.signature import SignatureVerifier

from bench.figures import Row
from bench.hub import Hub
from bench.measure import percentile
from hub.supervisor.ports import free_port

COMMANDS = 50
TOKEN, SECRET = "xoxb-1-bench", "5af3bench0signing0secret"
_OURS = {"team": "Bench", "user": "patchdeck", "ok": True}


def slack(folder: Path) -> list[Row]:
    """Send signed commands one after the other to a hub with a Slack app of its own."""
    port = free_port()
    settings = {
        "PATCHDECK_SLACK_BOT_TOKEN": TOKEN, "PATCHDECK_SLACK_SIGNING_SECRET": SECRET,
        "PATCHDECK_SLACK_API_URL": f"http://127.0.0.1:{port}/api/",
    }  # fmt: skip
    with Hub(folder / "slack", settings=settings) as hub:
        acknowledged, answered = asyncio.run(_measure(hub, port))
    return [
        Row("Slack command acknowledged, p95", "ms", percentile(acknowledged, 0.95), 500, 100),
        Row("Slack command answered, p95", "ms", percentile(answered, 0.95), 3000, 1500),
    ]


async def _measure(hub: Hub, port: int) -> tuple[list[float], list[float]]:
    began: dict[str, float] = {}
    arrived: dict[str, float] = {}
    acknowledged: list[float] = []
    async with _slack(port, arrived), ClientSession() as session:
        for number in range(COMMANDS):
            name = f"U{number}"
            body = urlencode(_command(name, f"http://127.0.0.1:{port}/respond/{name}")).encode()
            began[name] = time.perf_counter()
            async with session.post(f"{hub.url}/slack/events", data=body, headers=_signed(body)) as answer:
                assert answer.status == 200, await answer.text()
            acknowledged.append((time.perf_counter() - began[name]) * 1000)
            await asyncio.sleep(0.1)
        async with asyncio.timeout(30):
            while len(arrived) < COMMANDS:
                await asyncio.sleep(0.05)
    return acknowledged, [(at - began[name]) * 1000 for name, at in arrived.items()]


@asynccontextmanager
async def _slack(port: int, arrived: dict[str, float]) -> AsyncIterator[None]:
    """A Slack that takes every call and notes when answers arrive."""

    async def call(_: web.Request) -> web.Response:
        return web.json_response(_OURS)

    async def respond(request: web.Request) -> web.Response:
        arrived[request.match_info["user"]] = time.perf_counter()
        return web.Response(text="ok")

    application = web.Application()
    application.router.add_route("*", "/api/{method}", call)
    application.router.add_post("/respond/{user}", respond)
    runner = web.AppRunner(application, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", port).start()
    yield
    await runner.cleanup()


def _command(user: str, answer_to: str) -> dict[str, str]:
    return {
        "team_id": "T0BENCH", "user_id": user, "user_name": "ann", "channel_id": "C0BENCH", "command": "/patchdeck",
        "text": "recipes", "response_url": answer_to, "trigger_id": f"{next(_numbers)}.bench",
    }  # fmt: skip


def _signed(body: bytes) -> dict[str, str]:
    moment = str(int(time.time()))
    signature = SignatureVerifier(SECRET).generate_signature(timestamp=moment, body=body)
    kind = "application/x-www-form-urlencoded"
    return {"X-Slack-Request-Timestamp": moment, "X-Slack-Signature": str(signature), "Content-Type": kind}


_numbers = count(1)

"""A real Alertmanager that calls a receiver of ours."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import aiohttp
from aiohttp import web

from connectors.sdk import WebhookRequest
from tests.peers.faults import Faults
from tests.peers.process import free_port, program, serve

TOKEN = "t0ken-t0ken"
CONFIG = """
route: {{receiver: hub, group_by: [alertname], group_wait: 0s, group_interval: 1s, repeat_interval: 1h}}
receivers:
- name: hub
  webhook_configs:
  - url: http://127.0.0.1:{port}/hooks/alerts
    send_resolved: true
    http_config: {{authorization: {{type: Bearer, credentials: {token}}}}}
"""


class Alertmanager:
    """The server's address and the calls that it made."""

    def __init__(self, base: str) -> None:
        self.base = base
        self.calls: asyncio.Queue[WebhookRequest] = asyncio.Queue()
        # What stands in front of it, to fail where it does not
        self.front = ""
        self.faults = Faults(lambda status, message: {"message": message})

    async def forward(self, request: web.Request) -> web.Response:
        """Hand a request on to the server."""
        async with (
            aiohttp.ClientSession() as session,
            session.request(
                request.method,
                f"{self.base}{request.path_qs}",
                data=await request.read(),
                headers={"Content-Type": "application/json"},
            ) as answer,
        ):
            return web.Response(status=answer.status, body=await answer.read(), content_type=answer.content_type)

    async def receive(self, request: web.Request) -> web.Response:
        """Take a call as the hub does."""
        headers = {name.lower(): value for name, value in request.headers.items()}
        await self.calls.put(WebhookRequest(body=await request.read(), headers=headers, query={}))
        return web.json_response({}, status=202)

    async def call(self) -> WebhookRequest:
        """Wait for the next call."""
        async with asyncio.timeout(60):
            return await self.calls.get()

    async def post(self, alerts: Sequence[dict[str, Any]]) -> None:
        """Tell of alerts as Prometheus does."""
        async with (
            aiohttp.ClientSession() as session,
            session.post(f"{self.base}/api/v2/alerts", json=alerts) as answer,
        ):
            assert answer.status == 200, await answer.text()


def fired(name: str, *, ended: bool = False, **labels: str) -> dict[str, Any]:
    """Write an alert as Prometheus tells of it."""
    now = datetime.now(UTC)
    return {
        "labels": {"alertname": name, "severity": "critical", **labels},
        "annotations": {"summary": f"{name} is wrong", "runbook_url": "https://runbooks.example/1"},
        "generatorURL": "http://prometheus.example/graph",
        "startsAt": "2026-11-20T10:00:00Z",
        "endsAt": (now - timedelta(seconds=1) if ended else now + timedelta(hours=1)).isoformat(),
    }


@asynccontextmanager
async def alertmanager_peer(directory: Path) -> AsyncIterator[Alertmanager]:
    """Run the server and its receiver on free ports."""
    port = free_port()
    peer = Alertmanager(f"http://127.0.0.1:{port}")
    runner = web.ServerRunner(web.Server(peer.receive), access_log=None, shutdown_timeout=0.1)  # type: ignore[arg-type]  # aiohttp takes a plain handler
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    faulty = web.Server(lambda request: peer.faults.answer(request, peer.forward))  # type: ignore[arg-type]  # as above
    front = web.ServerRunner(faulty, access_log=None, shutdown_timeout=0.1)
    await front.setup()
    await web.TCPSite(front, "127.0.0.1", 0).start()
    peer.front = f"http://127.0.0.1:{front.addresses[0][1]}"
    config = directory / "alertmanager.yml"
    config.write_text(CONFIG.format(port=runner.addresses[0][1], token=TOKEN))
    command = [
        program("prometheus-alertmanager"),
        f"--config.file={config}",
        f"--storage.path={directory / 'kept'}",
        f"--web.listen-address=127.0.0.1:{port}",
        "--cluster.listen-address=",
    ]
    try:
        with serve(command, port, directory / "alertmanager.log"):
            yield peer
    finally:
        await front.cleanup()
        await runner.cleanup()

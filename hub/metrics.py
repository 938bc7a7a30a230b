"""What is counted and timed, for Prometheus; one registry a process."""

import time
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.gc_collector import GCCollector
from prometheus_client.platform_collector import PlatformCollector
from prometheus_client.process_collector import ProcessCollector

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
REGISTRY = CollectorRegistry()
_QUICK = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)

ITEMS_ACCEPTED = Counter("patchdeck_items_accepted", "Items stored.", registry=REGISTRY)
ITEMS_REPEATED = Counter("patchdeck_items_repeated", "Items recognised as known by their key.", registry=REGISTRY)
ITEMS_SETTLED = Counter("patchdeck_items_settled", "Items that came to an end, by state.", ["state"], registry=REGISTRY)
DELIVERIES = Counter("patchdeck_deliveries", "Writes to services, by how they ended.", ["state"], registry=REGISTRY)
WEBHOOKS = Counter(
    "patchdeck_webhooks", "Webhook messages sent, by what came of the sending.", ["state"], registry=REGISTRY
)
STAGE_SECONDS = Histogram(
    "patchdeck_stage_seconds", "How long a stage of a run took.", buckets=_QUICK, registry=REGISTRY
)
REQUESTS = Counter(
    "patchdeck_requests", "Answered requests, by part and status.", ["part", "status"], registry=REGISTRY
)
REQUEST_SECONDS = Histogram(
    "patchdeck_request_seconds", "Time to answer, by part.", ["part"], buckets=_QUICK, registry=REGISTRY
)
ITEMS_PRESENT = Gauge("patchdeck_items_present", "Items that are not done yet, by state.", ["state"], registry=REGISTRY)
UP = Gauge("patchdeck_part_up", "1 while a part answers, by part.", ["part"], registry=REGISTRY)

ProcessCollector(registry=REGISTRY)
PlatformCollector(registry=REGISTRY)
GCCollector(registry=REGISTRY)

Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
Application = Callable[[MutableMapping[str, Any], Receive, Send], Awaitable[None]]

_PARTS = frozenset({"api", "hooks", "mcp", "healthz", "readyz", "metrics"})


class Measured:
    """An ASGI application whose requests are counted and timed, by part of the address and status."""

    def __init__(self, application: Application) -> None:
        self._application = application

    async def __call__(self, scope: MutableMapping[str, Any], receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self._application(scope, receive, send)
            return
        first = scope["path"][1:].partition("/")[0]
        part = first if first in _PARTS else "pages"
        started = time.perf_counter()

        async def counted(message: MutableMapping[str, Any]) -> None:
            if message["type"] == "http.response.start":
                REQUESTS.labels(part, message["status"]).inc()
                REQUEST_SECONDS.labels(part).observe(time.perf_counter() - started)
            await send(message)

        await self._application(scope, receive, counted)


def rendered() -> bytes:
    """Return everything in Prometheus's text format."""
    return generate_latest(REGISTRY)

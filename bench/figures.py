"""What is measured: one function a figure, each returning rows of the table."""

import asyncio
import json
import subprocess
import threading
import time
from pathlib import Path
from urllib.error import URLError
from urllib.request import Request, urlopen

import msgspec

from bench import recipes
from bench.hub import PATCHDECK, Hub
from bench.load import Options, Outcome
from bench.measure import Cpu, memory_by_part, percentile
from bench.peers import Database, Load, Sink
from bench.sink import Delivery


class Row(msgspec.Struct):
    """One line of the table: a figure, its unit, what was measured, the limit and the stretch goal."""

    name: str
    unit: str
    measured: float
    limit: float
    stretch: float | None = None
    at_least: bool = False

    @property
    def verdict(self) -> str:
        """In words whether the limit, or even the stretch goal, is kept."""
        if not self._keeps(self.limit):
            return "missed"
        return "stretch" if self.stretch is not None and self._keeps(self.stretch) else "kept"

    def _keeps(self, limit: float) -> bool:
        return self.measured >= limit if self.at_least else self.measured <= limit


def saturation(hub: Hub, sink: Sink, count: int) -> list[Row]:
    """Post as fast as 50 connections can and wait until the last event is at the sink."""
    hook = hub.publish(recipes.to_sink("saturation", sink.url))
    _warm_up(hook, sink)
    rate, cpu, outcome, deliveries = _flood(hub, sink, Options(url=hook, count=count, prefix="full"))
    arrived = {delivery.event for delivery in deliveries}
    return [
        Row("items from POST to sink at saturation, 50 connections", "items/s", rate, 600, 1500, at_least=True),
        Row("CPU an item, all our processes, at saturation", "ms", cpu, 2.5, 1.0),
        Row("accepted events lost", "events", len(set(outcome.accepted) - arrived), 0),
        Row("events delivered twice", "events", len(deliveries) - len(arrived), 0),
    ]


def latency(hub: Hub, sink: Sink, seconds: int) -> list[Row]:
    """Post at 50 and at 5 events a second and look at the time from POST to arrival."""
    hook = hub.publish(recipes.to_sink("latency", sink.url))
    _warm_up(hook, sink)
    fast = _latencies(sink, Options(url=hook, count=50 * seconds, rate=50, prefix="fast"))
    slow = _latencies(sink, Options(url=hook, count=5 * seconds, rate=5, prefix="slow"))
    return [
        Row("POST to sink at 50 items/s, p50", "ms", percentile(fast, 0.5), 30, 15),
        Row("POST to sink at 50 items/s, p95", "ms", percentile(fast, 0.95), 80, 40),
        Row("POST to sink at 5 items/s, p95", "ms", percentile(slow, 0.95), 50),
    ]


def extra_step(hub: Hub, sink: Sink, count: int) -> list[Row]:
    """Compare the CPU an item needs with and without ten more in-process steps."""
    plain = hub.publish(recipes.to_sink("plain", sink.url))
    longer = hub.publish(recipes.to_sink("longer", sink.url, extra_steps=10))
    costs = {}
    for name, hook in (("plain", plain), ("longer", longer)):
        _warm_up(hook, sink)
        _, costs[name], _, _ = _flood(hub, sink, Options(url=hook, count=count, prefix=name))
    return [Row("CPU of one more in-process step an item", "ms", (costs["longer"] - costs["plain"]) / 10, 0.1)]


def rows(hub: Hub) -> list[Row]:
    """Send 100 webhooks of 100 rows each and wait until PostgreSQL holds 10,000."""
    with Database() as database:
        asyncio.run(database.fetch("create table lines (number text, customer text, total numeric)"))
        database.connect_to(hub, "bench-database")
        hook = hub.publish(recipes.rows_to_table("rows", "bench-database"))
        Load(Options(url=hook, count=2, rows=1, prefix="warm")).outcome()
        asyncio.run(_count_reaches(database, 2))
        began = time.monotonic()
        Load(Options(url=hook, count=100, rows=100, connections=10, prefix="rows")).outcome()
        asyncio.run(_count_reaches(database, 10_002))
        seconds = time.monotonic() - began
    return [Row("100 webhooks of 100 rows into PostgreSQL", "s", seconds, 2.5, 1.0)]


def start_up(hub: Hub, sink: Sink) -> list[Row]:
    """Start on an initialised directory and post until the first webhook is accepted; it must then arrive."""
    hook = hub.publish(recipes.to_sink("start-up", sink.url))
    hub.stop()
    sink.forget()
    accepted: list[float] = []
    began = time.monotonic()
    poster = threading.Thread(target=_post_until_accepted, args=(hook, began, accepted))
    poster.start()
    hub.start()
    poster.join()
    arrived = sink.wait_for(1, 30)
    return [
        Row("from `up` to the first webhook accepted", "s", accepted[0], 8),
        Row("webhooks accepted at start and lost", "events", 1 - len({found.event for found in arrived}), 0),
    ]


def idle(hub: Hub, seconds: int) -> list[Row]:
    """Leave the hub alone and look at its memory and CPU."""
    time.sleep(5)
    with Cpu(hub.pid) as cpu:
        time.sleep(seconds)
    parts = memory_by_part(hub.pid)
    listed = ", ".join(f"{name} {size:.0f}" for name, size in sorted(parts.items(), key=lambda part: -part[1]))
    return [
        Row(f"memory of the idle process tree, PSS ({listed})", "MB", sum(parts.values()), 600),
        Row("CPU of the idle process tree", "% of a core", 100 * cpu.seconds / seconds, 3),
    ]


def extract(folder: Path) -> list[Row]:
    """Extract a one-page PDF in a fresh process, best of three."""
    sample = _sample_page(folder)
    times = []
    for _ in range(3):
        began = time.monotonic()
        subprocess.run([PATCHDECK, "extract", sample, "--schema", "invoice"], check=True, capture_output=True)
        times.append(time.monotonic() - began)
    return [Row("`patchdeck extract` of a one-page PDF, fresh process", "s", min(times), 2)]


def _warm_up(hook: str, sink: Sink) -> None:
    outcome = Load(Options(url=hook, count=50, connections=5, prefix="warm")).outcome()
    sink.wait_for(len(outcome.accepted), 30)
    sink.forget()


def _flood(hub: Hub, sink: Sink, options: Options) -> tuple[float, float, Outcome, list[Delivery]]:
    """Return items a second, CPU milliseconds an item, what was accepted and what arrived."""
    with Cpu(hub.pid) as cpu:
        outcome = Load(options).outcome()
        deliveries = sink.wait_for(len(outcome.accepted), 120)
    sink.forget()
    took = (max((delivery.arrived for delivery in deliveries), default=0) - outcome.started) / 1e9
    return len(deliveries) / took, 1000 * cpu.seconds / max(1, len(deliveries)), outcome, deliveries


def _latencies(sink: Sink, options: Options) -> list[float]:
    outcome = Load(options).outcome()
    deliveries = sink.wait_for(len(outcome.accepted), 30)
    sink.forget()
    return [(delivery.arrived - delivery.sent) / 1e6 for delivery in deliveries]


async def _count_reaches(database: Database, count: int) -> None:
    deadline = time.monotonic() + 60
    while (await database.fetch("select count(*) from lines"))[0][0] < count:
        if time.monotonic() > deadline:
            raise RuntimeError("The rows did not arrive within a minute.")
        await asyncio.sleep(0.02)


def _post_until_accepted(hook: str, began: float, accepted: list[float]) -> None:
    body = json.dumps({"id": "first", "sent": 0, "total": 1, "customer": "First"}).encode()
    while not accepted and time.monotonic() < began + 60:
        try:
            with urlopen(Request(hook, data=body, headers={"Content-Type": "application/json"}), timeout=30):
                accepted.append(time.monotonic() - began)
        except (URLError, OSError):
            time.sleep(0.02)


def _sample_page(folder: Path) -> Path:
    """Draw a one-page invoice."""
    from reportlab.pdfgen.canvas import Canvas

    path = folder / "invoice.pdf"
    page = Canvas(str(path))
    lines = ["Example Ltd", "Invoice number: INV-17", "Invoice date: 2025-03-14", "Net 100.00 EUR", "VAT 20% 20.00 EUR"]
    for number, line in enumerate([*lines, "Total 120.00 EUR"]):
        page.drawString(72, 760 - 24 * number, line)
    page.save()
    return path

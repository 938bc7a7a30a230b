"""The kill test: SIGKILL of each part, one at a time and twice over, while events come in at a steady rate.

Every event must reach the sink and the table; one that arrives twice must carry the same Idempotency-Key, must have
been in flight at a kill, and the ledger must name it; the table holds each event once. The sink takes a while to
answer, so that some requests are in flight at every kill.
"""

import argparse
import asyncio
import signal
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import msgspec
import psutil

from bench import recipes
from bench.figures import Row
from bench.hub import Hub
from bench.load import Options, Outcome
from bench.measure import tree
from bench.peers import Database, Load, Sink
from bench.sink import Delivery

SINK_DELAY = 0.15
# A delivery is in flight from its pending row to its receipt: seconds around its arrival that a kill may fall into.
BEFORE, AFTER = 1.0, 3.0
# An argument by which each part's process is known; with `--workers 1` the second worker is a process of its own.
PARTS = {"web": "web,worker", "worker": "worker", "Temporal": "start-dev", "PostgreSQL": "-D"}


class Kill(msgspec.Struct):
    """One part that was killed, and between which moments (nanoseconds of the machine's monotonic clock)."""

    part: str
    since: int
    until: int


class _Ending(msgspec.Struct):
    """What table and ledger hold when all has settled."""

    table_rows: int
    repeated_keys: set[str]


class Report(msgspec.Struct, kw_only=True):
    """What became of the events."""

    posted: int
    accepted: int
    refused: dict[str, int]
    kills: list[Kill]
    lost: list[str]
    repeated: list[str]
    other_key: list[str]
    not_in_flight: list[str]
    not_in_ledger: list[str]
    table_rows: int
    recovered: float

    @property
    def problems(self) -> list[str]:
        """In words what is not as promised."""
        checks = {
            f"{self.posted - self.accepted} events were never accepted": self.accepted != self.posted,
            f"lost: {self.lost[:10]}": bool(self.lost),
            f"repeated under another key: {self.other_key[:10]}": bool(self.other_key),
            f"repeated though not in flight at a kill: {self.not_in_flight[:10]}": bool(self.not_in_flight),
            f"repeated though the ledger does not say so: {self.not_in_ledger[:10]}": bool(self.not_in_ledger),
            f"{self.table_rows} rows in the table instead of {self.posted}": self.table_rows != self.posted,
        }
        return [sentence for sentence, holds in checks.items() if holds]


def run(folder: Path, count: int = 1000, rate: float = 50, rounds: int = 2) -> Report:
    """Start a hub and its peers, post, kill, wait and report."""
    with Sink(SINK_DELAY) as sink, Database() as database, Hub(folder, ("--workers", "1")) as hub:
        asyncio.run(database.fetch("create table events (event text, customer text)"))
        database.connect_to(hub, "bench-database")
        hook = hub.publish(recipes.to_sink_and_table("killed", sink.url, "bench-database"))
        load = Load(Options(url=hook, count=count, rate=rate, retry=True))
        kills = _kill_all(hub, rounds, count / rate)
        outcome = load.outcome()
        deliveries = sink.wait_for(count, 120)
        settled = asyncio.run(_settle(database, count))
        return _report(outcome, deliveries, kills, _Ending(settled, set(_repeated_keys(hub))))


def _kill_all(hub: Hub, rounds: int, seconds: float) -> list[Kill]:
    """Kill every part in turn, spread over the time that events come in."""
    parts = list(PARTS) * rounds
    pause = seconds / (len(parts) + 1)
    kills = []
    for part in parts:
        time.sleep(pause)
        since = time.monotonic_ns()
        kills += [Kill(part, since, time.monotonic_ns())] if _kill(hub, part) else []
    return kills


def _kill(hub: Hub, part: str) -> bool:
    """Kill one part of the hub, if it runs at this moment."""
    for member in tree(hub.pid):
        try:
            if member.pid != hub.pid and PARTS[part] in member.cmdline():
                member.send_signal(signal.SIGKILL)
                return True
        except psutil.NoSuchProcess:
            continue
    return False


async def _settle(database: Database, count: int) -> int:
    """Wait until the table is complete and stays as it is; return its rows."""
    deadline = time.monotonic() + 120
    rows = -1
    while time.monotonic() < deadline:
        before, rows = rows, (await database.fetch("select count(*) from events"))[0][0]
        if rows >= count and rows == before:
            break
        await asyncio.sleep(1)
    return rows


def _repeated_keys(hub: Hub) -> Iterator[str]:
    """Yield the idempotency keys that the ledger marks as sent again."""
    for run in _pages(hub, "/runs"):
        for delivery in _pages(hub, f"/runs/{run['id']}/deliveries"):
            if delivery["repeated"]:
                yield delivery["key"]


def _pages(hub: Hub, path: str) -> Iterator[dict[str, Any]]:
    """Yield the elements of a list, page by page."""
    cursor = ""
    while cursor is not None:
        page = hub.ask("GET", f"{path}?limit=100" + (f"&cursor={quote(cursor)}" if cursor else ""))
        yield from page["items"]
        cursor = page["next_cursor"]


def _report(outcome: Outcome, deliveries: list[Delivery], kills: list[Kill], ending: _Ending) -> Report:
    by_event: dict[str, list[Delivery]] = defaultdict(list)
    for delivery in deliveries:
        by_event[delivery.event].append(delivery)
    repeated = {event: found for event, found in by_event.items() if len(found) > 1}
    return Report(
        posted=outcome.posted,
        accepted=len(outcome.accepted),
        refused=outcome.refused,
        kills=kills,
        lost=sorted(set(outcome.accepted) - set(by_event)),
        repeated=sorted(repeated),
        other_key=[event for event, found in repeated.items() if len({delivery.key for delivery in found}) > 1],
        not_in_flight=[event for event, found in repeated.items() if not was_in_flight(found[0], kills)],
        not_in_ledger=[event for event, found in repeated.items() if found[0].key not in ending.repeated_keys],
        table_rows=ending.table_rows,
        recovered=max((delivery.arrived for delivery in deliveries), default=0) / 1e9 - outcome.ended / 1e9,
    )


def was_in_flight(first: Delivery, kills: list[Kill]) -> bool:
    """Tell whether a kill fell so close to the first arrival that its receipt may not have been kept."""
    return any(
        (kill.until - first.arrived) / 1e9 >= -BEFORE and (kill.since - first.arrived) / 1e9 <= AFTER for kill in kills
    )


def rows(folder: Path) -> list[Row]:
    """Return what the kill test found as rows of the benchmark's table."""
    report = run(folder)
    return [
        Row("events accepted under 8 kills at 50 a second", "events", report.accepted, report.posted, at_least=True),
        Row("of these lost", "events", len(report.lost), 0),
        Row("of these sent again under another key", "events", len(report.other_key), 0),
        Row("of these sent again though not in flight at a kill", "events", len(report.not_in_flight), 0),
        Row("of these sent again without the ledger saying so", "events", len(report.not_in_ledger), 0),
        Row("rows in the table too many or too few", "rows", abs(report.table_rows - report.posted), 0),
        Row("last event at the sink after the last was posted", "s", report.recovered, 30),
    ]


def main() -> int:
    """Run the kill test and print its report."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=1000)
    parser.add_argument("--rate", type=float, default=50)
    parser.add_argument("--rounds", type=int, default=2)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        report = run(Path(folder), options.count, options.rate, options.rounds)
    print(f"{report.accepted} events accepted under {len(report.kills)} kills, {len(report.repeated)} repeated,")
    print(
        f"{len(report.lost)} lost, {report.table_rows} rows; the last arrived {report.recovered:.1f} s after the end."
    )
    print("\n".join(report.problems) or "Nothing lost, nothing done twice unseen.")
    return 1 if report.problems else 0


if __name__ == "__main__":
    raise SystemExit(main())

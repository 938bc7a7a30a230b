"""`make bench`: measure the figures and print them as a table."""

import argparse
import os
import platform
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from bench import browsers, chat, connectors, extraction, figures, kill, pages, polls
from bench.figures import Row
from bench.hub import Hub
from bench.peers import Sink

Figure = Callable[[Hub, Sink, Path], list[Row]]

FIGURES: dict[str, Figure] = {
    "idle": lambda hub, _sink, _folder: figures.idle(hub, seconds=20),
    "latency": lambda hub, sink, _folder: figures.latency(hub, sink, seconds=20),
    "saturation": lambda hub, sink, _folder: figures.saturation(hub, sink, count=10_000),
    "extra-step": lambda hub, sink, _folder: figures.extra_step(hub, sink, count=5_000),
    "rows": lambda hub, _sink, _folder: figures.rows(hub),
    "start-up": lambda hub, sink, _folder: figures.start_up(hub, sink),
    "polls": lambda hub, _sink, _folder: polls.one_feed(hub, count=1_000, seconds=60),
    "sources": lambda _hub, _sink, folder: polls.many_sources(folder / "sources", count=200, seconds=60),
    "kills": lambda _hub, _sink, folder: kill.rows(folder / "kills"),
    "extraction": lambda hub, _sink, folder: extraction.measure(hub, folder),
    "browsers": lambda hub, sink, _folder: browsers.measure(hub, sink),
    "connectors": lambda _hub, _sink, folder: connectors.measure(folder),
    "slack": lambda _hub, _sink, folder: chat.slack(folder),
    "extract": lambda _hub, _sink, folder: figures.extract(folder),
    # Last: it leaves very many runs behind.
    "pages": lambda hub, _sink, folder: pages.measure(hub, folder),
}


def main() -> int:
    """Measure what was asked for, all by default."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("figures", nargs="*", choices=[[], *FIGURES], help="which figures to measure")
    parser.add_argument("--workers", help="hand this to `up`")
    options = parser.parse_args()
    arguments = ("--workers", options.workers) if options.workers else ()
    rows: list[Row] = []
    with tempfile.TemporaryDirectory() as name, Sink() as sink, Hub(Path(name), arguments) as hub:
        for figure in options.figures or FIGURES:
            print(f"measuring {figure}", file=sys.stderr)
            rows += FIGURES[figure](hub, sink, Path(name))
    print(table(rows))
    return 1 if any(row.verdict == "missed" for row in rows) else 0


def table(rows: list[Row]) -> str:
    """Return the rows as a Markdown table, with the machine they were measured on."""
    lines = [
        f"{platform.system()} {platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}",
        "",
        "| figure | measured | limit | stretch | |",
        "|---|---:|---:|---:|---|",
    ]
    for row in rows:
        bound = "≥" if row.at_least else "≤"
        stretch = "" if row.stretch is None else f"{bound} {row.stretch:g}"
        lines.append(
            f"| {row.name} | {row.measured:.4g} {row.unit} | {bound} {row.limit:g} | {stretch} | {row.verdict} |"
        )
    return "\n".join(lines)


if __name__ == "__main__":
    raise SystemExit(main())

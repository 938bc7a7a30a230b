"""Recipes that poll: one feed a thousand times, and two hundred recipes over five kinds of source."""

import asyncio
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from bench import recipes
from bench.figures import Row
from bench.hub import Hub
from bench.measure import Cpu
from bench.peers import Database

_FEED = b'<rss version="2.0"><channel><title>Quiet</title><item><guid>1</guid><title>Old</title></item></channel></rss>'
_ORDERS = b'[{"id": 1, "updated_at": "2026-01-01T00:00:00Z"}, {"id": 2, "updated_at": "2026-01-02T00:00:00Z"}]'
_OBJECT = b"""<Contents><Key>inbox/%d.txt</Key><LastModified>2026-01-01T00:00:00.000Z</LastModified>
<ETag>"9a0364b9e99bb480dd25e1f0284c8555"</ETag><Size>7</Size></Contents>"""
_OBJECTS = (
    b'<?xml version="1.0" encoding="UTF-8"?><ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/">'
    b"<Name>files</Name><Prefix></Prefix><KeyCount>2</KeyCount><MaxKeys>1000</MaxKeys><IsTruncated>false</IsTruncated>"
    + b"".join(_OBJECT % number for number in (1, 2))
    + b"</ListBucketResult>"
)
_ANSWERS = {
    "/feed": (b"application/rss+xml", _FEED),
    "/orders": (b"application/json", _ORDERS),
    "/files": (b"application/xml", _OBJECTS),
}


def one_feed(hub: Hub, count: int, seconds: int) -> list[Row]:
    """Publish many recipes that poll a feed once a minute, with nothing new, and look at the CPU."""
    with _service() as (address, asked):
        for number in range(count):
            _publish(hub, f"poll-{number:04}", {"uses": "rss.new_entry", "with": {"url": f"{address}/feed"}})
        time.sleep(70)
        cpu, rate = _measured(hub, asked, seconds)
    return [
        Row(f"CPU of {count} recipes polling once a minute", "% of a core", cpu, 20),
        Row("polls made, of those due", "%", 100 * rate / (count / 60), 90, at_least=True),
    ]


def many_sources(folder: Path, count: int, seconds: int) -> list[Row]:
    """Poll feeds, REST lists, tables, datasets and buckets once a minute in a hub of its own; look at all its CPU."""
    with _service() as (address, asked), Database() as database, Hub(folder) as hub:
        triggers = _sources(hub, address, database)
        for number in range(count):
            _publish(hub, f"source-{number:03}", triggers[number % len(triggers)])
        time.sleep(70)
        cpu, rate = _measured(hub, asked, seconds)
    over_http = sum(trigger["uses"].partition(".")[0] in ("rss", "http", "s3") for trigger in triggers) / len(triggers)
    return [
        Row(f"CPU of {count} recipes polling feeds, REST, PostgreSQL, datasets and S3", "% of a core", cpu, 15),
        Row("polls made over HTTP, of those due", "%", 100 * rate / (over_http * count / 60), 90, at_least=True),
    ]


def _sources(hub: Hub, address: str, database: Database) -> list[recipes.Document]:
    """Make what is polled and the connections to it, and return a trigger for each kind."""
    asyncio.run(database.fetch("create table orders (id int primary key, customer text)"))
    asyncio.run(database.fetch("insert into orders select n, 'Customer ' || n from generate_series(1, 100) as n"))
    database.connect_to(hub, "polled-database")
    store = {"access_key": "bench", "secret_key": "bench-secret", "endpoint": address, "style": "path"}
    _connect(hub, "polled-store", "s3", store)
    _connect(hub, "polled-service", "http", {"hosts": ["127.0.0.1"], "kind": "bearer", "secret": "bench-secret"})
    hub.ask("POST", "/datasets", {"name": "polled"})
    return [
        {"uses": "rss.new_entry", "with": {"url": f"{address}/feed"}},
        {"uses": "http.new_element", "connection": "polled-service", "with": {"url": f"{address}/orders"}},
        {"uses": "postgres.new_row", "connection": "polled-database", "with": {"table": "orders", "order": "id"}},
        {"uses": "dataset.row_changed", "with": {"dataset": "polled"}},
        {"uses": "s3.object_changed", "connection": "polled-store", "with": {"bucket": "files", "read": False}},
    ]


def _connect(hub: Hub, name: str, connector: str, settings: recipes.Document) -> None:
    hub.ask("POST", "/connections", {"name": name, "connector": connector, "settings": settings})


def _publish(hub: Hub, name: str, trigger: recipes.Document) -> None:
    settings = {**trigger["with"], "every": "1m", "existing": "skip"}
    hub.ask("POST", "/recipes/apply?publish=true", recipes.polling(name, {**trigger, "with": settings}))


def _measured(hub: Hub, asked: list[float], seconds: int) -> tuple[float, float]:
    """Return the hub's share of a core and the requests a second."""
    before = len(asked)
    with Cpu(hub.pid) as cpu:
        time.sleep(seconds)
    return 100 * cpu.seconds / seconds, (len(asked) - before) / seconds


class _Service(BaseHTTPRequestHandler):
    """A service that is always the same, and says so to those who ask whether it is."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1
    asked: list[float]

    def do_GET(self) -> None:
        """Answer with the content of the path."""
        self.asked.append(time.monotonic())
        kind, content = _ANSWERS[self.path.partition("?")[0].rstrip("/")]
        known = self.headers.get("If-None-Match") == '"1"'
        self.send_response(304 if known else 200)
        self.send_header("ETag", '"1"')
        self.send_header("Content-Type", kind.decode())
        self.send_header("Content-Length", "0" if known else str(len(content)))
        self.end_headers()
        self.wfile.write(b"" if known else content)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  # the base class names it so
        """Stay silent."""


@contextmanager
def _service() -> Iterator[tuple[str, list[float]]]:
    """Serve what is polled and note each request."""
    asked: list[float] = []
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("Service", (_Service,), {"asked": asked}))
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}", asked
    server.shutdown()
    server.server_close()

"""A hub as its users run it, keys of every kind, and something in it to ask for."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from hub.supervisor.ports import free_port
from tests.mcp.assistants import Keys
from tests.peers.process import serve
from tests.spine.running_hub import RunningHub

SLOW = """
import http.server, threading
told = threading.Event()
class Slow(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        if self.path == "/go":
            told.set()
        else:
            told.clear()
            told.wait({seconds})
        self.send_response(200)
        self.send_header("content-type", "text/html")
        self.end_headers()
        self.wfile.write(b"<p>Invoice number: INV-78</p>")
http.server.ThreadingHTTPServer(("127.0.0.1", {port}), Slow).serve_forever()
"""
PAGE = """<html><body><h1>Invoice INV-77</h1><p>Invoice number: INV-77</p><p>Total: 12.00 EUR</p></body></html>"""


@pytest.fixture(scope="package")
def hub(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningHub]:
    """`patchdeck up`, which may call this machine."""
    running = RunningHub(tmp_path_factory.mktemp("hub"), ALLOW_NETWORKS="127.0.0.0/8")
    yield running
    running.end()


@pytest.fixture(autouse=True)
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Take no program for one of the old generation because it starts slowly on a busy machine."""
    monkeypatch.setattr("mcp.client.session.DISCOVER_TIMEOUT_SECONDS", 120.0)


@pytest.fixture(scope="package")
def keys(hub: RunningHub) -> Keys:
    """Makes keys."""
    return Keys(hub)


@pytest.fixture(scope="package")
def key(keys: Keys) -> str:
    """The key of an owner who may do everything."""
    return keys.of("owner", "admin")


@pytest.fixture(scope="package")
def recipe(hub: RunningHub) -> str:
    """The name of a published recipe that writes what it is given into a dataset."""
    table = {"dataset": "assistants", "mode": "insert", "columns": {"number": "{{ trigger.number }}"}}
    spec = {
        "trigger": {"uses": "manual.submitted"},
        "steps": [{"id": "keep", "uses": "dataset.write_rows", "with": table}],
    }
    hub.publish({"apiVersion": "patchdeck/v1", "kind": "Recipe", "metadata": {"name": "assisted"}, "spec": spec})
    return "assisted"


@pytest.fixture(scope="package")
def page(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a page with an invoice."""
    folder, port = tmp_path_factory.mktemp("site"), free_port()
    Path(folder, "invoice.html").write_text(PAGE)
    command = [sys.executable, "-m", "http.server", str(port), "--bind", "127.0.0.1", "--directory", str(folder)]
    with serve(command, port, folder / "log"):
        yield f"http://127.0.0.1:{port}/invoice.html"


@pytest.fixture(scope="package")
def slow_page(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a page that comes when somebody asks for `go` beside it."""
    port = free_port()
    with serve(
        [sys.executable, "-c", SLOW.format(port=port, seconds=60)], port, tmp_path_factory.mktemp("slow") / "log"
    ):
        yield f"http://127.0.0.1:{port}/"

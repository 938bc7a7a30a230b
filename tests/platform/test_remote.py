"""Commands that talk to a hub: keys, pages, and refusals as sentences."""

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer

import click
import pytest

from hub.cli.remote import Hub, RefusedError
from hub.supervisor.ports import free_port

PAGES = {
    "/api/v1/runs?limit=200": (200, {"items": [1, 2], "next_cursor": "a b"}),
    "/api/v1/runs?limit=200&cursor=a+b": (200, {"items": [3], "next_cursor": None}),
    "/api/v1/recipes": (
        422,
        {"detail": "The recipe cannot be used.", "errors": [{"path": "spec.steps[0].id", "message": "Missing."}]},
    ),
    "/api/v1/keys": (401, {"title": "Sign in first"}),
    "/api/v1/broken": (500, {"detail": "Something broke.", "request_id": "req_1"}),
}


class Answers(BaseHTTPRequestHandler):
    """Answers from the table; says back which key it was given."""

    def do_GET(self) -> None:
        status, body = PAGES.get(self.path, (200, {"key": self.headers["authorization"]}))
        self.send_response(status)
        self.end_headers()
        self.wfile.write(json.dumps(body).encode())

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["content-length"]))
        self.do_GET()

    def log_message(self, *_: object) -> None:
        """Keep quiet."""


@pytest.fixture
def hub(monkeypatch: pytest.MonkeyPatch) -> Iterator[Hub]:
    server = HTTPServer(("127.0.0.1", 0), Answers)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    monkeypatch.setenv("PATCHDECK_URL", f"http://127.0.0.1:{server.server_port}/")
    monkeypatch.setenv("PATCHDECK_API_KEY", "pd_live_x")
    yield Hub()
    server.shutdown()
    server.server_close()
    thread.join()


def test_sends_the_key(hub: Hub) -> None:
    assert hub.get("me") == {"key": "Bearer pd_live_x"}


def test_reads_all_pages_of_a_list(hub: Hub) -> None:
    assert hub.list("runs") == [1, 2, 3]


@pytest.mark.parametrize(
    ("path", "status", "told"),
    [
        ("recipes", 422, "The recipe cannot be used.\n  spec.steps[0].id: Missing."),
        (
            "keys",
            401,
            "Sign in first\nSet PATCHDECK_API_KEY to a key of this hub; `patchdeck key create NAME` makes one.",
        ),
        ("broken", 500, "Something broke.\nIn the log as req_1."),
    ],
)
def test_tells_what_the_hub_refused(hub: Hub, path: str, status: int, told: str) -> None:
    with pytest.raises(RefusedError) as refused:
        hub.post(path, {"a": 1})
    assert (refused.value.status, refused.value.message) == (status, told)


def test_tells_when_nobody_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATCHDECK_URL", f"http://127.0.0.1:{free_port()}")
    with pytest.raises(click.ClickException, match=r"No hub answers at .* Start one with `patchdeck up`"):
        Hub().get("me")

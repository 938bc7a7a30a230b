"""Traces and crash reports: sent where the config says, without secrets, and nowhere else."""

import gzip
import logging
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer

import msgspec
import pytest
import sentry_sdk.consts
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from hub import telemetry
from hub.config import Config, Hidden


class Collector(HTTPServer):
    """Keeps what is posted, by path."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Keep)
        self.kept: dict[str, bytes] = {}


class Keep(BaseHTTPRequestHandler):
    """Takes one post."""

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["content-length"]))
        if self.headers["content-encoding"] == "gzip":
            body = gzip.decompress(body)
        assert isinstance(self.server, Collector)
        self.server.kept[self.path] = body
        self.send_response(200)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Keep quiet."""


@pytest.fixture
def collector() -> Iterator[Collector]:
    server = Collector()
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield server
    server.shutdown()
    server.server_close()
    thread.join()


def config(**values: object) -> Config:
    return msgspec.structs.replace(Config(), **values)


def test_sends_spans_when_an_endpoint_is_set(collector: Collector) -> None:
    end = telemetry.configure(config(otlp_endpoint=f"http://127.0.0.1:{collector.server_port}"), "web")
    with telemetry.span("stage", recipe="rcp_1"):
        pass
    end()
    sent = ExportTraceServiceRequest.FromString(collector.kept["/v1/traces"]).resource_spans[0]
    assert [span.name for span in sent.scope_spans[0].spans] == ["stage"]
    assert "web" in [attribute.value.string_value for attribute in sent.resource.attributes]


def test_sends_nothing_unless_configured() -> None:
    end = telemetry.configure(config(), "web")
    with telemetry.span("stage") as current:
        assert current is None
    end()


def test_reports_crashes_without_secrets(collector: Collector, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sentry_sdk.consts.DEFAULT_OPTIONS, "shutdown_timeout", 60)
    dsn = Hidden(f"http://public@127.0.0.1:{collector.server_port}/7")
    end = telemetry.configure(config(sentry_dsn=dsn), "worker")
    logging.getLogger("hub.test").error(
        "posting with %s failed", "pd_live_abcdef123456", exc_info=ValueError("password=sesame")
    )
    end()
    report = collector.kept["/api/7/envelope/"].decode()
    assert "ValueError" in report
    assert "pd_live_abcdef123456" not in report
    assert "sesame" not in report

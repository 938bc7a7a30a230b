"""A real Prometheus that watches a figure of ours and tells a real Alertmanager of it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from aiohttp import web

from tests.peers.alertmanager import Alertmanager
from tests.peers.process import free_port, program, serve

CONFIG = """
global: {{scrape_interval: 1s, evaluation_interval: 1s, external_labels: {{region: north}}}}
rule_files: [{rules}]
alerting: {{alertmanagers: [{{static_configs: [{{targets: ["{alertmanager}"]}}]}}]}}
scrape_configs: [{{job_name: shop, static_configs: [{{targets: ["{shop}"]}}]}}]
"""
RULES = """
groups:
- name: shop
  rules:
  - alert: QueueLong
    expr: queue_length > 100
    labels: {severity: warning}
    annotations: {summary: "{{ $value }} orders wait at {{ $labels.job }}"}
"""


class Prometheus:
    """The figure that is watched."""

    def __init__(self) -> None:
        self.queue = 0

    async def metrics(self, _: web.BaseRequest) -> web.Response:
        """Tell the figure as services do."""
        return web.Response(text=f"# TYPE queue_length gauge\nqueue_length {self.queue}\n")


@asynccontextmanager
async def prometheus_peer(directory: Path, alertmanager: Alertmanager) -> AsyncIterator[Prometheus]:
    """Run the server and what it watches on free ports."""
    peer, port = Prometheus(), free_port()
    runner = web.ServerRunner(web.Server(peer.metrics), access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    config, rules = directory / "prometheus.yml", directory / "rules.yml"
    rules.write_text(RULES)
    shop = f"127.0.0.1:{runner.addresses[0][1]}"
    config.write_text(CONFIG.format(rules=rules, shop=shop, alertmanager=alertmanager.base.removeprefix("http://")))
    command = [
        program("prometheus"),
        f"--config.file={config}",
        f"--storage.tsdb.path={directory / 'figures'}",
        f"--web.listen-address=127.0.0.1:{port}",
        "--web.external-url=http://prometheus.example/",
    ]
    try:
        with serve(command, port, directory / "prometheus.log"):
            yield peer
    finally:
        await runner.cleanup()

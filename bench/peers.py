"""The servers around a measured hub: the sink, the load generator and a PostgreSQL to write into."""

import asyncio
import os
import secrets
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any, Self
from urllib.request import Request, urlopen

import asyncpg
import msgspec

from bench.hub import Hub
from bench.load import Options, Outcome
from bench.sink import Delivery
from hub.supervisor.account import account_for
from hub.supervisor.binaries import postgres_programs
from hub.supervisor.ports import free_port


class Sink:
    """The sink in a process of its own; with a delay it takes its time to answer a delivery."""

    def __init__(self, delay: float = 0.0) -> None:
        self._delay = delay

    def __enter__(self) -> Self:
        command = [sys.executable, "-m", "bench.sink", "--delay", str(self._delay)]
        self._running = subprocess.Popen(command, stdout=subprocess.PIPE)
        assert self._running.stdout is not None
        self.url = f"http://127.0.0.1:{int(self._running.stdout.readline())}/deliveries"
        return self

    def __exit__(self, *_: object) -> None:
        self._running.terminate()
        self._running.communicate()

    def deliveries(self) -> list[Delivery]:
        """Return everything that has arrived."""
        with urlopen(self.url, timeout=60) as answer:
            return msgspec.json.decode(answer.read(), type=list[Delivery])

    def forget(self) -> None:
        """Start counting again."""
        urlopen(Request(self.url, method="DELETE"), timeout=60).close()

    def wait_for(self, count: int, patience: float) -> list[Delivery]:
        """Return the deliveries once so many events have arrived, or what there is when patience ends."""
        deadline = time.monotonic() + patience
        found = self.deliveries()
        while len({delivery.event for delivery in found}) < count and time.monotonic() < deadline:
            time.sleep(0.2)
            found = self.deliveries()
        return found


class Load:
    """A load generator at work in a process of its own."""

    def __init__(self, options: Options) -> None:
        command = [sys.executable, "-m", "bench.load", options.url, "--count", str(options.count)]
        command += ["--rate", str(options.rate), "--connections", str(options.connections)]
        command += ["--prefix", options.prefix, "--rows", str(options.rows), *(["--retry"] if options.retry else [])]
        self._running = subprocess.Popen(command, stdout=subprocess.PIPE)

    def outcome(self) -> Outcome:
        """Wait until everything is posted and return what happened."""
        output, _ = self._running.communicate()
        return msgspec.json.decode(output, type=Outcome)


class Database:
    """A PostgreSQL apart from the hub's own, which recipes may not reach; it waits for the disk as usual."""

    def __init__(self) -> None:
        self.port = free_port()
        self.user = "bench"
        self.password = secrets.token_urlsafe(16)
        self.name = "postgres"

    def __enter__(self) -> Self:
        self._folder = Path(tempfile.mkdtemp(prefix="patchdeck-bench-"))
        self._account = account_for(self._folder / "cluster")
        programs = postgres_programs(self._account)
        (self._folder / "password").write_text(self.password)
        self._open_to_account()
        self._run(programs / "initdb", "-D", "cluster", "-U", self.user, "-A", "scram-sha-256", "--pwfile", "password")
        options = ["-D", "cluster", "-p", str(self.port), "-k", "", "-h", "127.0.0.1"]
        self._running = subprocess.Popen(
            [programs / "postgres", *options], cwd=self._folder, stderr=subprocess.DEVNULL, **self._identity()
        )
        return self

    def __exit__(self, *_: object) -> None:
        self._running.send_signal(signal.SIGINT)
        self._running.wait(120)
        shutil.rmtree(self._folder)

    def connect_to(self, hub: Hub, name: str) -> None:
        """Store a connection to this server in a hub."""
        settings = {
            "host": "127.0.0.1",
            "port": self.port,
            "database": self.name,
            "user": self.user,
            "password": self.password,
            "sslmode": "disable",
        }
        hub.ask("POST", "/connections", {"name": name, "connector": "postgres", "settings": settings})

    async def fetch(self, query: str) -> list[Any]:
        """Run one statement once the server answers."""
        deadline = time.monotonic() + 120
        while time.monotonic() < deadline:
            try:
                connection = await asyncpg.connect(
                    host="127.0.0.1", port=self.port, user=self.user, password=self.password, database=self.name
                )
            except (OSError, asyncpg.CannotConnectNowError):
                await asyncio.sleep(0.05)
                continue
            try:
                return list(await connection.fetch(query))
            finally:
                await connection.close()
        raise RuntimeError("The benchmark's PostgreSQL does not answer.")

    def _open_to_account(self) -> None:
        if self._account is None:
            return
        for path in (self._folder, self._folder / "password"):
            os.chown(path, self._account.uid, self._account.gid)

    def _identity(self) -> dict[str, Any]:
        if self._account is None:
            return {}
        return {"user": self._account.uid, "group": self._account.gid, "extra_groups": []}

    def _run(self, *command: str | Path) -> None:
        subprocess.run(command, cwd=self._folder, check=True, capture_output=True, **self._identity())

"""Several webs and workers over one given PostgreSQL and one given Temporal, and a client that does not give up."""

import asyncio
import base64
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from itertools import cycle
from pathlib import Path
from urllib.parse import urlsplit

import httpx2

from bench.recipes import to_sink
from hub.supervisor.ports import free_port
from tests.platform.commands import environment, patchdeck

PATIENCE = 150.0


class Serving:
    """One `patchdeck web` or `patchdeck worker`, started and ready."""

    def __init__(self, verb: str, values: Mapping[str, str]) -> None:
        self.port = free_port()
        self.process = subprocess.Popen(
            [sys.executable, "-m", "hub", verb],
            env=environment(**values, PORT=str(self.port)),
            cwd="/",
            stdout=subprocess.PIPE,
            text=True,
        )

    def ready(self) -> None:
        assert self.process.stdout is not None
        assert any(line.startswith("ready: ") for line in iter(self.process.stdout.readline, "")), "It did not start."

    def end(self, number: signal.Signals) -> None:
        self.process.send_signal(number)  # does nothing once the process has been waited for
        self.process.communicate(timeout=120)


class Fleet:
    """The processes, and the config they share."""

    def __init__(self, folder: Path, database: str, temporal: str) -> None:
        self._values = {
            "DATABASE_URL": database,
            "TEMPORAL_ADDRESS": temporal,
            "MASTER_KEY": base64.b64encode(os.urandom(32)).decode(),
            "FILE_STORE": str(folder / "files"),
            "DATA_DIR": str(folder),
            "ALLOW_NETWORKS": "127.0.0.0/8",
            "LOG_LEVEL": "error",
        }
        self.webs: list[Serving] = []
        self.workers: list[Serving] = []

    def start(self) -> None:
        """Bring the database up to date, then start two of each and wait until they are ready."""
        self._run("db", "migrate")
        self.webs += [Serving("web", self._values), Serving("web", self._values)]
        self.workers += [Serving("worker", self._values), Serving("worker", self._values)]
        for serving in (*self.webs, *self.workers):
            serving.ready()

    def publish(self, folder: Path, sink: str) -> str:
        """Make an owner and a key, publish a recipe that posts to the sink, and return its webhook's path."""
        password, recipe = folder / "password", folder / "recipe.json"
        password.write_text("correct horse battery")
        recipe.write_text(json.dumps(to_sink("to-sink", sink)))
        owner = ("--email", "ada@example.test", "--role", "owner", "--password-file", password)
        self._run("user", "add", *owner)
        key = json.loads(self._run("key", "create", "ci", "--scope", "admin", "-o", "json"))["key"]
        url = f"http://127.0.0.1:{self.webs[1].port}"
        patchdeck("recipe", "apply", "-f", recipe, "--publish", URL=url, API_KEY=key)
        shown = patchdeck("recipe", "show", "to-sink", "-o", "json", URL=url, API_KEY=key)
        return str(urlsplit(json.loads(shown.stdout)["hook_url"]).path)

    def _run(self, *arguments: str | Path) -> str:
        return patchdeck(*arguments, config=self._values).stdout

    def end(self) -> None:
        for serving in (*self.webs, *self.workers):
            serving.end(signal.SIGTERM)


async def post_all(webs: Sequence[Serving], path: str, numbers: range, pause: float) -> None:
    """Post each event until a web has taken it, at a steady pace, to one web after the other."""
    async with httpx2.AsyncClient(timeout=30) as http, asyncio.TaskGroup() as posts:
        for number in numbers:
            posts.create_task(_post(http, [webs[number % 2], webs[1 - number % 2]], path, number))
            await asyncio.sleep(pause)


async def _post(http: httpx2.AsyncClient, webs: Sequence[Serving], path: str, number: int) -> None:
    body = {"id": f"event-{number}", "sent": time.monotonic_ns(), "customer": "Ada", "total": 100, "amount": 100}
    headers = {"webhook-id": f"event-{number}"}
    deadline = time.monotonic() + PATIENCE
    for web in cycle(webs):
        with suppress(httpx2.TransportError):
            answer = await http.post(f"http://127.0.0.1:{web.port}{path}", json=body, headers=headers)
            if answer.status_code == 202:
                return
        assert time.monotonic() < deadline, f"Event {number} was never taken."
        await asyncio.sleep(0.1)

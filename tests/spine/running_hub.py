"""A hub started by `patchdeck up`, as its users have it: commands, REST, and somebody who kills its parts."""

import json
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, TypeVar

import httpx2
import psutil
import yaml

from hub.supervisor.ports import free_port
from tests.platform.commands import environment, patchdeck
from tests.platform.parts import has_ended, part_of

T = TypeVar("T")

PATIENCE = 120.0
LOOK_EVERY = 0.1


class RunningHub:
    """One `patchdeck up` on a data directory of its own, with an owner and a key."""

    def __init__(self, folder: Path, **config: str) -> None:
        self.folder = folder
        self.data_dir = folder / "data"
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self._config = {"LOG_LEVEL": "error", "FOLDER_ROOTS": str(folder), **config}
        self._process = self._started()
        self._client = {"URL": self.url, "API_KEY": self._key_or_end()}
        self.http = httpx2.Client(
            base_url=self.url, headers={"authorization": f"Bearer {self._client['API_KEY']}"}, timeout=PATIENCE
        )

    def command(self, *arguments: str | Path, code: int = 0) -> subprocess.CompletedProcess[str]:
        """Run a command against this hub, as the owner."""
        return patchdeck(*arguments, code=code, config=self._client)

    def asked(self, *arguments: str | Path) -> Any:
        """Run a command and return the JSON it prints."""
        return json.loads(self.command(*arguments, "-o", "json").stdout)

    def publish(self, recipe: dict[str, Any]) -> str:
        """Apply and publish a recipe by the command line and return its id."""
        name = str(recipe["metadata"]["name"])
        path = self.folder / f"{name}.yaml"
        path.write_text(yaml.safe_dump(recipe, sort_keys=False, allow_unicode=True))
        self.command("recipe", "apply", "-f", path, "--publish")
        return str(self.asked("recipe", "show", name)["id"])

    def secret(self, name: str, text: str) -> str:
        """Lay a secret into a file and return it as --secret-file wants it."""
        path = self.folder / f"secret-{name}"
        path.write_text(text)
        return f"{name}={path}"

    def get(self, path: str, **query: str | int) -> Any:
        """Ask over REST, as often as it takes until a hub that was damaged answers."""
        return until(lambda: self._get(path, query), lambda answer: answer is not None)

    def items(self, recipe: str) -> list[Any]:
        """Return the items of a recipe, the newest first."""
        found: list[Any] = self.get("items", recipe=recipe, limit=500)["items"]
        return found

    def settled(self, recipe: str, count: int, patience: float = PATIENCE) -> list[Any]:
        """Wait until so many items of a recipe have come to an end."""
        ended = {"delivered", "filtered", "dead", "cancelled"}
        return until(
            lambda: [item for item in self.items(recipe) if item["state"] in ended],
            lambda items: len(items) >= count,
            patience,
        )

    def child(self, word: str) -> psutil.Process:
        """Return the part of the tree that has this word in its command, once it runs."""
        return part_of(self._process.pid, word)

    def kill(self, word: str) -> None:
        """Kill a part without a warning and wait until it is gone."""
        killed = self.child(word)
        killed.send_signal(signal.SIGKILL)
        psutil.wait_procs([killed], timeout=60)

    @contextmanager
    def without(self, word: str) -> Iterator[None]:
        """Kill a part and keep it away: what would start it again stands still meanwhile."""
        supervisor = psutil.Process(self._process.pid)
        supervisor.suspend()
        try:
            killed = self.child(word)
            killed.send_signal(signal.SIGKILL)
            until(lambda: has_ended(killed), bool)
            yield
        finally:
            supervisor.resume()

    def answers(self, path: str = "/readyz") -> int:
        """Return the status of a path, 0 when nobody answers."""
        try:
            return self.http.get(path).status_code
        except httpx2.TransportError:
            return 0

    def ready(self) -> None:
        """Wait until every part is up."""
        until(self.answers, lambda status: status == 200)

    def end(self) -> None:
        """Stop the hub as Ctrl-C does; make it end when it does not."""
        self.http.close()
        tree = psutil.Process(self._process.pid).children(recursive=True)
        self._process.send_signal(signal.SIGTERM)
        with suppress(subprocess.TimeoutExpired):
            self._process.communicate(timeout=60)
            return
        self._process.kill()
        for part in tree:
            with suppress(psutil.NoSuchProcess):
                part.kill()
        self._process.communicate(timeout=60)

    def _started(self) -> "subprocess.Popen[str]":
        command = [sys.executable, "-m", "hub", "up", "--data-dir", str(self.data_dir), "--port", str(self.port)]
        process = subprocess.Popen(
            command, env=environment(**self._config), cwd=self.folder, stdout=subprocess.PIPE, text=True
        )
        assert process.stdout is not None
        ready = any(line.startswith("Patchdeck is ready") for line in process.stdout)
        assert ready, f"It ended with {process.communicate() and process.returncode}."
        return process

    def _key_or_end(self) -> str:
        try:
            return self._key()
        except BaseException:
            self._process.kill()
            self._process.communicate()
            raise

    def _key(self) -> str:
        password = self.folder / "password"
        password.write_text("correct horse battery")
        here = ("--data-dir", self.data_dir)
        patchdeck("user", "add", "--email", "ada@example.test", "--role", "owner", "--password-file", password, *here)
        made = patchdeck("key", "create", "spine", "--scope", "admin", "-o", "json", *here)
        return str(json.loads(made.stdout)["key"])

    def _get(self, path: str, query: dict[str, str | int]) -> Any:
        try:
            answer = self.http.get(f"/api/v1/{path}", params=query)
        except httpx2.TransportError:
            return None
        return None if answer.status_code == 503 else answer.raise_for_status().json()


def until(ask: Callable[[], T], fits: Callable[[T], bool], patience: float = PATIENCE) -> T:
    """Ask again and again until the answer fits; fail with the last answer when it never does."""
    deadline = time.monotonic() + patience
    while not fits(answer := ask()):
        assert time.monotonic() < deadline, f"It never came to this: {answer!r:.2000}"
        time.sleep(LOOK_EVERY)
    return answer

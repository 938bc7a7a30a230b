"""One hub of the benchmark's own: started by its command, given an owner and a key, asked over REST."""

import json
import os
import secrets
import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Any, Self
from urllib.error import HTTPError, URLError
from urllib.request import Request, urlopen

from hub.supervisor.ports import free_port

PATCHDECK = Path(sys.executable).with_name("patchdeck")

EMAIL = "bench@example.test"


class Hub:
    """A hub in a data directory; `start` may be called again after `stop` or a kill."""

    def __init__(
        self, folder: Path, options: Sequence[str] = (), settings: Mapping[str, str] = MappingProxyType({})
    ) -> None:
        self.folder = folder
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.key = ""
        self.password = secrets.token_urlsafe(24)
        self._options = options
        self._settings = settings
        self._running: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        self.start()
        self._introduce()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    @property
    def pid(self) -> int:
        """The process id of the supervisor."""
        assert self._running is not None
        return self._running.pid

    def start(self, patience: float = 120) -> float:
        """Start everything and return the seconds until it said that it is ready."""
        self.folder.mkdir(parents=True, exist_ok=True)
        place = ["--port", str(self.port), "--data-dir", str(self.folder / "data")]
        began = time.monotonic()
        with (self.folder / "hub.log").open("ab") as log:
            self._running = subprocess.Popen(
                [PATCHDECK, "up", *place, *self._options], stdout=log, stderr=log, env=self._environment()
            )
        while not self.ready():
            if self._running.poll() is not None or time.monotonic() - began > patience:
                raise RuntimeError(f"The hub did not start:\n{(self.folder / 'hub.log').read_text()[-3000:]}")
            time.sleep(0.02)
        return time.monotonic() - began

    def stop(self) -> None:
        """End everything as Ctrl-C would."""
        if self._running is not None and self._running.poll() is None:
            self._running.send_signal(signal.SIGINT)
            self._running.wait(120)
        self._running = None

    def ready(self) -> bool:
        """Tell whether every part answers."""
        try:
            with urlopen(f"{self.url}/readyz", timeout=10) as answer:
                return bool(answer.status == 200)
        except (URLError, OSError):
            return False

    def ask(self, method: str, path: str, content: object = None) -> Any:
        """Call the REST interface and return its answer."""
        body = None if content is None else json.dumps(content).encode()
        headers = {"Authorization": f"Bearer {self.key}", "Content-Type": "application/json"}
        request = Request(f"{self.url}/api/v1{path}", data=body, headers=headers, method=method)
        try:
            with urlopen(request, timeout=120) as answer:
                return json.loads(answer.read() or b"null")
        except HTTPError as error:
            raise RuntimeError(f"{method} {path}: {error.code} {error.read().decode()[:2000]}") from error

    def command(self, *arguments: str, given: str | None = None) -> str:
        """Run one command of the client and return what it printed."""
        client = {"PATCHDECK_URL": self.url, "PATCHDECK_API_KEY": self.key}
        return run(arguments, self._environment() | client, given)

    def upload(self, name: str, content: bytes) -> str:
        """Store a file and return its id."""
        border = secrets.token_hex(16)
        head = f'--{border}\r\nContent-Disposition: form-data; name="file"; filename="{name}"\r\n\r\n'
        body = head.encode() + content + f"\r\n--{border}--\r\n".encode()
        kind = f"multipart/form-data; boundary={border}"
        headers = {"Authorization": f"Bearer {self.key}", "Content-Type": kind}
        with urlopen(Request(f"{self.url}/api/v1/files", data=body, headers=headers), timeout=60) as answer:
            return str(json.loads(answer.read())["id"])

    def local(self, *arguments: str, patience: float) -> str:
        """Run a command that needs no hub and return what it printed."""
        return run(arguments, self._environment(), patience=patience)

    def publish(self, recipe: Mapping[str, Any]) -> str:
        """Apply and publish a recipe and return its webhook's address, if it has one."""
        self.command("recipe", "apply", "-f", "-", "--publish", given=json.dumps(recipe))
        shown = json.loads(self.command("recipe", "show", str(recipe["metadata"]["name"]), "-o", "json"))
        return str(shown.get("hook_url", ""))

    def _introduce(self) -> None:
        """Make the first owner and a key, straight on the database."""
        password = self.folder / "password"
        password.write_text(self.password)
        place = ("--data-dir", str(self.folder / "data"))
        owner = ("--email", EMAIL, "--role", "owner", "--password-file", str(password))
        run(("user", "add", *owner, *place), self._environment())
        made = run(("key", "create", "bench", "--scope", "admin", "-o", "json", *place), self._environment())
        self.key = str(json.loads(made)["key"])

    def _environment(self) -> dict[str, str]:
        """Everything but settings of another hub; deliveries go to loopback, which is refused unless allowed."""
        kept = {name: value for name, value in os.environ.items() if not name.startswith("PATCHDECK_")}
        ours = {"PATCHDECK_ALLOW_NETWORKS": "127.0.0.0/8", "PATCHDECK_LOG_LEVEL": "warning"}
        return {**kept, **ours, **self._settings}


def run(
    arguments: Sequence[str], environment: Mapping[str, str], given: str | None = None, patience: float = 180
) -> str:
    """Run `patchdeck` and return its output; a failure shows what it said."""
    done = subprocess.run(
        [PATCHDECK, *arguments],
        input=given,
        capture_output=True,
        text=True,
        env=dict(environment),
        timeout=patience,
        check=False,
    )
    if done.returncode:
        raise RuntimeError(f"patchdeck {' '.join(arguments)} failed:\n{done.stdout}{done.stderr}")
    return done.stdout

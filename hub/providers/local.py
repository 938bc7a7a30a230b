"""A model on this machine: a file the operator names, served by a child process that is asked one thing at a time."""

from __future__ import annotations

import asyncio
import os
import secrets
import subprocess
import sys
import tempfile
from importlib.util import find_spec
from pathlib import Path
from typing import IO, TYPE_CHECKING

from connectors.sdk.network.dial import guarded_httpx_client
from connectors.sdk.network.guard import Guard
from hub.config import Config
from hub.config.values import Hidden
from hub.errors import HubError, InvalidError, UnavailableError
from hub.providers.local_server import PREFIX
from hub.providers.structs import LOCAL, OpenProvider, PinnedModel

if TYPE_CHECKING:
    import httpx2

_START_SECONDS = 300.0
_TOO_SLOW = "The model on this machine did not start within five minutes. Take a smaller file, or a faster machine."
_ANSWER_SECONDS = 900.0
# The server is another one at each start, so requests name no port; the transport below knows it.
_BASE = "http://local-model.invalid/v1"


class LocalModel:
    """Starts the child at the first question and again when it has died; it ends with this process."""

    def __init__(self, config: Config, file: Path) -> None:
        self._config = config
        self._file = file
        self._key = secrets.token_hex(16)
        self._child: subprocess.Popen[bytes] | None = None
        self._address = ""
        self._turn = asyncio.Lock()

    @staticmethod
    def configured(config: Config) -> LocalModel | None:
        """Return the model the operator configured, None when there is none."""
        return LocalModel(config, config.local_model) if config.local_model else None

    def provider(self) -> OpenProvider:
        """Return it as a provider; nothing is started before it is asked."""
        return OpenProvider(
            id=LOCAL,
            name="The model on this machine",
            base_url=_BASE,
            model=PinnedModel(name=self._file.stem),
            http=self._client,
            key=Hidden(self._key),
            is_local=True,
            seconds=_ANSWER_SECONDS,
            # Half of its context for the document, at three characters a token.
            characters=self._config.local_model_context * 3 // 2,
        )

    def close(self) -> None:
        """End the child."""
        if self._child is not None:
            _end(self._child)
        self._child = None

    def _client(self) -> httpx2.AsyncClient:
        import httpx2

        model, inner = self, guarded_httpx_client(Guard(("127.0.0.0/8",)), timeout=_ANSWER_SECONDS)

        class OneAtATime(httpx2.AsyncBaseTransport):
            """Takes turns, and sends each request to where the child listens now."""

            async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
                async with model._turn:
                    try:
                        address = await model._ready()
                    except HubError as error:
                        raise httpx2.ConnectError(error.message) from error
                    url = address + request.url.raw_path.decode()
                    body = await request.aread()
                    headers = {**request.headers, "host": address.removeprefix("http://")}
                    answer = await inner.request(request.method, url, headers=headers, content=body)
                    kept = [("content-type", answer.headers.get("content-type", ""))]
                    return httpx2.Response(answer.status_code, headers=kept, content=answer.content)

            async def aclose(self) -> None:
                await inner.aclose()

        return httpx2.AsyncClient(transport=OneAtATime(), trust_env=False)

    async def _ready(self) -> str:
        if self._child is not None and self._child.poll() is None:
            return self._address
        self.close()
        if find_spec("xllamacpp") is None:
            message = "The model on this machine needs another package: pip install 'patchdeck[local-model]'."
            raise InvalidError(message)
        if not self._file.is_file():
            raise InvalidError(f"There is no file {self._file}. Check PATCHDECK_LOCAL_MODEL.")
        with tempfile.TemporaryFile() as log:
            child = self._start(log)
            try:
                async with asyncio.timeout(_START_SECONDS):
                    self._address = await asyncio.to_thread(_first_line, child)
            except BaseException as error:
                _end(child)
                if isinstance(error, TimeoutError):
                    raise UnavailableError(_TOO_SLOW, retry_after=60) from error
                raise
            if not self._address.startswith("http://127.0.0.1:"):
                _end(child)
                raise UnavailableError(f"The model on this machine did not start: {_last_line(log)}.", retry_after=60)
        self._child = child
        return self._address

    def _start(self, log: IO[bytes]) -> subprocess.Popen[bytes]:
        told = {
            "MODEL": str(self._file),
            "SHA256": self._config.local_model_sha256 or "",
            "THREADS": str(self._config.local_model_threads),
            "CONTEXT": str(self._config.local_model_context),
            "KEY": self._key,
        }
        kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG", "PYTHONPATH") if name in os.environ}
        return subprocess.Popen(
            [sys.executable, "-m", "hub.providers.local_server"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=log,
            env=kept | {PREFIX + name: value for name, value in told.items()},
        )


def _first_line(child: subprocess.Popen[bytes]) -> str:
    return child.stdout.readline().decode().strip() if child.stdout else ""


def _last_line(log: IO[bytes]) -> str:
    """Return what the child said last, without its stop."""
    log.seek(0)
    said = [line for line in log.read().decode(errors="replace").splitlines() if line.strip()]
    return said[-1][:200].rstrip(".") if said else "it said nothing"


def _end(child: subprocess.Popen[bytes]) -> None:
    """End a child that holds nothing of worth, and close its pipes."""
    child.kill()
    child.wait()
    for pipe in (child.stdin, child.stdout):
        if pipe is not None:
            pipe.close()

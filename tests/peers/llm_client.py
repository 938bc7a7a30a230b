"""The chat completions peer as tests see it, and the fixtures that start it once."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from connectors.sdk.network.guard import Guard
from hub.config import Hidden
from hub.extraction.language_models.llm import LanguageModel
from hub.providers import OPERATOR, OpenProvider, PinnedModel
from hub.providers.wire import wire
from tests.peers.process import free_port, serve

# Seconds that a busy machine may take for an answer
PATIENCE = 60.0


class Peer:
    """The server: told what to say, asked what it heard."""

    def __init__(self, base: str) -> None:
        self.base = base

    @property
    def url(self) -> str:
        """Its base address."""
        return f"{self.base}/v1"

    def script(self, *steps: dict[str, Any]) -> None:
        """Say what it answers next."""
        httpx.post(f"{self.base}/_script", json=list(steps), timeout=60).raise_for_status()

    def fail_jobs(self, *, fails: bool) -> None:
        """Let fine-tuning jobs fail from now on, or not."""
        httpx.post(f"{self.base}/_fail", json=fails, timeout=60).raise_for_status()

    @property
    def asked(self) -> list[dict[str, Any]]:
        """What arrived since."""
        asked: list[dict[str, Any]] = httpx.get(f"{self.base}/_asked", timeout=60).json()
        return asked

    @property
    def files(self) -> dict[str, str]:
        """The training files it holds."""
        files: dict[str, str] = httpx.get(f"{self.base}/_files", timeout=60).json()
        return files

    def provider(self, guard: Guard | None = None, **told: Any) -> OpenProvider:
        """This server as a provider, the operator's unless told."""
        pinned = PinnedModel(name="test-1", input_price=2.0, output_price=10.0)
        given = {"id": OPERATOR, "name": "Peer", "base_url": self.url, "model": pinned, "key": Hidden("k")}
        guarded = guard or Guard(["127.0.0.0/8"])
        return OpenProvider(**{**given, "http": wire(guarded), **told})

    def model(self, guard: Guard | None = None, **told: Any) -> LanguageModel:
        """An engine that asks this server alone."""
        return LanguageModel([self.provider(guard, **told)])


@pytest.fixture(scope="session")
def llm_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The server's address."""
    port = free_port()
    log = tmp_path_factory.mktemp("llm") / "log"
    # Servers run elsewhere, where our packages are not found by themselves.
    code = (
        f"import sys; sys.path.insert(0, {str(Path(__file__).parents[2])!r}); from tests.peers.llm import main; main()"
    )
    with serve([sys.executable, "-c", code, str(port)], port, log):
        yield f"http://127.0.0.1:{port}"


@pytest.fixture
def peer(llm_server: str) -> Peer:
    """The server with nothing to say yet."""
    found = Peer(llm_server)
    found.script()
    return found

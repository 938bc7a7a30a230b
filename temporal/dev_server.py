"""The Temporal dev server of a single machine: which program, which flags, when it answers.

Its file has no migrations and is never the truth: everything in it can be thrown away and rebuilt from PostgreSQL.
The flags are measured: on stock settings each hop of a workflow waits for a 50 ms tick, and each commit for a disk.
"""

import os
import shutil
import socket
import sys
from collections.abc import Mapping
from pathlib import Path

import msgspec

_SEARCH_ATTRIBUTES = ("Workspace=Keyword", "Recipe=Keyword")
_PRAGMAS = ("journal_mode=WAL", "synchronous=NORMAL")
_DYNAMIC_CONFIG = (
    "history.transferProcessorMaxPollRPS=1000",
    "history.timerProcessorMaxPollRPS=1000",
    "matching.numTaskqueueReadPartitions=1",
    "matching.numTaskqueueWritePartitions=1",
    "matching.enableFairness=true",
    "frontend.rps=100000",
    "frontend.namespaceRPS=100000",
    "frontend.namespaceRPS.visibility=1000",
    "matching.rps=100000",
    "history.rps=100000",
    "worker.schedulerNamespaceStartWorkflowRPS=1000",
)


class DevServer(msgspec.Struct, frozen=True):
    """One server: its file and its ports on the loopback interface."""

    database: Path
    port: int
    http_port: int
    metrics_port: int
    namespace: str = "default"

    @property
    def address(self) -> str:
        """Where clients connect."""
        return f"127.0.0.1:{self.port}"

    def command(self) -> list[str]:
        """Return the program with its flags."""
        command = [_program(), "server", "start-dev", "--headless", "--ip", "127.0.0.1", "--log-level", "error"]
        command += ["--port", str(self.port), "--http-port", str(self.http_port)]
        command += ["--metrics-port", str(self.metrics_port)]
        command += ["--namespace", self.namespace, "--db-filename", str(self.database)]
        for flag, values in (
            ("--sqlite-pragma", _PRAGMAS),
            ("--search-attribute", _SEARCH_ATTRIBUTES),
            ("--dynamic-config-value", _DYNAMIC_CONFIG),
        ):
            for value in values:
                command += [flag, value]
        return command

    def environment(self) -> Mapping[str, str]:
        """Return all it needs of ours, so that no stray setting of the user's own Temporal reaches it."""
        return {"PATH": os.environ.get("PATH", ""), "HOME": str(self.database.parent)}

    def answers(self) -> bool:
        """Tell whether the server takes connections; from then on it serves calls."""
        try:
            socket.create_connection(("127.0.0.1", self.port), timeout=1).close()
        except OSError:
            return False
        return True


def _program() -> str:
    """Find the program of the wheel beside the interpreter, else on the path."""
    beside = Path(sys.executable).parent / "temporal"
    found = str(beside) if beside.exists() else shutil.which("temporal")
    if found is None:
        raise FileNotFoundError(
            "The Temporal dev server is not installed. Reinstall patchdeck or set PATCHDECK_TEMPORAL_ADDRESS."
        )
    return found

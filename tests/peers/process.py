"""Start a real server for the tests and end it, by its own process group, when they are done."""

import contextlib
import os
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from hub.supervisor.ports import free_port

__all__ = ["START_SECONDS", "free_port", "make_certificate", "program", "serve"]
START_SECONDS = 180.0


def program(name: str, *places: str) -> str:
    """Find a server's program, or fail the tests with what to install: a missing peer is never skipped."""
    found = shutil.which(name, path=os.pathsep.join((*places, os.environ.get("PATH", ""), "/usr/sbin", "/sbin")))
    if found is None:
        pytest.fail(f"The program {name} is missing. Install the packages of tests/packages.txt, as make test does.")
    return found


def make_certificate(directory: Path) -> None:
    """Write `key.pem` and a self-signed `certificate.pem` for localhost into a directory."""
    names = "subjectAltName=DNS:localhost,IP:127.0.0.1"
    request = f"req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=localhost -addext {names}".split()
    files = ["-keyout", str(directory / "key.pem"), "-out", str(directory / "certificate.pem")]
    subprocess.run([program("openssl"), *request, *files], check=True, capture_output=True)


@contextlib.contextmanager
def serve(command: Sequence[str], port: int, log: Path, ending: signal.Signals = signal.SIGTERM) -> Iterator[None]:
    """Run a server until the block ends; it is ready once its port answers, and dies with the tests."""
    guarded = ["setpriv", "--pdeathsig", ending.name.removeprefix("SIG"), "--", *command]
    with log.open("ab") as output:
        server = subprocess.Popen(
            guarded, stdin=subprocess.DEVNULL, stdout=output, stderr=output, cwd="/", start_new_session=True
        )
    try:
        _await_port(server, port, log)
        yield
    finally:
        _end(server, ending)


def _await_port(server: subprocess.Popen[bytes], port: int, log: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and server.poll() is None:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 0.5):
            return
        time.sleep(0.02)
    pytest.fail(f"{server.args!r} did not start: {log.read_text(errors='replace')[-2000:]}")


def _end(server: subprocess.Popen[bytes], ending: signal.Signals) -> None:
    if server.poll() is None:
        os.killpg(server.pid, ending)
        try:
            server.wait(60)
        except subprocess.TimeoutExpired:
            os.killpg(server.pid, signal.SIGKILL)
            server.wait()

"""`patchdeck up` as a user meets it: starts, refuses, recovers, ends."""

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from hub.supervisor.ports import free_port
from tests.platform.commands import environment, patchdeck
from tests.platform.parts import accounts_of, part_of

# a hub starts several times, and ends in order
pytestmark = pytest.mark.timeout(900)

START_LIMIT = 180
NOBODY = 65534


class Up:
    """A running `patchdeck up`, its lines and its address."""

    def __init__(self, data_dir: Path, python: str = sys.executable, account: int | None = None) -> None:
        self.data_dir = data_dir
        self.port = free_port()
        self.lines: list[str] = []
        options = ("--data-dir", str(data_dir), "--port", str(self.port))
        self.process = subprocess.Popen(
            [python, "-m", "hub", "up", *options],
            env=environment(),
            cwd="/",
            stdout=subprocess.PIPE,
            text=True,
            user=account,
            group=account,
            extra_groups=None if account is None else [],
        )

    def ready(self) -> "Up":
        """Read its lines until it says that it is ready."""
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.lines.append(line.strip())
            if line.startswith("Patchdeck is ready:"):
                return self
        raise AssertionError(f"It ended instead of being ready: {self.lines}")

    def tree(self) -> list[psutil.Process]:
        return psutil.Process(self.process.pid).children(recursive=True)

    def ask(self, path: str) -> int:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}{path}", timeout=30) as answer:
                return int(answer.status)
        except urllib.error.HTTPError as refusal:
            with refusal:
                return refusal.code
        except OSError:
            return 0

    def ask_until(self, path: str, status: int) -> None:
        """Ask until the answer is as expected."""
        deadline = time.monotonic() + START_LIMIT
        while self.ask(path) != status:
            assert time.monotonic() < deadline, f"{path} never answered {status}"
            time.sleep(0.1)

    def end(self, number: signal.Signals = signal.SIGTERM) -> float:
        """Send a signal and return how long it took to end."""
        started = time.monotonic()
        self.process.send_signal(number)
        self.process.communicate(timeout=120)
        return time.monotonic() - started


def running(up: Up) -> Iterator[Up]:
    try:
        yield up.ready()
    finally:
        up.process.kill()
        up.process.communicate()


@pytest.fixture(scope="module")
def up(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Up]:
    """One hub that the tests of this module look at, use and damage."""
    yield from running(Up(tmp_path_factory.mktemp("up") / "data"))


def test_prints_a_link_for_the_first_account_and_serves(up: Up) -> None:
    assert any("/setup/" in line for line in up.lines)
    up.ask_until("/readyz", 200)
    assert (up.ask("/healthz"), up.ask("/api/health")) == (200, 200)


def test_refuses_a_second_start_and_names_the_first(up: Up) -> None:
    refused = patchdeck("up", "--data-dir", up.data_dir, "--port", str(free_port()), code=1)
    assert f"is in use by process {up.process.pid}" in refused.stderr
    up.ask_until("/readyz", 200)


def test_refuses_a_port_that_is_taken(up: Up, tmp_path: Path) -> None:
    refused = patchdeck("up", "--data-dir", tmp_path / "other", "--port", str(up.port), code=1)
    assert "Choose another port with --port." in refused.stderr


def test_works_beside_local_commands(up: Up, tmp_path: Path) -> None:
    (tmp_path / "password").write_text("correct horse battery")
    owner = ("--email", "ada@example.test", "--role", "owner", "--password-file", tmp_path / "password")
    here = ("--data-dir", up.data_dir)
    patchdeck("user", "add", *owner, *here)
    key = json.loads(patchdeck("key", "create", "ci", "--scope", "admin", "-o", "json", *here).stdout)
    listed = patchdeck("key", "list", "-o", "json", URL=f"http://127.0.0.1:{up.port}", API_KEY=key["key"])
    assert [one["name"] for one in json.loads(listed.stdout)] == ["ci"]
    assert "broken" not in patchdeck("doctor", *here).stdout


@pytest.mark.parametrize("part", ["_serve", "postgres", "start-dev"])
def test_mends_itself_when_a_part_is_killed(up: Up, part: str) -> None:
    killed = part_of(up.process.pid, part)
    killed.kill()
    psutil.wait_procs([killed], timeout=60)
    part_of(up.process.pid, part, other_than=killed.pid)
    up.ask_until("/readyz", 200)
    assert part_of(up.process.pid, part).pid != killed.pid


def test_goes_on_after_a_kill_and_ends_without_leaving_anybody(tmp_path: Path) -> None:
    first = Up(tmp_path / "data").ready()
    tree = first.tree()
    first.end(signal.SIGKILL)
    assert psutil.wait_procs(tree, timeout=150)[1] == []
    ports = json.loads((tmp_path / "data" / "ports.json").read_text())

    second = Up(tmp_path / "data").ready()
    assert json.loads((tmp_path / "data" / "ports.json").read_text())["temporal"] == ports["temporal"]
    tree = second.tree()
    assert second.end(signal.SIGINT) < 60
    assert second.process.returncode == 0
    assert psutil.wait_procs(tree, timeout=150)[1] == []


def python_for(account: int) -> str | None:
    """Return a Python that an account can run: ours, or the system's when ours lies in a closed home."""
    system = f"/usr/bin/python{sys.version_info.major}.{sys.version_info.minor}"
    return next((python for python in (sys.executable, system) if can_run(python, account)), None)


def can_run(python: str, account: int) -> bool:
    try:
        subprocess.run(
            [python, "-c", "import encodings"],
            check=True,
            capture_output=True,
            cwd="/",
            user=account,
            group=account,
            extra_groups=(),
        )
    except (OSError, subprocess.CalledProcessError):
        return False
    return True


@pytest.fixture
def ordinary_up() -> Iterator[Up]:
    """A hub of an account that is not root, in a home of its own."""
    python = python_for(NOBODY) if os.geteuid() == 0 else sys.executable
    if python is None:
        pytest.skip("every Python of this version lies where an ordinary account cannot enter")
    home = Path(tempfile.mkdtemp(prefix="patchdeck-home-", dir="/var/tmp"))
    account = NOBODY if os.geteuid() == 0 else None
    os.chown(home, account or -1, account or -1)
    yield from running(Up(home / "data", python, account))
    shutil.rmtree(home)


def test_works_for_an_ordinary_user(ordinary_up: Up) -> None:
    ordinary_up.ask_until("/readyz", 200)
    assert accounts_of(ordinary_up.process.pid) == {ordinary_up.data_dir.stat().st_uid}
    assert ordinary_up.end() < 60

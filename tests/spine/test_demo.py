"""The demo as `make demo` starts it: every sample ends where it belongs, also when it is started again."""

import subprocess
import sys
from pathlib import Path

import pytest

from hub.demo.show import samples
from hub.supervisor.ports import free_port
from tests.platform.commands import environment

# a whole hub starts and works in each test
pytestmark = pytest.mark.timeout(900)

ALL = f"{len(samples())} of {len(samples())} samples as expected"


def demo(data_dir: Path) -> subprocess.CompletedProcess[str]:
    """Run the demo to its end and return what it printed."""
    return subprocess.run(
        [sys.executable, "-m", "hub", "up", "--demo", "--data-dir", str(data_dir), "--port", str(free_port())],
        env={**environment(LOG_LEVEL="error"), "DEMO_EXIT": "1"},
        cwd=data_dir.parent,
        capture_output=True,
        text=True,
        check=False,
        timeout=600,
    )


@pytest.fixture(scope="module")
def data_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("demo") / "data"


def test_there_are_as_many_samples_as_were_promised() -> None:
    assert len(samples()) >= 15
    assert {sample.path.suffix for sample in samples()} == {".pdf", ".docx", ".html", ".txt"}


@pytest.mark.parametrize("start", ["first", "second"])
def test_ends_with_every_sample_as_expected(data_dir: Path, start: str) -> None:
    done = demo(data_dir)
    assert (done.stdout.splitlines()[-1], done.returncode) == (ALL, 0), done.stderr
    assert "WRONG" not in done.stderr
    assert "Traceback" not in done.stderr

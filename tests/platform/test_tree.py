"""The process tree: order, restarts, and nobody left behind."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator

import psutil
import pytest


class Run:
    """A tree in a process of its own, whose lines are read as they come."""

    def __init__(self, case: str) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tests.platform.tree_program", case],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def line(self) -> str:
        assert self.process.stdout is not None
        return self.process.stdout.readline().rstrip("\n")

    def children(self) -> list[psutil.Process]:
        return psutil.Process(self.process.pid).children(recursive=True)

    def end(self, number: signal.Signals) -> str:
        self.process.send_signal(number)
        output, _ = self.process.communicate(timeout=60)
        return output.rstrip("\n")


@pytest.fixture
def started(request: pytest.FixtureRequest) -> Iterator[Run]:
    run = Run(request.param)
    yield run
    run.process.kill()
    run.process.communicate()


@pytest.mark.parametrize("started", ["steady"], indirect=True)
def test_starts_in_order_and_leaves_nobody_behind(started: Run) -> None:
    assert started.line().startswith("ready: worker")
    children = started.children()
    assert len(children) == 2
    assert started.end(signal.SIGTERM) == "ended"
    assert started.process.returncode == 0
    assert psutil.wait_procs(children, timeout=60)[1] == []


@pytest.mark.parametrize("started", ["steady"], indirect=True)
def test_restarts_a_part_that_is_killed(started: Run) -> None:
    first = started.line()
    os.kill(int(first.split()[-1]), signal.SIGKILL)
    second = started.line()
    assert second.startswith("ready: worker")
    assert second != first


@pytest.mark.parametrize("started", ["steady"], indirect=True)
def test_children_die_with_a_killed_parent(started: Run) -> None:
    started.line()
    children = started.children()
    started.process.kill()
    started.process.wait()
    assert psutil.wait_procs(children, timeout=60)[1] == []


@pytest.mark.parametrize("started", ["deaf"], indirect=True)
def test_ends_by_force_what_does_not_listen(started: Run) -> None:
    started.line()
    assert started.end(signal.SIGINT) == "ended"


@pytest.mark.parametrize("started", ["broken-step"], indirect=True)
def test_gives_up_when_a_step_fails(started: Run) -> None:
    assert started.line() == "failed: The step did not start."
    assert started.process.wait(60) == 1


@pytest.mark.parametrize("started", ["broken-store"], indirect=True)
def test_gives_up_when_a_part_never_starts(started: Run) -> None:
    assert started.line() == "failed: The store did not start. It said why."
    assert started.process.wait(60) == 1


@pytest.mark.parametrize("started", ["short"], indirect=True)
def test_ends_by_itself_when_it_is_over(started: Run) -> None:
    started.line()
    assert started.line() == "ended"
    assert started.process.wait(60) == 0

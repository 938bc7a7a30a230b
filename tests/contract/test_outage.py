"""A database that hangs, which is worse than one that is gone: nobody is left waiting for an answer."""

import signal
import time
from collections.abc import Iterator

import psutil
import pytest

from tests.spine.running_hub import RunningHub, until


@pytest.fixture
def frozen(hub: RunningHub) -> Iterator[None]:
    """The hub while its database stands still."""
    server = hub.child("postgres")
    halted = [server, *server.children(recursive=True)]
    _send(halted, signal.SIGSTOP)
    yield
    _send(halted, signal.SIGCONT)


def _send(processes: list[psutil.Process], number: signal.Signals) -> None:
    for process in processes:
        process.send_signal(number)


def test_a_hanging_database_is_told_and_nothing_is_lost(hub: RunningHub, address: str, frozen: None) -> None:
    started = time.monotonic()
    ready = hub.http.get("/readyz")
    assert (ready.status_code, ready.json()["parts"]["database"]["status"]) == (503, "down")
    answer = hub.http.post(address, json={"id": 700})
    assert (answer.status_code, "retry-after" in answer.headers) == (503, True)
    assert time.monotonic() - started < 60


def test_goes_on_once_it_answers_again(hub: RunningHub, address: str) -> None:
    hub.ready()
    assert hub.http.post(address, json={"id": 701, "total": 1}).status_code == 202
    until(lambda: hub.get("datasets/events/records", q="id:701")["items"], bool)

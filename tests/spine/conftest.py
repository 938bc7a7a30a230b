"""Fixtures of the spine: a hub as users run it, real mail and a real database beside it."""

from collections.abc import Iterator

import pytest

from tests.peers.mail import mail
from tests.peers.postgres import postgres_server
from tests.spine.running_hub import RunningHub

__all__ = ["mail", "postgres_server"]


@pytest.fixture(scope="package")
def hub(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningHub]:
    """One hub for all tests, which may reach this machine and whose parts are killed now and then."""
    running = RunningHub(tmp_path_factory.mktemp("hub"), ALLOW_NETWORKS="127.0.0.0/8,::1/128")
    yield running
    running.end()

"""How `make test` deals out the tests to several processes, its workers.

What shares a running hub, a browser or a database of its own stays together, and the longest goes first, so that the
workers end at about the same time. Tests that measure are marked `xdist_group("alone")`: they come last, and while one
of them runs the other workers wait. Nothing of this happens when pytest is started plainly.
"""

import fcntl
import os
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

import psutil
import pytest
from xdist.scheduler import LoadGroupScheduling

ALONE = "alone"
# Folders and files in the order in which they are dealt out, the longest first.
FIRST = (
    "spine",
    "ui/test_every_page.py",
    "ui/test_extraction.py",
    "ui/test_schemas.py",
    "ui",
    "mcp",
    "reading",
    "platform",
    "runs",
)
# These stay together: each has a hub or a database of its own, and is short enough for one worker.
TOGETHER = ("spine", "runs", "mcp", "contract", "connectors/email", "subscriptions", "bots", "workflows")
MEMORY_OF_ONE = 3 << 30


class Dealing(LoadGroupScheduling):  # type: ignore[misc]  # xdist ships no types
    """Deals out groups, whole folders of `TOGETHER`, and other tests file by file."""

    def _split_scope(self, nodeid: str) -> str:
        group = super()._split_scope(nodeid)
        return share(nodeid) if group == nodeid else group


def share(nodeid: str) -> str:
    """Name what a test shares a worker with: a folder of `TOGETHER`, or its file."""
    return _first_of(TOGETHER, nodeid) or _path(nodeid)


def is_alone(item: pytest.Item) -> bool:
    """Tell whether a test wants the machine for itself."""
    mark = item.get_closest_marker("xdist_group")
    return mark is not None and mark.args == (ALONE,)


def rank(item: pytest.Item) -> int:
    """Return where a test stands among all: the longest first, those that want to be alone last."""
    if is_alone(item):
        return len(FIRST) + 1
    first = _first_of(FIRST, item.nodeid)
    return FIRST.index(first) if first else len(FIRST)


@contextmanager
def turn(folder: Path, *, alone: bool) -> Iterator[None]:
    """Wait until nobody runs alone, or, to run alone, until nobody runs; who waits for that lets no others in."""
    kind = fcntl.LOCK_EX if alone else fcntl.LOCK_SH
    with ExitStack() as door, ExitStack() as room:
        fcntl.flock(door.enter_context((folder / "door").open("w")), kind)
        fcntl.flock(room.enter_context((folder / "room").open("w")), kind)
        if not alone:
            door.close()
        yield


def number_of_workers() -> int:
    """Return how many workers this machine feeds: tests wait a lot, so one more than it has cores."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return max(1, min(cores + 1, psutil.virtual_memory().total // MEMORY_OF_ONE))


def _path(nodeid: str) -> str:
    return nodeid.split("::", 1)[0].removeprefix("tests/")


def _first_of(places: Sequence[str], nodeid: str) -> str | None:
    path = f"{_path(nodeid)}/"
    return next((place for place in places if path.startswith(f"{place}/")), None)

"""The parts of a running hub, found among its processes by a word of their commands."""

import time
from collections.abc import Iterator
from contextlib import suppress

import psutil

PATIENCE = 120.0
LOOK_EVERY = 0.1


def part_of(pid: int, word: str, other_than: int = 0) -> psutil.Process:
    """Return the first process below this one that has the word in its command, as soon as there is one."""
    deadline = time.monotonic() + PATIENCE
    while (found := next(_parts(pid, word, other_than), None)) is None:
        assert time.monotonic() < deadline, f"No process below {pid} has {word!r} in its command."
        time.sleep(LOOK_EVERY)
    return found


def has_ended(process: psutil.Process) -> bool:
    """Tell whether a process works no more, also while nobody has cleared it away."""
    try:
        return bool(process.status() == psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return True


def accounts_of(pid: int) -> set[int]:
    """Return the accounts under which the processes below this one run."""
    accounts = set()
    for child in psutil.Process(pid).children(recursive=True):
        with suppress(psutil.NoSuchProcess):
            accounts.add(child.uids().real)
    return accounts


def _parts(pid: int, word: str, other_than: int) -> Iterator[psutil.Process]:
    for child in psutil.Process(pid).children(recursive=True):
        with suppress(psutil.NoSuchProcess):  # some live for a moment only
            if child.pid != other_than and any(word in part for part in child.cmdline()):
                yield child

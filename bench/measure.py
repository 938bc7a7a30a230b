"""CPU time and memory of a whole process tree, and percentiles."""

import math
from collections.abc import Iterator, Sequence
from typing import Self

import psutil


def tree(pid: int) -> Iterator[psutil.Process]:
    """Yield a process and everything below it."""
    top = psutil.Process(pid)
    yield top
    yield from top.children(recursive=True)


def cpu_seconds(pid: int) -> float:
    """Return the CPU time a tree has used so far, ended and reaped children included."""
    total = 0.0
    for member in tree(pid):
        try:
            times = member.cpu_times()
        except psutil.NoSuchProcess:
            continue
        total += times.user + times.system + times.children_user + times.children_system
    return total


def memory_by_part(pid: int) -> dict[str, float]:
    """Return the memory of a tree in megabytes (PSS: shared pages are counted once), by program."""
    parts: dict[str, float] = {}
    for member in tree(pid):
        try:
            name, pss = member.name(), member.memory_full_info().pss
        except psutil.NoSuchProcess:
            continue
        parts[name] = parts.get(name, 0.0) + pss / 1e6
    return parts


class Cpu:
    """The CPU time that a tree uses inside a `with` block."""

    def __init__(self, pid: int) -> None:
        self._pid = pid
        self.seconds = 0.0

    def __enter__(self) -> Self:
        self._before = cpu_seconds(self._pid)
        return self

    def __exit__(self, *_: object) -> None:
        self.seconds = cpu_seconds(self._pid) - self._before


def percentile(values: Sequence[float], share: float) -> float:
    """Return the value below which a share of all values lies, infinity when there are none."""
    if not values:
        return math.inf
    return sorted(values)[min(len(values) - 1, math.ceil(len(values) * share) - 1)]

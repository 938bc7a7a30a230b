"""Descendants whose own parent died: taken in, reaped, and ended with the tree, so that nobody is left behind."""

import ctypes
import os
import signal
import sys
from collections.abc import Collection
from contextlib import suppress

_PR_SET_CHILD_SUBREAPER = 36


def adopt() -> None:
    """Become the parent of every descendant that loses its own; Linux only, elsewhere init does it."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_CHILD_SUBREAPER, 1)


def reap(parts: Collection[int]) -> None:
    """Clear away adopted children that have ended; those of the parts are left to whoever started them."""
    while (ended := _ended()) is not None and ended not in parts:
        os.waitpid(ended, os.WNOHANG)


def end() -> None:
    """End by force whoever is left, once every part has ended."""
    import psutil

    for stray in psutil.Process().children(recursive=True):
        with suppress(psutil.NoSuchProcess):
            stray.send_signal(signal.SIGKILL)
    with suppress(ChildProcessError):
        while True:
            os.waitpid(-1, 0)


def _ended() -> int | None:
    """Return a child that has ended, without taking the news from the one who waits for it."""
    try:
        found = os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOHANG | os.WNOWAIT)
    except ChildProcessError:
        return None
    return found.si_pid if found else None

"""Child processes that cannot outlive their parent."""

import ctypes
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import IO

import msgspec

from hub.supervisor.account import Account

_LIBC = ctypes.CDLL(None) if sys.platform == "linux" else None
_PR_SET_PDEATHSIG = 1


class Program(msgspec.Struct, frozen=True, kw_only=True):
    """What to run as a child: where, as whom, with which environment, and how it ends when we die."""

    command: Sequence[str | Path]
    folder: Path
    environment: Mapping[str, str] | None = None
    account: Account | None = None
    on_parent_death: signal.Signals = signal.SIGKILL

    def start(self, output: IO[bytes] | int, errors: IO[bytes] | int = subprocess.STDOUT) -> subprocess.Popen[bytes]:
        """Start it in a session of its own, so that a Ctrl-C reaches only the parent, which then ends it in order.

        Call this on the main thread: the kernel sends the death signal when the thread that started the child ends.
        """
        account = self.account
        return subprocess.Popen(
            [str(part) for part in self.command],
            cwd=self.folder,
            env=None if self.environment is None else dict(self.environment),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=errors,
            start_new_session=True,
            preexec_fn=_die_with_parent(self.on_parent_death),  # noqa: PLW1509  # one system call, nothing that locks
            user=account.uid if account else None,
            group=account.gid if account else None,
            extra_groups=[] if account else None,
        )


def stop(child: subprocess.Popen[bytes], how: signal.Signals, grace: float) -> None:
    """Ask a child to end, and after the grace period make it end."""
    if child.poll() is not None:
        return
    child.send_signal(how)
    try:
        child.wait(grace)
    except subprocess.TimeoutExpired:
        child.kill()
        child.wait()


def _die_with_parent(how: signal.Signals) -> Callable[[], None] | None:
    if _LIBC is None:
        return None
    parent = os.getpid()

    def arrange() -> None:
        _LIBC.prctl(_PR_SET_PDEATHSIG, int(how))
        if os.getppid() != parent:  # the parent died before the line above
            os._exit(1)

    return arrange

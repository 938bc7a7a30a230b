"""The loop of `patchdeck up`: start parts in order, restart what ends, end all of them together."""

import os
import selectors
import signal
import sys
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from types import FrameType
from typing import IO

from hub.supervisor import orphans
from hub.supervisor.errors import StartError
from hub.supervisor.part import Part

_FIRST_START_TRIES = 3
_POLL = 0.02
_STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class StopRequested(BaseException):
    """Somebody pressed Ctrl-C or sent SIGTERM."""


class Group:
    """Parts that are asked to end together, and how long they may take."""

    def __init__(self, parts: Sequence[Part], grace: float) -> None:
        self.parts = parts
        self.grace = grace

    def stop(self) -> None:
        """Ask all of them at once, wait, and end by force what is left when the time is up."""
        deadline = time.monotonic() + self.grace
        for part in self.parts:
            if part.child is not None:
                part.child.send_signal(part.ending)
        for part in self.parts:
            part.stop(max(deadline - time.monotonic(), 0.1))


class Tree:
    """Groups of parts: started as soon as what they need is ready, ended from the last group to the first."""

    def __init__(self, groups: Sequence[Group], hear: Callable[[str], None]) -> None:
        self._groups = groups
        self._parts = [part for group in groups for part in group.parts]
        self._hear = hear
        self._selector = selectors.DefaultSelector()

    def run(self, until: Callable[[], bool]) -> None:
        """Run until a signal comes or `until` says so; then end every part. A part that never starts ends all."""
        orphans.adopt()
        self._wake_on_signals()
        try:
            self._advance()
            while not until():  # asked after looking: what has ended by then sends no signal any more
                self._wait()
                self._advance()
        except StopRequested:
            _say("Stopping.")
        finally:
            for number in _STOP_SIGNALS:
                signal.signal(number, signal.SIG_IGN)
            for group in reversed(self._groups):
                group.stop()
            orphans.end()

    def _wake_on_signals(self) -> None:
        wakeup, alarm = os.pipe()
        for end in (wakeup, alarm):
            os.set_blocking(end, False)
        self._selector.register(wakeup, selectors.EVENT_READ)
        signal.set_wakeup_fd(alarm, warn_on_full_buffer=False)
        signal.signal(signal.SIGCHLD, _wake)
        for number in _STOP_SIGNALS:
            if number != signal.SIGHUP or signal.getsignal(number) != signal.SIG_IGN:  # nohup keeps us running
                signal.signal(number, _request_stop)

    def _advance(self) -> None:
        """Look at every part once: start what can start, note what is ready, plan what has ended."""
        for part in self._parts:
            if part.startable:
                self._launch(part)
            elif part.look() and not part.ready:
                self._ended(part, part.last_words())
        orphans.reap({part.child.pid for part in self._parts if part.child is not None})

    def _launch(self, part: Part) -> None:
        try:
            child = part.launch()
        except (StartError, OSError) as error:
            self._ended(part, str(error))
            return
        if child.stdout is not None:
            os.set_blocking(child.stdout.fileno(), False)
            self._selector.register(child.stdout, selectors.EVENT_READ, (part, bytearray()))

    def _ended(self, part: Part, reason: str) -> None:
        """Give up when something necessary never ran; restart what did run."""
        if part.once and not part.required:
            return
        pause = part.retry_later()
        if not part.was_ready and (part.once or part.failures >= _FIRST_START_TRIES):
            raise StartError(f"{part.name} did not start. {reason}".strip())
        _say(f"{part.name} has ended and starts again in {pause:g} s. {reason}".strip())

    def _wait(self) -> None:
        """Sleep until a child ends or says something, or a part is due or may have become ready."""
        patience: float | None = None
        if any(part.starting or part.startable for part in self._parts):
            patience = _POLL
        elif due := [part.due for part in self._parts if part.child is None and part.failures and not part.ready]:
            patience = max(min(due) - time.monotonic(), _POLL)
        for key, _ in self._selector.select(patience):
            if key.data is None:
                with suppress(BlockingIOError):
                    os.read(key.fd, 4096)
            else:
                self._read(key.fileobj, *key.data)  # type: ignore[arg-type]  # a pipe: only those carry data

    def _read(self, pipe: IO[bytes], part: Part, buffer: bytearray) -> None:
        """Hand on the whole lines that a part has printed."""
        chunk = os.read(pipe.fileno(), 65536)
        if not chunk:
            self._selector.unregister(pipe)
            pipe.close()
        *lines, rest = bytes(buffer + chunk).split(b"\n")
        buffer[:] = rest
        for line in lines:
            if line.startswith(b"ready: "):
                part.announce()
            self._hear(line.decode(errors="replace"))


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)  # noqa: T201  # for whoever watches the terminal


def _wake(_: int, __: FrameType | None) -> None:
    """Do nothing: the signal's arrival has already ended the wait."""


def _request_stop(_: int, __: FrameType | None) -> None:
    raise StopRequested

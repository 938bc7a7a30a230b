"""One member of the process tree: how it is started, when it is ready, how it stands."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Callable, Sequence
from signal import SIGTERM, Signals

from hub.supervisor import child

_FIRST_PAUSE = 1.0
_LONGEST_PAUSE = 30.0
_STEADY_AFTER = 60.0


class Part:
    """A child that is restarted whenever it ends, or (`once`) a step that runs a single time.

    Without `is_ready` it is ready as soon as it prints a line `ready: …`.
    """

    def __init__(
        self,
        name: str,
        launch: Callable[[], subprocess.Popen[bytes]],
        *,
        needs: Sequence[Part] = (),
        is_ready: Callable[[], bool] | None = None,
        once: bool = False,
    ) -> None:
        self.name = name
        self.once = once
        self.required = True
        self.ending: Signals = SIGTERM
        self.last_words: Callable[[], str] = str
        self.child: subprocess.Popen[bytes] | None = None
        self.code: int | None = None
        self.ready = False
        self.was_ready = False
        self.failures = 0
        self.due = 0.0
        self._launch = launch
        self._needs = needs
        self._is_ready = is_ready
        self._announced = False
        self._started = 0.0

    @property
    def startable(self) -> bool:
        """Whether it is down, its pause is over, and all it needs is there."""
        waiting = self.child is None and not (self.once and self.code is not None)
        return waiting and self.due <= time.monotonic() and all(part.ready for part in self._needs)

    @property
    def starting(self) -> bool:
        """Whether it runs but is not ready yet."""
        return self.child is not None and not self.ready

    def launch(self) -> subprocess.Popen[bytes]:
        """Start the child."""
        self._started = time.monotonic()
        self._announced = False
        self.child = self._launch()
        return self.child

    def announce(self) -> None:
        """Take note that the child has said it is ready."""
        self._announced = True

    def look(self) -> bool:
        """Note whether it has become ready or has ended; true when it has ended."""
        if self.child is None:
            return False
        self.code = self.child.poll()
        if self.code is not None:
            self.child = None
            self.ready = self.once and self.code == 0
        elif not self.ready and not self.once:
            self.ready = self._is_ready() if self._is_ready else self._announced
        self.was_ready = self.was_ready or self.ready
        return self.code is not None

    def retry_later(self) -> float:
        """Plan the next start and return the pause before it, which grows until a start has lasted a minute."""
        if time.monotonic() - self._started > _STEADY_AFTER:
            self.failures = 0
        pause: float = min(_FIRST_PAUSE * 2.0**self.failures, _LONGEST_PAUSE)
        self.failures += 1
        self.due = time.monotonic() + pause
        return pause

    def stop(self, grace: float) -> None:
        """End the child, by force after the grace period."""
        if self.child is not None:
            child.stop(self.child, self.ending, grace)
            self.child = None
        self.ready = False

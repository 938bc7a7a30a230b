"""The parent's side of one child process: start it, exchange one message for another, end it."""

import os
import selectors
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import IO, Final

import msgspec

from hub.jail.confine import THREADS
from hub.jail.errors import End, JailError, RefusedError
from hub.jail.frames import LENGTH, Answer, Call, frame

PACKAGES: Final = Path(__file__).parents[2]
PROGRAM: Final = "import sys; sys.path += sys.argv[2:]; from hub.jail.child import main; main(int(sys.argv[1]))"
CHUNK: Final = 1 << 20
# The child may start no threads; libraries that would like some are told not to try.
ALONE: Final = {"OMP_THREAD_LIMIT": "1", "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
# Looks for models on this machine only, should it look at all.
THREADED: Final = {THREADS: "1", "HF_HUB_OFFLINE": "1"}
# By the signal that ended the child: the kernel's own limits on CPU time and, when memory runs out, on everybody.
CAUSES: Final[dict[int, End]] = {-signal.SIGXCPU: "time", -signal.SIGKILL: "memory"}
MESSAGES: Final[dict[End, str]] = {
    "time": "This took longer than the limit of {limits.seconds:g} seconds.",
    "memory": "This needed more memory than the limit of {megabytes} MB.",
    "output": "This gave more than the limit of {output} MB.",
    "crash": "This broke the program that reads it.",
}


class Cell:
    """One child process, used for one call at a time; after an error it is dead."""

    def __init__(self, code: Sequence[Path] = (), *, threads: bool = False) -> None:
        places = [str(os.getpid()), str(PACKAGES), *map(str, code)]
        self._child = subprocess.Popen(
            [sys.executable, "-I", "-B", "-X", "utf8", "-c", PROGRAM, *places],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=THREADED if threads else ALONE,
            cwd="/",
            bufsize=0,
            start_new_session=True,
        )
        for pipe in (self._to_child, self._from_child):
            os.set_blocking(pipe.fileno(), False)
        self.calls = 0

    @property
    def pid(self) -> int:
        """The child's process id."""
        return self._child.pid

    @property
    def alive(self) -> bool:
        """Whether it can take another call."""
        return self._child.poll() is None

    def call(self, call: Call) -> bytes:
        """The encoded result; anything else ends the child and raises, but for a refusal."""
        self.calls += 1
        try:
            answer = self._exchange(call)
        except BaseException:
            self.end()
            raise
        if answer.kind == "done":
            return answer.result
        if answer.kind == "refused":
            raise RefusedError(answer.message)
        self.end()
        raise _error(answer.kind, call, answer.message)

    def kill(self) -> None:
        """Kill the child; a call under way fails."""
        self._child.kill()

    def end(self) -> None:
        """Kill the child and wait until it is gone."""
        self._child.kill()
        self._child.wait()
        self._to_child.close()
        self._from_child.close()

    def _exchange(self, call: Call) -> Answer:
        allowed = time.monotonic() + call.limits.seconds - self._starved()
        deadline = time.monotonic() + call.limits.seconds
        request, answer = memoryview(frame(call)), bytearray()
        with selectors.DefaultSelector() as pipes:
            pipes.register(self._to_child, selectors.EVENT_WRITE)
            pipes.register(self._from_child, selectors.EVENT_READ)
            while (missing := _missing(answer)) > 0:
                if len(answer) + missing > call.limits.output:
                    raise _error("output", call)
                ready = pipes.select(deadline - time.monotonic())
                if not ready and time.monotonic() >= (deadline := allowed + self._starved()):
                    raise _error("time", call)
                for key, _ in ready:
                    if key.fileobj is self._from_child:
                        answer += self._receive(min(missing, CHUNK), call)
                    elif not (request := self._send(request)):
                        pipes.unregister(self._to_child)
        return msgspec.msgpack.decode(memoryview(answer)[LENGTH:], type=Answer)

    def _starved(self) -> float:
        """Seconds that the child would have worked but others had the processor, where the kernel tells."""
        try:
            return int(Path(f"/proc/{self.pid}/schedstat").read_text().split()[1]) / 1e9
        except (OSError, IndexError):
            return 0.0

    def _send(self, request: memoryview) -> memoryview:
        try:
            return request[self._to_child.write(request[:CHUNK]) or 0 :]
        except BrokenPipeError:
            # It is dead; reading tells why.
            return request[:0]

    def _receive(self, size: int, call: Call) -> bytes:
        chunk = self._from_child.read(size)
        if chunk == b"":
            raise _error(CAUSES.get(self._child.wait(), "crash"), call)
        return chunk or b""

    @property
    def _to_child(self) -> IO[bytes]:
        assert self._child.stdin is not None  # noqa: S101 it was started with a pipe
        return self._child.stdin

    @property
    def _from_child(self) -> IO[bytes]:
        assert self._child.stdout is not None  # noqa: S101 it was started with a pipe
        return self._child.stdout


def _missing(answer: bytearray) -> int:
    """How many bytes the message still lacks, as far as is known."""
    if len(answer) < LENGTH:
        return LENGTH - len(answer)
    return LENGTH + int.from_bytes(answer[:LENGTH], "big") - len(answer)


def _error(kind: End, call: Call, cause: str = "") -> JailError:
    limits = call.limits
    message = MESSAGES[kind].format(limits=limits, megabytes=limits.memory >> 20, output=limits.output >> 20)
    error = JailError(kind, message)
    if cause:
        error.add_note(cause)
    return error

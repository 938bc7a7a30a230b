"""A few child processes, kept warm and used again, for the whole process that owns them."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from queue import Empty, LifoQueue
from threading import Lock
from types import TracebackType
from typing import Self, TypeVar

import msgspec

from hub.jail.cell import Cell
from hub.jail.errors import JailError
from hub.jail.frames import Call
from hub.jail.limits import Limits

T = TypeVar("T")
CHILDREN = 2
# A child is replaced after so many calls: parsers leak, and no document should stay near another for long.
CALLS_A_CHILD = 100


class Jail:
    """Runs functions of ours on hostile payloads; the processes start when first needed.

    The kernel ends a child with the thread that started it, so the threads are kept as long as the jail.
    `code` names directories besides our own packages whose modules and files they need; `threads` lets them compute
    with several, as the engines for speech do.
    """

    def __init__(
        self,
        children: int = CHILDREN,
        *,
        calls_a_child: int = CALLS_A_CHILD,
        code: Sequence[Path] = (),
        threads: bool = False,
    ) -> None:
        self._calls_a_child = calls_a_child
        self._code = tuple(code)
        self._may_thread = threads
        self._threads = ThreadPoolExecutor(children, thread_name_prefix="jail")
        self._idle: LifoQueue[Cell] = LifoQueue()
        self._all: set[Cell] = set()
        self._lock = Lock()
        self._closed = False

    async def run(self, function: str, payload: object, answer: type[T], limits: Limits | None = None) -> T:
        """Run "module:name", whose one argument has a type hint, on the payload in a child.

        Cancelling ends the child.
        """
        # The child imports this package too, and asyncio would cost it 60 ms.
        import asyncio

        running = _Running()
        work = self._threads.submit(self._call, function, payload, answer, limits or Limits(), running)
        try:
            return await asyncio.wrap_future(work)
        except asyncio.CancelledError:
            running.kill()
            raise

    def run_now(self, function: str, payload: object, answer: type[T], limits: Limits | None = None) -> T:
        """The same for a program without an event loop; it blocks."""
        return self._threads.submit(self._call, function, payload, answer, limits or Limits(), _Running()).result()

    def warm(self) -> None:
        """Start a child before it is needed."""
        self._threads.submit(lambda: self._idle.put(self._start()))

    def close(self) -> None:
        """End the children; a call that is under way fails."""
        self._closed = True
        self._threads.shutdown(wait=False, cancel_futures=True)
        with self._lock:
            for cell in self._all:
                cell.kill()
        self._threads.shutdown()
        for cell in list(self._all):
            self._forget(cell)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _call(self, function: str, payload: object, answer: type[T], limits: Limits, running: "_Running") -> T:
        call = Call(function, msgspec.msgpack.encode(payload), limits)
        cell = self._take()
        is_new = cell.calls == 0
        try:
            result = self._in(cell, call, running)
        except JailError as error:
            # What earlier calls left in the child may be what was too much for this one: a new child is asked once
            if is_new or error.kind not in {"memory", "crash"} or running.unwanted or self._closed:
                raise
            result = self._in(self._start(), call, running)
        return msgspec.msgpack.decode(result, type=answer)

    def _in(self, cell: Cell, call: Call, running: "_Running") -> bytes:
        running.begin(cell)
        try:
            return cell.call(call)
        finally:
            running.end()
            self._give_back(cell)

    def _take(self) -> Cell:
        try:
            while not (cell := self._idle.get_nowait()).alive:
                self._forget(cell)
        except Empty:
            return self._start()
        return cell

    def _give_back(self, cell: Cell) -> None:
        if cell.alive and cell.calls < self._calls_a_child:
            self._idle.put(cell)
        else:
            self._forget(cell)

    def _start(self) -> Cell:
        cell = Cell(self._code, threads=self._may_thread)
        with self._lock:
            self._all.add(cell)
        return cell

    def _forget(self, cell: Cell) -> None:
        cell.end()
        with self._lock:
            self._all.discard(cell)


class _Running:
    """The child a call runs in, so that who awaits the call can end it, but no later one."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._cell: Cell | None = None
        self.unwanted = False

    def begin(self, cell: Cell) -> None:
        with self._lock:
            self._cell = cell
            if self.unwanted:
                cell.kill()

    def end(self) -> None:
        with self._lock:
            self._cell = None

    def kill(self) -> None:
        with self._lock:
            self.unwanted = True
            if self._cell is not None:
                self._cell.kill()

"""Keeps the process that sends notices, and the guarded proxy that is its only way out."""

from __future__ import annotations

import asyncio
import contextlib
import os
import sys
from collections.abc import Awaitable, Callable, Sequence
from typing import TYPE_CHECKING, cast

import msgspec

from connectors.notify.letters import READY, TAKEN, Fate, Notice, Outcome
from connectors.sdk import TemporaryError
from connectors.sdk.network.proxy import Proxy

if TYPE_CHECKING:
    from connectors.sdk.network.guard import Address, Guard

START_SECONDS, SEND_SECONDS, IDLE_SECONDS = 60.0, 90.0, 120.0
LONGEST_LINE = 1024 * 1024

Dial = Callable[[str, int], "Awaitable[Address]"]


class _Checked:
    """The guard as far as a proxy asks it: where a connection may go."""

    def __init__(self, dial: Dial) -> None:
        self._dial = dial

    async def addresses(self, host: str, port: int) -> list[str]:
        """Return the address that may be connected to."""
        return [(await self._dial(host, port)).host]


class _NotTakenError(TemporaryError):
    """The process ended before it had read the notice, so that nothing was sent."""

    def __init__(self) -> None:
        super().__init__("The process that sends notices ended before it could be asked.")


class Courier:
    """Sends one notice after the other; its process ends when nothing is sent for a while."""

    def __init__(self, dial: Dial) -> None:
        self._guard = cast("Guard", _Checked(dial))
        self._turn = asyncio.Lock()
        self._process: asyncio.subprocess.Process | None = None
        self._proxy: Proxy | None = None
        self._rest: asyncio.TimerHandle | None = None
        self._ending: asyncio.Task[None] | None = None

    async def send(self, notice: Notice) -> Sequence[Outcome]:
        """Send a notice; returns how it went with each address."""
        async with self._turn:
            try:
                try:
                    outcomes = await self._asked(notice)
                except _NotTakenError:
                    # The process had ended while it rested, which nobody had noticed yet: a new one is asked
                    await self._end()
                    outcomes = await self._asked(notice)
            except BaseException:
                await self._end()
                raise
            self._wait_for_more()
        return outcomes

    async def close(self) -> None:
        """End the process."""
        async with self._turn:
            await self._end()

    async def _asked(self, notice: Notice) -> Sequence[Outcome]:
        process = await self._started()
        proxy = self._proxy
        assert proxy is not None  # noqa: S101  # it starts with the process
        proxy.refused.clear()
        async with asyncio.timeout(SEND_SECONDS):
            await self._hand_over(process, notice)
            outcomes = await self._answer(process)
        refused = next(iter(proxy.refused.values()), "")
        return [_explained(one, refused) for one in outcomes]

    async def _hand_over(self, process: asyncio.subprocess.Process, notice: Notice) -> None:
        assert process.stdin is not None  # noqa: S101  # it was opened with pipes
        assert process.stdout is not None  # noqa: S101
        try:
            process.stdin.write(msgspec.json.encode(notice) + b"\n")
            await process.stdin.drain()
            taken = await process.stdout.readline() == TAKEN
        except OSError as error:
            raise _NotTakenError from error
        if not taken:
            raise _NotTakenError

    async def _answer(self, process: asyncio.subprocess.Process) -> Sequence[Outcome]:
        assert process.stdout is not None  # noqa: S101  # it was opened with a pipe
        try:
            return msgspec.json.decode(await process.stdout.readline(), type=list[Outcome])
        except (OSError, ValueError, msgspec.DecodeError) as error:
            raise TemporaryError("The process that sends notices ended before it was done.", uncertain=True) from error

    async def _started(self) -> asyncio.subprocess.Process:
        if self._rest is not None:
            self._rest.cancel()
        if self._process is not None and _is_alive(self._process):
            return self._process
        await self._end()
        self._proxy = await Proxy(self._guard).__aenter__()
        way = f"http://{self._proxy.username}:{self._proxy.password}@127.0.0.1:{self._proxy.port}"
        names = ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY")
        proxies = {spelled: way for name in names for spelled in (name, name.lower())}
        self._process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-B", "-X", "utf8", "-m", "connectors.notify.sender", str(self._proxy.port)),
            env={
                **proxies,
                "PYTHONPATH": os.pathsep.join(filter(None, sys.path)),
                "HOME": "/nonexistent",
                "LANG": "C.UTF-8",
            },
            cwd="/",
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
            limit=LONGEST_LINE,
            start_new_session=True,
        )
        assert self._process.stdout is not None  # noqa: S101  # it was opened with a pipe
        async with asyncio.timeout(START_SECONDS):
            if await self._process.stdout.readline() != READY:
                await self._end()
                raise TemporaryError("The process that sends notices does not start.")
        return self._process

    def _wait_for_more(self) -> None:
        self._rest = asyncio.get_running_loop().call_later(IDLE_SECONDS, self._retire)

    def _retire(self) -> None:
        self._ending = asyncio.get_running_loop().create_task(self.close())

    async def _end(self) -> None:
        process, self._process = self._process, None
        proxy, self._proxy = self._proxy, None
        if self._rest is not None:
            self._rest.cancel()
        if process is not None and process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                process.kill()
            await process.wait()
        if proxy is not None:
            await proxy.__aexit__(None, None, None)


def _is_alive(process: asyncio.subprocess.Process) -> bool:
    """Whether a process can still answer; what it says ends before its end is noticed."""
    return process.returncode is None and process.stdout is not None and not process.stdout.at_eof()


def _explained(outcome: Outcome, refused: str) -> Outcome:
    """Say what the guard said, where it was the guard that refused."""
    if outcome.fate is Fate.SENT or not refused:
        return outcome
    return msgspec.structs.replace(outcome, fate=Fate.SETTINGS, message=refused)

"""The ways in which services fail, for peers that otherwise do what they should."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Literal

import msgspec
from aiohttp import web


class Fault(msgspec.Struct, kw_only=True):
    """How a service fails: a status with its headers, or a connection that is cut, slow or talks nonsense.

    It strikes requests whose path begins with `path`, so many `times` (0: until `recover`), after `skip` good ones.
    `late`: the operation takes effect first, and its answer is lost. A slow answer comes after so many `seconds`.
    """

    status: int = 0
    kind: Literal["status", "cut", "slow", "malformed"] = "status"
    headers: Mapping[str, str] = {}
    body: Any = msgspec.UNSET
    path: str = ""
    verb: str = ""
    times: int = 0
    skip: int = 0
    late: bool = False
    seconds: float = 3600.0


class Faults:
    """Those that a peer has now; `answer` lets a request fail, or answers it by a function."""

    def __init__(self, error: Callable[[int, str], Any]) -> None:
        self._faults: list[Fault] = []
        self._error = error

    def add(self, fault: Fault) -> None:
        """Let requests fail from now on, as a fault says."""
        self._faults.append(fault)

    @property
    def has_any(self) -> bool:
        """Whether there are any now."""
        return bool(self._faults)

    def clear(self) -> None:
        """Fail no more."""
        self._faults.clear()

    async def answer(
        self, request: web.Request, otherwise: Callable[[web.Request], Awaitable[web.StreamResponse]]
    ) -> web.StreamResponse:
        """Answer a request, or fail."""
        await request.read()
        fault = self._next(request)
        if fault is None:
            return await otherwise(request)
        if fault.late:
            await otherwise(request)
        if fault.kind == "slow":
            await asyncio.sleep(fault.seconds)
            return await otherwise(request)
        return self._failed(request, fault)

    def _next(self, request: web.Request) -> Fault | None:
        for fault in self._faults:
            if not request.path.startswith(fault.path) or fault.verb not in {"", request.method}:
                continue
            if fault.skip:
                fault.skip -= 1
                continue
            if fault.times:
                fault.times -= 1
                self._faults = [one for one in self._faults if one is not fault or fault.times]
            return fault
        return None

    def _failed(self, request: web.Request, fault: Fault) -> web.StreamResponse:
        match fault.kind:
            case "cut":
                if request.transport is not None:
                    request.transport.abort()
                return web.Response()
            case "malformed":
                return json_answer(200, None, {}, content=b'{"data": [{"id": ')
        body = self._error(fault.status, "The peer was told to fail.") if fault.body is msgspec.UNSET else fault.body
        return json_answer(fault.status, body, fault.headers)


def json_answer(status: int, body: Any, headers: Mapping[str, str], *, content: bytes = b"") -> web.Response:
    """Make an answer in JSON."""
    encoded = content or (b"" if status == 204 else msgspec.json.encode(body))
    return web.Response(status=status, body=encoded, headers={"Content-Type": "application/json", **headers})


def told(name: str) -> Fault:
    """Return the fault that contracts call by a name: a status, cut or malformed; 429 asks to wait 7 seconds."""
    match name:
        case "cut":
            return Fault(kind="cut")
        case "malformed":
            return Fault(kind="malformed")
        case "429":
            return Fault(status=429, headers={"Retry-After": "7"})
    return Fault(status=int(name))

"""The process in the jail: takes calls from its standard input until that ends.

It imports as little as it can. What a function did not expect ends the process, because its memory has met a hostile
document and is not trusted any more; the parent starts another one.
"""

import os
import resource
import sys
import traceback
from collections.abc import Callable
from importlib import import_module
from types import TracebackType
from typing import BinaryIO, get_type_hints

import msgspec

from hub.errors import HubError
from hub.jail.confine import confine
from hub.jail.frames import LENGTH, Answer, Call, frame
from hub.jail.limits import Limits

Function = Callable[[object], object]


def main(parent: int) -> None:
    """Confine the process, then answer calls until the parent closes the pipe."""
    calls, answers = _take_pipes()
    sys.excepthook = _LastWords(answers)
    confine(parent, code=sys.argv[3:])
    while length := calls.read(LENGTH):
        call = msgspec.msgpack.decode(calls.read(int.from_bytes(length, "big")), type=Call)
        answers.write(frame(_answer(call)))
        answers.flush()


def _answer(call: Call) -> Answer:
    _limit(call.limits)
    module, _, name = call.function.partition(":")
    function: Function = getattr(import_module(module), name)
    payload = msgspec.msgpack.decode(call.payload, type=_payload_type(function))
    try:
        result = function(payload)
    except HubError as error:
        return Answer(kind="refused", message=error.message)
    return Answer(kind="done", result=msgspec.msgpack.encode(result))


def _payload_type(function: Function) -> object:
    hints = get_type_hints(function)
    hints.pop("return", None)
    return next(iter(hints.values()))


def _limit(limits: Limits) -> None:
    """Set the soft limits for this call; used CPU time counts from the process's start."""
    usage = resource.getrusage(resource.RUSAGE_SELF)
    used = int(usage.ru_utime + usage.ru_stime) + 1
    resource.setrlimit(resource.RLIMIT_CPU, (used + limits.cpu_seconds, resource.RLIM_INFINITY))
    resource.setrlimit(resource.RLIMIT_AS, (limits.memory, resource.RLIM_INFINITY))


def _take_pipes() -> tuple[BinaryIO, BinaryIO]:
    """Move the pipes away from where libraries read and print."""
    calls, answers = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    nothing = os.open(os.devnull, os.O_RDWR)
    for standard in (0, 1, 2):
        os.dup2(nothing, standard)
    return calls, answers


class _LastWords:
    """Tells the parent what ended the process: the kind of error and its place, not its contents."""

    def __init__(self, answers: BinaryIO) -> None:
        self._answers = answers

    def __call__(self, kind: type[BaseException], _: BaseException, trace: TracebackType | None) -> None:
        resource.setrlimit(resource.RLIMIT_AS, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
        if issubclass(kind, MemoryError):
            answer = Answer(kind="memory")
        else:
            place = traceback.extract_tb(trace)[-1] if trace else None
            answer = Answer(kind="crash", message=f"{kind.__name__} in {place.name}" if place else kind.__name__)
        self._answers.write(frame(answer))
        self._answers.flush()

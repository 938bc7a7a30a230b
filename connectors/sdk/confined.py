"""What happens in the child process in which a connector reads hostile content."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import Any, Generic, TypeVar, get_type_hints

import msgspec

from connectors.sdk.errors import ConnectorError

P = TypeVar("P")
R = TypeVar("R")


class Call(msgspec.Struct, Generic[P], frozen=True):
    """Which of a connector's functions to run ("module:name"), and on what."""

    function: str
    payload: P


class Outcome(msgspec.Struct, Generic[R], frozen=True, omit_defaults=True):
    """What the function returned, or the sentence in which it refused the content."""

    result: R | None = None
    refusal: str | None = None


def named(function: Callable[[P], Any], payload: P) -> Call[P]:
    """Return a call that another process can make."""
    return Call(f"{function.__module__}:{function.__qualname__}", payload)


def result_type(function: Callable[[Any], Any]) -> Any:
    """Return what a function promises to return."""
    return get_type_hints(function)["return"]


def perform(call: Call[msgspec.Raw]) -> Outcome[Any]:
    """Make a call; only a refusal is an answer, everything else that goes wrong ends the process."""
    module, _, name = call.function.partition(":")
    function = getattr(import_module(module), name)
    kinds = get_type_hints(function)
    kinds.pop("return", None)
    payload = msgspec.msgpack.decode(call.payload, type=next(iter(kinds.values())))
    try:
        return Outcome(result=function(payload))
    except ConnectorError as error:
        return Outcome(refusal=error.message)

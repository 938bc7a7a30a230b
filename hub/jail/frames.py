"""What goes through the pipes between the hub and a child: a length, then a message."""

from typing import Literal

import msgspec

from hub.jail.limits import Limits

LENGTH = 8


class Call(msgspec.Struct, frozen=True):
    """Run `function` ("module:name") on the encoded payload."""

    function: str
    payload: bytes
    limits: Limits


class Answer(msgspec.Struct, frozen=True, omit_defaults=True):
    """The encoded result, or why there is none."""

    kind: Literal["done", "refused", "memory", "crash"]
    message: str = ""
    result: bytes = b""


def frame(message: Call | Answer) -> bytes:
    """The message as it goes through a pipe."""
    content = msgspec.msgpack.encode(message)
    return len(content).to_bytes(LENGTH, "big") + content

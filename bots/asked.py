"""What a command is given: who asks, by which services, with which words and files."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence

import msgspec

from bots.replies import Reply
from bots.services import Services
from hub.identities import Identity, Wizards
from hub.members import Member


class Incoming(msgspec.Struct, frozen=True, kw_only=True):
    """A file that came along, fetched only when it is wanted."""

    name: str
    media_type: str
    size: int
    load: Callable[[], Awaitable[bytes]]


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """One command in hand; `key` is the same when the same message arrives again, `room` the channel it came from."""

    services: Services
    wizards: Wizards
    identity: Identity
    argument: str
    url: str
    files: Sequence[Incoming] = ()
    key: str = ""
    room: str = ""

    @property
    def member(self) -> Member:
        """On whose behalf."""
        return self.identity.member

    def link(self, path: str) -> str:
        """Return the address of a page of the hub."""
        return f"{self.url}/{path.lstrip('/')}"

    def with_argument(self, argument: str) -> Asked:
        """Return the same with other words."""
        return msgspec.structs.replace(self, argument=argument)


class Command(msgspec.Struct, frozen=True, kw_only=True):
    """One command: its word, what follows it, what it does in a sentence.

    `acts`: it changes something. `verbatim`: what follows the word keeps its lines.
    """

    word: str
    usage: str
    text: str
    answer: Callable[[Asked], Awaitable[Reply]]
    acts: bool = False
    verbatim: bool = False


def command(
    usage: str = "", *, acts: bool = False, verbatim: bool = False
) -> Callable[[Callable[[Asked], Awaitable[Reply]]], Command]:
    """Declare a command: the function's name is the word, the first line of its docstring the help."""

    def declare(function: Callable[[Asked], Awaitable[Reply]]) -> Command:
        word = function.__name__.rstrip("_")
        text = (function.__doc__ or "").partition("\n")[0]
        return Command(
            word=word, usage=f"{word} {usage}".strip(), text=text, answer=function, acts=acts, verbatim=verbatim
        )

    return declare

"""A door in front of a server: it lets connections through, breaks them off, or answers nonsense in its place."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Literal


class Door:
    """Stands on a port of its own; `way` says what becomes of who knocks."""

    def __init__(self, host: str, port: int) -> None:
        self.way: Literal["open", "cut", "nonsense"] = "open"
        self.port = 0
        self.knocks = 0
        self._to = host, port
        self._inside: set[asyncio.StreamWriter] = set()

    def turn_out(self) -> None:
        """Break off every connection that has been let through."""
        for writer in list(self._inside):
            writer.transport.abort()

    async def let_in(self, guest: asyncio.StreamReader, back: asyncio.StreamWriter) -> None:
        """Do with a connection what the way says."""
        self.knocks += 1
        if self.way == "open":
            await self._carry(guest, back)
        elif self.way == "nonsense":
            back.write(b"HTTP/1.1 400 Bad Request\r\n\r\nWhat was that?\r\n" * 50)
            back.close()
        else:
            back.transport.abort()

    async def _carry(self, guest: asyncio.StreamReader, back: asyncio.StreamWriter) -> None:
        server, forth = await asyncio.open_connection(*self._to)
        both = {back, forth}
        self._inside |= both
        try:
            await asyncio.gather(_pass_on(guest, forth), _pass_on(server, back))
        finally:
            self._inside -= both
            for writer in both:
                writer.transport.abort()


@asynccontextmanager
async def door_to(host: str, port: int) -> AsyncIterator[Door]:
    """Put a door in front of a server until the block ends."""
    door = Door(host, port)
    listener = await asyncio.start_server(door.let_in, "127.0.0.1", 0)
    door.port = listener.sockets[0].getsockname()[1]
    try:
        yield door
    finally:
        listener.close()
        door.turn_out()


async def _pass_on(source: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
    with suppress(OSError):
        while said := await source.read(65536):
            target.write(said)
            await target.drain()
    target.transport.abort()

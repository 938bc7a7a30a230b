"""A line to a database that breaks at the worst moment: the commit gets through, its answer does not."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager


class Line:
    """Passes bytes on until `breaks_at` is met in what the client says."""

    def __init__(self, host: str, port: int) -> None:
        self.breaks_at: bytes | None = None
        self.port = 0
        self._to = host, port

    async def carry(self, client: asyncio.StreamReader, back: asyncio.StreamWriter) -> None:
        """Carry one connection."""
        server, forth = await asyncio.open_connection(*self._to)
        answers = asyncio.create_task(_pass_on(server, back))
        try:
            while said := await client.read(65536):
                broken = self.breaks_at is not None and self.breaks_at in said
                if broken:
                    answers.cancel()
                    await asyncio.wait([answers])
                forth.write(said)
                await forth.drain()
                if broken:
                    await server.read(65536)  # the server has done it
                    break
        finally:
            answers.cancel()
            back.transport.abort()
            forth.transport.abort()
            await asyncio.gather(back.wait_closed(), forth.wait_closed(), answers, return_exceptions=True)


@asynccontextmanager
async def breakable_line(host: str, port: int) -> AsyncIterator[Line]:
    """Lend a line to a server on a port of its own."""
    line = Line(host, port)
    listener = await asyncio.start_server(line.carry, "127.0.0.1", 0)
    line.port = listener.sockets[0].getsockname()[1]
    async with listener:
        yield line


async def _pass_on(server: asyncio.StreamReader, back: asyncio.StreamWriter) -> None:
    while answer := await server.read(65536):
        back.write(answer)
        await back.drain()
    back.close()

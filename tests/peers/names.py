"""Names that resolve as a test wants, and an HTTP client behind a guard."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from connectors.sdk.network.guard import Guard
from connectors.sdk.network.http import HttpClient, HttpPool


class Names:
    """A resolver of our own: gives each name its answers one after another and counts the questions."""

    def __init__(self, **answers: list[list[str]]) -> None:
        self._answers = answers
        self.asked: list[str] = []

    async def __call__(self, host: str, port: int) -> list[str]:
        self.asked.append(host)
        answers = self._answers[host.partition(".")[0]]
        return answers.pop(0) if len(answers) > 1 else answers[0]


@asynccontextmanager
async def client(guard: Guard) -> AsyncIterator[HttpClient]:
    """Lend a client and close its pool."""
    pool = HttpPool(guard)
    try:
        yield HttpClient(pool)
    finally:
        await pool.close()

"""Contexts for connector calls against peers on loopback: real guard, real pools, a memory of what was remembered."""

import asyncio
import atexit
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from functools import partial
from typing import Any
from uuid import UUID, uuid4

from connectors.sdk import Context, NoSettings, Settings
from connectors.sdk.network.dial import guarded_httpx_client
from connectors.sdk.network.guard import Guard
from connectors.sdk.network.http import HttpClient, HttpPool
from connectors.sdk.pages.courtesy import Courtesy
from hub.connections.confinement import Confinement
from hub.connections.contexts import end
from hub.extraction.capturing.browsers import Browsers
from hub.jail import Jail

LOOPBACK = ("127.0.0.0/8", "::1/128")
# One for all tests, as for a process of the hub: its children stay warm
CONFINEMENT = Confinement(Jail())
atexit.register(CONFINEMENT.close)


class Surroundings:
    """Makes contexts as the hub does, for calls without a ledger; `remembered` holds the tokens."""

    def __init__(self, *, confinement: Confinement = CONFINEMENT, guard: Guard | None = None, **protocols: Any) -> None:
        self._confinement = confinement
        self._guard = guard or Guard(LOOPBACK)
        self._browsers = Browsers(self._guard)
        self._courtesy = Courtesy()
        self._known: dict[str, UUID] = {}
        self._http = HttpPool(self._guard)
        self._pools: dict[Settings, Any] = {}
        self._protocols = {"files": None, "folder": None, "datasets": None, **protocols}
        self.remembered: list[str] = []

    def context(self, settings: Settings, connection: Settings | None = None) -> Context[Any, Any]:
        """Return the context of one call."""
        key = connection or NoSettings()

        async def pool(opener: Callable[[], Awaitable[Any]]) -> Any:
            if key not in self._pools:
                self._pools[key] = await opener()
            return self._pools[key]

        async def access(refused: str | None) -> str:
            return "renewed-token" if refused else "granted-token"

        async def remember(token: str) -> None:
            self.remembered.append(token)

        return Context(
            connection=key,
            settings=settings,
            http=HttpClient(self._http),
            httpx=partial(guarded_httpx_client, self._guard, None),
            dial=self._guard.dial,
            access=access,
            pool=pool,
            remember=remember,
            confined=self._confinement.run,
            browser=self._browsers.of(self._known.setdefault(repr(connection), uuid4()) if connection else None),
            courtesy=self._courtesy,
            **self._protocols,
        )

    def forget_hosts(self) -> None:
        """Forget what sites have asked for, such as to wait, as a hub does that starts anew."""
        self._courtesy = Courtesy()

    async def close(self) -> None:
        """Close the pools that were opened."""
        await asyncio.gather(*(end(opened) for opened in self._pools.values()))
        await self._http.close()


@asynccontextmanager
async def surroundings(**given: Any) -> AsyncIterator[Surroundings]:
    """Lend surroundings and close their pools afterwards."""
    made = Surroundings(**given)
    try:
        yield made
    finally:
        await made.close()

"""The surroundings a connector call gets: guarded ways out, shared pools, the workspace's files and tables."""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from functools import partial
from types import MappingProxyType
from typing import Any, Protocol
from uuid import UUID

import msgspec

from connectors.sdk import Connector, Context, Datasets, Files, Folder, NoSettings, Settings
from connectors.sdk.errors import CredentialsError, SettingsError
from connectors.sdk.network.dial import guarded_httpx_client
from connectors.sdk.network.guard import Guard
from connectors.sdk.network.http import HttpClient, HttpPool
from connectors.sdk.pages.browser import Browser
from connectors.sdk.pages.courtesy import Courtesy
from hub.connections.confinement import Confinement
from hub.connections.health import Health
from hub.jail import Jail

# So long may a driver take leave of its server
FAREWELL_SECONDS = 2.0
# Whose driver pool it is: a connection's, or a connector's in a workspace when it needs none
_Owner = UUID | tuple[UUID, str]


class Opened(Protocol):
    """What a context needs of a connection."""

    @property
    def id(self) -> UUID:
        """The connection's id."""
        ...

    @property
    def settings(self) -> Settings:
        """The filled connection struct."""
        ...


class Workspaces(Protocol):
    """Ways to the workspace's own files and tables."""

    def files(self, workspace: UUID) -> Files:
        """The workspace's stored files."""
        ...

    def datasets(self, workspace: UUID) -> Datasets:
        """The workspace's tables."""
        ...

    def folder(self, workspace: UUID) -> Folder:
        """Directories below the allowed roots."""
        ...


class Tokens(Protocol):
    """Gives out access tokens of connections whose services grant access."""

    async def access(self, workspace: UUID, connection: UUID, refused: str | None = None) -> str:
        """Return one that is valid now."""
        ...

    async def close(self) -> None:
        """Close what is open."""
        ...


class Browsers(Protocol):
    """Lends browsers that keep the sessions of log-ins."""

    def of(self, connection: UUID | None) -> Browser:
        """The browser for calls with a connection."""
        ...

    def forget(self, connection: UUID) -> None:
        """Drop the session of a connection."""
        ...


class Contexts:
    """Makes contexts; keeps one HTTP pool and one jail for the process and one driver pool for each connection.

    The jail is not the one that documents are read in: a pile of scans would keep every feed waiting. `named` are the
    hosts that the operator has named, by connector, for connectors that reach no others. `health` takes note of calls.
    """

    def __init__(
        self,
        guard: Guard,
        workspaces: Workspaces,
        browsers: Browsers,
        tokens: Tokens | None = None,
        named: Mapping[str, Sequence[str]] = MappingProxyType({}),
    ) -> None:
        self.health = Health()
        self._guard = guard
        self._tokens = tokens
        self._named = named
        self._workspaces = workspaces
        self._browsers = browsers
        self._courtesy = Courtesy()
        self._http = HttpPool(guard)
        self._confinement = Confinement(Jail())
        self._pools: dict[_Owner, _Pool] = {}
        self._leaving: set[asyncio.Task[None]] = set()

    def make(
        self,
        workspace: UUID,
        opened: Opened | None,
        connector: Connector,
        settings: Settings,
        remember: Callable[[str], Awaitable[None]] | None = None,
    ) -> Context[Any, Any]:
        """Return the context of one call."""
        connection = opened.settings if opened else NoSettings()
        hosts = connector.host_reader(connection) if opened and connector.host_reader else None
        httpx: Callable[..., Any] = partial(guarded_httpx_client, self._guard, hosts)
        dial = self._guard.dial
        if connector.named_by_operator:
            refusal = _unnamed(connector, hosts or (), self._named.get(connector.name, ()))
            if refusal is not None:
                hosts, httpx, dial = (), partial(_refuse, refusal), partial(_refuse, refusal)

        async def pool(opener: Callable[[], Awaitable[Any]]) -> Any:
            return await self._pool(opened.id if opened else (workspace, connector.name), connection, opener)

        async def access(refused: str | None) -> str:
            if opened is None or self._tokens is None:
                raise CredentialsError("There is no connection that a service could grant access to.")
            return await self._tokens.access(workspace, opened.id, refused)

        return Context(
            connection=connection,
            settings=settings,
            http=HttpClient(self._http, hosts=hosts, heard=partial(self.health.heard, opened.id) if opened else None),
            httpx=httpx,
            dial=dial,
            access=access,
            pool=pool,
            remember=remember or _forget,
            confined=self._confinement.run,
            files=self._workspaces.files(workspace),
            folder=self._workspaces.folder(workspace),
            datasets=self._workspaces.datasets(workspace),
            browser=self._browsers.of(opened.id if opened else None),
            courtesy=self._courtesy,
        )

    async def forget(self, connection: UUID) -> None:
        """Close a connection's driver pool and end its session, after its settings changed."""
        self._browsers.forget(connection)
        await self._drop(connection)

    async def close(self) -> None:
        """Close everything that is open; a server that is gone keeps nobody waiting."""
        await asyncio.gather(*(self._drop(owner) for owner in list(self._pools)))
        self._confinement.close()
        await self.health.close()
        if self._tokens:
            await self._tokens.close()
        await self._http.close()

    async def _pool(self, owner: _Owner, connection: Settings, opener: Callable[[], Awaitable[Any]]) -> Any:
        """Return what was opened for a connection as it is now: another process may have changed it."""
        while (held := self._pools.get(owner)) is not None and held.connection != connection:
            await self._drop(owner)
        if held is None or (held.opening.done() and not _is_open(held.opening)):
            held = self._pools[owner] = _Pool(connection, asyncio.ensure_future(opener()))
        return await asyncio.shield(held.opening)

    async def _drop(self, owner: _Owner) -> None:
        """Close a pool; one that is still being opened, or does not end, is seen through in the background."""
        held = self._pools.pop(owner, None)
        if held is not None:
            leaving = asyncio.create_task(_leave(held.opening))
            self._leaving.add(leaving)
            leaving.add_done_callback(self._leaving.discard)
            await asyncio.wait([leaving], timeout=2 * FAREWELL_SECONDS)


class _Pool(msgspec.Struct, frozen=True):
    """A driver's pool, open or being opened, and the connection that it was opened with."""

    connection: Settings
    opening: asyncio.Future[Any]


def _is_open(opening: asyncio.Future[Any]) -> bool:
    return opening.done() and not opening.cancelled() and opening.exception() is None


async def _leave(opening: asyncio.Future[Any]) -> None:
    await asyncio.wait([opening])
    if _is_open(opening):
        await end(opening.result())


async def end(pool: Any) -> None:
    """Close a driver's pool; one that fails or is not done in time is asked once more, to leave without a word."""
    for _ in range(2):
        with suppress(OSError):
            async with asyncio.timeout(FAREWELL_SECONDS):
                closed = pool.close()
                if inspect.isawaitable(closed):
                    await closed
            return


def _unnamed(connector: Connector, hosts: Sequence[str], named: Sequence[str]) -> SettingsError | None:
    """Return why hosts may not be used that the operator has not named; None when all are."""
    allowed = {host.casefold() for host in named}
    unnamed = [host for host in hosts if host.casefold() not in allowed]
    if not unnamed:
        return None
    setting = f"{connector.name.upper()}_SERVERS"
    return SettingsError(
        f"{unnamed[0]} is not among the servers that this hub may use as {connector.title}. "
        f"Ask its operator to name the host in PATCHDECK_{setting}."
    )


def _refuse(refusal: SettingsError, *_: Any, **__: Any) -> Any:
    """Stand in for every way out: the call itself fails, as it would at the service."""
    raise refusal


async def _forget(_: str) -> None:
    """Remember nothing: this call writes nothing."""

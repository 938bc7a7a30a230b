"""One run of a trigger or lookup at the terminal, and the recording of what it asked and was told."""

from __future__ import annotations

import base64
import inspect
from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, datetime
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any

import click
import msgspec
from yarl import URL

from connectors.sdk import (
    Attachment,
    Context,
    CredentialsError,
    Item,
    Lookup,
    NoSettings,
    Secret,
    Settings,
    SettingsError,
    Trigger,
    TriggerKind,
    fill,
)
from connectors.sdk.network.dial import guarded_httpx_client
from connectors.sdk.network.guard import Guard
from connectors.sdk.network.http import HttpClient, HttpPool, Options, Response
from connectors.sdk.pages.courtesy import Courtesy
from connectors.sdk.registry import find
from hub.cli.local import load_config
from hub.connections.confinement import Confinement
from hub.connections.folder import Folders
from hub.extraction.capturing.browsers import Browsers
from hub.jail import Jail

DUE_TIMES = 5
# What an answer's reader may look at; dates, servers and cookies stay out of recordings
_ANSWER_HEADERS = frozenset({"content-type", "etag", "last-modified", "link", "location", "retry-after"})
_ASKING_HEADERS = frozenset({"if-none-match", "if-modified-since"})


class Trial:
    """A part with its settings, on the operator's guard and folders."""

    def __init__(self, part: Trigger | Lookup, settings: Settings, connection: Settings, pool: RecordingPool) -> None:
        self._part = part
        self._settings = settings
        self._connection = connection
        self._pool = pool
        self._items: list[Item] = []
        self._held: list[Any] = []
        self._confinement = Confinement(Jail(1))

    @classmethod
    def of(cls, uses: str, values: Mapping[str, Any], connection: Mapping[str, Any] | None, *, recorded: bool) -> Trial:
        """Make a trial out of plain values; what is wrong with them is wrong usage."""
        part = find(uses)
        if not isinstance(part, (Trigger, Lookup)):
            raise click.ClickException(
                f"There is no trigger or lookup {uses!r}; targets are tried by planning a recipe."
            )
        config = load_config()
        guard = Guard([str(network) for network in config.allow_networks])
        try:
            settings = fill(part.settings, values)
            kind = part.connector.connection
            opened = fill(kind, connection) if kind and connection is not None else NoSettings()
        except msgspec.ValidationError as error:
            raise click.UsageError(str(error)) from error
        return cls(part, settings, opened, RecordingPool(guard, config.folder_roots, recorded=recorded))

    async def run(self, cursor: str | None, limit: int) -> Any:
        """Return the items, the lookup's output, or the next due times."""
        if isinstance(self._part, Trigger) and self._part.kind is TriggerKind.CALENDAR:
            return [{"due": moment.isoformat()} for moment in islice(self._moments(), DUE_TIMES)]
        if isinstance(self._part, Trigger) and self._part.kind is not TriggerKind.POLL:
            raise click.ClickException(f"{self._part.uses} waits to be called; publish a recipe and send to it.")
        try:
            context = self._context()
            if isinstance(self._part, Lookup):
                return _plain(await self._part.function(context))
            return [_shown(item) async for item in self._read(context, cursor, limit)]
        finally:
            await self._close()

    def save(self, path: Path) -> None:
        """Write the exchange as the contract suite reads it, with addresses and secrets taken out."""
        recording = {
            "source": "captured",
            "speaks": "http",
            "settings": msgspec.to_builtins(self._settings),
            **self._shown_connection(),
            "exchanges": self._pool.exchanges,
            "items": [{"key": item.key, "title": item.title} for item in self._items],
        }
        text = msgspec.json.format(msgspec.json.encode(recording), indent=2).decode()
        for secret in sorted(_secrets(self._connection), key=len, reverse=True):
            text = text.replace(secret, "s3cret-s3cret")
        for origin in sorted(self._pool.origins, key=len, reverse=True):
            text = text.replace(origin, "{base}")
        for host in sorted(self._pool.hosts, key=len, reverse=True):
            text = text.replace(f'"{host}"', '"{host}"')
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"{text}\n")

    def _moments(self) -> Any:
        moment = datetime.now(UTC)
        while (moment := self._part.function(self._settings, moment)) is not None:
            yield moment

    async def _read(self, context: Context[Any, Any], cursor: str | None, limit: int) -> Any:
        async for item in self._part.function(context, cursor):
            if item.content is not None:
                self._items.append(item)
                yield item
            if len(self._items) >= limit:
                return

    async def _hold(self, opener: Callable[[], Awaitable[Any]]) -> Any:
        self._held.append(await opener())
        return self._held[-1]

    async def _close(self) -> None:
        for held in self._held:
            closed = held.close()
            if inspect.isawaitable(closed):
                await closed
        self._confinement.close()
        await self._pool.close()

    def _shown_connection(self) -> dict[str, Any]:
        if isinstance(self._connection, NoSettings):
            return {}
        held = msgspec.structs.asdict(self._connection)
        return {"connection": {name: _revealed(value) for name, value in held.items()}}

    def _context(self) -> Context[Any, Any]:
        reader = self._part.connector.host_reader
        hosts = reader(self._connection) if reader and not isinstance(self._connection, NoSettings) else None
        hub: dict[str, Any] = {"files": None, "datasets": None, "folder": Folders(self._pool.roots)}
        return Context(
            connection=self._connection,
            settings=self._settings,
            http=HttpClient(self._pool, hosts=hosts),
            httpx=partial(guarded_httpx_client, self._pool.guard, hosts),
            dial=self._pool.guard.dial,
            access=_no_access,
            pool=self._hold,
            remember=_forgotten,
            confined=self._confinement.run,
            browser=Browsers(self._pool.guard).of(None),
            courtesy=Courtesy(),
            **hub,
        )


async def _no_access(_: str | None) -> str:
    raise CredentialsError("A connection that is granted access by signing in cannot be tried at the terminal.")


class RecordingPool(HttpPool):
    """A pool that keeps, when asked to, what went out and what came back."""

    def __init__(self, guard: Guard, roots: Any, *, recorded: bool) -> None:
        super().__init__(guard)
        self.guard = guard
        self.roots = roots
        self.exchanges: list[dict[str, Any]] = []
        self.origins: set[str] = set()
        self.hosts: set[str] = set()
        self._recorded = recorded

    async def send(self, method: str, target: URL, options: Options) -> Response:
        """Send one request and remember the exchange."""
        response = await super().send(method, target, options)
        if self._recorded:
            self.origins.add(str(target.origin()))
            self.hosts.add(str(target.host))
            self.exchanges.append({"request": _asked(method, URL(response.url), options), "response": _told(response)})
        return response


def _asked(method: str, url: URL, options: Options) -> dict[str, Any]:
    headers = {name: value for name, value in options.get("headers", {}).items() if name.lower() in _ASKING_HEADERS}
    return {"method": method, "path": url.path, "query": dict(url.query), "headers": headers}


def _told(response: Response) -> dict[str, Any]:
    headers = {name: value for name, value in response.headers.items() if name.lower() in _ANSWER_HEADERS}
    kind = response.headers.get("Content-Type", "")
    try:
        body = {"json": response.json()} if "json" in kind else {"text": response.content.decode()}
    except UnicodeDecodeError:
        body = {"base64": base64.b64encode(response.content).decode()}
    return {"status": response.status, "headers": headers, **(body if response.content else {})}


def _shown(item: Item) -> dict[str, Any]:
    return {"key": item.key, "title": item.title, "content": _plain(item.content), "cursor": item.cursor}


def _plain(value: Any) -> Any:
    """Show files by name and size."""
    if isinstance(value, Attachment):
        return {"name": value.name, "media_type": value.media_type, "size": len(value.content)}
    if isinstance(value, dict):
        return {name: _plain(one) for name, one in value.items()}
    return [_plain(one) for one in value] if isinstance(value, list) else value


def _revealed(value: Any) -> Any:
    return value.reveal() if isinstance(value, Secret) else msgspec.to_builtins(value)


def _secrets(connection: Settings) -> set[str]:
    held = msgspec.structs.asdict(connection).values()
    return {
        line for value in held if isinstance(value, Secret) for line in value.reveal().splitlines() if len(line) > 3
    }


async def _forgotten(_: str) -> None:
    raise SettingsError("A trial keeps nothing.")

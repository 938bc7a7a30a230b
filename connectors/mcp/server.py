"""One conversation with an MCP server: its tools, and a call of one of them."""

from __future__ import annotations

from contextlib import AsyncExitStack
from types import TracebackType
from typing import TYPE_CHECKING, Annotated, Any, Self, cast

from yarl import URL

from connectors.mcp.answers import raise_for_refusal
from connectors.sdk import ConnectorError, Context, Secret, Settings, SettingsError, TemporaryError, field
from connectors.sdk.network.answers import raise_for_status
from connectors.sdk.network.dial import is_unreachable, refusal_in

if TYPE_CHECKING:
    from mcp import Client, types

# Seconds for questions that a person waits for
QUICKLY = 15.0
MOST_TOOLS = 1000
MOST_PAGES = 50
IDEMPOTENCY_KEY = "patchdeck/idempotency-key"


class Connection(Settings):
    """The address of an MCP server, and a token when it asks for one."""

    url: Annotated[
        str, field("Address", hint="Where the server speaks streamable HTTP.", example="https://mcp.example.com/mcp")
    ]
    token: Annotated[
        Secret | None, field("Token", hint="Sent as a bearer token; empty when the server asks for none.")
    ] = None

    def __post_init__(self) -> None:
        url = URL(self.url)
        if url.scheme not in {"http", "https"} or not url.host:
            raise ValueError("Give a whole address, such as https://mcp.example.com/mcp.")
        if url.user or url.password:
            raise ValueError("Leave the credentials out of the address: there is a field for the token.")


def host_of(connection: Connection) -> str:
    """Return the host that the connection's address names."""
    return URL(connection.url).host or ""


class Server:
    """A connected server, while the block lasts; whatever goes wrong comes out as one of the three connector errors."""

    def __init__(self, connection: Connection, context: Context[Any, Any], seconds: float) -> None:
        self._connection = connection
        self._context = context
        self._seconds = seconds
        self._stack = AsyncExitStack()
        self._refusals: list[ConnectorError] = []
        self._sent = False

    async def __aenter__(self) -> Self:
        from mcp import Client
        from mcp.client.streamable_http import streamable_http_client

        http = self._context.httpx(
            headers={"accept-encoding": "identity", **self._signed},
            timeout=self._seconds,
            follow_redirects=False,
            event_hooks={"response": [self._look]},
        )
        try:
            await self._stack.enter_async_context(http)
            transport = streamable_http_client(self._connection.url, http_client=http)
            self._client: Client = await self._stack.enter_async_context(
                Client(transport, read_timeout_seconds=self._seconds)
            )
        except Exception as error:  # the library raises groups of whatever its streams met
            await self._leave()
            raise self._meaning(error) from error
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._leave()

    async def tools(self) -> list[types.Tool]:
        """Return all tools, page by page."""
        found: list[types.Tool] = []
        cursor = None
        for _ in range(MOST_PAGES):
            try:
                page = await self._client.list_tools(cursor=cursor)
            except Exception as error:  # as above
                raise self._meaning(error) from error
            found += page.tools
            cursor = page.next_cursor
            if not cursor or len(found) > MOST_TOOLS:
                return found[:MOST_TOOLS]
        raise SettingsError("The server does not come to an end of its list of tools.")

    async def call(self, tool: types.Tool, arguments: dict[str, Any], key: str | None = None) -> types.CallToolResult:
        """Call a tool; what it says of a failure is a `SettingsError`, a lost answer to a write is uncertain."""
        self._sent = key is not None
        try:
            answer = await self._client.call_tool(tool.name, arguments, meta=_meta(key))
        except Exception as error:  # as above
            raise self._meaning(error) from error
        raise_for_refusal(tool.name, answer)
        return answer

    @property
    def _signed(self) -> dict[str, str]:
        token = self._connection.token
        return {"Authorization": f"Bearer {token.reveal()}"} if token else {}

    async def _look(self, response: Any) -> None:
        """Keep what a refusal of the server means, as the library only says that something failed."""
        if response.status_code < 400 or response.status_code in {404, 405}:
            return
        await response.aread()
        try:
            content, sent = response.content[:1000], {"headers": self._signed}
            raise_for_status(host_of(self._connection), response.status_code, response.headers, content, sent)
        except ConnectorError as error:
            self._refusals.append(error)

    async def _leave(self) -> None:
        try:
            await self._stack.aclose()
        except Exception as error:  # noqa: BLE001  # saying goodbye to a server that has gone is no failure
            self._refusals.append(self._meaning(error))

    def _meaning(self, error: Exception) -> ConnectorError:
        from mcp.shared.exceptions import MCPError
        from mcp.types import CONNECTION_CLOSED, REQUEST_TIMEOUT

        if isinstance(error, ConnectorError):
            return error
        inner = _innermost(error)
        refusal = self._refusals[-1] if self._refusals else refusal_in(inner)
        if refusal is not None:
            return refusal
        host = host_of(self._connection)
        if isinstance(inner, MCPError) and inner.code in {CONNECTION_CLOSED, REQUEST_TIMEOUT}:
            return TemporaryError(f"{host} did not answer in time.", uncertain=self._sent)
        if isinstance(inner, MCPError):
            return SettingsError(f"{host} refused: {str(inner)[:300]}")
        if is_unreachable(inner):
            return TemporaryError(f"{host} cannot be reached: {str(inner)[:200]}")
        return TemporaryError(f"{host} did not answer as an MCP server does.", uncertain=self._sent)


def _meta(key: str | None) -> types.RequestParamsMeta | None:
    return cast("types.RequestParamsMeta", {IDEMPOTENCY_KEY: key}) if key else None


def _innermost(error: BaseException) -> BaseException:
    while isinstance(error, BaseExceptionGroup) and error.exceptions:
        error = error.exceptions[0]
    return error

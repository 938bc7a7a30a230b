"""tweepy on our transport: it knows X's operations and parameters, we send them."""

from __future__ import annotations

from typing import Any

from tweepy.asynchronous import AsyncClient, AsyncStreamingClient

from connectors.sdk import Context
from connectors.sdk.network.http import Response
from connectors.x.connection import Connection, call


class _Answer:
    """What tweepy takes for an answer of its own transport; its `json` is the whole of ours."""

    def __init__(self, response: Response) -> None:
        self._response = response

    async def json(self) -> Response:
        return self._response


class _Transport:
    """Sends what tweepy asks for over the context; tweepy's own connections are never opened."""

    _context: Context[Connection, Any]

    async def request(
        self, method: str, route: str, params: Any = None, json: Any = None, user_auth: bool = False
    ) -> _Answer:
        """Send one request."""
        del user_auth
        return _Answer(await call(self._context, method, route, params, json))


class Client(_Transport, AsyncClient):  # type: ignore[misc]  # tweepy ships no types
    """X's operations; each returns our `Response`."""

    def __init__(self, context: Context[Connection, Any]) -> None:
        super().__init__(return_type=dict)
        self._context = context


class StreamRules(_Transport, AsyncStreamingClient):  # type: ignore[misc]  # tweepy ships no types
    """The rules of the filtered stream."""

    def __init__(self, context: Context[Connection, Any]) -> None:
        super().__init__("", return_type=dict)
        self._context = context

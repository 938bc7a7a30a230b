"""MCP over stdin and stdout: every message is handed on to a hub's /mcp and back, so that it knows one set of tools."""

from __future__ import annotations

import sys
from collections.abc import AsyncIterable
from typing import Any, Protocol

import anyio
import httpx2
from mcp.client.streamable_http import streamable_http_client
from mcp.server.stdio import stdio_server
from mcp.shared.inbound import MCP_METHOD_HEADER, MCP_NAME_HEADER, MCP_PROTOCOL_VERSION_HEADER, encode_header_value
from mcp.shared.message import ClientMessageMetadata, SessionMessage
from mcp.types import PROTOCOL_VERSION_META_KEY, JSONRPCRequest, JSONRPCResponse

PATIENCE = httpx2.Timeout(30.0, read=600.0)
_NAMED_BY = {"tools/call": "name", "prompts/get": "name", "resources/read": "uri"}


class Out(Protocol):
    """Where messages go."""

    async def send(self, item: SessionMessage, /) -> None:
        """Hand one on."""
        ...


async def relay(url: str, key: str | None) -> None:
    """Hand messages on until stdin ends."""
    async with (
        httpx2.AsyncClient(headers=_headers(key), timeout=PATIENCE, follow_redirects=False) as http,
        streamable_http_client(f"{url}/mcp", http_client=http) as (from_hub, to_hub),
        stdio_server() as (from_host, to_host),
        anyio.create_task_group() as group,
    ):
        era = _Era()
        group.start_soon(_carry_back, from_hub, to_host, era)
        await _carry(from_host, to_hub, era)
        group.cancel_scope.cancel()


def refusal(url: str, key: str | None) -> str | None:
    """Ask at /mcp with nothing to say; return what keeps messages out there, None when only they are missed."""
    answer = httpx2.get(f"{url}/mcp", headers=_headers(key), timeout=PATIENCE)
    if answer.status_code == 405:
        return None
    try:
        return str(answer.json()["detail"])
    except (ValueError, KeyError, TypeError):
        return f"{url}/mcp answered {answer.status_code}; is this a hub that speaks MCP?"


def _headers(key: str | None) -> dict[str, str]:
    return {"user-agent": "patchdeck-mcp"} | ({"authorization": f"Bearer {key}"} if key else {})


class _Era:
    """Which version of the protocol is spoken, as the hub wants to see it in the headers of each message."""

    def __init__(self) -> None:
        self._agreed: str | None = None
        self._asked: set[Any] = set()

    def note_answer(self, message: Any) -> None:
        """Keep the version that a handshake ended with."""
        if isinstance(message, JSONRPCResponse) and message.id in self._asked:
            self._asked.discard(message.id)
            self._agreed = str(message.result.get("protocolVersion", "")) or None

    def headers(self, message: Any) -> dict[str, str]:
        """Return what a message's envelope says, or what was agreed on."""
        params = getattr(message, "params", None) or {}
        if isinstance(message, JSONRPCRequest) and message.method == "initialize":
            self._asked.add(message.id)
            return {}
        said = (params.get("_meta") or {}).get(PROTOCOL_VERSION_META_KEY)
        if said is None:
            return {MCP_PROTOCOL_VERSION_HEADER: self._agreed} if self._agreed else {}
        found = {MCP_PROTOCOL_VERSION_HEADER: str(said), MCP_METHOD_HEADER: str(message.method)}
        name = params.get(_NAMED_BY.get(message.method, ""))
        return found if name is None else {**found, MCP_NAME_HEADER: encode_header_value(str(name))}


async def _carry(source: AsyncIterable[SessionMessage | Exception], target: Out, era: _Era) -> None:
    async for given in source:
        if isinstance(given, Exception):
            sys.stderr.write("A line on stdin is no JSON-RPC message; it was left out.\n")
            continue
        headers = era.headers(given.message)
        metadata = ClientMessageMetadata(headers=headers) if headers else None
        await target.send(SessionMessage(given.message, metadata=metadata))


async def _carry_back(source: AsyncIterable[SessionMessage | Exception], target: Out, era: _Era) -> None:
    async for given in source:
        if isinstance(given, Exception):
            sys.stderr.write(f"The hub's answer could not be read: {given}\n")
            continue
        era.note_answer(given.message)
        await target.send(SessionMessage(given.message))

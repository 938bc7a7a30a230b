"""A real MCP server on loopback with tools of every kind, which can change what it says of itself, refuse and fail."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import uvicorn
from mcp.server import MCPServer
from mcp.server.mcpserver import Context
from mcp.types import ImageContent, TextContent, ToolAnnotations
from starlette.types import ASGIApp, Receive, Scope, Send

from hub.supervisor.ports import free_port

TOKEN = "letmein-letmein"
MEGABYTES = 100
PIXEL = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="


class McpPeer:
    """The server: its address, what was done to it, and how it misbehaves."""

    def __init__(self, port: int) -> None:
        self.address = f"http://127.0.0.1:{port}/mcp"
        self.tickets: list[tuple[str, object]] = []
        self.status = 200
        self.headers: dict[str, str] = {}
        self.floods = ""
        self.server = MCPServer("tickets")
        self.server.add_tool(self.search, annotations=ToolAnnotations(read_only_hint=True))
        self.server.add_tool(self.picture, annotations=ToolAnnotations(read_only_hint=True))
        self.server.add_tool(self.sleep, annotations=ToolAnnotations(read_only_hint=True))
        self.server.add_tool(self.create_ticket)
        self._app: ASGIApp = self.server.streamable_http_app(streamable_http_path="/mcp")

    async def search(self, query: str) -> dict[str, Any]:
        """Find tickets by a word in their title."""
        if query == "bad":
            raise ValueError("That word is not allowed.")
        return {"found": [title for title, _ in self.tickets if query in title]}

    async def picture(self) -> list[Any]:
        """Draw the tickets."""
        return [TextContent(text="Two\x00 tickets"), ImageContent(data=PIXEL, mime_type="image/png")]

    async def sleep(self, seconds: float) -> str:
        """Answer late."""
        await asyncio.sleep(seconds)
        return "awake"

    async def create_ticket(self, title: str, context: Context) -> dict[str, Any]:
        """Open a ticket."""
        meta = context.request_context.meta or {}
        self.tickets.append((title, dict(meta).get("patchdeck/idempotency-key")))
        return {"id": len(self.tickets)}

    def say_otherwise(self, description: str) -> None:
        """Let `search` say something else of itself."""
        self.server.remove_tool("search")
        annotations = ToolAnnotations(read_only_hint=True)
        self.server.add_tool(self.search, description=description, annotations=annotations)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer as told, refuse who has no token, else be an MCP server."""
        if self.floods:
            await self._flood(send)
        elif scope["type"] == "http" and (status := self._refusal(dict(scope["headers"]))):
            named = [(name.encode(), value.encode()) for name, value in self.headers.items()]
            await send({"type": "http.response.start", "status": status, "headers": named})
            await send({"type": "http.response.body", "body": b'{"message": "not like this"}'})
        else:
            await self._app(scope, receive, send)

    async def _flood(self, send: Send) -> None:
        """Answer with far more than anybody keeps."""
        named = [(b"content-type", self.floods.encode())]
        await send({"type": "http.response.start", "status": 200, "headers": named})
        for number in range(MEGABYTES):
            await send({"type": "http.response.body", "body": b"x" * 1024 * 1024, "more_body": number < MEGABYTES - 1})

    def _refusal(self, headers: dict[bytes, bytes]) -> int:
        if self.status != 200:
            return self.status
        return 0 if headers.get(b"authorization") == f"Bearer {TOKEN}".encode() else 401


@asynccontextmanager
async def mcp_peer() -> AsyncIterator[McpPeer]:
    """Serve until the block ends."""
    port = free_port()
    peer = McpPeer(port)
    server = uvicorn.Server(uvicorn.Config(peer, host="127.0.0.1", port=port, log_level="error", ws="none"))
    serving = asyncio.create_task(server.serve())
    async with asyncio.timeout(60):
        while not server.started:  # uvicorn tells it in no other way
            await asyncio.sleep(0.01)
    try:
        yield peer
    finally:
        server.should_exit = True
        await serving

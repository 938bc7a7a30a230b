"""AI assistants as hubs meet them: the official client, over HTTP and over stdio, in both generations."""

from __future__ import annotations

import json
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx2
from mcp import Client, StdioServerParameters
from mcp.client.streamable_http import streamable_http_client
from mcp.types import CallToolResult, ElicitResult

from tests.platform.commands import environment, patchdeck
from tests.spine.running_hub import RunningHub

MODERN, LEGACY = "auto", "legacy"
HTTP, STDIO = "http", "stdio"
PASSWORD = "correct horse battery"


class Keys:
    """Keys of a hub, made on its database as an operator makes them."""

    def __init__(self, hub: RunningHub) -> None:
        self._hub = hub
        self._members: set[str] = set()
        self._kept: dict[tuple[str, ...], str] = {}

    def of(self, role: str, *scopes: str, test: bool = False) -> str:
        """Make a key that acts for a member of a role."""
        email = f"{role}@example.test"
        if role not in self._members:
            self._members.add(role)
            password = self._hub.folder / "password"
            self._command("user", "add", "--email", email, "--role", role, "--password-file", password)
        said = [part for scope in scopes for part in ("--scope", scope)]
        return self._made("--user", email, *said, *(["--test"] if test else []), "--rate-limit", "10000")

    def elsewhere(self) -> str:
        """Make a key that acts for the owner of another workspace."""
        made = self._hub.http.post("/api/v1/workspaces", json={"name": "Elsewhere"}).raise_for_status().json()
        return self._made("--workspace", made["slug"], "--scope", "admin")

    def _made(self, *options: str) -> str:
        if options not in self._kept:
            made = json.loads(self._command("key", "create", "assistant", *options, "-o", "json"))
            self._kept[options] = str(made["key"])
        return self._kept[options]

    def _command(self, *arguments: str | Path) -> str:
        return patchdeck(*arguments, "--data-dir", self._hub.data_dir).stdout


@asynccontextmanager
async def assistant(
    hub: RunningHub, key: str, mode: str = MODERN, carrier: str = HTTP, **options: Any
) -> AsyncIterator[Client]:
    """Lend a client that speaks to the hub."""
    if carrier == STDIO:
        config = environment(URL=hub.url, API_KEY=key)
        program = StdioServerParameters(command=sys.executable, args=["-m", "hub", "mcp"], env=dict(config), cwd="/")
        async with Client(program, mode=mode, **options) as client:
            yield client
        return
    async with (
        httpx2.AsyncClient(headers={"authorization": f"Bearer {key}"}, timeout=60) as http,
        Client(streamable_http_client(f"{hub.url}/mcp", http_client=http), mode=mode, **options) as client,
    ):
        yield client


async def called(hub: RunningHub, key: str, tool: str, /, **arguments: Any) -> CallToolResult:
    """Call one tool by a client of its own."""
    async with assistant(hub, key) as client:
        return await client.call_tool(tool, arguments)


def text_of(result: CallToolResult) -> str:
    """Return all that a model reads of an answer."""
    return "\n".join(part.text for part in result.content if part.type == "text")


async def answers_invoice(_: Any, params: Any) -> ElicitResult:
    """Answer a form as a person would: choose the invoice among what is offered."""
    assert "invoice" in params.requested_schema["properties"]["schema"]["enum"]
    return ElicitResult(action="accept", content={"schema": "invoice"})


async def declines(_: Any, __: Any) -> ElicitResult:
    """Close a form without an answer."""
    return ElicitResult(action="decline")

"""The client against the real API behind a real server."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest
import uvicorn
from litestar import Litestar

from hub.accounts import NewKey
from hub.client import AsyncPatchdeck
from hub.composition import Built, Services
from hub.members import Member, Scope
from hub.outbox.service import CHANNEL
from hub.supervisor.ports import free_port
from tests.api.conftest import api, built, config, services
from tests.client.moody_hub import MoodyHub, served

__all__ = ["api", "built", "config", "services"]


@pytest.fixture(scope="package")
async def address(api: Litestar, built: Built) -> AsyncIterator[str]:
    """Where the API answers."""
    port = free_port()
    server = uvicorn.Server(uvicorn.Config(api, port=port, log_config=None, ws="none", timeout_graceful_shutdown=1))
    async with built.bell.listening(CHANNEL):
        serving = asyncio.create_task(server.serve())
        async with asyncio.timeout(60):
            while not server.started:
                await asyncio.sleep(0.01)
        yield f"http://127.0.0.1:{port}"
        server.should_exit = True
        await serving


@pytest.fixture
async def key(services: Services, member: Member) -> str:
    """A key that may do everything in a new workspace."""
    return (await services.keys.create(member, NewKey(name="client", scopes=(Scope.ADMIN,), rate_limit=10_000))).key


@pytest.fixture
async def hub(address: str, key: str) -> AsyncIterator[AsyncPatchdeck]:
    async with AsyncPatchdeck(address, key) as client:
        yield client


@pytest.fixture
async def moody() -> AsyncIterator[MoodyHub]:
    async with served() as found:
        yield found

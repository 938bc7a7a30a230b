"""Recipes over their real services, and their routes in one small application."""

import asyncio
from contextlib import asynccontextmanager

import httpx
import pytest
import uvicorn
from litestar import Litestar, Router
from litestar.di import Provide
from litestar.middleware import ASGIMiddleware

from hub.api.access import require_right
from hub.api.problem import HANDLERS
from hub.api.recipes import CONTROLLERS
from hub.audit import Audit
from hub.documents import Documents
from hub.outbox import Outbox
from hub.recipes import Recipes, RecipeVersions
from hub.supervisor.ports import free_port


@pytest.fixture
def documents(database):
    return Documents(Audit())


@pytest.fixture
def recipes(documents):
    return Recipes(documents, Audit(), Outbox(), "https://hub.example")


@pytest.fixture
def versions(documents, recipes):
    return RecipeVersions(documents, recipes)


class _SignedIn(ASGIMiddleware):
    """Lets every request act for one member."""

    def __init__(self, member):
        self.member = member

    async def handle(self, scope, receive, send, next_app):
        scope["user"], scope["auth"] = self.member, None
        await next_app(scope, receive, send)


def _giving(value):
    return Provide(lambda: value, sync_to_thread=False)


@pytest.fixture
def application(recipes, versions):
    """Make the routes of recipes as one member sees them."""

    def make(member):
        given = {"recipes": recipes, "recipe_versions": versions, "member": member}
        return Litestar(
            [Router("/api/v1", route_handlers=CONTROLLERS)],
            dependencies={name: _giving(value) for name, value in given.items()},
            middleware=[_SignedIn(member)],
            guards=[require_right],
            exception_handlers=HANDLERS,
            openapi_config=None,
            logging_config=None,
        )

    return make


@pytest.fixture
def opened(application):
    """Lend a client that acts for a member."""

    def lend(member):
        return httpx.AsyncClient(transport=httpx.ASGITransport(app=application(member)), base_url="http://hub.test")

    return lend


@asynccontextmanager
async def _served(application):
    port = free_port()
    server = uvicorn.Server(uvicorn.Config(application, port=port, log_level="warning", lifespan="off"))
    serving = asyncio.create_task(server.serve())
    async with asyncio.timeout(60):
        while not server.started:
            await asyncio.sleep(0.01)
    yield f"http://127.0.0.1:{port}"
    server.should_exit = True
    await serving


@pytest.fixture
async def hub_url(application, member):
    """The address of a server that acts for the owner."""
    async with _served(application(member)) as url:
        yield url

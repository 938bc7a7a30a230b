"""The API over its real services, called in this process."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from uuid import UUID

import httpx
import pytest
from litestar import Litestar

from hub.accounts import NewKey, Visitor
from hub.api.access import COOKIE, CSRF_HEADER, csrf_token
from hub.api.app import create_api
from hub.composition import Built, Services, build
from hub.config import Config
from hub.config.values import Hidden
from hub.members import Member, Scope

BASE = "http://hub.test"


class IdleEngine:
    """Takes every start and does nothing: what runs do is tested elsewhere."""

    async def start(self, run: UUID, stages: int, long: Sequence[int] = ()) -> None:
        """Leave the run waiting."""

    async def cancel(self, run: UUID) -> None:
        """Have nothing to stop."""

    async def schedule(self, shard: int) -> None:
        """Schedule nothing."""

    async def ready(self) -> None:
        """Be ready."""


@pytest.fixture(scope="session")
def config(tmp_path_factory: pytest.TempPathFactory) -> Config:
    return Config(
        data_dir=tmp_path_factory.mktemp("api"),
        public_url=BASE,
        google_sign_in_id="patchdeck",
        google_sign_in_secret=Hidden("s3cret"),
    )


@pytest.fixture(scope="session")
async def built(database: str, config: Config) -> AsyncIterator[Built]:
    made = build(config, IdleEngine())
    yield made
    made.extraction.close()
    await made.contexts.close()


@pytest.fixture(scope="session")
def services(built: Built) -> Services:
    return built.services


@pytest.fixture(scope="session")
def api(services: Services, config: Config) -> Litestar:
    return create_api(services, config)


@pytest.fixture
async def client(api: Litestar) -> AsyncIterator[httpx.AsyncClient]:
    async with opened(api) as found:
        yield found


@asynccontextmanager
async def opened(api: Litestar) -> AsyncIterator[httpx.AsyncClient]:
    """Lend a client of an application."""
    transport = httpx.ASGITransport(app=api, raise_app_exceptions=True)  # type: ignore[arg-type]  # looser scope type
    async with httpx.AsyncClient(transport=transport, base_url=BASE) as found:
        yield found


async def session_headers(services: Services, member: Member) -> dict[str, str]:
    """Sign a member in and return what a page would send."""
    assert member.user is not None
    session = await services.sessions.start(member.user, member.workspace, Visitor(), remember=True)
    return {"cookie": f"{COOKIE}={session.token}", CSRF_HEADER: csrf_token(session.token)}


async def key_headers(services: Services, member: Member, *scopes: Scope, test: bool = False) -> dict[str, str]:
    """Make the member a key and return what a program would send."""
    created = await services.keys.create(member, NewKey(name="test", scopes=scopes, test=test, rate_limit=10_000))
    return {"authorization": f"Bearer {created.key}"}

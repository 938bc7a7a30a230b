"""The API over its real services, called in this process."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import msgspec
import pytest
from litestar import Litestar

from hub.accounts import AccountServices, NewKey, Requests, Visitor, account_services
from hub.api.access import COOKIE, CSRF_HEADER, csrf_token
from hub.api.app import create_api
from hub.audit import Audit
from hub.config import Config
from hub.members import Member, Scope
from hub.outbox import Bell, Outbox
from hub.sealing import MasterKeys, Vault
from hub.usage import Usage

BASE = "http://hub.test"


class Services(msgspec.Struct, kw_only=True):
    """What the controllers of accounts ask for."""

    people: AccountServices
    audit: Audit
    outbox: Outbox
    usage: Usage
    requests: Requests
    vault: Vault

    def __getattr__(self, name: str) -> Any:
        return getattr(self.people, name)

    def __dir__(self) -> list[str]:
        return [*self.people.__struct_fields__, "audit", "outbox", "usage", "requests"]


@pytest.fixture
def services(database: str, tmp_path: Path) -> Services:
    bell = Bell()
    audit, vault = Audit(), Vault(MasterKeys.from_file(tmp_path / "master.key"))
    return Services(
        people=account_services(BASE, audit, bell=bell),
        audit=audit,
        outbox=Outbox(bell),
        usage=Usage(),
        requests=Requests(vault),
        vault=vault,
    )


@pytest.fixture
def api(services: Services) -> Litestar:
    return create_api(services, Config(public_url=BASE))


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
    session = await services.people.sessions.start(member.user, member.workspace, Visitor(), remember=True)
    return {"cookie": f"{COOKIE}={session.token}", CSRF_HEADER: csrf_token(session.token)}


async def key_headers(services: Services, member: Member, *scopes: Scope, test: bool = False) -> dict[str, str]:
    """Make the member a key and return what a program would send."""
    created = await services.people.keys.create(
        member, NewKey(name="test", scopes=scopes, test=test, rate_limit=10_000)
    )
    return {"authorization": f"Bearer {created.key}"}

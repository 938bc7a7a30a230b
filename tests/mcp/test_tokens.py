"""Access tokens of an authorization server: the good one acts for its member, every other one is refused."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import httpx
import jwt
import pytest
from aiohttp import web
from cryptography.hazmat.primitives.asymmetric import rsa

from hub.accounts import Accounts, account_services
from hub.audit import Audit
from hub.database import fetch_one
from hub.mcp.access import Gate
from hub.members import Member
from hub.supervisor.ports import free_port
from tests.conftest import Members

BASE = "http://hub.test"
OURS, THEIRS = (rsa.generate_private_key(public_exponent=65537, key_size=2048) for _ in range(2))

Caller = Callable[[str], Awaitable[httpx.Response]]


async def _who(scope: Any, _: Any, send: Any) -> None:
    """Answer with who was let in."""
    member: Member = scope["state"]["patchdeck_member"]
    told = f"{member.role.name} {sorted(member.scopes or ())} {member.workspace}".encode()
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": told})


@pytest.fixture(scope="session")
async def issuer() -> AsyncIterator[str]:
    """The address of an authorization server that publishes one key."""
    port = free_port()
    url = f"http://127.0.0.1:{port}/realm"
    key = {**jwt.algorithms.RSAAlgorithm.to_jwk(OURS.public_key(), as_dict=True), "kid": "ours", "alg": "RS256"}

    async def described(_: web.Request) -> web.Response:
        return web.json_response({"issuer": url, "jwks_uri": f"{url}/keys"})

    async def keys(_: web.Request) -> web.Response:
        return web.json_response({"keys": [key]})

    application = web.Application()
    application.router.add_get("/realm/.well-known/openid-configuration", described)
    application.router.add_get("/realm/keys", keys)
    runner = web.AppRunner(application)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", port).start()
    yield url
    await runner.cleanup()


@pytest.fixture(scope="session")
def accounts(database: str) -> Accounts:
    return account_services(BASE, Audit()).accounts


@pytest.fixture
async def email(members: Members) -> str:
    row = await fetch_one("select email from users where id = $1", members.editor.user)
    assert row is not None
    return str(row["email"])


@pytest.fixture
async def call(accounts: Accounts, issuer: str, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Caller]:
    monkeypatch.setattr("hub.mcp.tokens.PATIENCE", 60.0)
    transport = httpx.ASGITransport(app=Gate(_who, accounts, BASE, issuer))
    async with httpx.AsyncClient(transport=transport, base_url=BASE) as client:

        async def called(token: str) -> httpx.Response:
            return await client.post("/mcp", headers={"authorization": f"Bearer {token}"})

        yield called


def _token(key: Any = OURS, *, kid: str = "ours", algorithm: str = "RS256", **claims: Any) -> str:
    usual = {"aud": f"{BASE}/mcp", "exp": int(time.time()) + 300, "scope": "openid run", "email_verified": True}
    said = {**usual, **claims}
    kept = {name: value for name, value in said.items() if value is not None}
    return jwt.encode(kept, key, algorithm=algorithm, headers={"kid": kid})


async def test_a_good_token_acts_for_its_member_within_its_scopes(
    call: Caller, issuer: str, email: str, members: Members
):
    answer = await call(_token(iss=issuer, email=email.upper()))
    assert answer.text == f"EDITOR [<Scope.RUN: 'run'>] {members.workspace}"


async def test_a_token_may_name_a_workspace_that_its_holder_is_in(call: Caller, issuer: str, email: str):
    answer = await call(_token(iss=issuer, email=email, patchdeck_workspace="elsewhere"))
    assert (answer.status_code, "Nobody with this address" in answer.text) == (401, True)


@pytest.mark.parametrize(
    "changed",
    [
        {"key": THEIRS},
        {"kid": "another"},
        {"key": "a shared secret of thirty-two bytes or more", "algorithm": "HS256"},
        {"key": "", "algorithm": "none"},
        {"exp": 1_000_000_000},
        {"exp": None},
        {"aud": "https://elsewhere.example/mcp"},
        {"aud": None},
        {"iss": "https://elsewhere.example"},
        {"email": None},
        {"email": 5},
        {"email": "nobody@example.test"},
        {"email_verified": False},
        {"email_verified": None},
        {"nbf": 4_000_000_000},
    ],
)
async def test_every_other_token_is_refused(call: Caller, issuer: str, email: str, changed: dict[str, Any]):
    answer = await call(_token(**{"iss": issuer, "email": email, **changed}))
    assert answer.status_code == 401
    assert "resource_metadata=" in answer.headers["www-authenticate"]


@pytest.mark.parametrize("token", ["a.b.c", "x" * 10_000, "pd_live_wrong", "eyJhbGciOiJSUzI1NiJ9.e30."])
async def test_what_is_no_token_is_refused(call: Caller, token: str):
    assert (await call(token)).status_code == 401


async def test_a_token_without_our_scopes_is_told_which_there_are(call: Caller, issuer: str, email: str):
    answer = await call(_token(iss=issuer, email=email, scope="openid profile"))
    assert answer.status_code == 403
    assert 'error="insufficient_scope"' in answer.headers["www-authenticate"]


async def test_an_authorization_server_that_is_away_is_told_as_such(accounts: Accounts, email: str):
    gate = Gate(_who, accounts, BASE, "http://127.0.0.1:1")
    transport = httpx.ASGITransport(app=gate)
    async with httpx.AsyncClient(transport=transport, base_url=BASE) as client:
        answer = await client.post("/mcp", headers={"authorization": f"Bearer {_token(iss='x', email=email)}"})
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "5")


async def test_the_metadata_names_the_server(accounts: Accounts, issuer: str):
    metadata = Gate(_who, accounts, BASE, issuer).metadata()
    assert metadata["authorization_servers"] == [issuer]
    assert "patchdeck_authentication" not in metadata

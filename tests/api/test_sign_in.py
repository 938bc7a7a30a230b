"""Signing in through Google, Microsoft and GitHub, with a browser's cookies and services that are strict about it."""

from collections.abc import AsyncIterator, Awaitable, Callable
from ipaddress import ip_network
from typing import Any

import httpx
import pytest

from hub.accounts import Visitor
from hub.api.access import COOKIE
from hub.api.app import create_api
from hub.composition import Built, build
from hub.config import Config
from hub.config.values import Hidden
from hub.database import execute
from hub.ids import new_id
from tests.api.conftest import BASE, IdleEngine
from tests.conftest import Members
from tests.peers.identity_provider import CLIENT, SECRET, IdentityPeer, identity_peer

EVERY = ("google", "microsoft", "github")
VOUCHING = ("google", "github")
GOOD = "correct horse battery"
Browser = httpx.AsyncClient
Goes = Callable[[Browser, str, str], Awaitable[httpx.Response]]


@pytest.fixture(autouse=True)
def _over_http(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OAUTHLIB_INSECURE_TRANSPORT", "1")


@pytest.fixture(scope="module")
async def service() -> AsyncIterator[IdentityPeer]:
    async with identity_peer() as running:
        running.redirect_urls = {f"{BASE}/api/v1/auth/with/{name}/return" for name in EVERY}
        yield running


@pytest.fixture
def somebody(service: IdentityPeer) -> str:
    """Let somebody new be signed in at the service; returns their address."""
    email = f"{new_id().hex}@example.test"
    service.person = {"sub": str(new_id().int >> 70), "email": email, "email_verified": True, "name": "Ada Byron"}
    service.forge, service.stranger, service.agrees, service.away = {}, False, True, False
    return email


@pytest.fixture(scope="module")
async def hub(database: str, service: IdentityPeer, tmp_path_factory) -> AsyncIterator[Built]:
    ids: dict[str, Any] = {f"{name}_sign_in_id": CLIENT for name in EVERY}
    hidden: dict[str, Any] = {f"{name}_sign_in_secret": Hidden(SECRET) for name in EVERY}
    at = {name: f"{service.address}{'/common' if name == 'microsoft' else ''}" for name in EVERY}
    addresses: dict[str, Any] = {f"{name}_sign_in_url": at[name] for name in EVERY}
    allowed = (ip_network("127.0.0.0/8"),)
    config = Config(
        data_dir=tmp_path_factory.mktemp("sign-in"),
        public_url=BASE,
        allow_networks=allowed,
        **ids,
        **hidden,
        **addresses,
    )
    made = build(config, IdleEngine())
    made_api[id(made)] = create_api(made.services, config)
    yield made
    made.extraction.close()
    await made.contexts.close()


made_api: dict[int, Any] = {}


@pytest.fixture
async def browser(hub: Built) -> AsyncIterator[Browser]:
    async with httpx.AsyncClient(transport=httpx.ASGITransport(made_api[id(hub)]), base_url=BASE) as made:
        yield made


@pytest.fixture
async def goes(service: IdentityPeer) -> AsyncIterator[Goes]:
    """Go to a service by one of the hub's ways and come back to the hub."""
    async with httpx.AsyncClient(timeout=60) as network:

        async def go(browser: Browser, provider: str, query: str) -> httpx.Response:
            left = await browser.get(f"/api/v1/auth/with/{provider}?{query}")
            assert left.status_code == 303, left.text
            returned = await network.get(left.headers["location"])
            return await browser.get(returned.headers["location"])

        yield go


@pytest.fixture
async def known(hub: Built, somebody: str, members: Members) -> str:
    """An account here, with a password, of somebody who is signed in at the service; returns the session's token."""
    token = await invite(hub, members.owner, somebody)
    return (await hub.services.accounts.accept(token, GOOD, "Ada", Visitor())).token


async def invite(hub: Built, member, email: str) -> str:
    link = await hub.services.memberships.invite(member, email, "editor")
    return link.url.rpartition("/")[2]


async def who(browser: Browser) -> dict[str, str]:
    answer = await browser.get("/api/v1/auth/me")
    assert answer.status_code == 200, answer.text
    found: dict[str, str] = answer.json()
    return found


@pytest.mark.parametrize("provider", EVERY)
async def test_joins_by_invitation_without_a_password_and_signs_in_again(
    provider, hub, browser, goes, somebody, members
):
    token = await invite(hub, members.owner, somebody)
    joined = await goes(browser, provider, f"invitation={token}")
    assert (joined.status_code, joined.headers["location"]) == (303, "/")
    assert ((await who(browser))["email"], (await who(browser))["role"]) == (somebody, "editor")
    browser.cookies.clear()
    entered = await goes(browser, provider, "next=/runs")
    assert entered.headers["location"] == "/runs"
    assert (await who(browser))["email"] == somebody


@pytest.mark.parametrize("provider", VOUCHING)
async def test_lets_in_whose_address_the_service_has_checked(provider, hub, browser, goes, somebody, members):
    await hub.services.accounts.accept(await invite(hub, members.owner, somebody), GOOD, "Ada", Visitor())
    await goes(browser, provider, "")
    assert (await who(browser))["email"] == somebody
    assert [one["provider"] for one in (await browser.get("/api/v1/auth/connected")).json()] == [provider]


@pytest.mark.parametrize(("provider", "checked"), [("google", False), ("github", False), ("microsoft", True)])
async def test_believes_no_address_that_nobody_has_checked(provider, checked, known, browser, goes, service):
    service.person["email_verified"] = checked
    refused = await goes(browser, provider, "")
    assert refused.headers["location"] == f"/sign-in?failed=unknown&with={provider}"
    assert COOKIE not in browser.cookies


@pytest.mark.parametrize("provider", EVERY)
async def test_lets_no_stranger_in(provider, browser, goes, somebody):
    refused = await goes(browser, provider, "")
    assert refused.headers["location"] == f"/sign-in?failed=unknown&with={provider}"
    assert COOKIE not in browser.cookies


async def test_an_invitation_opens_no_account_of_somebody_else(hub, browser, goes, somebody, members, service):
    await hub.services.accounts.accept(await invite(hub, members.owner, somebody), GOOD, "Ada", Visitor())
    token = await invite(hub, members.outsider, somebody)
    service.person["email"] = "mallory@example.test"
    refused = await goes(browser, "google", f"invitation={token}")
    assert refused.headers["location"] == "/sign-in?failed=other_address&with=google"


async def test_connects_an_account_to_ones_own_and_removes_it(hub, browser, goes, somebody, members, service):
    token = await invite(hub, members.owner, somebody)
    session = await hub.services.accounts.accept(token, GOOD, "Ada", Visitor())
    browser.cookies.set(COOKIE, session.token)
    service.person["email"] = "private@example.test"
    back = await goes(browser, "microsoft", "connect")
    assert back.headers["location"] == "/settings?tab=account"
    browser.cookies.clear()
    await goes(browser, "microsoft", "")
    assert (await who(browser))["email"] == somebody
    csrf = {"X-CSRF-Token": browser.cookies["patchdeck_csrf"]}
    assert (await browser.delete("/api/v1/auth/connected/microsoft", headers=csrf)).status_code == 204
    assert (await browser.get("/api/v1/auth/connected")).json() == []


async def test_keeps_the_last_way_in(hub, browser, goes, somebody, members):
    await goes(browser, "github", f"invitation={await invite(hub, members.owner, somebody)}")
    csrf = {"X-CSRF-Token": browser.cookies["patchdeck_csrf"]}
    refused = await browser.delete("/api/v1/auth/connected/github", headers=csrf)
    assert (refused.status_code, "only way in" in refused.json()["detail"]) == (409, True)


async def test_an_account_elsewhere_opens_one_account_here(hub, browser, goes, somebody, members):
    await goes(browser, "google", f"invitation={await invite(hub, members.owner, somebody)}")
    browser.cookies.clear()
    other = f"{new_id().hex}@example.test"
    session = await hub.services.accounts.accept(await invite(hub, members.owner, other), GOOD, "Bea", Visitor())
    browser.cookies.set(COOKIE, session.token)
    refused = await goes(browser, "google", "connect")
    assert refused.headers["location"] == "/settings?tab=account&failed=taken&with=google"


async def test_an_answer_fits_only_the_browser_that_asked(hub, browser, somebody, members, service):
    left = await browser.get("/api/v1/auth/with/google")
    async with httpx.AsyncClient(timeout=60) as network:
        returned = await network.get(left.headers["location"])
    async with httpx.AsyncClient(transport=httpx.ASGITransport(made_api[id(hub)]), base_url=BASE) as other:
        without = await other.get(returned.headers["location"])
        await other.get("/api/v1/auth/with/google")
        with_its_own = await other.get(returned.headers["location"])
        await other.get("/api/v1/auth/with/google")
        odd = await other.get("/api/v1/auth/with/google/return?state=%C3%BC&code=x")
    told = {answer.headers["location"] for answer in (without, with_its_own, odd)}
    assert told == {"/sign-in?failed=expired&with=google"}


async def test_what_is_connected_is_bound_to_the_session_that_asked(hub, browser, known, members):
    """Whoever plants a cookie cannot connect their own account to the one that is signed in."""
    mallory = await invite(hub, members.owner, f"{new_id().hex}@example.test")
    browser.cookies.set(COOKIE, (await hub.services.accounts.accept(mallory, GOOD, "", Visitor())).token)
    left = await browser.get("/api/v1/auth/with/google?connect")
    async with httpx.AsyncClient(timeout=60) as network:
        returned = await network.get(left.headers["location"])
    browser.cookies.delete(COOKIE)
    browser.cookies.set(COOKIE, known)
    refused = await browser.get(returned.headers["location"])
    assert refused.headers["location"] == "/settings?tab=account&failed=expired&with=google"
    assert (await browser.get("/api/v1/auth/connected")).json() == []


@pytest.mark.parametrize(
    ("forged", "refusal"),
    [
        ({"iss": "https://accounts.google.com.evil.example"}, "unproven"),
        ({"aud": "another-client"}, "unproven"),
        ({"nonce": "another"}, "unproven"),
        ({"exp": 1}, "unproven"),
        ({"sub": ["list"]}, "unproven"),
    ],
    ids=lambda value: next(iter(value)) if isinstance(value, dict) else None,
)
async def test_believes_no_token_that_was_made_for_something_else(forged, refusal, browser, goes, somebody, service):
    service.forge = forged
    refused = await goes(browser, "google", "")
    assert refused.headers["location"] == f"/sign-in?failed={refusal}&with=google"


async def test_believes_no_token_of_a_stranger(browser, goes, somebody, service):
    service.stranger = True
    refused = await goes(browser, "google", "")
    assert refused.headers["location"] == "/sign-in?failed=unproven&with=google"


async def test_says_so_when_the_person_does_not_agree_or_the_service_is_away(browser, goes, somebody, service):
    service.agrees = False
    assert "failed=denied" in (await goes(browser, "github", "")).headers["location"]
    service.agrees, service.away = True, True
    assert "failed=unavailable" in (await goes(browser, "github", "")).headers["location"]


async def test_lets_nobody_in_who_was_switched_off(hub, browser, goes, somebody, members):
    await goes(browser, "google", f"invitation={await invite(hub, members.owner, somebody)}")
    browser.cookies.clear()
    await execute("update users set disabled_at = now() where email = $1", somebody)
    assert "failed=disabled" in (await goes(browser, "google", "")).headers["location"]


@pytest.mark.parametrize("wanted", ["//evil.example", "https://evil.example", "/\\evil.example", "/a\nb"])
async def test_goes_to_no_other_site_afterwards(wanted, hub, browser, goes, somebody, members):
    token = await invite(hub, members.owner, somebody)
    await goes(browser, "google", f"invitation={token}")
    browser.cookies.clear()
    entered = await goes(browser, "google", str(httpx.QueryParams({"next": wanted})))
    assert entered.headers["location"] == "/"


async def test_offers_what_is_set_up(browser):
    offered = (await browser.get("/api/v1/auth/providers")).json()
    assert [one["title"] for one in offered] == ["Google", "Microsoft", "GitHub"]
    assert (await browser.get("/api/v1/auth/with/facebook")).status_code == 404

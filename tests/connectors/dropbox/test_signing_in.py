"""A person signs in at Dropbox once: with PKCE and without a secret, for access that lasts."""

from urllib.parse import parse_qs, urlsplit

import aiohttp
import pytest

from connectors.dropbox.connection import Connection
from connectors.sdk.network.guard import Guard
from connectors.sdk.network.http import HttpPool
from hub.oauth import authorization, exchange, renew
from tests.peers.dropbox import SCOPES
from tests.peers.surroundings import LOOPBACK

BACK = "http://127.0.0.1:8700/connections/granted"


@pytest.fixture
async def pool():
    opened = HttpPool(Guard(LOOPBACK))
    yield opened
    await opened.close()


async def test_signs_in_with_pkce_and_renews_from_then_on(peer, pool, monkeypatch):
    monkeypatch.setenv("OAUTHLIB_INSECURE_TRANSPORT", "1")  # the peer has no certificate
    oauth = Connection(client_id="key", address=peer.base).access()
    request = authorization(oauth, BACK, "the-state")
    async with aiohttp.ClientSession() as browser, browser.get(request.address, allow_redirects=False) as answer:
        back = urlsplit(answer.headers["Location"])
    query = parse_qs(back.query)
    assert (f"{back.scheme}://{back.netloc}{back.path}", query["state"]) == (BACK, ["the-state"])
    tokens = await exchange(pool, oauth, query["code"][0], BACK, request.verifier)
    assert tokens.refresh is not None
    renewed = await renew(pool, oauth, tokens.refresh)
    assert (tokens.access, renewed.access) == ("granted-token", "renewed-token")
    assert sorted(tokens.scopes) == SCOPES.split() == sorted(oauth.scopes)
    assert peer.asked == ["authorization_code", "refresh_token"]

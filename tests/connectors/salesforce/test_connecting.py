"""Salesforce: where a connection may lead, and the three ways in which its app gets tokens."""

import asyncio
from functools import cache
from typing import Any

import msgspec
import pytest
import requests
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from simple_salesforce.api import Salesforce

from connectors.salesforce import check, hosts, oauth
from connectors.salesforce.connection import Connection
from connectors.sdk import CredentialsError, NoSettings, fill
from connectors.sdk.network.guard import Guard
from connectors.sdk.network.http import HttpPool
from hub.oauth import GrantRefusedError, authorization, exchange, own, renew
from tests.peers.openapi import TOKEN
from tests.peers.salesforce_tokens import JWT, KEY, SECRET, TOKENS, USER
from tests.peers.surroundings import LOOPBACK
from tests.peers.unencrypted import Unencrypted

BACK = "https://hub.example.com/connections/granted"


@pytest.fixture
async def pool():
    opened = HttpPool(Guard(LOOPBACK))
    yield opened
    await opened.close()


@cache
def key_pair():
    made = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    private = made.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    public = made.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    return private.decode(), public.decode()


def signing(peer, **given):
    private, peer.oauth.certificate = key_pair()
    known = {"kind": "key_pair", "client_id": KEY, "user": USER, "private_key": private, "address": peer.base}
    return fill(Connection, known | given)


@pytest.mark.parametrize(
    ("domain", "host"),
    [
        ("acme.my.salesforce.com", "acme.my.salesforce.com"),
        (" https://Acme--dev.sandbox.my.salesforce.com/ ", "acme--dev.sandbox.my.salesforce.com"),
        ("acme-dev-ed.develop.my.salesforce.com", "acme-dev-ed.develop.my.salesforce.com"),
        ("agency.my.salesforce.mil", "agency.my.salesforce.mil"),
    ],
)
def test_leads_to_the_organisation_alone(domain, host):
    connection = fill(Connection, {"domain": domain, "client_id": KEY, "client_secret": SECRET})
    granted = oauth(connection)
    assert granted is not None
    assert hosts(connection) == [host]
    assert granted.authorize_url == f"https://{host}/services/oauth2/authorize"
    assert granted.token_url == f"https://{host}/services/oauth2/token"


@pytest.mark.parametrize(
    "domain",
    [
        *("", "login.salesforce.com", "acme.lightning.force.com", "acme.my.salesforce.com.evil.example"),
        *(
            "evil.example/acme.my.salesforce.com",
            "a@b.my.salesforce.com",
            "acme.my.salesforce.com:8443",
            "a.b.c.my.salesforce.com",
        ),
        *(
            "http://acme.my.salesforce.com",
            "acme.my.salesforce.com/x",
            "acme.my.salesforce.com?x",
            "*.my.salesforce.com",
        ),
    ],
)
def test_leads_nowhere_else(domain):
    with pytest.raises(ValueError, match="that Setup shows under My Domain"):
        fill(Connection, {"domain": domain, "client_id": KEY, "client_secret": SECRET})


@pytest.mark.parametrize(
    ("domain", "audience"),
    [
        ("acme", "https://login.salesforce.com"),
        ("acme--dev.sandbox", "https://test.salesforce.com"),
        ("acme.scratch", "https://test.salesforce.com"),
        ("acme-dev-ed.develop", "https://login.salesforce.com"),
    ],
)
def test_signs_for_the_sign_in_of_its_kind_of_organisation(domain, audience):
    given = {"kind": "key_pair", "client_id": KEY, "user": USER, "private_key": "x"}
    assert fill(Connection, {"domain": f"{domain}.my.salesforce.com", **given}).audience == audience


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({}, "consumer secret"),
        ({"kind": "key_pair", "user": USER}, "private key"),
        ({"kind": "client_credentials"}, "consumer secret"),
    ],
)
def test_asks_for_what_a_way_to_sign_in_needs(given, said):
    with pytest.raises(ValueError, match=said):
        fill(Connection, {"domain": "acme.my.salesforce.com", "client_id": KEY, **given})


async def test_takes_a_person_there_and_back(connection, peer, pool):
    granted = oauth(connection)
    assert granted is not None
    encrypted = msgspec.structs.replace(granted, authorize_url=granted.authorize_url.replace("http:", "https:"))
    request = authorization(encrypted, BACK, "state-1")
    first = await exchange(pool, granted, peer.oauth.agree(request.address), BACK, request.verifier)
    second = await renew(pool, granted, first.refresh or "")
    assert (first.access, first.refresh, second.access, second.refresh) == (TOKEN, "refresh-1", TOKEN, "refresh-1")
    with pytest.raises(GrantRefusedError, match="taken its permission back"):
        await renew(pool, granted, "refresh-0")


async def test_signs_in_as_the_app_itself(peer, pool, around):
    given = {"kind": "client_credentials", "client_id": KEY, "client_secret": SECRET, "address": peer.base}
    connection = fill(Connection, given)
    granted = oauth(connection)
    assert granted is not None
    assert (granted.authorize_url, granted.scopes, (await own(pool, granted)).access) == ("", {}, TOKEN)
    await check(connection, around.context(NoSettings(), connection))


async def test_signs_for_a_user_with_its_key_and_keeps_the_token(peer, around):
    connection = signing(peer)
    await check(connection, around.context(NoSettings(), connection))
    await check(connection, around.context(NoSettings(), connection))
    assert (oauth(connection), len(peer.oauth.asked)) == (None, 1)
    peer.tokens.discard("own-token-1")
    await check(connection, around.context(NoSettings(), connection))
    assert [asked["grant_type"] for asked in peer.oauth.asked] == [JWT, JWT]


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"user": "someone@acme.com"}, "An administrator must let the user's profile or permission set use the app"),
        ({"client_id": "other"}, "Salesforce refuses the key pair: invalid assertion. Check the consumer key"),
        ({"private_key": "-----BEGIN nothing"}, "This is not a private key for RS256"),
    ],
)
async def test_says_what_is_wrong_with_a_key(given, said, peer, around):
    connection = signing(peer, **given)
    with pytest.raises(CredentialsError, match=said):
        await check(connection, around.context(NoSettings(), connection))


async def test_is_let_in_as_an_independent_client_is(peer):
    private, peer.oauth.certificate = key_pair()
    session = requests.Session()
    session.mount("https://", Unencrypted(peer.base))
    given: dict[str, Any] = {"username": USER, "consumer_key": KEY, "privatekey": private, "session": session}
    client = await asyncio.to_thread(Salesforce, **given)
    assert client.session_id in peer.tokens
    assert len(peer.asked("POST", TOKENS)) == 1

"""Granted access: the way to a service and back, and tokens that are kept sealed and renewed once."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from ipaddress import IPv4Network
from typing import Any
from uuid import UUID

import pytest

from connectors.http import Request, request
from connectors.quickbooks.connection import SCOPE
from connectors.quickbooks.connection import Connection as Books
from connectors.sdk import CredentialsError, SettingsError, TemporaryError
from connectors.sdk.registry import find_connector
from hub.composition import Built, build
from hub.config import Config
from hub.connections import Grants, Returned
from hub.database import execute, fetch_one
from hub.errors import ForbiddenError, InvalidError, NotFoundError
from hub.ids import parse
from hub.members import Member
from temporal.engine import TemporalEngine
from tests.conftest import Members
from tests.peers.oauth import CLIENT, SCOPES, SECRET, OAuthPeer, oauth_peer

SESSION = "the session of a browser"


@pytest.fixture
async def built(database: str, tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Built]:
    monkeypatch.setenv("OAUTHLIB_INSECURE_TRANSPORT", "1")
    made = build(Config(data_dir=tmp_path, allow_networks=(IPv4Network("127.0.0.0/8"),)), TemporalEngine())
    yield made
    made.extraction.close()
    await made.contexts.close()


@pytest.fixture
def grants(built: Built) -> Grants:
    return built.services.grants


@pytest.fixture
async def peer() -> AsyncIterator[OAuthPeer]:
    async with oauth_peer() as running:
        yield running


@pytest.fixture
async def connection(built: Built, member: Member, peer: OAuthPeer) -> UUID:
    added = await built.services.connections.add(member, "orders", "http", peer.connection())
    return parse("con", added.id)


@pytest.fixture
async def connected(grants: Grants, member: Member, connection: UUID, peer: OAuthPeer) -> UUID:
    return await _connect(grants, member, connection, peer)


async def test_a_person_agrees_and_the_connection_works(
    built: Built, member: Member, connected: UUID, peer: OAuthPeer
) -> None:
    shown = await built.services.connections.show(member, connected)
    assert shown.access is not None
    assert (shown.access.by, shown.access.granted, sorted(shown.access.scopes)) == ("person", [*SCOPES], [*SCOPES])
    assert await _me(built, member, connected, peer) == {"name": "Ada"}
    row = await fetch_one("select * from connections where id = $1", connected)
    assert not [token for token in (*peer.valid, *peer.refreshes) if token in repr(dict(row or {}))]


@pytest.mark.parametrize("where", ["body", "header"])
async def test_the_client_says_who_it_is_where_the_service_wants_it(
    built: Built, grants: Grants, member: Member, peer: OAuthPeer, where: str
) -> None:
    settings = {**peer.connection(), "client_in": where}
    added = await built.services.connections.add(member, "orders", "http", settings)
    identity = await _connect(grants, member, parse("con", added.id), peer)
    assert await _me(built, member, identity, peer) == {"name": "Ada"}


async def test_a_client_gets_tokens_for_itself(built: Built, member: Member, peer: OAuthPeer) -> None:
    settings = peer.connection("client_credentials")
    added = await built.services.connections.add(member, "orders", "http", settings)
    identity = parse("con", added.id)
    assert await _me(built, member, identity, peer) == {"name": "Ada"}
    assert peer.token_requests == ["client_credentials"]
    with pytest.raises(InvalidError, match="not connected by signing in"):
        await built.services.grants.begin(member, identity, SESSION)


async def test_workers_side_by_side_renew_once(
    grants: Grants, member: Member, connected: UUID, peer: OAuthPeer
) -> None:
    await execute("update connections set tokens_expire_at = now() where id = $1", connected)
    old = await grants.access(member.workspace, connected)
    peer.delay = 0.2
    found = await asyncio.gather(*(grants.access(member.workspace, connected, old) for _ in range(8)))
    assert (len(set(found)), peer.token_requests) == (1, ["authorization_code", "refresh_token"])
    assert found[0] in peer.valid - {old}


async def test_those_who_wait_for_a_token_keep_nobody_from_the_database(
    grants: Grants, member: Member, connected: UUID, peer: OAuthPeer
) -> None:
    old = await grants.access(member.workspace, connected)
    peer.hold()
    asking = [asyncio.create_task(grants.access(member.workspace, connected, old)) for _ in range(40)]
    await peer.asked.wait()
    done, _ = await asyncio.wait(asking, timeout=0.5)
    async with asyncio.timeout(60):
        await fetch_one("select 1")
    assert not done
    peer.opened.set()
    assert len(set(await asyncio.gather(*asking))) == 1


async def test_whoever_gives_up_while_tokens_are_renewed_loses_none(
    grants: Grants, member: Member, connected: UUID, peer: OAuthPeer
) -> None:
    old = await grants.access(member.workspace, connected)
    peer.delay = 0.3
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.1):
            await grants.access(member.workspace, connected, old)
    assert await grants.access(member.workspace, connected, old) in peer.valid - {old}
    assert peer.token_requests == ["authorization_code", "refresh_token"]


@pytest.mark.parametrize(
    "answer",
    [
        "[]", "null", "5", '"token"', "[" * 5000, "{}", "<html>", '{"access_token": "a", "scope": 5}',
        '{"access_token": "a", "token_type": "bearer", "expires_in": 1e300}',
        '{"access_token": "a", "token_type": "bearer", "expires_in": 99999999999999}',
    ],
)  # fmt: skip
async def test_an_answer_that_is_no_token_is_told_as_that(
    grants: Grants, member: Member, connected: UUID, peer: OAuthPeer, answer: str
) -> None:
    peer.says = answer
    with pytest.raises(SettingsError, match="without a token that can be used"):
        await grants.access(member.workspace, connected, await grants.access(member.workspace, connected))


async def test_a_token_that_ends_soon_is_renewed_before_it_is_used(
    grants: Grants, member: Member, connection: UUID, peer: OAuthPeer
) -> None:
    peer.lasts = 30
    await _connect(grants, member, connection, peer)
    peer.lasts, peer.rotates = 3600, False
    first = await grants.access(member.workspace, connection)
    assert await grants.access(member.workspace, connection) == first
    assert peer.token_requests == ["authorization_code", "refresh_token"]


async def test_a_token_that_the_service_refuses_is_renewed_once_and_the_call_repeated(
    built: Built, member: Member, connected: UUID, peer: OAuthPeer
) -> None:
    peer.valid.clear()
    assert await _me(built, member, connected, peer) == {"name": "Ada"}


async def test_a_token_that_does_not_reach_so_far_is_not_renewed_for_it(
    built: Built, member: Member, connected: UUID, peer: OAuthPeer
) -> None:
    peer.forbids = True
    with pytest.raises(CredentialsError):
        await _me(built, member, connected, peer)
    assert peer.token_requests == ["authorization_code"]


async def test_a_permission_taken_back_asks_a_person_to_connect_again(
    built: Built, grants: Grants, member: Member, connected: UUID, peer: OAuthPeer
) -> None:
    peer.valid.clear()
    peer.refreshes.clear()
    with pytest.raises(CredentialsError, match="Connect again"):
        await _me(built, member, connected, peer)
    shown = await built.services.connections.show(member, connected)
    assert (shown.state, shown.access and shown.access.granted_at) == ("CredentialsError", None)
    asked = len(peer.token_requests)
    with pytest.raises(CredentialsError, match="not connected yet"):
        await grants.access(member.workspace, connected)
    assert len(peer.token_requests) == asked


async def test_a_service_that_is_away_takes_nothing_away(
    grants: Grants, member: Member, connected: UUID, peer: OAuthPeer
) -> None:
    held = await grants.access(member.workspace, connected)
    peer.status = 503
    with pytest.raises(TemporaryError):
        await grants.access(member.workspace, connected, held)
    peer.status = 200
    assert await grants.access(member.workspace, connected, held) in peer.valid - {held}


async def test_a_person_may_say_no(grants: Grants, member: Member, connection: UUID, peer: OAuthPeer) -> None:
    peer.agrees = False
    with pytest.raises(InvalidError, match="You did not agree"):
        await _connect(grants, member, connection, peer)


async def test_the_way_back_serves_once_and_in_the_same_session_only(
    grants: Grants, members: Members, connection: UUID, peer: OAuthPeer
) -> None:
    owner = members.owner
    back = _returned(peer.agree(await grants.begin(owner, connection, SESSION)))
    for member, session in ((owner, "another browser"), (members.admin, SESSION), (members.outsider, SESSION)):
        with pytest.raises(InvalidError, match="not known"):
            await grants.complete(member, session, back)
    assert await grants.complete(owner, SESSION, back) == connection
    with pytest.raises(InvalidError, match="used already"):
        await grants.complete(owner, SESSION, back)


async def test_the_way_back_ends_after_ten_minutes(
    grants: Grants, member: Member, connection: UUID, peer: OAuthPeer
) -> None:
    back = _returned(peer.agree(await grants.begin(member, connection, SESSION)))
    await execute("update hand_offs set expires_at = now() where connection = $1", connection)
    with pytest.raises(InvalidError, match="10 minutes"):
        await grants.complete(member, SESSION, back)


@pytest.mark.parametrize("code", ["made-up", "' or 1=1 --", "x" * 5000])
async def test_a_code_that_the_service_does_not_know_connects_nothing(
    grants: Grants, member: Member, connection: UUID, peer: OAuthPeer, code: str
) -> None:
    back = peer.agree(await grants.begin(member, connection, SESSION))
    with pytest.raises(InvalidError, match="Connect again"):
        await grants.complete(member, SESSION, Returned(state=back["state"], code=code))


async def test_a_wrong_client_secret_is_told_as_that(
    built: Built, grants: Grants, member: Member, peer: OAuthPeer
) -> None:
    settings = {**peer.connection(), "secret": "wrong"}
    added = await built.services.connections.add(member, "orders", "http", settings)
    with pytest.raises(InvalidError, match="client id or the client secret"):
        await _connect(grants, member, parse("con", added.id), peer)


async def test_another_client_needs_another_grant(
    built: Built, grants: Grants, member: Member, connected: UUID, peer: OAuthPeer
) -> None:
    connections = built.services.connections
    await connections.change(member, connected, {**peer.connection(), "hosts": ["127.0.0.1", "localhost"]})
    assert await grants.access(member.workspace, connected) in peer.valid
    await connections.change(member, connected, {**peer.connection(), "scopes": ["orders.write"]})
    with pytest.raises(CredentialsError, match="not connected yet"):
        await grants.access(member.workspace, connected)


async def test_only_who_may_change_connections_connects(grants: Grants, members: Members, connected: UUID) -> None:
    for member, refusal in ((members.viewer, ForbiddenError), (members.outsider, NotFoundError)):
        with pytest.raises(refusal):
            await grants.begin(member, connected, SESSION)
        with pytest.raises(refusal):
            await grants.give_up(member, connected)


async def test_giving_up_forgets_the_tokens(grants: Grants, member: Member, connected: UUID) -> None:
    await grants.give_up(member, connected)
    with pytest.raises(CredentialsError, match="not connected yet"):
        await grants.access(member.workspace, connected)


async def test_a_sign_in_address_without_tls_is_refused(
    grants: Grants, member: Member, connection: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("OAUTHLIB_INSECURE_TRANSPORT")
    with pytest.raises(InvalidError, match="https://"):
        await grants.begin(member, connection, SESSION)


async def test_tokens_go_to_no_connection_that_was_changed_meanwhile(
    built: Built, grants: Grants, member: Member, connection: UUID, peer: OAuthPeer
) -> None:
    back = _returned(peer.agree(await grants.begin(member, connection, SESSION)))
    await built.services.connections.change(member, connection, {**peer.connection(), "scopes": ["profile"]})
    with pytest.raises(InvalidError, match="changed meanwhile"):
        await grants.complete(member, SESSION, back)
    assert peer.token_requests == []


async def test_tokens_go_to_no_connection_that_is_changed_while_they_are_fetched(
    built: Built, grants: Grants, member: Member, connection: UUID, peer: OAuthPeer
) -> None:
    back = _returned(peer.agree(await grants.begin(member, connection, SESSION)))
    peer.hold()
    coming = asyncio.create_task(grants.complete(member, SESSION, back))
    await peer.asked.wait()
    await built.services.connections.change(member, connection, {**peer.connection(), "scopes": ["profile"]})
    peer.opened.set()
    with pytest.raises(InvalidError, match="changed meanwhile"):
        await coming
    row = await fetch_one("select tokens from connections where id = $1", connection)
    assert dict(row or {}) == {"tokens": None}


async def test_what_a_person_chose_at_the_service_is_kept_and_nothing_else_taken_for_it(
    built: Built, grants: Grants, member: Member, peer: OAuthPeer
) -> None:
    peer.scopes = (SCOPE,)
    settings = {"client_id": CLIENT, "client_secret": SECRET, "address": peer.address}
    books = parse("con", (await built.services.connections.add(member, "books", "quickbooks", settings)).id)
    peer.company = "../9341452698223170"
    with pytest.raises(InvalidError, match="cannot hold"):
        await _choose(grants, member, books, peer)
    peer.company = "9341452698223170"
    await _choose(grants, member, books, peer)
    assert (await built.services.connections.show(member, books)).settings["company"] == "9341452698223170"
    opened = await built.services.connections.open(member.workspace, books)
    assert isinstance(opened.settings, Books)
    assert opened.settings.company_id == "9341452698223170"
    held = await grants.access(member.workspace, books)
    peer.company = "1234"
    with pytest.raises(InvalidError, match="Company id would be 1234, and 9341452698223170 is in the settings"):
        await _choose(grants, member, books, peer)
    assert (await grants.access(member.workspace, books), len(peer.token_requests)) == (held, 1)


async def test_no_token_is_asked_for_unencrypted_over_the_internet(
    built: Built, grants: Grants, member: Member, peer: OAuthPeer
) -> None:
    settings = {**peer.connection("client_credentials"), "token_url": "http://93.184.215.14/token"}
    added = await built.services.connections.add(member, "plain", "http", settings)
    with pytest.raises(SettingsError, match="write https://"):
        await grants.access(member.workspace, parse("con", added.id))


async def _connect(grants: Grants, member: Member, connection: UUID, peer: OAuthPeer) -> UUID:
    back = peer.agree(await grants.begin(member, connection, SESSION))
    return await grants.complete(member, SESSION, _returned(back))


def _returned(query: Mapping[str, str]) -> Returned:
    return Returned(state=query["state"], code=query.get("code", ""), error=query.get("error", ""), told=query)


async def _choose(grants: Grants, member: Member, connection: UUID, peer: OAuthPeer) -> None:
    back = peer.agree(await grants.begin(member, connection, SESSION))
    await grants.complete(member, SESSION, _returned(back))


async def _me(built: Built, member: Member, connection: UUID, peer: OAuthPeer) -> Any:
    opened = await built.services.connections.open(member.workspace, connection)
    connector = find_connector("http")
    assert connector is not None
    context = built.contexts.make(member.workspace, opened, connector, Request(url=f"{peer.address}/me"))
    return (await request(context))["body"]

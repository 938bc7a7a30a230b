"""The one HTTP client: hosts of a connection, redirects, limits, and what it never sends."""

import asyncio
import base64
import gzip
import socket
from collections.abc import AsyncIterator

import httpx2
import pytest
from yarl import URL

from connectors.sdk import CredentialsError, SettingsError, TemporaryError
from connectors.sdk.errors import LONGEST_WAIT
from connectors.sdk.network.dial import guarded_httpx_client
from connectors.sdk.network.guard import Guard
from connectors.sdk.network.http import HttpClient, HttpPool, Response
from connectors.sdk.network.transport import LARGEST_ANSWER
from tests.peers.names import Names, client
from tests.peers.web import Answer, Exchange, Request, WebPeer, web_peer

ANSWER = Answer(text="reached")


@pytest.fixture(scope="module")
async def peer() -> AsyncIterator[WebPeer]:
    async with web_peer() as running:
        yield running


@pytest.mark.parametrize("host", ["api.example", "API.example", "one.parts.example", "a.b.parts.example"])
async def test_a_connection_reaches_its_hosts(host, peer):
    peer.always(ANSWER)
    answer = await _with_connection(host, peer)
    assert answer.text() == "reached"


@pytest.mark.parametrize("host", ["evil.example", "api.example.evil.example", "xapi.example", "parts.example"])
async def test_a_connection_reaches_no_other_host(host, peer):
    peer.asked.clear()
    with pytest.raises(SettingsError, match="may not call"):
        await _with_connection(host, peer)
    assert peer.asked == []


async def _with_connection(host: str, peer: WebPeer) -> Response:
    async def here(_: str, __: int) -> list[str]:
        return ["127.0.0.1"]

    pool = HttpPool(Guard(["127.0.0.0/8"], resolve=here))
    try:
        limited = HttpClient(pool, hosts=["api.example", "*.parts.example"])
        return await limited.get(f"http://{host}:{peer.base.rpartition(':')[2]}/")
    finally:
        await pool.close()


@pytest.mark.parametrize("path", ["a\r\nX-Other: y", "a b", "ü", ""])
async def test_sends_no_encoded_address_with_letters_that_requests_do_not_have(path):
    address = URL(f"http://127.0.0.1/{path}" if path else "", encoded=True)
    with pytest.raises(SettingsError, match="not a valid URL"):
        await HttpClient(HttpPool(Guard(["127.0.0.0/8"]))).get(address)


async def test_a_connection_sends_nothing_unencrypted_over_the_internet():
    guard = Guard(resolve=Names(api=[["93.184.215.14"]]))
    pool = HttpPool(guard)
    with pytest.raises(SettingsError, match="write https://"):
        await HttpClient(pool, hosts=["api.example"]).get("http://api.example/")
    await pool.close()
    async with guarded_httpx_client(guard, ["api.example"]) as vendor:
        with pytest.raises(httpx2.ConnectError, match="write https://"):
            await vendor.get("http://api.example/")


async def test_a_refusal_never_repeats_the_password_that_was_sent(peer):
    peer.always(Answer(status=401, text='{"message": "No such pair: ada / hunter2-hunter2"}'))
    signed = {"Authorization": "Basic " + base64.b64encode(b"ada:hunter2-hunter2").decode()}
    async with client(Guard(["127.0.0.0/8"])) as http:
        with pytest.raises(CredentialsError) as refused:
            await http.post(peer.base, headers=signed, form={"password": "hunter2-hunter2"})
        with pytest.raises(CredentialsError) as again:
            await http.post(peer.base, form={"password": "hunter2-hunter2"})
    assert "hunter2" not in refused.value.message + again.value.message
    assert "No such pair: ada" in refused.value.message


async def test_a_refusal_never_repeats_what_in_an_address_lets_somebody_in(peer):
    peer.always(
        Answer(status=404, text='{"message": "Cannot POST /hooks/T0ken-T0ken?sig=hunter2-hunter2 (hunter2-hunter2)"}')
    )
    async with client(Guard(["127.0.0.0/8"])) as http:
        with pytest.raises(SettingsError, match="Cannot POST") as refused:
            await http.post(f"{peer.base}/hooks/T0ken-T0ken?sig=hunter2-hunter2")
        with pytest.raises(SettingsError) as again:
            await http.post(f"{peer.base}/hooks/T0ken-T0ken", params={"sig": "hunter2-hunter2"})
    assert "unter2" not in refused.value.message + again.value.message
    assert "T0ken" not in refused.value.message + again.value.message


def test_what_goes_wrong_is_told_in_letters_that_can_be_kept():
    assert [SettingsError("a\0b\ud800").message, str(TemporaryError("a\0b"))] == ["ab?", "ab"]


async def test_a_redirect_keeps_to_the_hosts_of_the_connection(peer):
    port = peer.base.rpartition(":")[2]
    peer.always(Answer(status=302, headers={"Location": f"http://evil.example:{port}/"}))
    pool = HttpPool(Guard(["127.0.0.0/8"], resolve=Names(api=[["127.0.0.1"]], evil=[["127.0.0.1"]])))
    with pytest.raises(SettingsError, match="may not call"):
        await HttpClient(pool, hosts=["api.example"]).get(f"http://api.example:{port}/")
    await pool.close()


async def test_credentials_do_not_follow_to_another_origin(peer):
    port = peer.base.rpartition(":")[2]
    peer.play(
        [
            Exchange(
                Request(path="/first"), Answer(status=307, headers={"Location": f"http://other.example:{port}/then"})
            ),
            Exchange(Request(path="/then"), ANSWER),
        ]
    )
    peer.asked.clear()
    guard = Guard(["127.0.0.0/8"], resolve=Names(one=[["127.0.0.1"]], other=[["127.0.0.1"]]))
    headers = {"Authorization": "Bearer t0ken", "X-API-Key": "k3y", "Cookie": "c=1", "Accept": "text/plain"}
    async with client(guard) as http:
        await http.get(f"http://one.example:{port}/first", headers=headers, params={"key": "k3y"})
    first, then = peer.asked
    assert first.headers["Authorization"] == "Bearer t0ken"
    assert {"Authorization", "X-API-Key", "Cookie"}.isdisjoint(then.headers)
    assert (then.headers["Accept"], then.query) == ("text/plain", {})


@pytest.mark.parametrize(
    "url",
    [
        "file:///etc/passwd",
        "ftp://example.com/",
        "gopher://example.com/",
        "http://",
        "http://user:pw@example.com/",
        "//x",
        "x",
    ],
)
async def test_speaks_to_plain_web_addresses_only(url):
    async with client(Guard()) as http:
        with pytest.raises(SettingsError):
            await http.get(url)


async def test_an_unknown_name_is_a_mistake_in_the_settings():
    async def nobody(host: str, port: int) -> list[str]:
        return []

    with pytest.raises(SettingsError):
        await Guard(resolve=nobody).dial("nobody.example", 443)


async def test_gives_up_on_answers_that_are_too_large(peer):
    packed = base64.b64encode(b"x" * 5000).decode()
    peer.always(Answer(base64=packed))
    async with client(Guard(["127.0.0.0/8"])) as http:
        with pytest.raises(SettingsError, match="more than"):
            await http.get(peer.base, limit=1000)


async def test_answers_to_vendor_sdks_are_measured_unpacked(peer):
    async with guarded_httpx_client(Guard(["127.0.0.0/8"])) as vendor:
        peer.always(packed(b"reached " * 1000))
        assert (await vendor.get(peer.base)).text == "reached " * 1000
        peer.always(packed(b"0" * (LARGEST_ANSWER + 1)))
        with pytest.raises(httpx2.ReadError, match="more than 25 MB"):
            await vendor.get(peer.base)
        peer.always(Answer(text="not packed at all", headers={"Content-Encoding": "gzip"}))
        with pytest.raises(httpx2.ReadError, match="cannot be unpacked"):
            await vendor.get(peer.base)
        peer.always(Answer(text="x", headers={"Content-Encoding": "zstd"}))
        with pytest.raises(httpx2.ReadError, match="not asked for"):
            await vendor.get(peer.base)


def packed(content: bytes) -> Answer:
    return Answer(base64=base64.b64encode(gzip.compress(content)).decode(), headers={"Content-Encoding": "gzip"})


async def test_gives_up_on_answers_that_do_not_come(peer):
    async with client(Guard(["127.0.0.0/8"])) as http:
        # The connection is there, so that it cannot be what takes the time
        peer.always(ANSWER)
        await http.get(peer.base)
        peer.always("silent")
        with pytest.raises(TemporaryError, match="in time") as failed:
            await http.post(peer.base, timeout=0.2)
    assert failed.value.uncertain


@pytest.mark.parametrize(
    ("told", "understood"),
    [
        ("7", 7.0),
        ("-7", None),
        ("9" * 400, LONGEST_WAIT),
        ("Sat, 01 Jan 9999 00:00:00 GMT", LONGEST_WAIT),
        ("Sat, 01 Jan 2000 00:00:00 GMT", 0.0),
        ("Sat, 01 Jan 99999999999999999999 00:00:00 GMT", None),
        ("Sat, 01 Jan 2000 00:00:00 +99999999999999999999", None),
        ("soon", None),
    ],
)
async def test_a_service_is_left_alone_for_a_day_at_most_whatever_it_asks(peer, told, understood):
    peer.always(Answer(status=429, headers={"Retry-After": told}))
    async with client(Guard(["127.0.0.0/8"])) as http:
        with pytest.raises(TemporaryError) as busy:
            await http.get(peer.base)
    assert busy.value.retry_after == understood


async def test_a_closed_port_leaves_no_doubt_about_a_write():
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        port = closed.getsockname()[1]
        async with client(Guard(["127.0.0.0/8"])) as http:
            with pytest.raises(TemporaryError) as failed:
                await http.post(f"http://127.0.0.1:{port}/")
    assert not failed.value.uncertain


async def test_keeps_connections_and_no_cookies(peer):
    peer.always(Answer(text="ok", headers={"Set-Cookie": "session=1"}))
    peer.asked.clear()
    async with client(Guard(["127.0.0.0/8"])) as http:
        await asyncio.gather(http.get(peer.base), http.get(peer.base))
        await http.get(peer.base)
    assert all("Cookie" not in asked.headers for asked in peer.asked)


async def test_a_header_cannot_smuggle_another(peer):
    peer.asked.clear()
    async with client(Guard(["127.0.0.0/8"])) as http:
        with pytest.raises(SettingsError):
            await http.get(peer.base, headers={"X-Name": "a\r\nX-Evil: 1"})
    assert peer.asked == []
